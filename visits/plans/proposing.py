"""The proposal of a month: as many lines as the norms still ask, weakest first, in turns, on free working days."""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.db.models import Count, Max, Q, Window
from django.db.models.functions import RowNumber

from core.periods import Period
from feedback.enums import Visibility
from feedback.models import Opinion
from feedback.querysets import overdue_when
from meetings.cadence.workdays import calendar_for
from meetings.enums import CADENCE_KINDS
from meetings.models import Meeting
from people.rules import effective_end
from proceedings.preparation.speakers import SILENT_FROM
from units.enums import Level
from units.models import UnitHeritage, UnitLineage
from units.reads import places_on
from visits.assignments.reads import standings
from visits.enums import GroupKind, NormBasis
from visits.models import Assignment, CellRating, PlannedVisit, Visit, VisitExemption
from visits.plans.rules import Facts, order_of, reasons_of, spread, still_to_plan, take_turns


@dataclass(frozen=True)
class RankedVillage:
    pk: int
    key: str
    name: str
    commune_id: int
    commune: str
    begun_on: object


@dataclass(frozen=True)
class Ranked:
    """One village with what is known of it; `reasons` are (WeakReason, sentence) pairs."""

    village: RankedVillage
    facts: Facts
    reasons: list

    @property
    def sentences(self):
        return [sentence for _, sentence in self.reasons]


def villages_below(unit_ids, day):
    """The villages that lie in one of the units on a day, each with its commune; one query."""
    below = UnitLineage.objects.filter(ancestor_id__in=unit_ids, unit__level=Level.VILLAGE).on(day).values("unit_id")
    rows = UnitLineage.objects.filter(unit_id__in=below, level=Level.COMMUNE).on(day)
    rows = rows.order_by("ancestor__sort_key", "unit__code", "unit_id")
    fields = ("unit_id", "unit__key", "unit__name", "ancestor_id", "ancestor__name", "unit__valid_from")
    return [RankedVillage(*row) for row in rows.values_list(*fields)]


def ranked(villages, month, today):
    """A Ranked for every village, weakest first, for a plan of `month`; equal ones keep their order."""
    year, facts = month.last.year, facts_of(villages, month.last.year, today)
    rows = [Ranked(each, facts[each.pk], reasons_of(facts[each.pk], year)) for each in villages]
    return sorted(rows, key=lambda row: order_of(row.facts, year, today))


def facts_of(villages, year, today):
    """{village id: Facts}: what happened in a village that was merged counts for the one that carries it on."""
    ids = {each.pk: each.pk for each in villages}
    heirs = UnitHeritage.objects.filter(heir_id__in=ids).values_list("origin_id", "heir_id")
    heirs = {**dict(heirs), **ids}
    found = {pk: Facts() for pk in ids}
    for pk, values in _ratings(ids, year):
        found[pk] = replace(found[pk], **values)
    for pk, last_on in _last_visits(heirs):
        known = found[heirs[pk]].last_on
        found[heirs[pk]] = replace(found[heirs[pk]], last_on=max(last_on, known or last_on))
    for pk, pressing, overdue in _opinions(heirs, today):
        facts = found[heirs[pk]]
        found[heirs[pk]] = replace(facts, pressing=facts.pressing + pressing, overdue=facts.overdue + overdue)
    for pk in _silent(villages, today):
        found[pk] = replace(found[pk], silent=SILENT_FROM)
    return found


def _ratings(ids, year):
    """The latest rating before the year, rows in rising order so that the last one stays."""
    rows = CellRating.objects.filter(unit_id__in=ids, year__lt=year).order_by("year")
    for pk, rating, rated_in in rows.values_list("unit_id", "rating", "year"):
        yield pk, {"rating": rating, "rated_in": rated_in}


def _last_visits(ids):
    visits = Visit.objects.counted().filter(village_id__in=ids).order_by()
    return visits.values_list("village_id").annotate(Max("visited_on"))


def _opinions(ids, today):
    """(village id, open and pressing, overdue), without the restricted ones."""
    late = overdue_when(today)
    rows = Opinion.objects.unresolved().filter(village_id__in=ids).exclude(visibility=Visibility.RESTRICTED)
    rows = rows.filter(Q(is_pressing=True) | late).order_by().values_list("village_id")
    return rows.annotate(
        pressing=Count("pk", filter=Q(is_pressing=True)), overdue=Count("pk", filter=late)
    )  # fmt: skip


