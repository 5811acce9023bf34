"""All raw rows of a small world, and plain answers about them: whose they are, in which row, in what state."""

from collections import Counter, defaultdict
from datetime import date

from feedback.models import Opinion, Spread, Topic
from meetings.models import Attendance, AttendancePost, Meeting, Occurrence
from reports.tests.recount import EXCLUDED, EXPLAINED, SETTLED, WORKING, belongs
from units.models import UnitSuccession, UnitVersion

HELD = ("held", "minuted", "locked")
GROUPS = {"settled": SETTLED, "explained": EXPLAINED, "in_progress": WORKING, "excluded": EXCLUDED}


class Book:
    """All raw rows, read once."""

    def __init__(self, today):
        self.today = today
        self.meetings, self.rounds = list(Meeting.objects.all()), list(Occurrence.objects.all())
        self.opinions = list(Opinion.objects.all())
        self.seats = list(Attendance.objects.all())
        self.links = list(AttendancePost.objects.select_related("post"))
        self.topics = {topic.pk: topic for topic in Topic.objects.all()}
        self.spreads = Counter(Spread.objects.values_list("initiative__opinion_id", flat=True))
        self.versions = list(UnitVersion.objects.all())
        pairs = UnitSuccession.objects.filter(kind__in=("whole", "part_main"), effective_on__lte=today)
        self.heirs = dict(pairs.values_list("predecessor_id", "successor_id"))
        self.parents = {version.unit_id: version.parent_id for version in self.versions}
        self.ends = defaultdict(lambda: date.min)
        for version in self.versions:
            self.ends[version.unit_id] = max(self.ends[version.unit_id], version.valid_to or date.max)

    def facts(self, unit, period, boundaries):
        """(held meetings, rounds that were due, opinions) of a unit and period."""
        mine, is_month = belongs(unit, boundaries, self.today), period.kind == "month"
        return (
            [
                m for m in self.meetings
                if m.status in HELD and mine(m) and not (is_month and m.level == "district")
                and period.first <= m.period_first and m.period_last <= period.last
            ],
            [
                o for o in self.rounds
                if o.due_on < self.today and mine(o) and not (is_month and o.level == "district")
                and period.first <= o.starts_on and o.ends_on <= period.last
            ],
            [
                o for o in self.opinions
                if mine(o) and period.first <= o.period_first and o.period_last <= period.last
                and not (is_month and o.level == "district" and o.origin == "meeting")
            ],
        )  # fmt: skip

    def heir(self, unit_id):
        while unit_id in self.heirs:
            unit_id = self.heirs[unit_id]
        return unit_id if unit_id and self.ends[unit_id] > self.today else None

    def row_of(self, fact, unit, boundaries, by_commune=False):
        """The id of the unit in whose row a fact is counted."""
        if unit.level == "commune":
            return unit.pk
        by_commune = by_commune or unit.level == "district"
        place = fact.commune_id if by_commune else fact.district_id or fact.commune_id
        if boundaries == "then":
            return place
        at = self.heir(fact.commune_id) if fact.commune_id else None
        while at is not None and not by_commune and self.parents[at] != unit.pk:
            at = self.parents[at]
        return at or (place and self.heir(place)) or place

    def late(self, opinion):
        return bool(
            opinion.status in (*WORKING, "recorded")
            and opinion.due_on
            and opinion.due_on < self.today
            and opinion.kind not in ("initiative", "good_practice")
            and not (opinion.status == "scheduled" and opinion.planned_on and opinion.planned_on >= self.today)
        )

    def states(self, opinions):
        found = Counter(opinions=len(opinions), overdue=sum(self.late(o) for o in opinions))
        for opinion in opinions:
            group = next((word for word, statuses in GROUPS.items() if opinion.status in statuses), "unassigned")
            found[group] += 1
        return found

    def by_row(self, facts, *place):
        found = defaultdict(list)
        for fact in facts:
            found[self.row_of(fact, *place)].append(fact)
        return found
