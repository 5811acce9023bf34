"""Forms of visits, assignments, norms and leave."""

from django import forms

from core.fields import ClockField, DayField, NameField, WordsField
from core.forms import GuidedForm
from feedback.enums import OpinionKind
from feedback.services.recording import OpinionDraft
from meetings.enums import PeriodKind
from units.enums import Level
from units.models import Unit
from visits.enums import GroupKind, NormBasis
from visits.openings import NO_CHOICE, norm_units_offered
from visits.services import AssignmentOrder, VisitFacts

LEVELS = [(level.value, level.label) for level in (Level.PROVINCE, Level.DISTRICT, Level.COMMUNE)]
TEXTS = ("content", "findings", "help_given", "conduct", "reported_to")
FACTS = ("group", "visited_on", "started_at", "ended_at", "members_due", "members_present", *TEXTS)
PICKER = {"data-picker": ""}
NUMBER = {"inputmode": "numeric"}


class VisitForm(GuidedForm):
    """Two minutes on a phone: where, with whom, when, how many, what; the rest if there is something to say."""

    person = forms.TypedChoiceField(label="Cán bộ đi", coerce=int)
    unit = forms.TypedChoiceField(label="Nơi đến", coerce=int, widget=forms.Select(attrs=PICKER))
    group = forms.ChoiceField(label="Tổ chức đã dự sinh hoạt", choices=[NO_CHOICE, *GroupKind.choices])
    visited_on = DayField(label="Ngày đi")
    started_at = ClockField(label="Giờ bắt đầu", required=False)
    ended_at = ClockField(label="Giờ kết thúc", required=False)
    members_due = forms.IntegerField(
        label="Số thành viên phải dự",
        min_value=0,
        max_value=100_000,
        required=False,
        widget=forms.TextInput(attrs=NUMBER),
    )
    members_present = forms.IntegerField(
        label="Số có mặt", min_value=0, max_value=100_000, required=False, widget=forms.TextInput(attrs=NUMBER)
    )
    content = WordsField(label="Nội dung buổi sinh hoạt", rows=3, limit=10_000)
    findings = WordsField(
        label="Vấn đề nắm được", rows=3, limit=10_000, required=False, help_text="Tâm tư, bức xúc, kiến nghị của dân."
    )
    help_given = WordsField(label="Việc đã giúp cơ sở", rows=2, limit=10_000, required=False)
    conduct = WordsField(label="Cách điều hành, chất lượng sinh hoạt", rows=2, limit=10_000, required=False)
    reported_to = NameField(label="Đã báo cáo kết quả với", max_length=200, required=False)
    request_id = forms.UUIDField(widget=forms.HiddenInput, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, places, people, **options):
        super().__init__(*args, **options)
        self.fields["unit"].choices = places
        self.fields["person"].choices = people
        if len(people) == 1:
            self.fields["person"].widget = forms.HiddenInput()
        elif len(people) > 1:
            self.fields["person"].widget.attrs.update(PICKER)

    def facts(self):
        """The checked fields as the service takes them."""
        data = self.cleaned_data
        return VisitFacts(unit=Unit.objects.get(pk=data["unit"]), **{name: data[name] for name in FACTS})


class FindingForm(GuidedForm):
    """What was found, as an opinion of the place."""

    text = WordsField(label="Nội dung ý kiến, kiến nghị", rows=4, limit=10_000)
    raised_by_name = NameField(label="Người nêu", max_length=120, required=False)
    kind = forms.ChoiceField(label="Loại", choices=OpinionKind.choices, initial=OpinionKind.PETITION)
    topic = forms.TypedChoiceField(label="Lĩnh vực", coerce=int, widget=forms.Select(attrs=PICKER))
    competence = forms.ChoiceField(label="Thẩm quyền giải quyết")
    request_id = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args, topics, competences, **options):
        super().__init__(*args, **options)
        self.fields["topic"].choices = [NO_CHOICE, *topics]
        self.fields["competence"].choices = [(code.value, code.label) for code in competences]

    def draft(self):
        data = self.cleaned_data
        names = ("text", "raised_by_name", "kind", "competence")
        return OpinionDraft(topic_id=data["topic"], **{name: data[name] for name in names})


class ChosenUnits(forms.ModelMultipleChoiceField):
    """Tick boxes of places, with the level's name beside villages of the same name."""

    def label_from_instance(self, unit):
        return unit.name


class ChosenPost(forms.ModelChoiceField):
    def label_from_instance(self, post):
        return f"{post.person.name} – {post.label}, {post.unit.name}"


class AssignmentForm(GuidedForm):
    """One decision, one cadre, one or more places. `parent` chooses whose places are offered."""

    post = ChosenPost(label="Cán bộ được phân công", queryset=None, widget=forms.Select(attrs=PICKER))
    units = ChosenUnits(label="Địa bàn phụ trách", queryset=None, widget=forms.CheckboxSelectMultiple)
    group = forms.ChoiceField(
        label="Tổ chức phụ trách", required=False, choices=[("", "Toàn bộ hệ thống chính trị ở đó"), *GroupKind.choices]
    )
    is_deputy = forms.BooleanField(label="Phụ trách phó (không phải phụ trách chính)", required=False)
    decision_number = NameField(label="Số quyết định", max_length=60, help_text="Ví dụ: 12-QĐ/HU")
    decided_on = DayField(label="Ngày quyết định")
    issuer = NameField(label="Cơ quan ban hành", max_length=160)
    valid_from = DayField(label="Phân công từ ngày")
    last_on = DayField(label="Đến hết ngày", required=False, help_text="Để trống nếu chưa định ngày kết thúc.")
    request_id = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args, posts, units, **options):
        super().__init__(*args, **options)
        self.fields["post"].queryset = posts
        self.fields["units"].queryset = units

    def order(self):
        data = {name: value for name, value in self.cleaned_data.items() if name != "request_id"}
        return AssignmentOrder(**{**data, "units": tuple(data["units"])})


class EndForm(GuidedForm):
    last_on = DayField(label="Ngày cuối phụ trách")
    version = forms.IntegerField(widget=forms.HiddenInput)


class NormForm(GuidedForm):
    """A norm with the document that ordered it."""

    unit = forms.ModelChoiceField(label="Áp dụng tại", queryset=None, widget=forms.Select(attrs=PICKER))
    level = forms.ChoiceField(label="Cho cán bộ", choices=LEVELS)
    times = forms.IntegerField(
        label="Số lượt ít nhất", min_value=1, max_value=31, initial=1, widget=forms.TextInput(attrs=NUMBER)
    )
    period_kind = forms.ChoiceField(label="Chu kỳ", choices=PeriodKind.choices)
    basis = forms.ChoiceField(label="Tính cho", choices=NormBasis.choices)
    document = NameField(label="Văn bản quy định", max_length=120, help_text="Ví dụ: 243-CV/TU")
    document_on = DayField(label="Ngày văn bản", required=False)
    valid_from = DayField(label="Áp dụng từ ngày")

    def __init__(self, *args, user, today, **options):
        super().__init__(*args, **options)
        self.fields["unit"].queryset = norm_units_offered(user, today)


class ExemptionForm(GuidedForm):
    person = forms.TypedChoiceField(label="Cán bộ", coerce=int, widget=forms.Select(attrs=PICKER))
    first_on = DayField(label="Từ ngày")
    last_on = DayField(label="Đến hết ngày")
    reason = NameField(label="Lý do", max_length=300, help_text="Ví dụ: nghỉ thai sản, đi học, biệt phái.")
    request_id = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args, people, **options):
        super().__init__(*args, **options)
        self.fields["person"].choices = people
