"""Forms of ratings and of helped units with their checks."""

from django import forms

from core.forms import DayField, GuidedForm, LeanSelect, NameField, WordsField
from meetings.lists import BranchFilter
from units.models import Body
from visits.enums import HelpOutcome, Rating
from visits.helped.reads import ENDED_FILTER, MISSING_FILTER, RUNNING_FILTER
from visits.helped.rules import FIRST_RATED_YEAR
from visits.helped.services import HelpOrder, RatingEntry
from visits.models import CellRating
from visits.openings import NO_CHOICE

PICKER = {"data-picker": ""}
POST, BODY = "c", "q"
"""First letters of a helper's word: a cadre's post, a body (cơ quan)."""

STATES = [
    ("", "Tất cả"),
    (RUNNING_FILTER, "Đang giúp đỡ"),
    (MISSING_FILTER, "Còn thiếu lượt kiểm tra"),
    (ENDED_FILTER, "Đã kết thúc"),
]


class RatingForm(GuidedForm):
    """A choice and the version that was shown for each of the units, one document for what is written."""

    document = NameField(
        label="Văn bản công nhận xếp loại", max_length=120, required=False, help_text="Ví dụ: 45-QĐ/ĐU, 28/12/2025"
    )
    shown_document = forms.CharField(required=False, max_length=120, widget=forms.HiddenInput)

    def __init__(self, *args, units, saved, **options):
        documents = [row.document for row in saved.values() if row.document]
        shown = max(documents, key=documents.count) if documents else ""
        super().__init__(*args, initial={"document": shown, "shown_document": shown}, **options)
        self.units = units
        for unit in units:
            row = saved.get(unit.pk)
            self.fields[f"rating_{unit.pk}"] = forms.ChoiceField(
                label=f"Xếp loại của {unit.name}",
                required=False,
                choices=[("", "Chưa ghi"), *Rating.choices],
                initial=row.rating if row else "",
                widget=forms.Select(attrs={"aria-label": f"Xếp loại của {unit.name}"}),
            )
            self.fields[f"version_{unit.pk}"] = forms.IntegerField(
                initial=row.version if row else 0, widget=forms.HiddenInput, required=False, min_value=0
            )

    def entries(self):
        data = self.cleaned_data
        return [
            RatingEntry(unit, data[f"rating_{unit.pk}"], data[f"version_{unit.pk}"] or 0)
            for unit in self.units
            if data[f"rating_{unit.pk}"]
        ]

    def take_versions(self, year):
        """After somebody else was quicker: what is saved now has been told, so the next press of the button counts."""
        self.data = self.data.copy()
        rows = CellRating.objects.filter(year=year, unit__in=[unit.pk for unit in self.units])
        for unit_id, version in rows.values_list("unit_id", "version"):
            self.data[f"version_{unit_id}"] = str(version)


class HelpForm(GuidedForm):
    """Who helps a place, why and how. `places` are offered for a new line of the register only."""

    unit = forms.TypedChoiceField(label="Đơn vị được giúp đỡ", coerce=int, widget=LeanSelect(attrs=PICKER))
    registered_on = DayField(label="Ngày đăng ký giúp đỡ")
    helper = forms.ChoiceField(label="Cơ quan hoặc cán bộ giúp đỡ", widget=forms.Select(attrs=PICKER))
    reason = WordsField(label="Lý do cần giúp đỡ", rows=3, limit=5_000)
    plan = WordsField(
        label="Kế hoạch giúp đỡ", rows=5, limit=10_000, help_text="Việc sẽ làm cùng cơ sở, mỗi việc một dòng."
    )
    document = NameField(label="Văn bản đăng ký, phân công", max_length=120, required=False)
    request_id = forms.UUIDField(widget=forms.HiddenInput, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, places=None, posts, bodies, **options):
        super().__init__(*args, **options)
        self.posts = {f"{POST}{post.pk}": post for post in posts}
        self.fields["helper"].choices = [
            NO_CHOICE,
            ("Cơ quan", [(f"{BODY}{pk}", name) for pk, name in bodies]),
            ("Cán bộ", [(key, f"{p.person.name} – {p.label}, {p.unit.name}") for key, p in self.posts.items()]),
        ]
        if places is None:
            del self.fields["unit"], self.fields["registered_on"]
        else:
            self.fields["unit"].choices = places

    def chosen_helper(self):
        word = self.cleaned_data["helper"]
        return self.posts.get(word) or Body.objects.select_related("unit").get(pk=word.removeprefix(BODY))

    def order(self, unit=None, registered_on=None):
        """What the services take; `unit` and the day are given when a line is mended."""
        data = self.cleaned_data
        return HelpOrder(
            unit=unit or data["unit"],
            registered_on=registered_on or data["registered_on"],
            helper=self.chosen_helper(),
            **{name: data[name] for name in ("reason", "plan", "document")},
        )


class CheckForm(GuidedForm):
    checked_on = DayField(label="Ngày kiểm tra")
    checked_by_name = NameField(label="Người kiểm tra", max_length=200)
    progress = WordsField(label="Chuyển biến, tồn tại", rows=3, limit=10_000)
    next_steps = WordsField(label="Việc tiếp theo", rows=2, limit=10_000, required=False)
    request_id = forms.UUIDField(widget=forms.HiddenInput)


class ExitForm(GuidedForm):
    exited_on = DayField(label="Ngày kết thúc giúp đỡ")
    outcome = forms.ChoiceField(label="Kết quả", choices=[NO_CHOICE, *HelpOutcome.choices])
    outcome_note = WordsField(label="Đánh giá khi kết thúc", rows=3, limit=10_000)
    version = forms.IntegerField(widget=forms.HiddenInput)


class HelpedFilter(BranchFilter):
    """The register by year, place and state."""

    def own_fields(self):
        year = int(self.data["ky"]) if self.data.get("ky", "").isdecimal() else self.today.year
        years = range(max(self.today.year, min(year, 2100)), FIRST_RATED_YEAR - 1, -1)
        del self.fields["cap"], self.fields["q"]
        return {
            "ky": forms.ChoiceField(
                label="Năm", required=False, widget=LeanSelect, choices=[(str(y), f"Năm {y}") for y in years]
            ),
            "tinh-trang": forms.ChoiceField(label="Tình trạng", required=False, choices=STATES),
        }

    @property
    def year(self):
        return int(self.cleaned_data.get("ky") or self.today.year)

    @property
    def state(self):
        return self.cleaned_data.get("tinh-trang", "")
