"""Biểu 5, 6, 7, 9, 10 and the opinions behind them, against a recount; and the lists behind their numbers."""

import re

import pytest

from conftest import make_user
from core.periods import Period
from feedback.enums import Competence, OpinionKind
from meetings.models import Attendance, AttendancePost
from reports.figures import figures
from reports.tables import competence_table, delegate_table, initiative_table, kind_table, opinion_records, year_table
from reports.tests.recount import belongs, competences_of, delegates_of, kinds_of, opinions_of, snapshot
from reports.tests.world import HIDDEN_NAME, SECRET, TODAY, fill, fill_seats, make_reform_tree
from units.models import Unit

LINK = re.compile(r'<a href="(/[^"]+\?[^"]+)">([\d.]+)</a></td>')
HELD = ("held", "minuted", "locked")


@pytest.fixture
def world(db):
    tree = make_reform_tree()
    fill(tree)
    fill_seats(tree)
    tree.head = make_user("truong", "province", tree.province)
    tree.specialist = make_user("vien", "specialist", tree.province)
    tree.leader = make_user("huyen", "leader", tree.a)
    tree.officer = make_user("xa", "commune", tree.a1)
    return tree


def numbers(row):
    """The cells that are not 0."""
    return {key: value for key, value in row.cells.items() if isinstance(value, int) and value and key != "no"}


def rows_by_unit(section):
    keys = {unit.key: unit for unit in Unit.objects.all()}
    return [(keys[row.unit_key], numbers(row)) for row in section.rows if row.unit_key]


@pytest.mark.parametrize(("make_table", "count"), [(kind_table, kinds_of), (competence_table, competences_of)])
@pytest.mark.parametrize("boundaries", ["then", "now"])
def test_breakdowns_equal_a_recount_unit_by_unit(world, make_table, count, boundaries):
    _, _, everything = snapshot()
    compared = 0
    for word in ("2016", "2025", "2025-Q2", "2025-10"):
        for top in (world.province, world.a, world.n1):
            period = Period.parse(word)
            (section,) = make_table(top, period, boundaries, TODAY).sections
            mine = opinions_of(everything, belongs(top, boundaries, TODAY), period)
            for unit, found in rows_by_unit(section):
                if boundaries == "now" and unit.valid_to:
                    continue
                expected = count([o for o in mine if belongs(unit, boundaries, TODAY)(o)])
                assert found == {key: value for key, value in expected.items() if value}, (word, top.key, unit.key)
                compared += len(found)
            total = figures(top, period, boundaries, TODAY)["opinions_received"]
            assert sum(row.cells["opinions"] for row in section.rows) == total
    assert compared > 50


@pytest.mark.parametrize(
    ("make_table", "parts"),
    [
        (kind_table, [kind.value for kind in OpinionKind]),
        (competence_table, [f"{competence.value}_all" for competence in Competence]),
    ],
)
def test_parts_and_restricted_ones_make_the_total(world, make_table, parts):
    (section,) = make_table(world.province, Period.year(2025), "then", TODAY).sections
    for row in section.rows:
        assert sum(row.cells[key] for key in (*parts, "restricted")) == row.cells["opinions"]
    assert any(row.cells["restricted"] for row in section.rows)


def test_delegates_equal_a_recount_unit_by_unit(world):
    meetings, _, _ = snapshot()
    seats, links = list(Attendance.objects.all()), list(AttendancePost.objects.select_related("post"))
    compared = 0
    for word, top in (("2016", world.province), ("2025", world.province), ("2025-05", world.a), ("2025", world.n1)):
        period = Period.parse(word)
        for section in delegate_table(top, period, "then", TODAY).sections:
            for unit, found in rows_by_unit(section):
                own = [
                    m for m in meetings
                    if m.level == section.level and m.status in HELD and belongs(unit, "then", TODAY)(m)
                    and belongs(top, "then", TODAY)(m)
                    and period.first <= m.period_first and m.period_last <= period.last
                ]  # fmt: skip
                assert found == delegates_of(own, seats, links), (word, unit.key)
                compared += len(found)
            total = figures(top, period, "then", TODAY)[f"{section.level}_attendance"]
            assert sum(row.cells["attendance"] for row in section.rows) == total
    assert compared > 40


