"""One table of a unit and period as a reader gets it: frozen where the period is closed, else counted now."""

from reports.enums import ClosureState
from reports.frozen import frozen_figures, frozen_table, sees_whole
from reports.models import PeriodClosure
from reports.reach import THEN
from reports.tables import TABLES
from units.scoping import scope_of


def table_of(code, unit, period, boundaries, today, user=None):
    """The kept Table of a closed period; lists, open periods and what a user sees in part are counted anew."""
    return frozen_table(code, unit, period, boundaries, user) or TABLES[code][1](unit, period, boundaries, today, user)


def mark_of(unit, period, boundaries, user, code=""):
    """What a page says of a closed period: since when, whether this table is a kept one, where to see what changed."""
    row = frozen_figures(unit, period, boundaries, user)
    if row is None:
        return None
    closure = row.closure
    is_kept = not code or closure.tables.filter(code=code, boundaries=boundaries, closure__unit=unit).exists()
    url = closure.get_absolute_url() if scope_of(user).sees(closure) else ""
    return {"on": closure.as_of, "is_kept": is_kept, "url": url, "row": row}


def closed_on(unit, period, user=None):
    """The day on which the figures of this unit and period were closed; None while they are open."""
    row = frozen_figures(unit, period, THEN, user)
    return row.closure.as_of if row else None


def frozen_year(unit, period, user=None):
    """The closure of a year that is frozen for good, if the user sees the whole unit; else None."""
    rows = PeriodClosure.objects.filter(unit=unit, period=period.code, state=ClosureState.FROZEN)
    closure = rows.select_related("unit").first()
    return closure if closure and sees_whole(user, unit, period) else None