def _silent(villages, today):
    """Villages that raised nothing at the last SILENT_FROM meetings of their commune, all of which they lived through.

    The same decision as `proceedings.preparation.speakers.silent_count`, for many communes in two queries.
    """
    last = defaultdict(list)
    held = Meeting.objects.held().filter(
        unit_id__in={each.commune_id for each in villages}, kind__in=CADENCE_KINDS, held_on__lte=today
    )
    turn = Window(RowNumber(), partition_by="unit_id", order_by=["-held_on", "-pk"])
    for pk, unit_id, held_on in (
        held.order_by().annotate(turn=turn).filter(turn__lte=SILENT_FROM).values_list("pk", "unit_id", "held_on")
    ):
        last[unit_id].append((held_on, pk))
    last = {unit_id: meetings for unit_id, meetings in last.items() if len(meetings) == SILENT_FROM}
    said = Opinion.objects.filter(meeting_id__in=[pk for meetings in last.values() for _, pk in meetings])
    said = said.exclude(visibility=Visibility.RESTRICTED).exclude(village=None).order_by()
    spoken = set(said.values_list("village_id", flat=True).distinct())
    for each in villages:
        meetings = last.get(each.commune_id)
        if meetings and each.pk not in spoken and each.begun_on <= min(meetings)[0]:
            yield each.pk


@dataclass(frozen=True)
class VisitProposal:
    """One line proposed: by which assignment, where, when, why."""

    assignment: Assignment
    unit_id: int
    day: date
    reasons: list


def places_day(month, today):
    """The day on which the places of a month's plan are looked up: its first one, or today once it runs."""
    return max(month.first, today)


def assignments_of(unit_id, month):
    """Who may be planned for: the assignments of the unit's own cadres that touch the month."""
    held = Assignment.objects.filter(post__unit_id=unit_id).overlapping(month)
    return held.select_related("person", "post__unit", "unit").order_by("is_deputy", "valid_from", "pk")


def proposals(unit_id, province_id, month, today):
    """A Proposal for every line that is still missing. Lines that are there, also changed ones, count and stay.

    A fixed number of queries; nothing is written.
    """
    held = assignments_of(unit_id, month)
    asked = _asked(held, month, today)
    if not asked:
        return []
    by_person = defaultdict(list)
    for assignment in held:
        by_person[assignment.person_id].append(assignment)
    reach = _Reach(held, month, today)
    free = _FreeDays(by_person, province_id, month, today)
    turns, found = _turns(by_person, today), []
    for shift, (person_id, wanted) in enumerate(sorted(asked.items())):
        for duty_pk, number in wanted:
            duties = [each for each in by_person[person_id] if duty_pk in (None, each.pk)]
            ways = reach.ways(duties)
            chosen = take_turns(list(ways), turns[person_id], number, reach.taken)
            days = spread(free.of(person_id), len(chosen), shift)
            for place, day in zip(chosen, days, strict=False):
                day = free.take(person_id, day, ways[place])
                if day:
                    found.append(VisitProposal(ways[place], place, day, reach.reasons.get(place, [])))
                    reach.taken.add(place)
                    turns[person_id].append(place)
    return found


def reasons_at(unit_id, month, today):
    """Why a line written by hand is a good one: the same sentences, for one place."""
    villages = [each for each in villages_below([unit_id], places_day(month, today)) if each.pk == unit_id]
    return ranked(villages, month, today)[0].sentences if villages else []


