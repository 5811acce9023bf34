"""Forms of the desk: mending one recorded opinion, and handing out many."""

from django import forms
from django.urls import reverse

from core.conflicts import MergingForm
from core.fields import DayField, NameField, PersonNameField, WordsField
from core.forms import GuidedFields
from feedback.branches import ELSEWHERE
from feedback.enums import OpinionChannel, OpinionKind, Visibility
from feedback.models import Topic
from feedback.selectors import competences_on
from feedback.services.recording import OpinionDraft
from units.models import Body
from units.naming import body_choices, place_book

DRAFT = (
    *("text", "raised_by_name", "raised_by_title", "kind", "channel", "competence", "visibility", "is_pressing"),
    *("answer", "hides_speaker"),
)


class OpinionForm(MergingForm, GuidedFields, forms.Form):
    """What was recorded of an opinion, as long as it has not moved on."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)
    text = WordsField(label="Nội dung ý kiến", rows=4, limit=10_000)
    village = forms.ChoiceField(label="Nơi nêu", required=False)
    raised_by_name = PersonNameField(label="Người nêu", required=False, max_length=120)
    raised_by_title = NameField(label="Chức danh người nêu", required=False, max_length=120)
    hides_speaker = forms.BooleanField(
        label="Không nêu tên người phản ánh với cấp trên",
        required=False,
        help_text="Tên và chức danh chỉ hiện với đơn vị ghi ý kiến và xã, phường, thị trấn.",
    )
    kind = forms.ChoiceField(label="Loại", choices=OpinionKind.choices)
    channel = forms.ChoiceField(label="Hình thức nêu", choices=OpinionChannel.choices)
    topic = forms.ChoiceField(label="Lĩnh vực")
    competence = forms.ChoiceField(label="Thẩm quyền giải quyết")
    visibility = forms.ChoiceField(label="Phạm vi xem", choices=Visibility.choices)
    is_pressing = forms.BooleanField(label="Vấn đề nổi cộm", required=False)
    answer = WordsField(
        label="Trả lời tại hội nghị", required=False, rows=3, limit=10_000, help_text="Chỉ ghi khi đã trả lời ngay."
    )

    def __init__(self, data=None, *, opinion):
        initial = {name: getattr(opinion, name) for name in DRAFT}
        initial |= {"version": opinion.version, "topic": opinion.topic_id}
        super().__init__(data, initial=initial | {"village": opinion.place_id or ""})
        day = opinion.meeting.held_on
        kept = {opinion.place_id} - {None}
        places = place_book(opinion.meeting.unit, day, kept=kept).labels.items()
        topics = Topic.objects.choices_on(day) | Topic.objects.filter(pk=opinion.topic_id)
        self.fields["village"].choices = [("", "Chung cả đơn vị"), *places]
        self.fields["village"].widget.attrs["data-picker"] = ""
        self.fields["topic"].choices = list(topics.distinct().values_list("pk", "name"))
        self.fields["competence"].choices = [(c.value, c.label) for c in competences_on(opinion.meeting, day)]
        self.opinion = opinion
        if not opinion.is_restricted:  # its words go into no address
            self.fields["text"].widget.attrs |= self._asks_for_similar()
        self.begin_merging(f"opinion-{opinion.pk}")

    def _asks_for_similar(self):
        """While the text is mended, the page asks which opinions are like it."""
        return {
            "hx-get": f"{reverse('opinion_similar')}?tru={self.opinion.pk}",
            "hx-trigger": "input changed delay:800ms",
            "hx-target": "#similar-opinions",
            "hx-include": "closest form",
            "hx-params": "text,village,topic",
            "hx-sync": "this:replace",
        }

    def draft(self):
        data = self.cleaned_data
        same = data["raised_by_name"] == self.opinion.raised_by_name
        return OpinionDraft(
            topic_id=int(data["topic"]),
            village_id=int(data["village"]) if data["village"] else None,
            raised_by_id=self.opinion.raised_by_id if same else None,
            **{name: data[name] for name in DRAFT},
        )


class AssignManyForm(GuidedFields, forms.Form):
    """Hand the ticked opinions to one body."""

    body = forms.ModelChoiceField(label="Giao cho", queryset=Body.objects.none())
    is_elsewhere = forms.BooleanField(label=ELSEWHERE, required=False)
    due_on = DayField(label="Hạn giải quyết", required=False, help_text="Để trống để giữ hạn của từng ý kiến.")
    note = WordsField(label="Yêu cầu, chỉ đạo", required=False, rows=2, limit=10_000)

    def __init__(self, data=None, *, bodies, today):
        super().__init__(data, auto_id="many-%s")
        self.fields["body"].queryset = bodies
        self.fields["body"].choices = [("", "Chọn cơ quan"), *body_choices(bodies, today)]
