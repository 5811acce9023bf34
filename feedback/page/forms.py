"""The small forms of an opinion's page: one for each verb, its fields named as the service's arguments."""

from django import forms
from django.urls import reverse

from core.forms import DayField, GuidedFields, NameField, PersonNameField, WordsField
from core.merging import MergingForm
from feedback.access import EXTENSION_VERBS, may_decide_extension, may_move
from feedback.enums import OpinionChannel, OpinionKind, Satisfaction, Verb, Visibility
from feedback.models import Opinion, Topic
from feedback.querysets import number_in
from feedback.reads import competences_on
from feedback.routing.reads import ELSEWHERE, elsewhere, lower_units, suggest_bodies, upper_unit
from feedback.rules import NEEDS_NOTE, Agreement, allowed_verbs
from feedback.thread.moves import assignable_bodies, owners_for
from feedback.thread.recording import OpinionDraft
from feedback.thread.steps import extension_agreement, pending_extension
from units.enums import LEVEL_ORDER
from units.models import Body
from units.naming import body_choices, place_book, placed_bodies

NOTE_LABELS = {
    Verb.ASSIGN: "Yêu cầu, chỉ đạo",
    Verb.START: "Ghi chú",
    Verb.SCHEDULE: "Nội dung lộ trình, kế hoạch",
    Verb.ANSWER_ON_SPOT: "Nội dung đã trả lời",
    Verb.RESOLVE: "Kết quả giải quyết",
    Verb.EXPLAIN: "Nội dung giải trình, thông tin",
    Verb.ACCEPT: "Nội dung tiếp thu",
    Verb.REDIRECT: "Nội dung đã hướng dẫn",
    Verb.MERGE: "Ghi chú",
    Verb.ASK_SUPPORT: "Nội dung đề nghị phối hợp",
    Verb.CONFIRM: "Ý kiến của người nêu",
    Verb.COMMENT: "Nội dung",
    Verb.RECEIPT: "Nội dung thông báo (nếu có)",
    Verb.EXTEND: "Lý do gia hạn",
    Verb.GRANT_EXTENSION: "Ý kiến chỉ đạo (nếu có)",
    Verb.REVIEW_PLAN: "Kết quả rà soát",
    Verb.PROGRESS: "Phần việc đã làm được",
}
NOTE_HINTS = {
    Verb.CONFIRM: "Chưa hài lòng thì ghi vì sao: cơ quan trả lời đọc nội dung này để giải quyết tiếp.",
    Verb.REDIRECT: "Khiếu nại theo Luật Khiếu nại, tố cáo theo Luật Tố cáo: ghi nơi tiếp nhận và cách gửi đơn đã hướng "
    "dẫn. Không ghi tên người tố cáo. Sau bước này ý kiến thành hạn chế xem, tên người nêu được giữ kín, cơ quan đang "
    "giải quyết không xem được nữa.",
}
ANSWER_VERBS = {Verb.RESOLVE, Verb.EXPLAIN, Verb.ACCEPT, Verb.DECLINE, Verb.ANSWER_ON_SPOT}
EVIDENCED = ANSWER_VERBS | {Verb.PROGRESS, Verb.COMMENT}
"""Verbs with which a file may come."""


class MoveForm(GuidedFields, forms.Form):
    """A note and the version that was on the screen."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)
    note = WordsField(label="Lý do", required=False, rows=3, limit=10_000)

    def __init__(self, data=None, *, verb, opinion, user, today):
        super().__init__(data, auto_id=f"{verb}-%s", initial={"version": opinion.version})
        self.verb, self.opinion, self.user, self.today = verb, opinion, user, today
        note = self.fields["note"]
        note.label = NOTE_LABELS.get(verb, "Lý do")
        note.required = verb in NEEDS_NOTE
        note.error_messages["required"] = NEEDS_NOTE.get(verb, "")
        note.help_text = NOTE_HINTS.get(verb, "")
        if verb in ANSWER_VERBS:
            note.help_text = "Đơn vị đã ghi ý kiến sẽ đọc lại nội dung này cho người nêu."
        self.prepare()
        self.order_fields(["version", "body", "is_elsewhere", "due_on"])
        if "note" in self.fields:
            self.fields["note"] = self.fields.pop("note")

    def prepare(self):
        """Fields of one's own."""

    @property
    def label(self):
        return Verb(self.verb).label

    @property
    def takes_file(self):
        return self.verb in EVIDENCED

    def arguments(self):
        """What the service is called with."""
        return dict(self.cleaned_data)


def bodies_near(user, opinion, today):
    """Bodies of the holder and of the next level below it; the services take those further down, too."""
    order = LEVEL_ORDER.index(opinion.holder.level)
    return assignable_bodies(user, opinion, today).filter(unit__level__in=LEVEL_ORDER[order : order + 2])