def _asked(held, month, today):
    """{person id: [(assignment id, or None when any will do; number of lines)]} as the norms still ask."""
    quarter = Period.of_day(month.first, "quarter")
    ids = list(held.order_by().values_list("pk", flat=True))
    of_norms = standings(Assignment.objects.filter(pk__in=ids), quarter, today)
    found = [each for each in of_norms if each.due.period in (month, quarter) and not each.due.is_exempt]
    lines = PlannedVisit.objects.coming(today).in_period(quarter).filter(person_id__in={e.person.pk for e in found})
    lines = list(lines.values_list("person_id", "assignment_id", "planned_on"))
    asked = defaultdict(list)
    for each in found:
        due, is_of_place = each.due, each.due.basis == NormBasis.PLACE
        planned = sum(
            day in due.period and (assignment_id == due.duty_pk if is_of_place else person_id == due.person_id)
            for person_id, assignment_id, day in lines
        )
        months_left = (due.period.last.month - month.first.month) + 1
        if number := still_to_plan(due.times, each.done, planned, months_left):
            asked[due.person_id].append((due.duty_pk if is_of_place else None, number))
    return asked


def _turns(by_person, today):
    """{person id: places they went to or are planned to go to, oldest first}."""
    rows = []
    visits = Visit.objects.counted().filter(person_id__in=by_person).order_by()
    rows += visits.values_list("visited_on", "person_id", "unit_id")
    lines = PlannedVisit.objects.coming(today).filter(person_id__in=by_person)
    rows += lines.order_by().values_list("planned_on", "person_id", "unit_id")
    turns = defaultdict(list)
    for _, person_id, unit_id in sorted(rows):
        turns[person_id].append(unit_id)
    return turns


class _Reach:
    """Which places an assignment leads to, weakest first; `taken` are those the month's plans hold already."""

    def __init__(self, held, month, today):
        day = places_day(month, today)
        units = {each.unit_id for each in held}
        self.villages = ranked(villages_below(units, day), month, today)
        self.reasons = {row.village.pk: row.sentences for row in self.villages}
        self.lies_in = places_on([row.village.pk for row in self.villages], day)
        lines = PlannedVisit.objects.standing().in_period(month).filter(unit_id__in=[*self.reasons, *units])
        self.taken = set(lines.order_by().values_list("unit_id", flat=True))

    def ways(self, duties):
        """{place id: the assignment that leads there, the nearest one}, weakest place first."""
        by_unit = {}
        for duty in duties:
            by_unit.setdefault(duty.unit_id, duty)
        ways = {}
        for row in self.villages:
            place = self.lies_in[row.village.pk]
            above = (row.village.pk, place.commune_id, place.district_id, place.province_id)
            duty = next((by_unit[pk] for pk in above if pk in by_unit), None)
            if duty:
                ways[row.village.pk] = duty
        reached = {duty.pk for duty in ways.values()}
        return ways | {unit: duty for unit, duty in by_unit.items() if duty.pk not in reached}


class _FreeDays:
    """Working days ahead on which a person is not on leave and has no other line."""

    def __init__(self, person_ids, province_id, month, today):
        first = max(month.first, today + timedelta(days=1))
        calendar = calendar_for(province_id, month.first, month.last)
        self.days = calendar.days(first, month.last) if first <= month.last else []
        self.busy = defaultdict(set)
        lines = PlannedVisit.objects.standing().in_period(month).filter(person_id__in=person_ids)
        for person_id, day in lines.order_by().values_list("person_id", "planned_on"):
            self.busy[person_id].add(day)
        leaves = VisitExemption.objects.filter(person_id__in=person_ids).overlapping(month)
        for person_id, start, end in leaves.values_list("person_id", "first_on", "last_on"):
            self.busy[person_id] |= {day for day in self.days if start <= day <= end}

    def of(self, person_id):
        return [day for day in self.days if day not in self.busy[person_id]]

    def take(self, person_id, wanted, duty):
        """The day wanted, or the nearest free one on which the assignment holds; None when there is none."""
        free = [day for day in self.of(person_id) if holds_on(duty, day)]
        if not free:
            return None
        day = min(free, key=lambda each: (abs(each - wanted), each))
        self.busy[person_id].add(day)
        return day


def holds_on(assignment, day):
    """Is the assignment in force on the day, its post and its place still there?"""
    post = assignment.post
    end = effective_end(assignment.valid_to, assignment.unit.valid_to)
    end = effective_end(end, effective_end(post.valid_to, post.unit.valid_to))
    return assignment.valid_from <= day and (end is None or day < end)


def group_of(assignment):
    """What is attended: the group of the assignment, else the party cell."""
    return assignment.group or GroupKind.CELL
