"""Forms of the meeting entry page: the plan, the facts, the opinion rows."""

from django import forms

from core.conflicts import MergingForm
from core.fields import ClockField, DayField, NameField, PersonNameField, WordsField
from core.forms import GuidedForm, GuidedFormSet
from core.widgets import LeanSelect
from feedback.enums import Competence, OpinionChannel, OpinionKind, Visibility
from meetings.enums import MEETING_HOSTS, HostBody, MeetingForm, MeetingKind, form_label
from units.forms import PlaceField
from units.naming import PlaceBook

ATTENDANCE_MODES = [("roster", "Điểm danh theo danh sách"), ("counted", "Chỉ ghi số lượng")]


class MeetingPlanForm(GuidedForm):
    """A new meeting. Choices of unit and occurrence are those the user may plan for."""

    occurrence = forms.ChoiceField(label="Kỳ giao ban", required=False)
    unit = forms.ChoiceField(label="Đơn vị tổ chức")
    kind = forms.ChoiceField(label="Loại hội nghị", choices=MeetingKind.choices, initial=MeetingKind.PERIODIC)
    planned_on = DayField(label="Ngày họp (dự kiến)")
    started_at = ClockField(label="Giờ bắt đầu", required=False)
    form = forms.ChoiceField(label="Hình thức", choices=MeetingForm.choices, initial=MeetingForm.HALL)
    host = forms.ChoiceField(label="Cơ quan triệu tập", choices=MEETING_HOSTS, initial=HostBody.PARTY)
    place = NameField(label="Địa điểm", required=False, max_length=200)
    link = NameField(label="Đường dẫn họp trực tuyến", required=False, max_length=300)
    title = NameField(
        label="Tên hội nghị", required=False, max_length=250, help_text="Để trống để lấy tên theo kỳ giao ban."
    )
    is_extra = forms.BooleanField(label="Đây là hội nghị thêm trong kỳ đã họp", required=False)
    request_id = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args, units, occurrences, **options):
        super().__init__(*args, **options)
        self.units = {str(unit.pk): unit for unit in units}
        self.occurrences = {str(occurrence.pk): occurrence for occurrence in occurrences}
        self.fields["unit"].choices = [(pk, unit.name) for pk, unit in self.units.items()]
        self.fields["occurrence"].choices = [("", "Không thuộc kỳ nào (chuyên đề, đột xuất)")] + [
            (pk, occurrence.label) for pk, occurrence in self.occurrences.items()
        ]

    def clean(self):
        data = super().clean()
        data["unit"] = self.units.get(data.get("unit"))
        data["occurrence"] = self.occurrences.get(data.get("occurrence"))
        if data["unit"] and data["occurrence"] and data["occurrence"].unit_id != data["unit"].pk:
            self.add_error("occurrence", "Kỳ giao ban này của đơn vị khác. Chọn lại kỳ hoặc đơn vị.")
        return data


class MeetingLogForm(GuidedForm):
    """What the officer writes of a held meeting."""

    title = NameField(label="Tên hội nghị", max_length=250)
    held_on = DayField(label="Ngày họp")
    started_at = ClockField(label="Giờ bắt đầu", required=False)
    ended_at = ClockField(label="Giờ kết thúc", required=False)
    form = forms.ChoiceField(label="Hình thức", choices=MeetingForm.choices)
    place = NameField(label="Địa điểm", required=False, max_length=200)
    link = NameField(label="Đường dẫn họp trực tuyến", required=False, max_length=300)
    chairs = WordsField(label="Chủ trì", required=False, rows=2, limit=1000)
    secretary = NameField(label="Thư ký", required=False, max_length=200)
    timing_reason = NameField(label="Lý do họp muộn, họp bù", required=False, max_length=300)
    speaker_count = forms.IntegerField(
        label="Số người phát biểu", required=False, min_value=0, max_value=100_000, help_text="Không bắt buộc."
    )
    attendance_mode = forms.ChoiceField(label="Cách ghi đại biểu", choices=ATTENDANCE_MODES, widget=forms.RadioSelect)
    agenda = WordsField(label="Chương trình", required=False)
    announcements = WordsField(label="Nội dung cấp ủy, chính quyền thông báo", required=False)
    conclusions = WordsField(label="Kết luận của chủ trì", required=False)
    minutes = WordsField(label="Diễn biến hội nghị (biên bản)", required=False, rows=8)
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)
    base = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, level="", **options):
        super().__init__(*args, **options)
        self.fields["form"].choices = [(form.value, form_label(form, level)) for form in MeetingForm]


