"""The filters of the visit list, kept in the address."""

from django import forms

from meetings.filters import BranchFilter
from units.enums import Level
from units.models import Unit
from visits.access import VISITORS
from visits.enums import COUNTED, GroupKind, VisitStatus

LEVELS = [(level.value, f"Cán bộ {level.label}") for level in (Level.PROVINCE, Level.DISTRICT, Level.COMMUNE)]
STATUSES = [("", "Còn tính"), *VisitStatus.choices]
HIDDEN = {"nguoi": "person_id", "nhom": "local_group_id", "don-vi-cu": "post__unit_id"}
"""What links of other pages narrow the list to: a person, a named group, the unit of the cadre's post."""


def _hidden_id():
    return forms.IntegerField(required=False, min_value=1, max_value=2**62, widget=forms.HiddenInput)


class VisitFilter(BranchFilter):
    """Visits that count unless withdrawn ones are asked for, so that a figure's link shows as many rows."""

    def __init__(self, data, *, user, today):
        super().__init__(data, user=user, today=today)
        if not user.scope.roles & VISITORS:
            del self.fields["q"]

    def own_fields(self):
        return {
            "cap": forms.ChoiceField(label="Cán bộ cấp", required=False, choices=[("", "Mọi cấp"), *LEVELS]),
            "to-chuc": forms.ChoiceField(label="Tổ chức", required=False, choices=[("", "Tất cả"), *GroupKind.choices]),
            "trang-thai": forms.ChoiceField(label="Trạng thái", required=False, choices=STATUSES),
            "ngoai": forms.BooleanField(label="Chỉ lượt ngoài phân công", required=False),
            **{name: _hidden_id() for name in HIDDEN},
            "co-quan-cu": forms.IntegerField(required=False, min_value=0, max_value=2**62, widget=forms.HiddenInput),
            "tu-ngay": forms.DateField(label="Từ ngày", required=False, widget=self._rare("tu-ngay")),
            "den-ngay": forms.DateField(label="Đến ngày", required=False, widget=self._rare("den-ngay")),
            "van-de": forms.BooleanField(label="Có vấn đề nắm được", required=False, widget=forms.HiddenInput),
            "co-mat": forms.BooleanField(label="Có số thành viên", required=False, widget=forms.HiddenInput),
        }

    def _units(self, today):
        """A village that the address names may be chosen, too; offering every village would make the list endless."""
        choices, word = super()._units(today), self.data.get("don-vi", "")
        if not word.startswith(f"{Level.VILLAGE}-"):
            return choices
        villages = {unit.key: unit for unit in Unit.objects.visible_to(self.user).filter(key=word)}
        self.units |= villages
        return [*choices, *((key, unit.name) for key, unit in villages.items())]

    def _rare(self, name):
        """Words that come with a link from a figure; the form shows them only while they are in force."""
        return forms.DateInput if self.data.get(name) else forms.HiddenInput

    def _by_days(self, visits):
        """Between two days, and only visits whose members were counted: what a before-and-since figure links to."""
        data = self.cleaned_data
        days = {"visited_on__gte": data.get("tu-ngay"), "visited_on__lte": data.get("den-ngay")}
        visits = visits.filter(**{name: day for name, day in days.items() if day})
        return visits.exclude(members_due=None) if data.get("co-mat") else visits

    def apply(self, visits):
        data = self.cleaned_data
        visits = self.select(visits)
        if data.get("q"):  # neither this nor "van-de" may tell anybody what they do not read
            visits = visits.matching(data["q"]).words_read_by(self.user)
        exact = {"group": data.get("to-chuc"), "status": data.get("trang-thai")}
        exact |= {column: data.get(name) for name, column in HIDDEN.items()}
        visits = self._by_days(visits.filter(**{name: value for name, value in exact.items() if value}))
        if data.get("co-quan-cu") is not None:  # 0: a post of no body
            visits = visits.filter(post__body=data["co-quan-cu"] or None)
        if data.get("van-de"):
            visits = visits.read_whole_by(self.user).telling()
        if data.get("ngoai"):
            visits = visits.outside_assignment()
        return visits if data.get("trang-thai") else visits.filter(status__in=COUNTED)
