"""Putting the workbook together."""

from openpyxl import Workbook

from core.display import day_text, long_day_text
from core.errors import DomainError
from core.periods import Period
from reports.figures import figures, is_open
from reports.reach import BOUNDARIES
from reports.tables import TABLES
from reports.workbook.cover import checks_of, write_cover
from reports.workbook.sheets import Heading, write_table
from reports.workbook.styles import add_styles
from units.enums import BodyKind, Level
from units.models import Body
from units.selectors import body_name_on, names_on, trail_of

BLANK = "………………"
SKIPPED_WHEN_EMPTY = {"B3"}


def write_workbook(stream, *, unit, year, boundaries, today, user=None, maker="", progress=None):
    """Write the year of a unit into `stream` (a binary file); returns the names of the sheets.

    With `user`, only what that user may see; without, no restricted opinion at all. `progress(done, total)` is
    called sheet by sheet.
    """
    if unit.level == Level.VILLAGE:
        raise DomainError("Thôn, khu không có sổ tổng hợp riêng. Chọn xã, huyện hoặc tỉnh.", "unit")
    period = Period.year(year)
    progress = progress or _silent
    book = Workbook()
    add_styles(book)
    cover = book.active
    cover.title = "Bia"
    heading = _heading(unit, period, today)
    written, total = {}, len(TABLES) + 2
    for done, (code, (_, make_table)) in enumerate(TABLES.items(), 1):
        progress(done, total)
        table = make_table(unit, period, boundaries, today, user)
        if not (table.is_empty and code in SKIPPED_WHEN_EMPTY):
            written[code] = write_table(book, table, heading)
    checks = list(checks_of(written, figures(unit, period, boundaries, today, user)))
    write_cover(cover, heading, _facts(unit, period, boundaries, today, maker), list(written.values()), checks)
    book.calculation.fullCalcOnLoad = True
    progress(total - 1, total)
    book.save(stream)
    progress(total, total)
    return book.sheetnames


def _silent(done, total):
    """Nobody watches."""


def _facts(unit, period, boundaries, today, maker):
    cut_off = min(period.last, today)
    mark = " (số liệu tạm tính, kỳ chưa kết thúc)" if is_open(period, today) else ""
    return (
        ("Phạm vi", scope_name(unit, period.last)),
        ("Kỳ báo cáo", f"{period.label}, từ {day_text(period.first)} đến {day_text(period.last)}{mark}"),
        ("Ngày chốt số liệu", day_text(cut_off)),
        ("Kết quả giải quyết tính đến", day_text(today)),
        ("Cây đơn vị", BOUNDARIES[boundaries].capitalize()),
        ("Người lập", maker or BLANK),
    )


def scope_name(unit, day):
    """'Huyện Tiên Yên, Tỉnh Quảng Ninh' by the names of the day."""
    trail = trail_of(unit, day) or [unit]
    names = names_on([above.pk for above in trail], day)
    return ", ".join(names[above.pk] for above in reversed(trail))


def _heading(unit, period, today):
    superior, issuer = _issuer(unit, today)
    span = f"Số liệu tính từ {day_text(period.first)} đến {day_text(min(period.last, max(today, period.first)))}"
    place = names_on([unit.pk], today)[unit.pk]
    return Heading(
        superior=superior.upper(),
        issuer=issuer.upper(),
        place_and_day=f"{_bare(place, unit)}, {long_day_text(today)}",
        unit_line=f"{scope_name(unit, period.last)} – {period.label}",
        span_line=f"({span}{'; số liệu tạm tính' if is_open(period, today) else ''})",
    )


def _issuer(unit, today):
    """(superior, issuer) by their names of the signing day: the Party committee and its Ban Dân vận, if kept here."""
    found = {}
    for body in Body.objects.filter(unit=unit, kind__in=(BodyKind.MMD, BodyKind.COMMITTEE)).on(today).order_by("-pk"):
        found[body.kind] = body_name_on(body, today)
    party, board = found.get(BodyKind.COMMITTEE, ""), found.get(BodyKind.MMD, "")
    if board:
        return party, board
    return ("", party) if party else ("", names_on([unit.pk], today)[unit.pk])


def _bare(name, unit):
    """'Tỉnh Quảng Ninh' -> 'Quảng Ninh': a letter is dated at a place, not at a rank."""
    rank = unit.get_kind_display()
    words = name.removeprefix(rank).strip()
    return words if words and not words.isdigit() else name
