"""The proposal of a month: as many lines as the norms still ask, weakest first, in turns, on free working days."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from core.periods import Period
from meetings.workdays import calendar_for
from people.rules import effective_end
from units.selectors import places_on
from visits.enums import GroupKind, NormBasis
from visits.models import Assignment, PlannedVisit, Visit, VisitExemption
from visits.plans.rotation import spread, still_to_plan, take_turns
from visits.plans.weakest import ranked, villages_below
from visits.progress import standings


@dataclass(frozen=True)
class Proposal:
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
                    found.append(Proposal(ways[place], place, day, reach.reasons.get(place, [])))
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
