"""Frozen figures and tables: a Table as JSON and back, cell for cell, and what a reader gets of a closed period."""

from dataclasses import MISSING, fields, is_dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from core.display import day_text
from reports import table as values
from reports.enums import LIVE_CLOSURES
from reports.models import FrozenFigures, FrozenTable
from units.reads import places_on
from units.scoping import scope_of

KIND, WHAT = "_", "v"
KEPT_NOTE = "Số liệu đã khóa ngày {}; thay đổi về sau ghi ở bảng chênh lệch."
PARTS = {kind.__name__: kind for kind in vars(values).values() if is_dataclass(kind)}
"""The dataclasses a Table is made of, by name."""


def dump(value):
    """Plain JSON values; fields that stand at their default are left out."""
    if is_dataclass(value):
        kept = {each.name: dump(_held(value, each)) for each in fields(value) if _held(value, each) != _default(each)}
        return {KIND: type(value).__name__, WHAT: kept}
    if isinstance(value, dict):
        return {KIND: "dict", WHAT: [[str(key), dump(each)] for key, each in value.items()]}
    if isinstance(value, (tuple, list)):
        return [dump(each) for each in value]
    if isinstance(value, Decimal):
        return {KIND: "Decimal", WHAT: str(value)}
    if isinstance(value, date):
        return {KIND: "date", WHAT: value.isoformat()}
    return str(value) if isinstance(value, str) else value


def load(content):
    """The value that `dump` was given; sequences come back as tuples."""
    if isinstance(content, list):
        return tuple(load(each) for each in content)
    if not isinstance(content, dict):
        return content
    kind, held = content[KIND], content[WHAT]
    if kind in PARTS:
        return PARTS[kind](**{name: load(each) for name, each in held.items()})
    if kind == "dict":
        return {key: load(each) for key, each in held}
    return Decimal(held) if kind == "Decimal" else date.fromisoformat(held)


def _held(value, each):
    """The field's value; rows that are only read while somebody walks over them are read out."""
    held = getattr(value, each.name)
    return tuple(held) if each.name == "rows" else held


def _default(each):
    if each.default is not MISSING:
        return each.default
    return each.default_factory() if each.default_factory is not MISSING else MISSING


def frozen_figures(unit, period, boundaries, user=None):
    """The row of the latest live closure that holds this unit and period; None while the period is open.

    What a user sees in part only is never answered from frozen rows, which count the whole unit.
    """
    rows = FrozenFigures.objects.filter(unit=unit, boundaries=boundaries, **_alive(period))
    row = rows.select_related("closure").order_by("-closure_id").first()
    return row if row and sees_whole(user, unit, period) else None


def frozen_table(code, unit, period, boundaries, user=None):
    """The kept Table with a note that says so, or None."""
    rows = FrozenTable.objects.filter(code=code, boundaries=boundaries, closure__unit=unit, **_alive(period))
    row = rows.select_related("closure").order_by("-closure_id").first()
    if row is None or not sees_whole(user, unit, period):
        return None
    table = load(row.content)
    return replace(table, notes=(KEPT_NOTE.format(day_text(row.closure.as_of)), *table.notes))


def _alive(period):
    return {"closure__period": period.code, "closure__state__in": LIVE_CLOSURES}


def sees_whole(user, unit, period):
    """Does the user's branch contain the unit through the whole period? Without a user everything is seen."""
    if user is None:
        return True
    first, last = max(period.first, unit.valid_from), period.last
    if unit.valid_to and unit.valid_to <= last:
        last = unit.valid_to - timedelta(days=1)
    places = [places_on([unit.pk], day).get(unit.pk) for day in {first, last}]
    return all(place and scope_of(user).sees(place) for place in places)
