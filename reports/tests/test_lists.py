"""Every figure opens its list: each cell of each table, for each boundary, kind of period and level of unit."""

import re

import pytest
from django.utils import timezone

from conftest import make_user
from core.periods import Period
from people.enums import VILLAGE_POSITIONS
from reports.tables import PAGES, TABLES
from reports.tests.lists import WITHOUT_LIST, Lengths, cells_of, needs_list
from reports.tests.world import fill, fill_seats, make_reform_tree

STAT = re.compile(r'data-measure="([a-z_]+)"[^>]*>([\d.]+)</p>\s*<p class="stat-label">(?:<a href="([^"]+)">)?')
FIGURE = re.compile(r'<span data-measure="([a-z_]+)"[^>]*>(?:<a href="([^"]+)">)?([\d.]+)<')
MARK = re.compile(r'<a href="(/[^"]+)">[^<]+</a></th><td class="bars-mark".*?<td class="num">([\d.]+)</td>')
LINK = re.compile(r'<a href="(/[^"]+\?[^"]+)">([\d.]+)</a>')


@pytest.fixture
def world(db):
    tree = make_reform_tree()
    fill(tree)
    fill_seats(tree)
    tree.head = make_user("truong", "province", tree.province)
    tree.specialist = make_user("vien", "specialist", tree.province)
    tree.leader = make_user("huyen", "leader", tree.a)
    tree.officer = make_user("xa", "commune", tree.n1)
    return tree


def tables_of(unit, period, boundaries, today, user):
    for code in PAGES:
        if period.kind != "years" or code not in ("B2", "B3"):
            yield code, TABLES[code][1](unit, period, boundaries, today, user)


def test_every_cell_of_every_table_opens_a_list_of_that_length(world):
    today, checked = timezone.localdate(), 0
    for who, unit, word, boundaries in (
        ("specialist", world.province, "2016", "then"),
        ("head", world.province, "2025", "now"),
        ("leader", world.a, "2025-Q2", "then"),
        ("leader", world.a, "2016-03", "then"),
        ("officer", world.n1, "2025", "now"),
    ):
        user, period = getattr(world, who), Period.parse(word)
        lengths = Lengths(user, today)
        for code, table in tables_of(unit, period, boundaries, today, user):
            for _, row, column, number, url in cells_of(table, period):
                where = (who, unit.key, word, boundaries, code, row.cells.get("name"), column.key)
                assert bool(url) == needs_list(row, column), where
                if url:
                    assert lengths.of(url) == number, (*where, url)
                    checked += 1
    assert checked > 800


SUMS = ("sittings", "attendance", "_visits", "visits_expected", "members_due", "members_present")
"""Words of the overview without a list: sums over meetings, turns known partly as a number, members."""


@pytest.mark.parametrize("query", ["ky=2016", "ky=2025&ranh-gioi=now", "ky=2016-05", "ky=2025-Q2"])
def test_every_number_of_the_overview_opens_its_list(world, signed_in, query):
    page = signed_in(world.head).get(f"/bao-cao/?{query}").content.decode()
    lengths, checked = Lengths(world.head, timezone.localdate()), 0
    stats = [(word, link, text) for word, text, link in STAT.findall(page)]
    for word, link, text in [*FIGURE.findall(page), *stats]:
        assert link or text == "0" or word.endswith(SUMS), word
        if link:
            assert lengths.of(link) == int(text.replace(".", "")), (word, link)
            checked += 1
    marks = MARK.findall(page)
    for link, text in marks:
        assert lengths.of(link) == int(text.replace(".", "")), link
    assert checked > 10
    assert len(stats) > 4
    assert len(marks) > 3


def test_positions_without_a_list_are_those_of_the_product():
    words = {f"{position.value}_{part}" for position in VILLAGE_POSITIONS for part in ("called", "present")}
    assert words <= set(WITHOUT_LIST)


@pytest.mark.parametrize(
    ("code", "query"),
    [
        *(("B1", query) for query in ("ky=2016", "ky=2025&ranh-gioi=now")),
        *(("B2", "ky=2016"), ("B3", "ky=2016"), ("B4", "ky=2016-03"), ("B5", "ky=2025&ranh-gioi=now")),
        *(("B6", "ky=2016-05"), ("B10", "ky=2025")),
    ],
)
def test_the_link_on_the_page_opens_that_list(world, signed_in, code, query):
    """The first links of each kind through the pages themselves; the rest are counted above."""
    browser = signed_in(world.specialist)
    links = dict(LINK.findall(browser.get(f"/bao-cao/bieu/{code}/?{query}").content.decode()))
    assert len(links) > 8
    for link, text in list(links.items())[:: max(1, len(links) // 4)]:
        page = browser.get(link.replace("&amp;", "&")).content.decode()
        assert f'data-total="{text.replace(".", "")}"' in page, link
