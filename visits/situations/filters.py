"""The filters of the situation lists, kept in the address."""

from django import forms
from django.db.models import Q

from meetings.lists import BranchFilter
from visits.enums import SituationState

GAP, ABOVE_FIRST = "chua-phu-trach", "cap-tren-truoc"
CUTS = [
    ("", "Mọi sự việc"),
    (ABOVE_FIRST, "Cấp trên biết trước người phụ trách"),
    (GAP, "Địa bàn chưa có người phụ trách"),
]
NOT_YET, WAITING, REVIEWED = "chua", "cho", "da-xem"
EXPLAINED = [
    ("", "Mọi tình trạng"),
    (NOT_YET, "Chưa giải trình"),
    (WAITING, "Đã giải trình, chờ cấp trên cho ý kiến"),
    (REVIEWED, "Cấp trên đã cho ý kiến"),
]
ANSWERS = {
    NOT_YET: Q(explanation=None),
    WAITING: Q(explanation__isnull=False, explanation__reviewed_at=None),
    REVIEWED: Q(explanation__reviewed_at__isnull=False),
}


class SituationFilter(BranchFilter):
    KEPT = ("q", "don-vi", "ky")

    def __init__(self, data, *, user, today):
        super().__init__(data, user=user, today=today)
        self.fields = {name: self.fields[name] for name in (*self.KEPT, *self.own_fields())}

    def own_fields(self):
        states = [("", "Mọi trạng thái"), *SituationState.choices]
        return {
            "trang-thai": forms.ChoiceField(label="Trạng thái", required=False, choices=states),
            "xem": forms.ChoiceField(label="Cần xem", required=False, choices=CUTS),
        }

    def apply(self, situations):
        data = self.cleaned_data
        rows = self.select(situations).matching(data.get("q"))
        if data.get("trang-thai"):
            rows = rows.filter(state=data["trang-thai"])
        cuts = {ABOVE_FIRST: rows.known_above_first, GAP: rows.without_responsible}
        return cuts[data["xem"]]() if data.get("xem") else rows


class SituationReviewFilter(SituationFilter):
    """The list for review: what a level above knew first, by how far the explanation is."""

    def own_fields(self):
        return {"giai-trinh": forms.ChoiceField(label="Giải trình", required=False, choices=EXPLAINED)}

    def apply(self, situations):
        data = self.cleaned_data
        rows = self.select(situations).matching(data.get("q")).known_above_first()
        return rows.filter(ANSWERS[data["giai-trinh"]]) if data.get("giai-trinh") else rows