def test_restated_delegates_keep_the_total(world):
    then, now = (delegate_table(world.province, Period.year(2025), boundaries, TODAY) for boundaries in ("then", "now"))
    for word in ("named", "guests", "concurrent", "attendance", "cell_secretary_called", "village_head_present"):
        sums = [sum(row.cells[word] for row in table.sections[0].rows) for table in (then, now)]
        assert sums[0] == sums[1] > 0, word


def test_years_are_the_figures_of_each_year_both_ways(world):
    for word, top in (("2025", world.province), ("2025-Q3", world.n1), ("2016", world.a), ("2025-05", world.a)):
        period = Period.parse(word)
        table = year_table(top, period, "then", TODAY)
        for section, boundaries in zip(table.sections, ("then", "now"), strict=True):
            for column in table.columns:
                if column.period:
                    found = figures(top, Period.parse(column.period), boundaries, TODAY)
                    _compare_year(section, column.key, found)
        assert sum(bool(column.period) for column in table.columns) == 5
    assert [row.measure for row in table.sections[1].rows if row.measure] == []


def _compare_year(section, key, found):
    words = {"Ý kiến tiếp nhận": "opinions_received", "Quá hạn": "opinions_overdue"}
    for row in section.rows:
        word = row.measure or words.get(row.cells["name"], "")
        if word:
            assert (row.cells[key] or 0) == found[word], (key, word)


def test_initiatives_are_as_many_as_the_kinds_say_and_never_restricted(world):
    period = Period.year(2016)
    (kinds,) = kind_table(world.province, period, "then", TODAY).sections
    for user in (None, world.head):
        (section,) = initiative_table(world.province, period, "then", TODAY, user).sections
        assert len(section.rows) == sum(row.cells["initiative"] + row.cells["good_practice"] for row in kinds.rows) > 0
        assert SECRET not in {row.cells["text"] for row in section.rows}
        assert {row.cells["spread"] for row in section.rows} == {"", 2}
        assert any(row.cells["stage"] for row in section.rows)


def test_records_and_hidden_ones_are_what_was_received(world):
    _, _, everything = snapshot()
    for word, top in (("2016", world.province), ("2025", world.a), ("2025-10", world.n1)):
        period = Period.parse(word)
        mine = opinions_of(everything, belongs(top, "then", TODAY), period)
        table = opinion_records(top, period, "then", TODAY, world.head)
        hidden = [o for o in mine if o.visibility == "restricted"]
        codes = {row.cells["code"] for row in table.sections[0].rows}
        assert codes == {f"YK-{o.pk}" for o in mine if o.visibility != "restricted"}
        assert [row.cells["text"] for row in table.sections[0].asides] == [f"{len(hidden)} ý kiến hạn chế xem"]
        assert table.facts["total"] == len(mine)
        assert SECRET not in words_of(table)


@pytest.mark.parametrize("make_table", [opinion_records, initiative_table])
def test_speakers_who_wish_so_are_named_at_home_only(world, make_table):
    period = Period.year(2016)
    for user in (None, world.head, world.leader):
        table = make_table(world.a1, period, "then", TODAY, user)
        assert HIDDEN_NAME not in words_of(table)
        assert "Lê Thị Hoa" in words_of(table)
    assert "(không nêu tên)" in words_of(make_table(world.a1, period, "then", TODAY, None))


def words_of(table):
    return str((table, [section.rows for section in table.sections]))


@pytest.mark.parametrize("code", ["B5", "B6", "B7", "B9", "B10"])
def test_statements_are_as_many_for_one_commune_as_for_a_province(
    world, signed_in, code, django_assert_max_num_queries
):
    browser = signed_in(world.head)
    for unit in (world.a1, world.province):
        path = f"/bao-cao/bieu/{code}/?ky=2016&don-vi={unit.key}"
        browser.get(path)
        with django_assert_max_num_queries(19 if code == "B10" else 14):
            assert browser.get(path).status_code == 200


def test_records_are_no_page(world, signed_in):
    assert signed_in(world.head).get("/bao-cao/bieu/DuLieu_YK/").status_code == 404
