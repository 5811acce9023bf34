"""Putting the workbook together."""

import re
from datetime import datetime, time
from tempfile import TemporaryFile
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl import Workbook
from openpyxl.packaging.core import DocumentProperties
from openpyxl.xml.functions import tostring

from core.display import day_text, group_digits, percent_of
from core.errors import DomainError
from core.periods import Period
from reports.closing.differences import CODE, SHEET, closed_words, difference_table
from reports.closing.reads import closed_on, frozen_year, table_of
from reports.display import heading_of, scope_name
from reports.figures import balance_of, is_open
from reports.reach import BOUNDARIES, naming_day, reach_of
from reports.tables import TABLES
from reports.workbook.charts import draw, picture_table
from reports.workbook.cover import checks_of, write_cover
from reports.workbook.recount import recount
from reports.workbook.sheets import Spool, write_table
from reports.workbook.styles import add_styles, formula_values
from units.enums import Level

LEVEL = 4
ROW = re.compile(rb'<row r="(\d+)"')
FORMULA = re.compile(rb'<c r="(\w+)"([^>]*)>(<f>[^<]*</f>)<v ?(?:/>|></v>)')
PROPERTIES = "docProps/core.xml"


def save_workbook(book, spool, stream, today):
    """Write `book` into `stream`, its sheets completed by the rows of `spool`."""
    sheets = {f"xl/worksheets/sheet{number}.xml": sheet for number, sheet in enumerate(book.worksheets, 1)}
    book.calculation.fullCalcOnLoad = True
    with TemporaryFile() as draft:
        book.save(draft)
        with ZipFile(draft) as source, ZipFile(stream, "w", ZIP_DEFLATED, compresslevel=LEVEL) as target:
            for name in source.namelist():
                content = _properties(today) if name == PROPERTIES else source.read(name)
                parts = []
                if name in sheets:
                    content = _with_values(content, formula_values(sheets[name]))
                    parts = spool.parts.get(sheets[name].title, [])
                with target.open(_entry(name, today), "w") as file:
                    _write(file, content, parts, spool.file)


def _entry(name, today):
    entry = ZipInfo(name, (today.year, today.month, today.day, 0, 0, 0))
    entry.compress_type, entry.external_attr = ZIP_DEFLATED, 0o600 << 16
    entry._compresslevel = LEVEL
    return entry


def _properties(today):
    midnight = datetime.combine(today, time())
    return tostring(DocumentProperties(creator="giaoban", created=midnight, modified=midnight).to_tree())


def _with_values(content, values):
    """Every formula with its value, for readers who do not calculate; the others calculate anew on opening."""

    def complete(found):
        place, attributes, formula = found.groups()
        value = values[place.decode()]
        if isinstance(value, str):
            return b'<c r="%s"%s t="str">%s<v>%s</v>' % (place, attributes, formula, escape(value).encode())
        return b'<c r="%s"%s>%s<v>%s</v>' % (place, attributes, formula, repr(value).encode())

    return FORMULA.sub(complete, content)


def _write(file, content, parts, rows):
    """`content` with every part before the first of its rows that comes after the part."""
    places = [(int(found[1]), found.start()) for found in ROW.finditer(content)]
    written = 0
    for first, start, length in parts:
        place = next(position for number, position in places if number > first)
        file.write(content[written:place])
        rows.seek(start)
        _copy(rows, file, length)
        written = place
    file.write(content[written:])


def _copy(source, target, length, at_once=256 * 1024):
    while length:
        piece = source.read(min(at_once, length))
        target.write(piece)
        length -= len(piece)


BLANK = "………………"
SIGNED = ("B1", "B2", "B3", "B4", "B5", "B6", "B7", "B10")
"""The tables of the short book that a head signs; charts and cover come with them."""

LISTS = ("B8", "B9", "DuLieu_HN", "DuLieu_YK", "DuLieu_DCS")
SKIPPED_WHEN_EMPTY = {"B3", "B11", "B12", "B13", "B14", "DuLieu_DCS"}
"""Districts, visits and courses: where there were none, the workbook has no sheet of them."""


