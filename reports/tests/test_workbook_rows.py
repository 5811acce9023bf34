"""Lists are written row by row: what stands in the file, how much is held meanwhile, and that no clock is in it."""

import re
import tracemalloc
from datetime import date
from decimal import Decimal
from io import BytesIO
from zipfile import ZipFile

import pytest
from openpyxl import Workbook, load_workbook

from reports.display import ShownHeading
from reports.table import COUNT, DAY, INDEX, TEXT, Column, LazyRows, Row, Section, Table, listed
from reports.tests.world import TODAY, fill, make_reform_tree
from reports.workbook import write_workbook
from reports.workbook.book import save_workbook
from reports.workbook.sheets import Spool, text_line, write_table
from reports.workbook.styles import CELL_LIMIT, CUT, add_styles, lines_needed

COLUMNS = (
    Column("no", "STT", kind=INDEX, width=6),
    Column("text", "Nội dung", kind=TEXT, width=20),
    Column("on", "Ngày", kind=DAY, width=12),
    Column("number", "Số", kind=COUNT),
)
HEADING = ShownHeading("TỈNH ỦY", "BAN DÂN VẬN", "Đông Hải, ngày 1 tháng 1 năm 2016", "Tỉnh Đông Hải", "(Năm 2016)")


def book_of(rows, number, today=TODAY):
    """A book of one list, as bytes."""
    table = Table("X", "DanhMuc", "Danh mục", COLUMNS, (Section(listed(rows, number)),))
    book, stream = Workbook(), BytesIO()
    add_styles(book)
    with Spool() as spool:
        write_table(book, table, HEADING, spool)
        save_workbook(book, spool, stream, today)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Đường thôn", "<t>Đường thôn</t>"),
        ("=1+1", "<t>=1+1</t>"),
        ("a & b < c > d", "<t>a &amp; b &lt; c &gt; d</t>"),
        (" lùi vào", '<t xml:space="preserve"> lùi vào</t>'),
        ("hai\ndòng", "<t>hai\ndòng</t>"),
        ("chuông\x07 và \ufffe", '<t xml:space="preserve">chuông và </t>'),
        ("x" * CELL_LIMIT, f"<t>{'x' * CELL_LIMIT}</t>"),
        ("x" * (CELL_LIMIT + 1), f"<t>{'x' * (CELL_LIMIT - len(CUT))}{CUT}</t>"),
    ],
)
def test_text_as_it_stands_in_the_file(text, written):
    assert text_line(text) == written


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("", 20, 1),
        ("ngắn", 20, 1),
        ("mười tám chữ cái đó", 20, 2),
        ("một hai ba bốn năm sáu bảy tám chín mười", 12, 5),
        ("một\nhai", 20, 2),
        ("dàidàidàidàidàidàidài", 12, 3),
    ],
)
def test_lines_that_a_text_takes(text, width, lines):
    assert lines_needed(text, width) == lines


def test_cells_are_read_back_as_they_went_in():
    cells = [
        {"no": 1, "text": "Kênh <số 3> & cống\x02", "on": date(2016, 2, 29), "number": 12},
        {"no": 2, "text": None, "on": None, "number": "x"},
        {"no": 3, "text": "", "on": "", "number": Decimal("76.88")},
    ]
    sheet = load_workbook(BytesIO(book_of(lambda: map(Row, cells), 3)))["DanhMuc"]
    rows = [list(row) for row in sheet.iter_rows(min_row=10, max_row=12)]
    assert [cell.value for cell in rows[0]][1] == "Kênh <số 3> & cống"
    assert rows[0][2].value.date() == date(2016, 2, 29)
    assert [cell.value for cell in rows[1]] == [2, None, None, "x"]
    assert [cell.style for cell in rows[0]] == ["gb_index", "gb_text", "gb_day", "gb_count"]
    assert (rows[1][3].style, rows[2][3].style) == ("gb_mark", "gb_ratio2")
    assert float(rows[2][3].value) == 76.88
    assert sheet["D13"].value == "=SUM(D10:D12)"
    assert (sheet.auto_filter.ref, sheet.freeze_panes) == ("A9:D12", "C10")


def test_a_list_without_rows_has_no_total():
    sheet = load_workbook(BytesIO(book_of(list, 0)))["DanhMuc"]
    assert "TỔNG CỘNG" not in {row[1].value for row in sheet.iter_rows()}


def test_what_is_held_does_not_grow_with_the_list():
    def peak(number):
        def rows():
            return (Row({"no": n, "text": f"Nội dung {n}", "on": TODAY, "number": n}) for n in range(number))

        tracemalloc.start()
        book_of(rows, number)
        held = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return held

    peak(10)
    assert peak(6_000) < peak(1_500) * 1.5


def test_lazy_rows_are_read_anew_each_time():
    rows = LazyRows(lambda: iter("abc"), 3)
    assert (list(rows), list(rows), len(rows)) == (["a", "b", "c"], ["a", "b", "c"], 3)


@pytest.fixture
def world(db):
    tree = make_reform_tree()
    fill(tree)
    return tree


def test_the_same_year_is_the_same_file_and_every_row_stands_once(world):
    files = []
    for _ in range(2):
        stream = BytesIO()
        write_workbook(stream, unit=world.province, year=2016, boundaries="then", today=TODAY)
        files.append(stream.getvalue())
    assert files[0] == files[1]
    with ZipFile(BytesIO(files[0])) as package:
        assert {entry.date_time for entry in package.infolist()} == {(TODAY.year, TODAY.month, TODAY.day, 0, 0, 0)}
        sheets = [name for name in package.namelist() if name.startswith("xl/worksheets/sheet")]
        for name in sheets:
            numbers = [int(number) for number in re.findall(rb'<row r="(\d+)"', package.read(name))]
            assert numbers == sorted(set(numbers)), name
    assert len(sheets) == 14
