"""Where closing stands in a unit and year: its own periods, what waits to be accepted, and the units below."""

from collections import defaultdict
from dataclasses import dataclass

from django.urls import reverse

from core.display import day_text
from core.periods import Period
from core.text import collation_key
from meetings.models import Occurrence
from reports.closing.access import may_accept, may_close, may_override
from reports.closing.rules import KINDS, half_closed_words
from reports.closing.selectors import expected_in, missing_below, thing_of
from reports.enums import LIVE_CLOSURES, ClosureState
from reports.models import PeriodClosure
from units.enums import Level
from units.selectors import names_on

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

    ordered = sorted(cells, key=lambda pk: (*order[pk], collation_key(names[pk])))
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
