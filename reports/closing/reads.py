"""Reads about closed periods: what is closed, what is not yet, where a unit lay."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q
from django.urls import reverse

from core.display import day_text
from core.errors import DomainError
from core.periods import Period
from core.text import place_sort_key
from meetings.access import UnitThing
from meetings.models import Occurrence
from reports.closing.access import may_accept, may_close, may_override
from reports.closing.rules import KINDS, half_closed_words
from reports.enums import LIVE_CLOSURES, ClosureState
from reports.figures import NOTHING_COUNTED, figures_by_unit, live_figures
from reports.frozen import frozen_figures, frozen_table, sees_whole
from reports.models import PeriodClosure
from reports.reach import NOW, THEN
from reports.tables import PAGES, TABLES
from units.closed import Closure
from units.enums import LEVEL_ORDER, Level
from units.models import Unit
from units.reads import names_on, place_on
from units.scoping import scope_of


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


TONES = {
    ClosureState.CLOSED: "progress",
    ClosureState.ACCEPTED: "done",
    ClosureState.FROZEN: "done",
    ClosureState.REOPENED: "soon",
}
CELLS = {
    ClosureState.CLOSED: ("khóa", "heat-late"),
    ClosureState.ACCEPTED: ("nhận", "heat-held"),
    ClosureState.FROZEN: ("chốt", "heat-held"),
    ClosureState.REOPENED: ("mở lại", "heat-made-up"),
}
ABOVE, UNCLOSED, RUNNING = ("trên", "heat-held"), ("chưa", "heat-coming"), ("–", "heat-none")
LEGEND = [
    {"class": "heat-held", "text": "nhận: cấp trên đã nhận; trên: kỳ của cấp trên đã khóa cả đơn vị này"},
    {"class": "heat-late", "text": "khóa: đơn vị đã khóa, chờ cấp trên nhận"},
    {"class": "heat-coming", "text": "chưa: hết kỳ mà chưa khóa"},
    {"class": "heat-made-up", "text": "mở lại: đã mở lại để sửa"},
    {"class": "heat-none", "text": "–: kỳ chưa hết, hoặc không phải họp"},
]
MOST_WAITING = 60
UNMET = "Kỳ này chưa họp, hoặc chưa họp đủ: khóa rồi thì không ghi họp bù được."


@dataclass(frozen=True)
class OwnPeriod:
    """One period of the unit itself; `warning`: what will no longer be possible, `half`: what is still open below."""

    period: Period
    closure: PeriodClosure | None
    may_close: bool = False
    warning: str = ""
    half: str = ""
    is_over: bool = True

    @property
    def is_live(self):
        return self.closure is not None and self.closure.state in LIVE_CLOSURES

    @property
    def word(self):
        return self.closure.get_state_display() if self.closure else "Chưa khóa" if self.is_over else "Kỳ chưa hết"

    @property
    def tone(self):
        return TONES[self.closure.state] if self.closure else "waiting" if self.is_over else "neutral"


def own_periods(user, unit, year, today):
    """The months of a commune, quarters of a district, the year of a province, each with how far it came."""
    kind, whole = KINDS.get(unit.level), Period.year(year)
    periods = [each for each in ([whole] if kind == "year" else whole.parts(kind)) if _was_there(unit, each)]
    closures = PeriodClosure.objects.visible_to(user).filter(unit=unit, first_on__year=year).order_by("pk")
    found = {closure.period: closure for closure in closures}
    unclosed = missing_below(unit, whole) if unit.level != Level.COMMUNE else []
    unmet = set(_unmet(unit, whole))
    over = [each for each in periods if each.last < today]
    thing = thing_of(unit, over[-1]) if over else None
    return [
        _own(user, thing if each in over else None, each, found.get(each.code), unclosed, each.code in unmet)
        for each in periods
    ]


def _was_there(unit, period):
    return unit.valid_from <= period.last and (unit.valid_to is None or unit.valid_to > period.first)


def _own(user, thing, period, closure, unclosed, is_unmet):
    """`thing`: whom the rights are about; None while the period runs."""
    if thing is None:
        return OwnPeriod(period, closure, is_over=False)
    parts = [(part, names) for part, names in unclosed if period.first <= part.first and part.last <= period.last]
    half, overrides = half_closed_words(parts), may_override(user, thing)
    is_live = closure is not None and closure.state in LIVE_CLOSURES
    is_mine = not is_live and may_close(user, thing) and (not half or overrides)
    warning = is_mine and is_unmet
    return OwnPeriod(period, closure, may_close=is_mine, warning=UNMET if warning else "", half=half)


def _unmet(unit, whole):
    """Codes of the unit's own periods that were neither held nor excused."""
    rows = Occurrence.objects.filter(unit=unit).to_hold().in_period(whole).order_by()
    return rows.values_list("period", flat=True)


def waiting_closures(user, unit, year):
    """[(closure, period)] of what units below have closed and the user may accept, oldest first."""
    rows = PeriodClosure.objects.visible_to(user).filter(
        **{f"{unit.level}_id": unit.pk}, state=ClosureState.CLOSED, first_on__year=year
    )
    rows = rows.exclude(unit=unit).exclude(level=Level.PROVINCE).select_related("unit").order_by("first_on", "unit_id")
    return [(closure, Period.parse(closure.period)) for closure in rows[:MOST_WAITING] if may_accept(user, closure)]


def heat_of(user, unit, year, level, today):
    """{"columns", "rows"} of the units of a level below: one word for each of their periods."""
    whole = Period.year(year)
    expected = expected_in(unit, whole).filter(level=level).exclude(unit=unit.pk)
    cells, order = defaultdict(dict), {}
    fields = ("unit_id", "unit__code", "period", "starts_on", "ends_on", "closed_on", "district_id")
    for row in expected.visible_to(user).order_by().values(*fields):
        cells[row["unit_id"]][row["period"]] = row
        order[row["unit_id"]] = (row["district_id"] or 0, row["unit__code"])
    closures = PeriodClosure.objects.filter(unit__in=cells, first_on__year=year).order_by("pk")
    states = {
        (pk, code): (state, closure)
        for pk, code, state, closure in closures.values_list("unit_id", "period", "state", "pk")
    }
    names, periods = names_on(cells, whole.last), whole.parts(KINDS[level])

    def cells_of(pk):
        return [_cell(cells[pk].get(each.code), states.get((pk, each.code)), today) for each in periods]

    ordered = sorted(cells, key=lambda pk: (*order[pk], place_sort_key(names[pk])))
    return {
        "columns": [{"text": _short(each), "title": each.label} for each in periods],
        "rows": [{"head": names[pk], "cells": cells_of(pk)} for pk in ordered],
    }


def _cell(row, known, today):
    state, closure = known or (None, None)
    if state and (state in LIVE_CLOSURES or row is None or row["closed_on"] is None):
        text, css = CELLS[state]
    elif row is None or row["ends_on"] >= today:
        text, css = RUNNING
    else:
        text, css = ABOVE if row["closed_on"] else UNCLOSED
    title = f"Khóa ngày {day_text(row['closed_on'])}" if row and row["closed_on"] else ""
    url = reverse("closure_detail", args=[closure]) if closure else ""
    return {"text": text, "class": css, "title": title, "url": url}


def _short(period):
    return f"T{period.last.month}" if period.kind == "month" else f"Q{period.last.month // 3}"


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
