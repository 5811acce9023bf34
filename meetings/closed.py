"""Periods whose figures are closed: what was counted there stays until the period is opened again."""

from core.display import day_text
from core.errors import DomainError
from core.periods import Period
from meetings.models import Occurrence
from units import closed as units_closed


def check_open(occurrences):
    """Refuse when one of these expected meetings (each with its unit) lies in a closed period."""
    occurrences = list(occurrences)
    row = next((row for row in occurrences if row.closed_on), None)
    if row is not None:
        raise DomainError(
            f"Kỳ {Period.parse(row.period).label_inside} của {row.unit.name} "
            f"đã khóa số liệu ngày {day_text(row.closed_on)}; "
            "đề nghị mở lại kỳ (Báo cáo, mục Khóa số liệu) trước khi sửa."
        )
    over = units_closed.closures_over({row.unit_id for row in occurrences}) if occurrences else {}
    for row in occurrences:
        for closure in over.get(row.unit_id, ()):
            if closure.first <= row.ends_on <= closure.last:
                raise DomainError(units_closed.closed_words(closure))


def check_counted_open(meeting):
    """Refuse when the days a meeting counts for are closed; whoever closes them meanwhile waits for this change.

    A thematic meeting has no expected one of its own, nor has one of a year for which none was planned: they lie in
    the period that holds their day.
    """
    last = meeting.period_last
    here = Occurrence.objects.filter(unit=meeting.unit_id, level=meeting.level, starts_on__lte=last, ends_on__gte=last)
    check_open(here.select_for_update(of=("self",)).select_related("unit").order_by("pk"))
    units_closed.check_open(meeting.unit, last)


def closed_spans(unit_ids):
    """{unit id: [(first day, last day, closed on)]} of what is closed, however many units."""
    found = {}
    rows = Occurrence.objects.filter(unit__in=unit_ids, closed_on__isnull=False).order_by("pk")
    for unit_id, *span in rows.values_list("unit_id", "starts_on", "ends_on", "closed_on"):
        found.setdefault(unit_id, []).append(tuple(span))
    for unit_id, closures in units_closed.closures_over(unit_ids).items():
        found.setdefault(unit_id, []).extend((each.first, each.last, each.closed_on) for each in closures)
    return found
