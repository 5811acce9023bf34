"""One table, every form: page, CSV, JSON and Word agree cell by cell; what is downloaded, by whom, what is noted."""

import csv
import io
import json
import re
from datetime import date
from decimal import Decimal
from html import unescape

import pytest
from django.core.management import call_command
from docx import Document

from conftest import make_unit, make_user
from core.models import Activity
from core.periods import Period
from meetings.models import MeetingMonth
from reports import views as reports
from reports.display import PageTable, heading_of, text_of
from reports.figures import figures
from reports.measures import MEASURES
from reports.outputs import as_csv, as_json, write_sheet
from reports.table import COUNT, DAY, INDEX, RATIO, TEXT, Column, Group, Ratio, Row, Section, Table, shown_columns
from reports.tables import PAGES, TABLES
from reports.tests.world import SECRET, fill, make_reform_tree
from units.loading import rebuild_tree

TODAY = date(2026, 11, 21)


@pytest.fixture(scope="module")
def small(django_db_setup, django_db_blocker):
    """One world for all the tables; taken away again at the end."""
    from django.db import transaction

    with django_db_blocker.unblock():
        outer = transaction.atomic()
        outer.__enter__()
        tree = make_reform_tree()
        fill(tree, years=(2016,))
        far = make_unit("commune", "91001", "Xã Xa", make_unit("province", "91", "Tỉnh Tây Hồ"))
        rebuild_tree()
        tree.head, tree.village = make_user("truong", "province", tree.province), tree.village
        tree.cadre = make_user("canbo", "cadre", tree.a)
        tree.officer, tree.outsider = make_user("xa", "commune", tree.a1), make_user("ngoai", "commune", far)
        yield tree
        transaction.set_rollback(True)
        outer.__exit__(None, None, None)


@pytest.fixture
def world(db, small):
    return small


def table_of(code, world):
    return TABLES[code][1](world.province, Period.year(2016), "then", TODAY, world.head)


def page_rows(table):
    """Texts of the page, without the headings of sections."""
    return [[cell["text"] for cell in row["cells"]] for part in PageTable(table).sections for row in part["rows"]]


def csv_rows(table):
    rows = list(csv.reader(io.StringIO(as_csv(table).decode("utf-8-sig")), delimiter=";"))[1:]
    return [row[any(section.title for section in table.sections) :] for row in rows]


def says(column, value, text):
    """Is a JSON value what the page writes?"""
    if isinstance(value, float):
        return value == float(plain(text).replace(",", "."))
    return text_of(column, date.fromisoformat(value) if column.kind == DAY and value else value) == text


def word_rows(content):
    """Texts of the grid below its headings, without the ordinal column."""
    grids = [table._tbl.tr_lst for table in Document(io.BytesIO(content)).tables]
    cells = [row.tc_lst for rows in grids for row in rows]
    rows = [["".join(text.text or "" for text in cell.iter("{*}t")) for cell in row] for row in cells]
    starts = [number for number, cells in enumerate(rows) if cells[0] == "(1)"]
    return rows[starts[0] + 1 : -1] if starts else []


def plain(text):
    """A number as CSV writes it: without points, a decimal comma."""
    return re.sub(r"(?<=\d)\.(?=\d{3})", "", text)


@pytest.mark.parametrize("code", list(PAGES))
def test_every_form_shows_the_same_cells(world, code):
    table = table_of(code, world)
    columns, shown = shown_columns(table), page_rows(table)
    numbers = [column.is_number for column in columns]
    for expected, found in zip(shown, csv_rows(table), strict=True):
        for text, cell, is_number in zip(expected, found, numbers, strict=True):
            assert cell.removeprefix("'") == (plain(text) if is_number else text)
    content = json.loads(as_json(table, world.province, Period.year(2016), "then", TODAY))
    rows = [row["cells"] for section in content["sections"] for row in section["rows"]]
    for expected, cells in zip(shown, rows, strict=True):
        for column, text in zip(columns, expected, strict=True):
            assert says(column, cells[column.key], text), (column.key, text)
    words = word_rows(write_sheet(table, heading_of(world.province, Period.year(2016), TODAY)))
    ordinal = len(table.columns) - len(columns)
    found = [cells[ordinal:] for cells in words if len(cells) == len(table.columns)]
    bands = {cells[0] for cells in words if len(cells) == 1}
    assert found == [row for row in shown if not (row[0] in bands and not any(row[1:]))]


