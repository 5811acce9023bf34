"""The flow of opinions through a period: what was open before it, what came in, what became of it, what is left."""

from dataclasses import dataclass

from django.db.models import Count, Q

from feedback.enums import ReportGroup
from feedback.models import Opinion
from feedback.querysets import (
    IS_ANSWERED,
    IS_OPEN,
    WITH_DEADLINE,
    answered_when,
    in_group,
    on_time_extended_when,
    on_time_when,
    overdue_when,
    was_late_when,
)
from reports.figures import opinions_in

ENDED = (ReportGroup.SETTLED, ReportGroup.EXPLAINED, ReportGroup.EXCLUDED)


@dataclass(frozen=True)
class Balance:
    """Numbers of opinions. `opening + received = settled + explained + excluded + remaining`, if all is right.

    `answered = on_time + late + undated`, by the first promised day; `on_time_extended` by the last agreed one; undated
    are initiatives and good practices. `overdue` is a part of what remains, judged today. `judged` is what the rates of
    timeliness are taken of: answered, or late at some time.
    """

    opening: int
    received: int
    settled: int
    explained: int
    excluded: int
    remaining: int
    answered: int
    on_time: int
    on_time_extended: int
    late: int
    undated: int
    overdue: int
    judged: int


def balance_of(reach, period, today):
    """Each number counted by a condition of its own, in one query, by what is known today.

    Opened before: of earlier periods, and neither answered nor set aside when the period began (what was opened anew
    counts as open all along; what was set aside without a day, as set aside when it came). Left: open, or answered
    after the period's last day.
    """
    cut, came = min(period.last, today), opinions_in(period)
    before = Q(period_first__lt=period.first) & ~came & (IS_OPEN | Q(settled_on__gte=period.first))
    ended = (before | came) & ~IS_OPEN & (Q(settled_on=None) | Q(settled_on__lte=cut))
    found = (
        Opinion.objects.filter(reach.opinions)
        .order_by()
        .aggregate(
            opening=_count(before),
            received=_count(came),
            remaining=_count((before | came) & (IS_OPEN | Q(settled_on__gt=cut))),
            answered=_count(ended & IS_ANSWERED),
            on_time=_count(ended & on_time_when()),
            on_time_extended=_count(ended & on_time_extended_when()),
            late=_count(ended & answered_when() & ~on_time_when()),
            undated=_count(ended & IS_ANSWERED & ~WITH_DEADLINE),
            overdue=_count((before | came) & overdue_when(today)),
            judged=_count((ended & answered_when()) | ((before | came) & was_late_when(today))),
            **{group.value: _count(ended & in_group(group)) for group in ENDED},
        )
    )
    return Balance(**found)


def _count(condition):
    return Count("pk", filter=condition)
