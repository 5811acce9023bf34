"""What stands above a table on paper: who reports, where and when, which unit and which days."""

from dataclasses import dataclass

from core.display import day_text, long_day_text
from reports.figures import is_open
from reports.reach import THEN, naming_day
from units.enums import BodyKind
from units.models import Body
from units.selectors import body_name_on, names_on, trail_of


@dataclass(frozen=True)
class Heading:
    superior: str
    issuer: str
    place_and_day: str
    unit_line: str
    span_line: str


def heading_of(unit, period, today, boundaries=THEN):
    """Everybody bears the name of the day whose figures are shown, so that one paper calls a place by one name."""
    named_on = naming_day(boundaries, period, today)
    superior, issuer = issuer_of(unit, named_on)
    span = f"Số liệu tính từ {day_text(period.first)} đến {day_text(min(period.last, max(today, period.first)))}"
    return Heading(
        superior=superior.upper(),
        issuer=issuer.upper(),
        place_and_day=f"{place_of(unit, named_on)}, {long_day_text(today)}",
        unit_line=f"{scope_name(unit, named_on)} – {period.label}",
        span_line=f"({span}{'; số liệu tạm tính' if is_open(period, today) else ''})",
    )


def scope_name(unit, day):
    """'Huyện Tiên Yên, Tỉnh Quảng Ninh' by the names of the day."""
    trail = trail_of(unit, day) or [unit]
    names = names_on([above.pk for above in trail], day)
    return ", ".join(names[above.pk] for above in reversed(trail))


def issuer_of(unit, day):
    """(superior, issuer) by their names of the day: the Party committee and its Ban Dân vận, if kept here."""
    found = {}
    for body in Body.objects.filter(unit=unit, kind__in=(BodyKind.MMD, BodyKind.COMMITTEE)).on(day).order_by("-pk"):
        found[body.kind] = body_name_on(body, day)
    party, board = found.get(BodyKind.COMMITTEE, ""), found.get(BodyKind.MMD, "")
    if board:
        return party, board
    return ("", party) if party else ("", names_on([unit.pk], day)[unit.pk])


def place_of(unit, day):
    """'Tỉnh Quảng Ninh' -> 'Quảng Ninh': a letter is dated at a place, not at a rank."""
    name, rank = names_on([unit.pk], day)[unit.pk], unit.get_kind_display()
    words = name.removeprefix(rank).strip()
    return words if words and not words.isdigit() else name