def test_json_numbers_are_the_figures(world):
    content = json.loads(as_json(table_of("B1", world), world.province, Period.year(2016), "then", TODAY))
    counted = figures(world.province, Period.year(2016), "then", TODAY)
    total = next(row for row in content["sections"][0]["rows"] if row["kind"] == "total")
    assert total["measures"]["meetings"] == "commune_meetings"
    assert total["cells"]["meetings"] == counted["commune_meetings"] > 0
    assert content["definitions"]["commune_meetings"]["text"] == MEASURES["commune_meetings"].definition
    assert content["is_provisional"] is False


def test_every_word_has_a_definition(world):
    assert set(MEASURES) == set(figures(world.province, Period.year(2016), "then", TODAY))
    assert all(measure.label and measure.unit and measure.definition.endswith(".") for measure in MEASURES.values())


@pytest.mark.parametrize("text", ["=1+1", "+84", "-x", "@SUM", "\t=1", "\r=1", "\n=1", " =1", "＝1"])
def test_no_cell_of_a_csv_becomes_a_formula(text):
    columns = (
        Column("no", "STT", kind=INDEX),
        Column("name", "=Tên", kind=TEXT),
        Column("n", "Số", kind=COUNT),
        Column("r", "±", kind=RATIO, ratio=Ratio(("n",), ("n",))),
    )
    row = Row({"name": text, "n": -3, "r": Decimal("-2.5")})
    table = Table("X", "X", "X", columns, (Section((Group((row,)),), has_total=False),))
    head, line = csv.reader(io.StringIO(as_csv(table).decode("utf-8-sig"), newline=""), delimiter=";")
    assert line == [f"'{text}", "-3", "-2,5"]
    assert head[0] == "'=Tên"
    assert as_csv(table).startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize(("form", "kind"), [("docx", "wordprocessing"), ("csv", "text/csv"), ("json", "json")])
def test_a_download_is_a_file_and_is_noted(world, signed_in, form, kind):
    answer = signed_in(world.officer).get(f"/bao-cao/bieu/B1/tai/{form}/?ky=2016")
    assert answer.status_code == 200
    assert kind in answer["Content-Type"]
    assert answer["Content-Disposition"].startswith("attachment;")
    assert f".{form}" in answer["Content-Disposition"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "no-store, private"
    line = Activity.objects.get(verb="report.table")
    assert line.after == {"table": "B1", "form": form, "period": "2016", "boundaries": "then"}
    assert SECRET not in answer.content.decode("utf-8", "ignore")


def test_who_may_not_and_what_is_not(world, signed_in):
    path = "/bao-cao/bieu/B1/tai/csv/"
    assert signed_in(world.officer).get("/bao-cao/bieu/B1/tai/pdf/").status_code == 404
    assert signed_in(world.officer).get("/bao-cao/bieu/B99/tai/csv/").status_code == 404
    assert signed_in(world.outsider).get(f"{path}?don-vi={world.a1.key}").status_code == 404
    assert signed_in(world.cadre).get(path).status_code == 403
    assert signed_in(world.officer).post(path).status_code == 405
    assert not Activity.objects.filter(verb="report.table").exists()


def test_a_year_without_data_is_an_empty_file(world, signed_in):
    browser = signed_in(world.officer)
    for form in ("docx", "csv", "json"):
        assert browser.get(f"/bao-cao/bieu/B8/tai/{form}/?ky=2014").status_code == 200
    (heading,) = browser.get("/bao-cao/bieu/B4/tai/csv/?ky=2014").content.decode("utf-8-sig").splitlines()
    assert heading.startswith("Lĩnh vực;Tổng số")


def test_a_long_table_goes_on(world, signed_in, monkeypatch):
    monkeypatch.setattr(reports, "PAGE_ROWS", 5)
    browser, seen = signed_in(world.head), []
    address = "/bao-cao/bieu/B8/?ky=2016"
    while address:
        page = browser.get(address).content.decode()
        seen += re.findall(r"<th scope=\"row\"[^>]*>\s*<a [^>]*>(YK-\d+)", page)
        following = re.search(r'<a rel="next" href="([^"]+)"', page)
        address = f"/bao-cao/bieu/B8/{unescape(following[1])}" if following else ""
    rows = [row.cells["code"] for section in table_of("B8", world).sections for row in section.rows]
    assert seen == rows
    assert len(rows) > 10
    assert browser.get("/bao-cao/bieu/B8/?ky=2016&tu=99999").status_code == 200
    assert browser.get("/bao-cao/bieu/B8/?ky=2016&tu=x").status_code == 200


def test_a_closed_month_is_downloaded_as_it_was(world, signed_in):
    call_command("close_period", "2016-03", unit=world.a1.key, stdout=io.StringIO())
    browser, address = signed_in(world.officer), "/bao-cao/bieu/B1/tai/json/?ky=2016-03"
    before = browser.get(address).content
    MeetingMonth.objects.all().delete()
    assert browser.get(address).content == before
