"""Who covers what: the places below a unit, the cadres assigned there, and where nobody is."""

from collections import defaultdict
from dataclasses import dataclass, field

from django.db.models import Count, Max

from units.enums import Level
from units.models import Unit, UnitLineage
from units.selectors import children_of
from visits.models import Assignment, LocalGroup, Visit


@dataclass
class Covered:
    """One place: who is responsible for it, how many of its villages have somebody, when it was last visited."""

    unit: Unit
    mains: list = field(default_factory=list)
    deputies: list = field(default_factory=list)
    villages: int = 0
    villages_covered: int = 0
    groups: int = 0
    groups_covered: int = 0
    visits: int = 0
    last_on: object = None

    @property
    def is_gap(self):
        """Nobody is responsible for the place itself, and not all of its villages have somebody."""
        return not self.mains and not self.deputies and self.villages_covered < max(self.villages, 1)


def coverage_of(unit, user, period, today):
    """A Covered for every place directly below `unit` today, and the assignments to the whole of it.

    Visits are counted in `period`, groups with somebody of their own among those in force today; five queries.
    """
    rows, whole = {child.pk: Covered(child) for child in children_of(unit, today)}, []
    child_of, villages = _places_below(rows, today)
    for pk in villages:
        rows[child_of[pk]].villages += 1
    reached, named = set(), set()
    held = Assignment.objects.visible_to(user).on(today).filter(unit__in=[unit.pk, *child_of])
    for assignment in held.select_related("person", "local_group"):
        named.add(assignment.local_group_id)
        if assignment.unit_id == unit.pk:
            whole.append(assignment)
            continue
        row = rows[child_of[assignment.unit_id]]
        if assignment.unit_id in rows:
            (row.deputies if assignment.is_deputy else row.mains).append(assignment)
        if assignment.unit_id in villages:
            reached.add(assignment.unit_id)
    for pk in reached:
        rows[child_of[pk]].villages_covered += 1
    _count_groups(rows, child_of, user, today, named)
    _count_visits(rows, child_of, user, period)
    return list(rows.values()), whole


def _places_below(rows, today):
    """{unit id: the child it lies in (or is)} and the set of villages among them."""
    child_of, villages = {}, set()
    lineage = UnitLineage.objects.filter(ancestor_id__in=rows).on(today)
    for pk, level, child in lineage.values_list("unit_id", "unit__level", "ancestor_id"):
        child_of[pk] = child
        if level == Level.VILLAGE:
            villages.add(pk)
    return child_of, villages


def _count_groups(rows, child_of, user, today, named):
    """`named`: ids of the groups somebody is assigned to by name."""
    groups = LocalGroup.objects.visible_to(user).on(today).filter(unit__in=child_of).order_by()
    for pk, unit_id in groups.values_list("pk", "unit_id"):
        row = rows[child_of[unit_id]]
        row.groups += 1
        row.groups_covered += pk in named


def _count_visits(rows, child_of, user, period):
    visits = Visit.objects.visible_to(user).counted().in_period(period).filter(unit__in=child_of).order_by()
    found = defaultdict(list)
    for pk, number, last_on in visits.values_list("unit_id").annotate(Count("pk"), Max("visited_on")):
        found[child_of[pk]].append((number, last_on))
    for child, counted in found.items():
        rows[child].visits = sum(number for number, _ in counted)
        rows[child].last_on = max(last_on for _, last_on in counted)