def write_workbook(stream, *, unit, year, boundaries, today, user=None, maker="", progress=None, for_signing=False):
    """Write the year of a unit into `stream` (a binary file); returns the names of the sheets.

    With `user`, only what that user may see; without, no restricted opinion at all. `progress(done, total)` is
    called sheet by sheet. `for_signing`: only what is printed and signed, without lists and differences.
    """
    if unit.level == Level.VILLAGE:
        raise DomainError("Thôn, khu không có sổ tổng hợp riêng. Chọn xã, huyện hoặc tỉnh.", "unit")
    period = Period.year(year)
    progress = progress or _silent
    book = Workbook()
    add_styles(book)
    heading = heading_of(unit, period, today, boundaries)
    codes = SIGNED if for_signing else TABLES
    written, total = {}, len(codes) + 2
    with Spool() as spool:
        for done, code in enumerate(codes, 1):
            progress(done, total)
            table = table_of(code, unit, period, boundaries, today, user)
            if not (table.is_empty and code in SKIPPED_WHEN_EMPTY):
                written[code] = write_table(
                    book, table, heading, spool, is_for_screen=code in LISTS, is_short=for_signing
                )
            if code == "B10":
                table = picture_table(unit, period, boundaries, today, user)
                written[table.code] = write_table(book, table, heading, spool, is_short=for_signing, draw=draw)
        closure = frozen_year(unit, period, user)
        if closure and not for_signing:
            table = difference_table(closure, today)
            written[CODE] = write_table(book, table, heading, spool, is_for_screen=True)
        reach = reach_of(unit, boundaries, today, user)
        balance = balance_of(reach, period, today)
        checks = list(checks_of(written, recount(reach, period, today), balance))
        facts = _facts(unit, period, boundaries, today, maker, closure, balance, closed_on(unit, period, user))
        write_cover(book.active, heading, facts, list(written.values()), checks, SHEET if closure else "", for_signing)
        progress(total - 1, total)
        save_workbook(book, spool, stream, today)
    progress(total, total)
    return book.sheetnames


def _silent(done, total):
    """Nobody watches."""


def _facts(unit, period, boundaries, today, maker, closure, balance, closed):
    mark = " (số liệu tạm tính, kỳ chưa kết thúc)" if is_open(period, today) else ""
    return (
        ("Phạm vi", scope_name(unit, naming_day(boundaries, period, today))),
        ("Kỳ báo cáo", f"{period.label}, từ {day_text(period.first)} đến {day_text(period.last)}{mark}"),
        ("Ngày chốt số liệu", day_text(closed)) if closed else ("Số liệu", "chưa chốt; tính tại thời điểm lập biểu"),
        ("Kết quả giải quyết tính đến", day_text(today)),
        ("Cây đơn vị", BOUNDARIES[boundaries].capitalize()),
        ("Người lập", maker or BLANK),
        ("Ý kiến tồn đầu kỳ và nêu trong kỳ", _remaining(balance)),
        ("Trả lời các ý kiến đó đúng hạn", _timeliness(balance)),
        *([("Số liệu năm", closed_words(closure))] if closure else []),
    )


def _timeliness(balance):
    """By the first promised day, and by the last agreed one; of what was answered or late at some time."""
    if not balance.judged:
        return "không có ý kiến đã trả lời hoặc quá hạn"
    parts = (("đúng hạn đầu tiên", balance.on_time), ("đúng hạn đã gia hạn", balance.on_time_extended))
    whole = group_digits(balance.judged)
    shares = (f"{word} {percent_of(n, balance.judged)} = {group_digits(n)}/{whole}" for word, n in parts)
    return f"{'; '.join(shares)} ý kiến đã trả lời hoặc từng quá hạn; không kể hiến kế, cách làm hay"


def _remaining(balance):
    return f"{group_digits(balance.remaining)} chưa xong cuối kỳ; {group_digits(balance.overdue)} đang quá hạn hôm nay"
