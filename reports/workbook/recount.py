"""The numbers that the cover checks the tables against, counted from the raw rows.

The tables read monthly tallies and the querysets of the figures; nothing of those is used here, nor may it be: a check
that shares a mistake with what it checks finds nothing. Only the branch (`Reach`) is the same.
"""

from django.db.models import Count, Q, Sum

from feedback.models import Opinion
from meetings.models import Meeting, Occurrence
from visits.models import CountedVisits, Visit

LEVELS = ("commune", "district")
HELD = ("held", "minuted", "locked")
SET_ASIDE = ("duplicate", "redirected", "withdrawn")
ANSWERED = ("resolved", "answered_on_spot", "explained", "accepted", "declined")


def recount(reach, period, today):
    """{word: number}: meetings, rounds, delegates and opinions of both levels, opinions and visits of all."""
    within = Q(period_first__gte=period.first, period_last__lte=period.last)
    return {
        **_meetings(Meeting.objects.filter(reach.facts & within, status__in=HELD)),
        **_rounds(reach, period, today),
        **_opinions(Opinion.objects.filter(reach.opinions & within)),
        "visits": _visits(reach, period),
    }


def _at(level, **more):
    return Q(level=level, **more)


def _meetings(meetings):
    counts = {f"{level}_meetings": Count("pk", filter=_at(level)) for level in LEVELS}
    turns = {f"{level}_attendance": Sum("attendance_count", filter=_at(level), default=0) for level in LEVELS}
    return meetings.order_by().aggregate(**counts, **turns)


def _rounds(reach, period, today):
    """Due before today and not exempt; held where a day of the meeting is known."""
    within = Q(starts_on__gte=period.first, ends_on__lte=period.last, due_on__lt=today, is_exempt=False)
    due = {f"{level}_expected": Count("pk", filter=_at(level)) for level in LEVELS}
    held = {
        f"{level}_occurrences_held": Count("pk", filter=_at(level, met_on__isnull=False)) for level in LEVELS
    }  # fmt: skip
    return Occurrence.objects.filter(reach.facts & within).order_by().aggregate(**due, **held)


def _opinions(opinions):
    counts = {
        "opinions_received": Count("pk"),
        "opinions_answered": Count("pk", filter=Q(status__in=ANSWERED)),
        "opinions_excluded": Count("pk", filter=Q(status__in=SET_ASIDE)),
        "initiatives": Count("pk", filter=Q(kind__in=("initiative", "good_practice")) & ~Q(visibility="restricted")),
        "restricted": Count("pk", filter=Q(visibility="restricted")),
    }
    for level in LEVELS:
        counts[f"{level}_received"] = Count("pk", filter=_at(level))
        counts[f"{level}_answered"] = Count("pk", filter=_at(level, status__in=ANSWERED))
    return opinions.order_by().aggregate(**counts)


def _visits(reach, period):
    """Turns that were not withdrawn, and entries known only as a number."""
    made = Visit.objects.filter(reach.facts, visited_on__gte=period.first, visited_on__lte=period.last)
    sums = CountedVisits.objects.filter(reach.facts, first_on__gte=period.first, last_on__lte=period.last)
    return made.exclude(status="withdrawn").count() + sums.aggregate(n=Sum("visits", default=0))["n"]
