"""Expected and done: norms laid over assignments, and the visits that answer them."""

from collections import Counter, defaultdict
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef

from meetings.enums import PeriodKind
from people.models import Person
from visits.enums import NormBasis
from visits.models import Assignment, Visit, VisitExemption, VisitNorm
from visits.rules import Due, Duty, Norm, dues


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
