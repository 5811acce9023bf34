"""The workbook against what others write it with, its memory, and our tables against a spreadsheet's way."""

import json
import os
import subprocess
import sys
from collections import Counter
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryFile

from openpyxl import Workbook, load_workbook

from core.periods import Period
from reports.display import ShownHeading
from reports.reach import THEN
from reports.table import COUNT, DAY, INDEX, TEXT, Column, Row, Section, Table, listed
from reports.tables import TABLES
from reports.workbook.book import save_workbook
from reports.workbook.sheets import Spool, write_table
from reports.workbook.styles import add_styles
from tools.bench.measure import compare, counted

SHEETS = (("HN", 11_114, 14), ("YK", 52_831, 8))
"""The published year of 2016: meetings by 14 columns, opinions by 8."""
HEADING = ShownHeading("TỈNH ỦY", "BAN DÂN VẬN", "Đông Hải, ngày 31 tháng 12 năm 2016", "Tỉnh Đông Hải", "(Năm 2016)")
DAY_ONE = date(2016, 1, 1)
TEXTS = [f"Đề nghị sửa chữa đường liên thôn, đoạn qua khu {number} bị xuống cấp." for number in range(400)]
ROOT = Path(__file__).resolve().parent.parent.parent
MOST_GROWTH_MIB, MOST_DRIFT_MIB = 25, 8


def columns_of(width):
    kinds = [INDEX, DAY, *(TEXT if number % 3 else COUNT for number in range(width - 2))]
    return tuple(Column(f"c{n}", f"Cột {n}", kind=kind, width=30) for n, kind in enumerate(kinds))


def values_of(columns, number):
    """The cells of a row: its number, a day, texts of which some come again, counts."""
    for place, column in enumerate(columns):
        if column.kind == INDEX:
            yield number
        elif column.kind == DAY:
            yield DAY_ONE + timedelta(number % 366)
        elif column.kind == COUNT:
            yield number * place % 97
        else:
            yield TEXTS[(number * 7 + place) % len(TEXTS)]


def ours(stream, times=1, share=1.0):
    """The two big sheets as the yearly workbook writes them."""
    book = Workbook()
    add_styles(book)
    with Spool() as spool:
        for name, rows, width in SHEETS:
            write_table(book, _table(name, int(rows * times * share), columns_of(width)), HEADING, spool)
        save_workbook(book, spool, stream, DAY_ONE)


def _table(name, number, columns):
    keys = [column.key for column in columns]

    def rows():
        return (Row(dict(zip(keys, values_of(columns, n), strict=True))) for n in range(1, number + 1))

    return Table(name, name, "Đo tải", columns, (Section(listed(rows, number)),))


def xlsxwriter(stream, share=1.0):
    """The same cells with the same formats by XlsxWriter in its mode of constant memory."""
    from xlsxwriter import Workbook as Writer

    book = Writer(stream, {"constant_memory": True, "default_date_format": "dd/mm/yyyy"})
    styles = {"font_name": "Times New Roman", "font_size": 13, "border": 1, "text_wrap": True}
    formats = {kind: book.add_format(styles) for kind in (INDEX, TEXT, COUNT)}
    formats[DAY] = book.add_format(styles | {"num_format": "dd/mm/yyyy"})
    for name, rows, width in SHEETS:
        sheet, columns = book.add_worksheet(name), columns_of(width)
        for number in range(1, int(rows * share) + 1):
            for place, (column, value) in enumerate(zip(columns, values_of(columns, number), strict=True)):
                if column.kind == TEXT:
                    sheet.write_string(number, place, value, formats[TEXT])
                elif column.kind == DAY:
                    sheet.write_datetime(number, place, value, formats[DAY])
                else:
                    sheet.write_number(number, place, value, formats[column.kind])
    book.close()


def writing(goal, count, share=1.0):
    """Ours against XlsxWriter, to files of the same kind."""

    def to_file(write):
        def run():
            with TemporaryFile() as file:
                write(file, share=share)

        return run

    name = "12 ghi sổ năm / XlsxWriter constant_memory"
    return compare(name, to_file(ours), to_file(xlsxwriter), goal, count)


def memory():
    """How much a process of its own grows while it writes the year, and five times the year."""
    once, five = (_grown(times) for times in (1, 5))
    yield counted("12 bộ nhớ tăng khi ghi sổ năm", once, MOST_GROWTH_MIB, " MiB")
    yield counted("12 bộ nhớ tăng thêm khi ghi gấp 5", max(0, five - once), MOST_DRIFT_MIB, " MiB")


def _grown(times):
    words = [sys.executable, "manage.py", "bench", "--grow", str(times)]
    done = subprocess.run(words, cwd=ROOT, env=dict(os.environ), capture_output=True, text=True, check=True)
    return json.loads(done.stdout)["mib"]


def grow(times):
    """Mebibytes that writing adds to this process, beyond those of a small book."""
    with TemporaryFile() as file:
        ours(file, share=0.01)
    before = _peak()
    with TemporaryFile() as file:
        ours(file, times)
    return round(_peak() - before, 1)


def _peak():
    """The most this process ever held; `ru_maxrss` would remember the one that started it."""
    words = Path("/proc/self/status").read_text().split()
    return int(words[words.index("VmHWM:") + 1]) / 1024


def by_spreadsheet(world, goal, count):
    """One table of the year, against opening a sheet of the same opinions and counting them by unit and result."""
    period = Period.year(world.today.year - 1)
    source = TABLES["DuLieu_YK"][1](world.province, period, THEN, world.today)
    sheet = _sheet_of(source)

    def ours():
        TABLES["B4"][1](world.province, period, THEN, world.today)

    def limit():
        rows = load_workbook(BytesIO(sheet), read_only=True).active.iter_rows(values_only=True)
        Counter((row[0], row[1], row[2]) for row in rows)

    return compare(f"13 một biểu / openpyxl đọc {source.sections[0].row_count} dòng", ours, limit, goal, count)


def _sheet_of(table):
    book, stream = Workbook(write_only=True), BytesIO()
    sheet = book.create_sheet()
    keys = ("district", "topic", "status", "code", "commune", "raised_on", "text")
    for row in table.sections[0].rows:
        sheet.append([row.cells[key] for key in keys])
    book.save(stream)
    return stream.getvalue()
