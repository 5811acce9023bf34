"""Reads about closed periods: what is closed, what is not yet, where a unit lay."""

from collections import defaultdict
from datetime import timedelta

from core.errors import DomainError
from core.periods import Period
from meetings.access import UnitThing
from meetings.models import Occurrence
from reports.enums import LIVE_CLOSURES
from reports.models import PeriodClosure
from units.closed import Closure
from units.selectors import names_on, place_on


def alive(unit, period):
    """The closure of exactly this unit and period, or None."""
    rows = PeriodClosure.objects.filter(unit=unit, period=period.code, state__in=LIVE_CLOSURES)
    return rows.select_related("unit").first()


def closures_of(unit_ids):
    """The closures in force of these very units, for the floors below."""
    rows = PeriodClosure.objects.filter(unit__in=unit_ids, state__in=LIVE_CLOSURES).order_by("first_on", "pk")
    columns = ("unit_id", "first_on", "last_on", "as_of", "period", "unit__name")
    return [Closure(*row, Period.parse(code).label_inside, name) for *row, code, name in rows.values_list(*columns)]


def thing_of(unit, period):
    """The unit with its level and branch, as of its last day in the period."""
    if unit.valid_from > period.last or (unit.valid_to and unit.valid_to <= period.first):
        raise DomainError(f"{unit.name} không hoạt động trong {period.label_inside}. Chọn lại kỳ hoặc đơn vị.", "ky")
    day = min(period.last, unit.valid_to - timedelta(days=1)) if unit.valid_to else period.last
    return UnitThing(unit.level, **place_on(unit, day).columns)


def expected_in(unit, period):
    """Every expected meeting that counts in a unit's period, those of the units below it, too."""
    branch = {f"{unit.level}_id": unit.pk}
    return Occurrence.objects.filter(**branch).in_period(period)


def missing_below(unit, period):
    """[(month or quarter, names of units that have not closed it)], the units as they were called then."""
    below = expected_in(unit, period).filter(closed_on=None).exclude(unit=unit.pk)
    waiting = defaultdict(list)
    for code, pk in below.order_by("starts_on", "-ends_on", "unit__code").values_list("period", "unit_id"):
        waiting[code].append(pk)
    names = names_on({pk for ids in waiting.values() for pk in ids}, period.last)
    return [(Period.parse(code), [names[pk] for pk in ids]) for code, ids in waiting.items()]


def above_of(closure):
    """Live closures of the levels above that hold this one's days: they are opened first."""
    ids = [pk for pk in (closure.district_id, closure.province_id) if pk and pk != closure.unit_id]
    return PeriodClosure.objects.filter(
        unit__in=ids, state__in=LIVE_CLOSURES, first_on__lte=closure.first_on, last_on__gte=closure.last_on
    ).select_related("unit")
