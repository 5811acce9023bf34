"""What is counted of a closure's unit and period on some day: figures of the whole branch, tables of the unit."""

from django.db.models import Q

from core.periods import Period
from reports.figures import NOTHING_COUNTED, live_figures
from reports.figures_by_unit import figures_by_unit
from reports.reach import NOW, THEN
from reports.tables import PAGES, TABLES
from units.enums import LEVEL_ORDER
from units.models import Unit

LISTS = ("B8", "B9")
"""Lists of opinions go on living: they are never frozen."""

KEPT = [code for code in PAGES if code not in LISTS]


def boundaries_of(closure):
    return (THEN, NOW) if Period.parse(closure.period).kind == "year" else (THEN,)


def branch_figures(closure, today):
    """{unit id: words} of the closed unit and, of a year, of every unit below it, as of their time."""
    period = Period.parse(closure.period)
    if period.kind != "year":
        return {closure.unit_id: live_figures(closure.unit, period, THEN, today)}
    found = figures_by_unit(Q(**{f"{closure.level}_id": closure.unit_id}), period, today)
    below = LEVEL_ORDER[LEVEL_ORDER.index(closure.level) + 1 :]
    inside = set(Unit.objects.filter(pk__in=found, level__in=below).values_list("pk", flat=True))
    own = found.get(closure.unit_id, NOTHING_COUNTED)
    return {closure.unit_id: own, **{pk: words for pk, words in found.items() if pk in inside}}


def live_tables(closure, today):
    """(code, boundaries, Table of today) of all that is kept of a closure."""
    period = Period.parse(closure.period)
    for boundaries in boundaries_of(closure):
        for code in KEPT:
            yield code, boundaries, TABLES[code][1](closure.unit, period, boundaries, today)
