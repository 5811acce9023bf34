"""Who covers what: the places below a unit, the cadres assigned there, and where nobody is."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, Exists, Max, OuterRef
from django.urls import reverse

from core.periods import Period
from meetings.enums import PeriodKind
from people.models import Person
from units.enums import Level
from units.models import Unit, UnitLineage
from units.reads import children_of
from visits.enums import NormBasis
from visits.models import Assignment, LocalGroup, Visit, VisitExemption, VisitNorm
from visits.rules import Due, Duty, Norm, dues


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


@dataclass(frozen=True)
class Standing:
    """What a norm asks of somebody in a period, and how many visits answered it by now."""

    due: Due
    person: Person
    done: int
    extra: int
    is_closed: bool

    @property
    def is_met(self):
        return self.done >= self.due.times

    @property
    def is_overdue(self):
        return self.is_closed and not self.is_met and not self.due.is_exempt


def parts_of(period, today=None):
    """The months and quarters inside a period; with `today` only those that have ended."""
    parts = [part for kind in PeriodKind.values for part in period.parts(kind)]
    inside = [part for part in parts if part.first >= period.first and part.last <= period.last]
    return [part for part in inside if today is None or part.last < today]


def dues_of(assignments, parts):
    """The dues of everybody in a queryset of assignments, in three queries.

    All assignments of these persons are weighed, so that a person with two is asked once; a Due belongs to the
    queryset only if the assignment it is filed under does.
    """
    if not parts:
        return []
    theirs = Assignment.objects.filter(person__in=assignments.order_by().values("person"))
    duties, wanted = _duties(theirs, assignments)
    norms = _norms({unit_id for duty in duties for unit_id in duty.places})
    found = dues(duties, norms, _leaves({duty.person_id for duty in duties}), parts)
    return [due for due in found if due.duty_pk in wanted]


def _duties(assignments, wanted):
    """(duties, ids of those that are in the queryset `wanted`)."""
    mine = Exists(wanted.order_by().filter(pk=OuterRef("pk")))
    rows = assignments.annotate(is_wanted=mine).values_list(
        "pk", "person_id", "level", "unit_id", "commune_id", "district_id", "province_id", "is_deputy",
        "valid_from", "valid_to", "unit__valid_to", "post__valid_to", "post__unit__valid_to", "is_wanted",
    )  # fmt: skip
    rows = list(rows)
    duties = [
        Duty(
            pk=pk,
            person_id=person_id,
            level=level,
            places=tuple(dict.fromkeys(unit_id for unit_id in units if unit_id)),
            start=start,
            end=min((end for end in ends if end), default=None),
            is_deputy=is_deputy,
        )
        for pk, person_id, level, *units, is_deputy, start, end_a, end_b, end_c, end_d, _ in rows
        for ends in [(end_a, end_b, end_c, end_d)]
    ]
    return duties, {row[0] for row in rows if row[-1]}


def _norms(unit_ids):
    rows = VisitNorm.objects.filter(unit_id__in=unit_ids).order_by("pk")
    fields = ("unit_id", "level", "basis", "period_kind", "times", "valid_from", "valid_to")
    return [Norm(*row) for row in rows.values_list(*fields)]


def _leaves(person_ids):
    leaves = defaultdict(list)
    rows = VisitExemption.objects.filter(person_id__in=person_ids)
    for person_id, first, last in rows.values_list("person_id", "first_on", "last_on"):
        leaves[person_id].append((first, last))
    return leaves


def standings(assignments, period, today):
    """A Standing for every due of the period, exempt ones too, ended or not: the table "phải đi, đã đi"."""
    found = dues_of(assignments, parts_of(period))
    people = Person.objects.in_bulk({due.person_id for due in found})
    done, placed = _done(people, period)
    return [
        Standing(
            due=due,
            person=people[due.person_id],
            done=_answers(due, done, placed),
            extra=sum(done[due.person_id, month, False] for month in due.period.months()),
            is_closed=due.period.last < today,
        )
        for due in found
    ]


def _done(people, period):
    """Visits per person and month, inside an assignment or not, and visits per assignment and month."""
    visits = Visit.objects.counted().in_period(period).filter(person_id__in=people).order_by()
    rows = visits.values_list("person_id", "assignment_id", "visited_on").annotate(n=Count("pk"))
    done, placed = Counter(), Counter()
    for person_id, assignment_id, day, number in rows:
        month = (day.year, day.month)
        done[person_id, month, assignment_id is not None] += number
        placed[assignment_id, month] += number
    return done, placed


def _answers(due, done, placed):
    """A visit outside the assignment counts in the statistics but does not answer a norm."""
    if due.basis == NormBasis.PLACE:
        return sum(placed[due.duty_pk, month] for month in due.period.months())
    return sum(done[due.person_id, month, True] for month in due.period.months())


SHOWN = 200
LEGEND = [
    {"class": "heat-held", "text": "Đủ lượt"},
    {"class": "heat-missing", "text": "Hết kỳ, còn thiếu"},
    {"class": "heat-coming", "text": "Trong kỳ, chưa đủ"},
    {"class": "heat-exempt", "text": "Miễn"},
]


@dataclass(frozen=True)
class Board:
    """What the page shows; totals are of turns asked in periods that have ended, and of turns done for them."""

    columns: list
    rows: list
    people: int
    expected: int
    done: int
    overdue: int
    legend: tuple = tuple(LEGEND)

    @property
    def is_cut(self):
        return self.people > len(self.rows)


def board_of(assignments, year, today):
    """The Board of a year for the cadres whose assignments are given; a quarter is shown in its last month."""
    found = standings(assignments.overlapping(year), year, today)
    cells, people = defaultdict(lambda: defaultdict(list)), {}
    for standing in found:
        cells[standing.person.pk][standing.due.period.last.month].append(standing)
        people[standing.person.pk] = standing.person
    ordered = sorted(people.values(), key=lambda person: (person.sort_key, person.pk))
    closed = [each for each in found if each.is_closed and not each.due.is_exempt]
    return Board(
        columns=[{"text": f"T{month}", "title": f"Tháng {month}/{year.last.year}"} for month in range(1, 13)],
        rows=[_row(person, cells[person.pk], year.last.year, today) for person in ordered[:SHOWN]],
        people=len(ordered),
        expected=sum(each.due.times for each in closed),
        done=sum(min(each.done, each.due.times) for each in closed),
        overdue=sum(each.is_overdue for each in closed),
    )


def _row(person, months, year, today):
    cells = [_cell(months.get(month, []), person, Period.month(year, month), today) for month in range(1, 13)]
    return {"head": person.name, "url": f"{reverse('visit_list')}?nguoi={person.pk}&ky={year}", "cells": cells}


def _cell(held, person, month, today):
    if not held:
        return {"text": "", "class": "heat-none"}
    period = held[0].due.period if len({each.due.period for each in held}) == 1 else month
    asked = [each for each in held if not each.due.is_exempt]
    if not asked:
        return {"text": "Miễn", "class": "heat-exempt"}
    done, times, extra = sum(each.done for each in asked), sum(each.due.times for each in asked), asked[0].extra
    if all(each.is_met for each in asked):
        css = "heat-held"
    else:
        css = "heat-missing" if any(each.is_overdue for each in asked) else "heat-coming"
    text = f"{done}/{times}" + (f" +{extra}" if extra else "")
    title = f"{person.name}, {period.label_inside}: đã đi {done} trên {times} lượt"
    title += f", thêm {extra} lượt ngoài phân công" if extra else ""
    url = f"{reverse('visit_list')}?nguoi={person.pk}&ky={period.code}"
    return {"text": text, "class": css, "title": title, "url": url}


TRA_VINH = ("province-84-20140101", "243-CV/TU", date(2012, 8, 17))
GIA_LOC = ("district-297-20140101", "Quy định của Huyện ủy Gia Lộc", None)
HOA_VANG = ("district-497-20140101", "Kế hoạch của Huyện ủy Hòa Vang", None)
KNOWN = (
    (TRA_VINH, Level.PROVINCE, NormBasis.PERSON, PeriodKind.MONTH),
    (TRA_VINH, Level.DISTRICT, NormBasis.PERSON, PeriodKind.MONTH),
    (TRA_VINH, Level.COMMUNE, NormBasis.PERSON, PeriodKind.MONTH),
    (GIA_LOC, Level.DISTRICT, NormBasis.PERSON, PeriodKind.MONTH),
    (HOA_VANG, Level.DISTRICT, NormBasis.PLACE, PeriodKind.QUARTER),
)
"""(unit key, document, its day), level of the cadres, per person or per place, how often; one turn each."""


def load_known_norms():
    """Idempotent; a norm whose document has no known day begins with its unit. Returns how many were new."""
    units = {unit.key: unit for unit in Unit.objects.filter(key__in={source[0] for source, *_ in KNOWN})}
    norms = [
        VisitNorm(
            unit=units[key],
            level=level,
            basis=basis,
            period_kind=period_kind,
            document=document,
            document_on=document_on,
            valid_from=units[key].valid_from,
            valid_to=units[key].valid_to,
        )
        for (key, document, document_on), level, basis, period_kind in KNOWN
        if key in units
    ]
    before = VisitNorm.objects.count()
    VisitNorm.objects.bulk_create(norms, ignore_conflicts=True)
    return VisitNorm.objects.count() - before