def offer_bodies(form, name, opinion, bodies, today, empty):
    """The choices of a picker of bodies: with their places, those of the opinion's own branch first."""
    bodies = list(bodies)
    apart = elsewhere(opinion, bodies, today)
    form.fields[name].choices = [("", empty), *body_choices(bodies, today, apart)]
    return apart


class AssignForm(MoveForm):
    due_on = DayField(label="Hạn giải quyết", required=False)

    def prepare(self):
        suggested = suggest_bodies(self.opinion, self.today)
        bodies = bodies_near(self.user, self.opinion, self.today)
        self.fields["body"] = forms.ModelChoiceField(
            label="Cơ quan giải quyết",
            queryset=bodies,
            required=False,
            initial=self.opinion.body_id or (suggested[0].body.pk if suggested else None),
            help_text="; ".join(f"{each.body.name}: {each.reason}" for each in suggested),
            widget=forms.Select(attrs={"data-picker": ""}),
            error_messages={"invalid_choice": "Chọn cơ quan trong danh sách."},
        )
        empty = "Ủy ban nhân dân của đơn vị đang giữ"
        if offer_bodies(self, "body", self.opinion, bodies, self.today, empty):
            self.fields["is_elsewhere"] = forms.BooleanField(label=ELSEWHERE, required=False)
        self.fields["due_on"].help_text = (
            f"Để trống để giữ hạn {self.opinion.due_on:%d/%m/%Y}. Hạn muộn hơn thì ghi lý do; việc đã quá hạn, việc "
            "của chính đơn vị hoặc đã gia hạn một lần thì hạn mới chờ cấp trên đồng ý."
        )


class ScheduleForm(MoveForm):
    planned_on = DayField(
        label="Ngày dự kiến xong",
        help_text="Ngày sau hạn hiện nay là hạn mới: việc đã quá hạn hoặc của chính đơn vị thì chờ cấp trên đồng ý.",
    )


class PlanReviewForm(MoveForm):
    planned_on = DayField(label="Ngày dự kiến xong mới", required=False, help_text="Để trống nếu giữ ngày cũ.")


WAITS = {
    Agreement.NOBODY: "có hiệu lực ngay",
    Agreement.HOLDER: "chờ cấp đang giữ quyết định",
    Agreement.ABOVE: "chờ cấp trên quyết định",
}


class ExtendForm(MoveForm):
    new_due_on = DayField(label="Gia hạn đến ngày")

    def prepare(self):
        waits = WAITS[extension_agreement(self.opinion, self.user, self.today)]
        self.fields["new_due_on"].help_text = (
            f"Hạn hiện nay {self.opinion.due_on:%d/%m/%Y}. Lần gia hạn này {waits}. "
            "Ngày nghỉ được lùi sang ngày làm việc sau."
        )

    def arguments(self):
        data = dict(self.cleaned_data)
        return data | {"reason": data.pop("note")}


class OpinionStepForm(MoveForm):
    text = NameField(label="Việc cần xong", max_length=300)
    due_on = DayField(label="Dự kiến xong", required=False)

    def prepare(self):
        del self.fields["note"]
        self.order_fields(["version", "text"])


class ProgressForm(MoveForm):
    def prepare(self):
        waiting = self.opinion.milestones.filter(done_on=None).values_list("pk", "text")
        choices = [("", "Việc ngoài các mốc đã nêu"), *waiting]
        if len(choices) > 1:
            self.fields["milestone_id"] = forms.TypedChoiceField(
                label="Mốc việc đã xong", choices=choices, coerce=int, empty_value=None, required=False
            )


class TransferForm(MoveForm):
    def prepare(self):
        self.lower = {str(unit.pk): unit for unit in lower_units(self.opinion, self.today)}
        self.fields["unit"] = forms.ChoiceField(
            label="Chuyển đến", choices=[(pk, unit.name) for pk, unit in self.lower.items()]
        )

    def arguments(self):
        return self.cleaned_data | {"unit": self.lower[self.cleaned_data["unit"]]}


class MergeForm(MoveForm):
    master = forms.CharField(label="Số của ý kiến gốc", max_length=25, help_text="Ví dụ YK-125.")

    def clean_master(self):
        number = number_in(self.cleaned_data["master"])
        found = number and Opinion.objects.visible_to(self.user).filter(pk=number).first()
        if not found:
            raise forms.ValidationError("Không có ý kiến số này trong phạm vi của đồng chí. Nhập dạng YK-125.")
        return found