class VersionedForm(GuidedForm):
    """A small form on the page of a meeting: it carries the version that was shown."""

    version = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)


class ConcludeForm(MergingForm, VersionedForm):
    """The day of the conclusion; empty takes it back."""

    on = DayField(label="Ngày ra thông báo kết luận", required=False)

    def __init__(self, data=None, *, meeting):
        super().__init__(data, initial={"on": meeting.conclusion_on, "version": meeting.version})
        self.begin_merging(f"conclusion-{meeting.pk}")


class RebookForm(VersionedForm):
    occurrence = forms.IntegerField(label="Kỳ", min_value=1, max_value=2**62, error_messages={"required": "Chọn kỳ."})
    reason = NameField(label="Lý do họp muộn, họp bù", required=False, max_length=300)
    is_extra = forms.BooleanField(label="Đây là hội nghị thêm trong kỳ đã họp", required=False)


class JoinForm(VersionedForm):
    """Units that met together with the host; only the periods offered may be ticked."""

    occurrences = forms.MultipleChoiceField(
        label="Đơn vị họp chung", required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args, occurrences, **options):
        super().__init__(*args, **options)
        self.fields["occurrences"].choices = [(str(row.pk), row.unit.name) for row in occurrences]

    def clean(self):
        data = super().clean()
        data["ids"] = [int(pk) for pk in data.get("occurrences", ())]
        return data


class LeanChoice(forms.ChoiceField):
    """The grid has dozens of selects, each with every field of work."""

    widget = LeanSelect


class OpinionRowForm(GuidedForm):
    """One row of the opinion grid; an untouched row is left alone."""

    pk = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1, max_value=2**62)
    basket = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1, max_value=2**62)
    text = WordsField(label="Nội dung ý kiến", required=False, rows=2, limit=10_000)
    village = LeanChoice(label="Thôn, khu", required=False)
    raised_by_name = PersonNameField(label="Người nêu", required=False, max_length=120)
    kind = LeanChoice(label="Loại", choices=OpinionKind.choices, initial=OpinionKind.PETITION)
    topic = LeanChoice(label="Lĩnh vực", required=False)
    competence = LeanChoice(label="Thẩm quyền", choices=Competence.choices, initial=Competence.COMMUNE)
    channel = LeanChoice(label="Hình thức nêu", choices=OpinionChannel.choices, initial=OpinionChannel.ORAL)
    visibility = LeanChoice(label="Phạm vi xem", choices=Visibility.choices, initial=Visibility.NORMAL)
    answer = WordsField(label="Trả lời tại hội nghị (nếu có)", required=False, rows=2, limit=10_000)

    def __init__(self, *args, villages, topics, competences, **options):
        """`villages`: options of a select, or above the commune a PlaceBook to type in."""
        super().__init__(*args, **options)
        self.fields["text"].widget.attrs["data-grid-text"] = ""
        self.fields["raised_by_name"].widget.attrs |= {"list": "speakers", "data-suggest": "speakers"}
        if isinstance(villages, PlaceBook):
            label = "Nơi nêu: thôn, khu hoặc xã"
            self.fields["village"] = PlaceField(label=label, required=False, book=villages, source="places")
        else:
            self.fields["village"].choices = [("", "Không rõ, chung cả đơn vị"), *villages]
            self.fields["village"].widget.attrs["data-picker"] = ""
        self.fields["topic"].widget.attrs["data-picker"] = ""
        for name in ("village", "topic"):
            self.fields[name].widget.attrs["data-grid-keep"] = ""
        self.fields["topic"].choices = [("", "Chọn lĩnh vực"), *topics]
        self.fields["competence"].choices = competences

    def is_blank(self):
        """Nothing typed: choices alone do not make an opinion."""
        data = self.cleaned_data if hasattr(self, "cleaned_data") else {}
        return not (data.get("text") or data.get("answer") or data.get("raised_by_name") or data.get("pk"))

    def clean(self):
        data = super().clean()
        if not self.is_blank() and not data.get("text") and "text" not in self.errors:
            self.add_error("text", "Nhập nội dung ý kiến, hoặc bỏ dòng này.")
        return data


class OpinionRowsBase(GuidedFormSet):
    """The grid's own refusals in Vietnamese."""

    default_error_messages = {
        "too_many_forms": "Mỗi lần ghi nhiều nhất %(num)d ý kiến. Bỏ bớt dòng rồi bấm Lưu.",
    }


OpinionRows = forms.formset_factory(
    OpinionRowForm, OpinionRowsBase, extra=0, can_delete=True, max_num=200, absolute_max=201, validate_max=True
)
