"""Every table of a province, a district and a commune, counted again by hand from the raw rows: no difference."""

from decimal import Decimal
from fractions import Fraction

import pytest
from django.db.models import F

from core.periods import Period
from meetings.models import MeetingMonth
from reports.table import COUNT, PLAIN, RATIO, TOTAL, lines_of_section
from reports.tables import TABLES
from reports.tests.recount_tables import Tables
from reports.tests.world import TODAY, fill, fill_elsewhere, fill_seats, make_reform_tree
from units.models import Unit

CASES = (
    ("province", "2025", "then"),
    ("province", "2025", "now"),
    ("province", "2025-Q2", "then"),
    ("province", "2025-05", "then"),
    ("a", "2025-Q2", "then"),
    ("a", "2024", "then"),
    ("province", "2024", "now"),
    ("a1", "2025-05", "then"),
    ("n1", "2025", "now"),
    ("n1", "2025-10", "then"),
)
"""Year, quarter and month; a province of two trees, a district that ended, a commune that ended and its heir."""


@pytest.fixture
def world(db):
    tree = make_reform_tree()
    fill(tree, years=(2024, 2025))
    fill_elsewhere(tree)
    fill_seats(tree)
    return tree


def table_of(code, unit, period, boundaries):
    return TABLES[code][1](unit, period, boundaries, TODAY)


def clean(cells):
    """The cells that say something, exactly."""
    exact = {key: Fraction(value) if isinstance(value, Decimal) else value for key, value in cells.items()}
    return {key: value for key, value in exact.items() if value not in (0, None, "")}


def shown(table, by_name=False):
    """{section: {unit id, name or 'total': {column: what the cell says}}} of the rows that say something."""
    ids = dict(Unit.objects.values_list("key", "pk"))
    keys = [column.key for column in table.columns if column.kind in (COUNT, RATIO) or column.key == "form"]
    found = {}
    for section in table.sections:
        rows = found.setdefault(section.level, {})
        for line in lines_of_section(section, table.columns):
            if line.kind in (PLAIN, TOTAL):
                word = line.row.cells["name"] if by_name else ids.get(line.row.unit_key)
                rows["total" if line.kind == TOTAL else word] = clean({key: line.row.cells.get(key) for key in keys})
    return kept(found)


def kept(tables):
    rows = {level: {key: clean(row) for key, row in rows.items()} for level, rows in tables.items()}
    full = {level: {key: row for key, row in rows.items() if row} for level, rows in rows.items()}
    return {level: rows for level, rows in full.items() if rows}


def a_year_before(period):
    return Period.parse(f"{period.first.year - 1}{period.code[4:]}")


def differences(book, unit, period, boundaries):
    """[(table, what the product shows, what the rows say)], and how many cells were compared."""
    at, wrong, compared = (unit, period, boundaries), [], 0
    for code, expected in {
        "B1": book.b1(*at),
        "B2": book.b2(*at),
        "B3": book.b3(*at),
        "B4": book.b4(*at, a_year_before(period)),
        "B5": book.by_unit(*at, "B5"),
        "B6": book.by_unit(*at, "B6"),
        **({"B7": book.b7(*at)} if boundaries == "then" else {}),
    }.items():
        found, wanted = shown(table_of(code, *at), by_name=code == "B4"), kept(expected)
        if code == "B7":
            found = {level: _counts(rows) for level, rows in found.items()}
        wrong += [(code, found, wanted)] if found != wanted else []
        compared += sum(len(row) for rows in wanted.values() for row in rows.values())
    lists, cells = _lists(book, *at)
    years, more = _years(book, *at)
    return wrong + lists + years, compared + cells + more


def _counts(rows):
    """Delegates without shares and the total, which is proved by the rows."""
    return {
        key: {word: number for word, number in row.items() if not word.endswith("_rate")}
        for key, row in rows.items()
        if key != "total"
    }


def _lists(book, *at):
    """Biểu 8 and 9: which opinions, how many days late, how many places."""
    wrong = []
    (section,) = (backlog := table_of("B8", *at)).sections
    days, hidden = book.b8(*at)
    found = {row.cells["code"]: row.cells["days"] or 0 for row in section.rows}
    wrong += [("B8", found, days)] if found != days or backlog.facts["total"] != len(days) + hidden else []
    (section,) = table_of("B9", *at).sections
    spreads = {row.cells["code"]: row.cells["spread"] or 0 for row in section.rows}
    wrong += [("B9", spreads, book.b9(*at))] if spreads != book.b9(*at) else []
    return wrong, len(days) + len(spreads)


def _years(book, unit, period, boundaries):
    """Biểu 10, both blocks: each year's column group by group."""
    table, wrong, compared = table_of("B10", unit, period, boundaries), [], 0
    columns = [column for column in table.columns if column.period]
    for block, section in zip(("then", "now"), table.sections, strict=True):
        known = book.b10(unit, [Period.parse(column.period) for column in columns], block)
        for number, group in enumerate(_groups(known)):
            rows = section.groups[number].rows if number < len(section.groups) else ()
            for column in columns:
                year = Period.parse(column.period).last.year
                found = [_exact(row.cells[column.key]) for row in rows]
                column_of_year = known[year][group] if known[year] else [""] * len(rows)
                wanted = ["" if value is None else value for value in column_of_year]
                wrong += [("B10", found, wanted)] if found != wanted else []
                compared += len(wanted)
    return wrong, compared


def _groups(known):
    """The groups of indicators of which some year says something."""
    return [n for n in range(3) if any(any(column[n]) for column in known.values() if column)]


def _exact(value):
    return Fraction(value) if isinstance(value, Decimal) else value


def test_every_table_equals_the_raw_rows(world):
    book, compared = Tables(TODAY), 0
    for name, word, boundaries in CASES:
        wrong, cells = differences(book, getattr(world, name), Period.parse(word), boundaries)
        assert wrong == [], (name, word, boundaries)
        compared += cells
    assert compared > 3000


def test_every_column_was_exercised(world):
    """A column that is empty everywhere would prove nothing."""
    seen, asked = set(), set()
    for name, word, boundaries in CASES:
        for code in ("B1", "B2", "B3", "B4", "B5", "B6", "B7"):
            table = table_of(code, getattr(world, name), Period.parse(word), boundaries)
            asked |= {(code, column.key) for column in table.columns if column.kind in (COUNT, RATIO)}
            seen |= {(code, key) for rows in shown(table, True).values() for row in rows.values() for key in row}
    assert asked - seen == set()


def test_a_planted_difference_is_found(world):
    book = Tables(TODAY)
    MeetingMonth.objects.filter(pk=MeetingMonth.objects.filter(commune=world.a1, year=2025).first().pk).update(
        meetings=F("meetings") + 1
    )
    wrong, _ = differences(book, world.a, Period.parse("2025"), "then")
    assert {code for code, _, _ in wrong} == {"B1", "B2", "B10"}
