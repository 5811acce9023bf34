"""Forms of visits, assignments, norms and leave."""

from django import forms

from core.forms import ClockField, DayField, GuidedForm, NameField, PersonNameField, RowsField, WordsField
from feedback.enums import OpinionKind, Visibility
from feedback.thread.recording import OpinionDraft
from meetings.enums import PeriodKind
from units.enums import LEVEL_ORDER, Level
from units.models import Unit
from visits.assignments.services import AssignmentOrder
from visits.enums import GroupKind, NormBasis
from visits.models import LocalGroup
from visits.openings import NO_CHOICE, groups_offered, norm_units_offered
from visits.services import VisitFacts

LEVELS = [(level.value, level.label) for level in (Level.PROVINCE, Level.DISTRICT, Level.COMMUNE)]
TEXTS = ("content", "findings", "help_given", "conduct", "reported_to")
FACTS = ("group", "visited_on", "started_at", "ended_at", "members_due", "members_present", *TEXTS)
PICKER = {"data-picker": ""}
NUMBER = {"inputmode": "numeric"}


class ChosenUnit(forms.ModelChoiceField):
    def label_from_instance(self, unit):
        return unit.name


class VisitForm(GuidedForm):
    """Two minutes on a phone: where, with whom, when, how many, what; the rest if there is something to say."""

    person = forms.TypedChoiceField(label="Cán bộ đi", coerce=int)
    unit = forms.TypedChoiceField(label="Nơi đến", coerce=int, widget=forms.Select(attrs=PICKER))
    group = forms.ChoiceField(label="Tổ chức đã dự sinh hoạt", choices=[NO_CHOICE, *GroupKind.choices])
    visited_on = DayField(label="Ngày đi")
    local_group = forms.TypedChoiceField(
        label="Tên tổ chức",
        coerce=int,
        empty_value=None,
        required=False,
        error_messages={
            "invalid_choice": "Tổ chức đã chọn không thuộc nơi đến. Chọn lại tổ chức, hoặc để trống.",
        },
    )
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
    line = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1, max_value=2**62)

    def __init__(self, *args, places, people, groups, **options):
        super().__init__(*args, **options)
        self.fields["unit"].choices = places
        self.fields["local_group"].choices = groups
        self.fields["person"].choices = people
        if len(people) == 1:
            self.fields["person"].widget = forms.HiddenInput()
        elif len(people) > 1:
            self.fields["person"].widget.attrs.update(PICKER)

    def facts(self):
        """The checked fields as the service takes them."""
        data = self.cleaned_data
        return VisitFacts(
            unit=Unit.objects.get(pk=data["unit"]),
            local_group=LocalGroup.objects.filter(pk=data["local_group"]).first() if data["local_group"] else None,
            **{name: data[name] for name in FACTS},
        )


class GroupQuestion(GuidedForm):
    """Which groups may have been visited: those of a place and kind on a day. `local_group`: the one chosen so far."""

    unit = forms.IntegerField(label="Nơi đến", min_value=1, max_value=2**62)
    group = forms.ChoiceField(label="Tổ chức đã dự sinh hoạt", choices=GroupKind.choices)
    visited_on = DayField(label="Ngày đi")
    local_group = forms.IntegerField(label="Tên tổ chức", required=False, min_value=1, max_value=2**62)

    def choices(self):
        return groups_offered(**self.cleaned_data) if self.is_valid() else []


class FindingForm(GuidedForm):
    """What was found, as an opinion of the place."""

    text = WordsField(label="Nội dung ý kiến, kiến nghị", rows=4, limit=10_000)
    raised_by_name = PersonNameField(label="Người nêu", max_length=120, required=False)
    kind = forms.ChoiceField(label="Loại", choices=OpinionKind.choices, initial=OpinionKind.PETITION)
    topic = forms.TypedChoiceField(label="Lĩnh vực", coerce=int, widget=forms.Select(attrs=PICKER))
    competence = forms.ChoiceField(label="Thẩm quyền giải quyết")
    visibility = forms.ChoiceField(
        label="Phạm vi xem",
        choices=Visibility.choices,
        required=False,
        help_text="Chọn hạn chế xem khi nói về cán bộ thôn, xã hoặc chuyện riêng của một hộ.",
    )
    request_id = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args, topics, competences, **options):
        super().__init__(*args, **options)
        self.fields["topic"].choices = [NO_CHOICE, *topics]
        self.fields["competence"].choices = [(code.value, code.label) for code in competences]

    def draft(self):
        data = self.cleaned_data
        names = ("text", "raised_by_name", "kind", "competence")
        visibility = data["visibility"] or Visibility.NORMAL
        return OpinionDraft(topic_id=data["topic"], visibility=visibility, **{name: data[name] for name in names})


