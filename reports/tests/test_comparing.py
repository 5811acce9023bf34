"""The page of comparisons: the same months, five years, peers without ranking, both ways of counting reconciled."""

import re
from datetime import date, datetime

import pytest
from django.utils import timezone

from conftest import make_user
from core.periods import Period
from reports.comparing import peers, same_period, trends
from reports.compiling import compile_figures
from reports.figures import figures
from reports.reach import reach_of
from reports.tests.lists import Lengths
from reports.tests.world import TODAY, fill, fill_elsewhere, make_reform_tree

PATH = "/bao-cao/so-sanh/"
NIGHT = timezone.make_aware(datetime(2025, 11, 20, 1, 30))
YEAR = Period.year(2025)


@pytest.fixture
def world(db):
    tree = make_reform_tree()
    fill(tree, years=(2024, 2025))
    fill_elsewhere(tree)
    tree.head = make_user("truong", "province", tree.province)
    tree.leader = make_user("huyen", "leader", tree.a)
    tree.officer = make_user("xa", "commune", tree.n1)
    return tree


def test_a_running_year_is_compared_month_for_month(world):
    same = same_period(reach_of(world.province, "then", TODAY), YEAR, TODAY)
    assert (same.label, same.before_label) == ("Tháng 1 đến tháng 10/2025", "Tháng 1 đến tháng 10/2024")
    found = dict(same.rows)
    for label, word in (("Hội nghị cấp xã", "commune_meetings"), ("Số kỳ cấp xã đạt", "commune_occurrences_held")):
        for year, number in ((2025, found[label].now), (2024, found[label].before)):
            months = [Period.month(year, month) for month in range(1, 11)]
            assert number == sum(figures(world.province, month, "then", TODAY)[word] for month in months)


def test_a_year_that_is_over_is_compared_as_a_whole(world):
    after = date(2026, 2, 1)
    found = dict(same_period(reach_of(world.province, "then", after), YEAR, after).rows)
    for year, part in ((2025, "now"), (2024, "before")):
        words = figures(world.province, Period.year(year), "then", after)
        assert getattr(found["Ý kiến tiếp nhận"], part) == words["opinions_received"]
        assert getattr(found["Hội nghị cấp huyện"], part) == words["district_meetings"]


@pytest.mark.parametrize("day", [TODAY, date(2026, 2, 1)])
def test_both_boundaries_reconcile_to_the_same_total(world, day):
    then, now = (same_period(reach_of(world.province, way, day), YEAR, day) for way in ("then", "now"))
    assert then == now
    assert then.rows


def test_points_of_the_lines_open_their_lists(world):
    today = timezone.localdate()
    lengths, checked = Lengths(world.head, today), 0
    for _, _, points in trends(reach_of(world.province, "then", today, world.head), YEAR, today):
        assert [point["label"] for point in points] == [2024, 2025]
        for point in points:
            assert lengths.of(point["url"]) == point["value"]
            checked += 1
    assert checked == 4


def test_peers_are_named_in_the_official_order_and_only_seen_ones(world):
    compile_figures(TODAY, NIGHT)
    reach = reach_of(world.province, "then", TODAY)
    groups, moment = peers(reach, YEAR, TODAY, world.head)
    names = [[row.name for row in rows] for _, rows in groups]
    assert names == [[world.a.name, world.b.name], [world.n1.name, world.n2.name]]
    assert moment == NIGHT
    for rows in (rows for _, rows in groups):
        for row in rows:
            expected = int(row.held.partition("/")[2])
            assert (row.rate == "dưới 10") == (0 < expected < 10)
    assert peers(reach_of(world.n1, "then", TODAY), YEAR, TODAY, world.officer)[0] == []
    beside = peers(reach_of(world.n1, "then", TODAY), YEAR, TODAY, world.head)[0]
    assert [[row.name for row in rows] for _, rows in beside] == [[world.n1.name, world.n2.name]]


def test_the_page_says_what_is_compared(world, signed_in, django_assert_max_num_queries):
    browser = signed_in(world.head)
    page = browser.get(f"{PATH}?ky=2025").content.decode()
    assert "Chưa có số liệu tổng hợp đêm" in page
    compile_figures(timezone.localdate(), timezone.now())
    for unit in (world.n1, world.province):
        with django_assert_max_num_queries(25):
            page = browser.get(f"{PATH}?ky=2025&don-vi={unit.key}").content.decode()
    assert "không xếp hạng" in page
    assert re.search(r"Số liệu tổng hợp lúc \d\d:\d\d", page)
    assert browser.get(f"{PATH}?ky=2015..2016").status_code == 422
    assert browser.get(f"{PATH}?ky=2016").status_code == 200
    assert signed_in(world.leader).get(f"{PATH}?don-vi={world.b.key}").status_code == 404
