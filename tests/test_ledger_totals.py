"""A book of old years goes in by `import_ledger` and comes out of the statistics and the yearly workbook."""

import io
import json
from contextlib import closing
from datetime import date

import pytest
from django.core.management import call_command
from openpyxl import Workbook, load_workbook

from conftest import make_unit
from feedback.ledger.book import MEETINGS, OPINIONS
from units.enums import Level
from units.loading import rebuild_tree

pytestmark = pytest.mark.django_db
STATES = {
    "Đã giải quyết": "settled",
    "Đã giải trình": "explained",
    "Đang giải quyết": "in_progress",
    "Chưa giải quyết": "unassigned",
    "Rút ý kiến": "excluded",
}
OPEN = ("Đang giải quyết", "Chưa giải quyết")


def write_book(path, communes, opinions_each):
    """Twelve meetings a commune in 2016; {word of figures: number} as counted here."""
    book, expected = Workbook(write_only=True), dict.fromkeys(("meetings", "attendance", "received"), 0)
    expected |= dict.fromkeys(STATES.values(), 0)
    meetings, opinions = book.create_sheet("HoiNghi"), book.create_sheet("YKien")
    meetings.append([MEETINGS.columns[key] for key in ("key", "unit", "period", "held_on", "attendance")])
    opinions.append([OPINIONS.columns[key] for key in ("meeting", "text", "topic", "status", "settled_on")])
    for commune in communes:
        for month in range(1, 13):
            key, people = f"{commune}/{month}", 20 + month
            meetings.append([key, commune, f"2016-{month:02d}", date(2016, month, 25), people])
            expected["meetings"] += 1
            expected["attendance"] += people
            for number in range(opinions_each):
                state = list(STATES)[(number + month) % len(STATES)]
                day = None if state in OPEN else f"28/{month:02d}/2016"
                opinions.append([key, f"Đề nghị sửa đường số {number}", "Giao thông", state, day])
                expected["received"] += 1
                expected[STATES[state]] += 1
    book.save(path)
    return expected


@pytest.mark.parametrize(("count", "opinions_each"), [(8, 8)])
def test_what_went_in_comes_out(cast, tmp_path, count, opinions_each):
    codes = [f"9019{number:03d}" for number in range(count)]
    for code in codes:
        make_unit(Level.COMMUNE, code, f"Xã {code}", cast.tree.a)
    rebuild_tree()
    expected = write_book(tmp_path / "so.xlsx", codes, opinions_each)
    answer = command("import_ledger", tmp_path / "so.xlsx", "--unit", "province-90", "--json")
    assert (answer["meetings"], answer["opinions"]) == (expected["meetings"], expected["received"])
    found = command("figures", "--unit", "province-90", "--period", "2016")
    assert found["commune_meetings"] == found["commune_occurrences_held"] == expected["meetings"]
    assert found["commune_expected"] == expected["meetings"]
    assert found["commune_attendance"] == expected["attendance"]
    groups = ("received", *STATES.values())
    assert {word: found[f"opinions_{word}"] for word in groups} == {word: expected[word] for word in groups}
    command("export_year", "--unit", "province-90", "--year", "2016", "--out", tmp_path / "nam.xlsx", "--json")
    with closing(load_workbook(tmp_path / "nam.xlsx", read_only=True)) as book:
        numbers = [row[0].value for row in book["DuLieu_HN"].iter_rows(max_col=1)]
    assert sum(str(number).isdigit() for number in numbers) == expected["meetings"]


def command(*words):
    out = io.StringIO()
    call_command(*map(str, words), stdout=out)
    return json.loads(out.getvalue())
