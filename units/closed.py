"""Closed periods: what counted on those days stays as it is until the period is opened again.

A higher floor knows what is closed and names its reader here, when it is ready. Every service that writes a fact with
a day asks `check_open`, whether a meeting was expected on that day or not.
"""

from datetime import date
from itertools import islice
from typing import NamedTuple

from core.display import day_text
from core.errors import DomainError
from units.models import Unit, UnitLineage


class Closure(NamedTuple):
    """The figures of a unit (`name`) and everything below it, closed between two days; `label`: 'tháng 3/2016'."""

    unit_id: int
    first: date
    last: date
    closed_on: date
    label: str
    name: str


ONWARDS = date.max
_readers = []


def register_closures(read):
    """`read(unit ids)` gives the closures in force of these units."""
    _readers.append(read)


def closures_over(unit_ids):
    """{unit id: [Closure]} of the units themselves and of those above them on those days, cut to those days."""
    lineage = list(
        UnitLineage.objects.filter(unit__in=unit_ids).values_list("unit_id", "ancestor_id", "valid_from", "valid_to")
    )
    above = {ancestor for _, ancestor, *_ in lineage}
    by_unit = {}
    for closure in (found for read in _readers for found in read(above)):
        by_unit.setdefault(closure.unit_id, []).append(closure)
    over = {}
    for unit_id, ancestor, begins, ends in lineage:
        for closure in by_unit.get(ancestor, ()):
            if closure.last >= begins and (ends is None or closure.first < ends):
                over.setdefault(unit_id, []).append(closure)
    return over


def check_open(unit, first, last=None, field=None):
    """Refuse a fact of these days at this unit, when one of them is closed; whoever closes them meanwhile waits.

    `last` is the first day unless another is given; ONWARDS for an end, which changes every day from then on.
    """
    last = last or first
    Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)
    for closure in closures_over([unit.pk]).get(unit.pk, ()):
        if closure.first <= last and closure.last >= first:
            raise DomainError(closed_words(closure), field)


def closed_words(closure):
    return (
        f"Kỳ {closure.label} của {closure.name} đã khóa số liệu ngày {day_text(closure.closed_on)}; "
        "đề nghị mở lại kỳ (Báo cáo, mục Khóa số liệu) trước khi sửa."
    )


NAMED = 5
_kinds = []


def register_facts(words, rows):
    """`rows(thing, day)`: pairs (name of one fact, its day), on `day` or later, in their order; none for what is not
    theirs. Names go to whoever keeps the unit: never a text."""
    _kinds.append((words, rows))


def check_nothing_after(thing, on):
    """Refuse to end a unit or a body from `on`, with the list of what was recorded there since."""
    lines, last = [], None
    for words, rows in _kinds:
        found = list(islice(rows(thing, on), NAMED + 1))
        if found:
            named = ", ".join(f"{name} ({day_text(day)})" if name else day_text(day) for name, day in found[:NAMED])
            lines.append(f"{words}: {named}{' và các mục khác' if len(found) > NAMED else ''}")
            last = max([day for _, day in found] + ([last] if last else []))
    if lines:
        raise DomainError(
            f"Chưa kết thúc {thing.name} từ ngày {day_text(on)} được, vì từ ngày đó còn {'; '.join(lines)}. "
            f"Chọn ngày sau {day_text(last)}, hoặc sửa các mục này trước.",
            "on",
        )