class DisclaimForm(MoveForm):
    """Whose matter it is must be said."""

    def prepare(self):
        units, bodies = owners_for(self.opinion, self.today)
        self.owners = {f"cap-{unit.pk}": unit for unit in units} | {f"co-quan-{body.pk}": body for body in bodies}
        groups = [
            ("Cấp khác", [(f"cap-{unit.pk}", unit.name) for unit in units]),
            ("Cơ quan khác", [(f"co-quan-{pk}", words) for pk, words in placed_bodies(bodies, self.today).items()]),
        ]
        self.fields["owner"] = forms.ChoiceField(
            label="Đề nghị cơ quan, cấp có thẩm quyền",
            choices=[("", "Chọn cơ quan hoặc cấp"), *(group for group in groups if group[1])],
            widget=forms.Select(attrs={"data-picker": ""}),
        )

    def arguments(self):
        return self.cleaned_data | {"owner": self.owners[self.cleaned_data["owner"]]}


class AskSupportForm(MoveForm):
    due_on = DayField(label="Hạn phối hợp")

    def prepare(self):
        bodies = bodies_near(self.user, self.opinion, self.today)
        bodies = bodies.exclude(pk=self.opinion.body_id) if self.opinion.body_id else bodies
        self.fields["body"] = forms.ModelChoiceField(
            label="Cơ quan phối hợp",
            queryset=bodies,
            widget=forms.Select(attrs={"data-picker": ""}),
        )
        offer_bodies(self, "body", self.opinion, bodies, self.today, "Chọn cơ quan")
        self.fields["due_on"].help_text = f"Hạn giải quyết chung: {self.opinion.due_on:%d/%m/%Y}."


class ConfirmForm(MoveForm):
    satisfaction = forms.ChoiceField(label="Người nêu ý kiến", choices=Satisfaction.choices, widget=forms.RadioSelect)


FORMS = {
    Verb.ASSIGN: AssignForm,
    Verb.SCHEDULE: ScheduleForm,
    Verb.TRANSFER: TransferForm,
    Verb.MERGE: MergeForm,
    Verb.CONFIRM: ConfirmForm,
    Verb.DISCLAIM: DisclaimForm,
    Verb.ASK_SUPPORT: AskSupportForm,
    Verb.REVIEW_PLAN: PlanReviewForm,
    Verb.EXTEND: ExtendForm,
    Verb.ADD_STEP: OpinionStepForm,
    Verb.PROGRESS: ProgressForm,
}
ORDER = [
    *(Verb.GRANT_EXTENSION, Verb.REFUSE_EXTENSION, Verb.RECEIPT, Verb.REVIEW_PLAN),
    *(Verb.ASSIGN, Verb.START, Verb.RESOLVE, Verb.EXPLAIN, Verb.ACCEPT, Verb.DECLINE, Verb.PROGRESS, Verb.ADD_STEP),
    *(Verb.SCHEDULE, Verb.ANSWER_ON_SPOT, Verb.CONFIRM, Verb.ESCALATE, Verb.TRANSFER, Verb.RETURN, Verb.UNASSIGN),
    *(
        Verb.DISCLAIM,
        Verb.ASK_SUPPORT,
        Verb.EXTEND,
        Verb.MERGE,
        Verb.REDIRECT,
        Verb.WITHDRAW,
        Verb.REOPEN,
        Verb.UNMERGE,
        Verb.COMMENT,
    ),
]
"""The order of the buttons: first what usually comes next."""


def form_for(verb, data=None, *, opinion, user, today):
    return FORMS.get(verb, MoveForm)(data, verb=verb, opinion=opinion, user=user, today=today)


def open_verbs(user, opinion, today):
    """The verbs that both the status and the user's rights allow, in the order of the buttons."""
    by_status = {*allowed_verbs(opinion.status), Verb.CONFIRM, Verb.COMMENT}
    if opinion.is_open and opinion.body_id is None:
        by_status.add(Verb.DISCLAIM)
    verbs = [verb for verb in ORDER if verb in by_status and may_move(user, opinion, verb)]
    idle = _idle(verbs, user, opinion, today)
    return [verb for verb in verbs if verb not in idle]


def _idle(verbs, user, opinion, today):
    """Verbs that the map and the rights allow, but that have nothing to act on here."""
    idle = set()
    if Verb.ESCALATE in verbs and upper_unit(opinion, today) is None:
        idle.add(Verb.ESCALATE)
    if Verb.TRANSFER in verbs and not lower_units(opinion, today):
        idle.add(Verb.TRANSFER)
    if opinion.receipt_due_on is None or opinion.receipted_on is not None:
        idle.add(Verb.RECEIPT)
    if Verb.UNMERGE in verbs:
        idle.add(Verb.REOPEN)
    if opinion.is_open:
        pending = pending_extension(opinion)
        idle |= {Verb.EXTEND} if pending else EXTENSION_VERBS
        if pending and EXTENSION_VERBS & set(verbs) and not may_decide_extension(user, opinion, pending):
            idle |= EXTENSION_VERBS
    return idle


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