class ChosenUnits(RowsField):
    """Tick boxes of places, with the level's name beside villages of the same name."""

    def label_from_instance(self, unit):
        return unit.name


class ChosenGroups(RowsField):
    """Tick boxes of groups, each with its place unless the name says it."""

    def label_from_instance(self, group):
        return group.name if group.unit.name in group.name else f"{group.name} – {group.unit.name}"


class ChosenPost(forms.ModelChoiceField):
    def label_from_instance(self, post):
        return f"{post.person.name} – {post.label}, {post.unit.name}"


class AssignmentForm(GuidedForm):
    """One decision, one cadre, one or more places. `parent` chooses whose places are offered."""

    post = ChosenPost(label="Cán bộ được phân công", queryset=None, widget=forms.Select(attrs=PICKER))
    units = ChosenUnits(
        label="Địa bàn phụ trách",
        queryset=None,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Đánh dấu địa bàn, hoặc chỉ chọn tổ chức được nêu đích danh bên dưới.",
    )
    group = forms.ChoiceField(
        label="Phụ trách gì ở các địa bàn đó",
        required=False,
        choices=[("", "Toàn bộ hệ thống chính trị ở đó"), *GroupKind.choices],
    )
    local_groups = ChosenGroups(
        label="Tổ chức cụ thể được phân công",
        queryset=None,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Nếu quyết định không nêu đích danh, chỉ cần chọn địa bàn.",
    )
    is_deputy = forms.BooleanField(label="Phụ trách phó (không phải phụ trách chính)", required=False)
    decision_number = NameField(label="Số quyết định", max_length=60, help_text="Ví dụ: 12-QĐ/HU")
    decided_on = DayField(label="Ngày quyết định")
    issuer = NameField(label="Cơ quan ban hành", max_length=160)
    valid_from = DayField(label="Phân công từ ngày")
    last_on = DayField(label="Đến hết ngày", required=False, help_text="Để trống nếu chưa định ngày kết thúc.")
    request_id = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args, posts, units, groups, **options):
        super().__init__(*args, **options)
        self.fields["post"].queryset = posts
        self.fields["units"].queryset = units
        self.fields["local_groups"].queryset = groups
        if not groups:
            self.fields["local_groups"].widget = forms.MultipleHiddenInput()

    def order(self):
        data = {name: value for name, value in self.cleaned_data.items() if name != "request_id"}
        return AssignmentOrder(**{**data, "units": tuple(data["units"]), "local_groups": tuple(data["local_groups"])})


class EndForm(GuidedForm):
    last_on = DayField(label="Ngày cuối phụ trách")
    version = forms.IntegerField(widget=forms.HiddenInput)


class NormForm(GuidedForm):
    """A norm with the document that ordered it."""

    unit = forms.ModelChoiceField(label="Áp dụng tại", queryset=None, widget=forms.Select(attrs=PICKER))
    level = forms.ChoiceField(label="Cấp của cán bộ", choices=LEVELS)
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
        units = norm_units_offered(user, today)
        widest = min(map(LEVEL_ORDER.index, units.order_by().values_list("level", flat=True).distinct()), default=0)
        self.fields["unit"].queryset = units
        self.fields["level"].choices = [pair for pair in LEVELS if LEVEL_ORDER.index(pair[0]) >= widest]


class ExemptionForm(GuidedForm):
    person = forms.TypedChoiceField(label="Cán bộ", coerce=int, widget=forms.Select(attrs=PICKER))
    first_on = DayField(label="Từ ngày")
    last_on = DayField(label="Đến hết ngày")
    reason = NameField(label="Lý do", max_length=300, help_text="Ví dụ: nghỉ thai sản, đi học, biệt phái.")
    request_id = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args, people, **options):
        super().__init__(*args, **options)
        self.fields["person"].choices = people
