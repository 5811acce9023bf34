"""Forms of the month's plan and of its lines."""

from django import forms

from core.fields import ClockField, DayField, NameField
from core.forms import GuidedForm
from core.periods import Period
from units.models import Unit
from visits.enums import GroupKind
from visits.openings import NO_CHOICE
from visits.services.plan_lines import LineDraft

MONTHS_AHEAD = 3
PICKER = {"data-picker": ""}
LINE = ("group", "planned_on", "starts_at", "note")


def months_offered(today):
    month = Period.of_day(today, "month")
    months = [month]
    while len(months) <= MONTHS_AHEAD:
        months.append(months[-1].next())
    return [(each.code, each.label) for each in months]


class PlanForm(GuidedForm):
    """Which unit's plan of which month."""

    unit = forms.ModelChoiceField(label="Đơn vị lập kế hoạch", queryset=None, empty_label=None)
    month = forms.ChoiceField(label="Tháng")

    def __init__(self, *args, units, today, **options):
        super().__init__(*args, **options)
        self.fields["unit"].queryset = units
        self.fields["month"].choices = months_offered(today)


class LineForm(GuidedForm):
    """Who goes where, when, to whom; without `people` the cadre is given."""

    person = forms.TypedChoiceField(label="Cán bộ đi", coerce=int, widget=forms.Select(attrs=PICKER))
    unit = forms.TypedChoiceField(label="Nơi đến", coerce=int, widget=forms.Select(attrs=PICKER))
    group = forms.ChoiceField(label="Tổ chức sẽ dự sinh hoạt", choices=[NO_CHOICE, *GroupKind.choices])
    planned_on = DayField(label="Ngày dự kiến")
    starts_at = ClockField(label="Giờ dự kiến", required=False)
    note = NameField(label="Ghi chú", max_length=300, required=False, help_text="Hiện với người đi và nơi đến.")
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, places, people=None, **options):
        super().__init__(*args, **options)
        self.fields["unit"].choices = places
        if people is None:
            del self.fields["person"]
        else:
            self.fields["person"].choices = [NO_CHOICE, *people]

    def draft(self):
        data = self.cleaned_data
        return LineDraft(unit=Unit.objects.get(pk=data["unit"]), **{name: data[name] for name in LINE})
