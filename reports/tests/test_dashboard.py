"""The one-page picture: for each role its own unit, every mark opens its list, silence is a question."""

import re

import pytest
from django.utils import timezone

from conftest import make_body, make_unit, make_user
from core.periods import Period
from feedback.models import Opinion
from reports.dashboard.reads import MOST_ROWS, Heat, silence_of
from reports.reach import reach_of
from reports.tests.lists import Lengths
from reports.tests.world import REFORM, SECRET, TODAY, fill, make_reform_tree
from units.loading import rebuild_tree

IN_PART = r"(?:, (\d+) kỳ kết thúc khi chưa họp đủ)?"
CELL = re.compile(r'title="Tháng (\d+): họp (\d+) trong (\d+) kỳ' + IN_PART + r'"><a href="([^"]+)">')
COUNT = re.compile(r'<td class="num"><a href="([^"]+)">([\d.]+)')
PATH = "/bao-cao/tong-quan/"


@pytest.fixture
def world(db):
    tree = make_reform_tree()
    fill(tree)
    far = make_unit("province", "91", "Tỉnh Tây Hồ")
    tree.far = make_unit("commune", "91001", "Xã Xa", far)
    rebuild_tree()
    tree.head = make_user("truong", "province", tree.province)
    tree.leader = make_user("huyen", "leader", tree.a)
    tree.officer = make_user("xa", "commune_leader", tree.n1)
    tree.outsider = make_user("ngoai", "commune", tree.far)
    return tree


@pytest.mark.parametrize(
    ("who", "query"),
    [
        ("head", "ky=2016"),
        ("head", "ky=2025&ranh-gioi=now"),
        ("leader", "ky=2025-Q2"),
        ("leader", "ky=2016-05"),
        ("officer", "ky=2025"),
    ],
)
def test_every_mark_opens_its_list(world, signed_in, who, query):
    user = getattr(world, who)
    page = signed_in(user).get(f"{PATH}?{query}").content.decode()
    lengths, cells = Lengths(user, timezone.localdate()), CELL.findall(page)
    for _, held, expected, in_part, link in cells:
        missing = int(expected) - int(held) - int(in_part or 0)
        number = missing or int(in_part or held)
        assert lengths.of(link) == number, link
    counts = COUNT.findall(page)
    for link, text in counts:
        assert lengths.of(link) == int(text.replace(".", "")), link
    assert cells
    assert len(counts) > 4
    assert SECRET not in page


def test_strangers_and_other_duties_are_refused(world, signed_in):
    key = world.province.key
    assert signed_in(world.outsider).get(f"{PATH}?don-vi={key}").status_code == 404
    agency = make_user("coquan", "agency", world.n1, make_body(world.n1, "Phòng Kinh tế"))
    assert signed_in(agency).get(PATH).status_code == 403
    answer = signed_in(world.head).get(f"{PATH}?ky=2015..2016")
    assert answer.status_code == 422
    assert "Chọn lại kỳ" in answer.content.decode()


def test_a_unit_without_anything_says_so(world, signed_in):
    page = signed_in(world.outsider).get(f"{PATH}?ky=2016").content.decode()
    assert "Kỳ này không có kỳ giao ban nào" in page
    assert "Chưa có danh sách thôn, khu" in page


def test_statements_are_as_many_for_a_commune_as_for_a_province(world, signed_in, django_assert_max_num_queries):
    browser = signed_in(world.head)
    for unit in (world.a1, world.province):
        browser.get(f"{PATH}?ky=2016&don-vi={unit.key}")
        with django_assert_max_num_queries(25):
            assert browser.get(f"{PATH}?ky=2016&don-vi={unit.key}").status_code == 200


def test_a_village_is_silent_whose_only_opinions_are_restricted(world):
    period, reach = Period.year(2016), reach_of(world.a1, "then", TODAY)
    heard = Opinion.objects.filter(village=world.village, year=2016)
    assert silence_of(reach, period, TODAY, [world.a1.pk]).silent == 0
    heard.update(visibility="restricted")
    found = silence_of(reach, period, TODAY, [world.a1.pk])
    assert (found.silent, found.villages, found.names) == (1, 1, (world.village.name,))


def test_a_long_list_keeps_those_that_miss_most_and_sums_up_the_rest(world):
    reach = reach_of(world.province, "then", TODAY)
    heat = Heat(reach, Period.year(2025), TODAY)
    assert not heat.is_cut
    extra = [make_unit("commune", f"9{n:04d}", f"Xã {n}", world.province, valid_from=REFORM) for n in range(500, 520)]
    rebuild_tree()
    for unit in extra:
        heat.counts[unit.pk] = {8: heat.counts[world.n1.pk][8]}
        heat.lines.append(type(heat.lines[0])(unit.pk, unit.key, unit.name, "commune"))
    rows = heat.rows({})
    assert len(rows) == MOST_ROWS + 1
    assert rows[-1].name == f"{len(heat.lines) - MOST_ROWS} đơn vị khác"
    assert [row.missing for row in rows[:-1]] == sorted((row.missing for row in rows[:-1]), reverse=True)
