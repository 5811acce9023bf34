"""The filters of the visit list, kept in the address."""

from django import forms

from meetings.filters import BranchFilter
from units.enums import Level
from visits.enums import COUNTED, GroupKind, VisitStatus

LEVELS = [(level.value, f"Cán bộ {level.label}") for level in (Level.PROVINCE, Level.DISTRICT, Level.COMMUNE)]
STATUSES = [("", "Còn tính"), *VisitStatus.choices]


class VisitFilter(BranchFilter):
    """Visits that count unless withdrawn ones are asked for, so that a figure's link shows as many rows."""

    def own_fields(self):
        return {
            "cap": forms.ChoiceField(label="Cán bộ cấp", required=False, choices=[("", "Mọi cấp"), *LEVELS]),
            "to-chuc": forms.ChoiceField(label="Tổ chức", required=False, choices=[("", "Tất cả"), *GroupKind.choices]),
            "trang-thai": forms.ChoiceField(label="Trạng thái", required=False, choices=STATUSES),
            "ngoai": forms.BooleanField(label="Chỉ lượt ngoài phân công", required=False),
            "nguoi": forms.IntegerField(required=False, min_value=1, max_value=2**62, widget=forms.HiddenInput),
        }

    def apply(self, visits):
        data = self.cleaned_data
        visits = self.select(visits).matching(data.get("q"))
        exact = {"group": data.get("to-chuc"), "status": data.get("trang-thai"), "person_id": data.get("nguoi")}
        visits = visits.filter(**{name: value for name, value in exact.items() if value})
        if data.get("ngoai"):
            visits = visits.outside_assignment()
        return visits if data.get("trang-thai") else visits.filter(status__in=COUNTED)
