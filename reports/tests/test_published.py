"""The figures that the press published, beside ours: the same, other, not enough, nothing; and who sees ours."""

import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from conftest import make_unit, make_user
from core.periods import Period
from feedback import tallies as feedback_tallies
from feedback.tests.builders import make_opinion
from meetings import tallies
from meetings.models import MeetingMonth
from meetings.tests.builders import make_meeting, make_occurrence, make_rule
from reports.measures import CLAIMABLE
from reports.published import PUBLISHED
from units.loading import rebuild_tree
from units.models import Unit
from visits.models import CountedVisits, TrainingCourse

PAGE = "/bao-cao/da-cong-bo/"


@pytest.fixture
def world(db):
    """A province of the published code with one meeting of 2016, and Trà Vinh with its published sums of visits."""
    home, away = make_unit("province", "22", "Tỉnh Quảng Ninh"), make_unit("province", "84", "Tỉnh Trà Vinh")
    district = make_unit("district", "199", "Huyện Tiên Yên", home)
    commune = make_unit("commune", "06862", "Xã Hà Lâu", district)
    rebuild_tree()
    occurrence = make_occurrence(make_rule(home), commune, "2016-03", met_on=date(2016, 3, 20))
    make_meeting(commune, date(2016, 3, 20), occurrence)
    tallies.rebuild()
    for level, number in (("province", 823), ("district", 5503), ("commune", 26140)):
        CountedVisits.objects.create(
            unit=away, province=away, level=level, first_on=date(2013, 1, 1), last_on=date(2015, 12, 31), visits=number,
            members_due=1000 if level == "commune" else 0, members_present=657 if level == "commune" else 0,
        )  # fmt: skip
    home.head, away.head = make_user("truong", "province", home), make_user("truongkhac", "province", away)
    home.leader = make_user("huyen", "leader", district)
    home.agency = make_user("coquan", "cadre", district)
    return home, away


def test_every_published_figure_has_a_definition_and_a_source():
    for each in PUBLISHED:
        assert each.article.title
        assert each.article.published
        assert Period.parse(each.period).code == each.period
        for word in filter(None, (each.measure, each.over, each.less)):
            assert word in CLAIMABLE


def test_the_same_other_not_enough_and_nothing(world, signed_in):
    home, away = world
    page = signed_in(home.head).get(PAGE).content.decode()
    assert f'data-total="{len(PUBLISHED)}"' in page
    assert "chênh −1.715" in page
    assert "mới có các năm 2016" in page
    assert "Hệ thống không đếm" not in page
    assert "823 lượt cán bộ cấp tỉnh" in page
    assert page.count(">ngoài phạm vi<") == 4
    assert 'data-unit="province-84' not in page
    other = signed_in(away.head).get(PAGE).content.decode()
    assert other.count(">khớp<") == 4
    assert "26.140</span>" in other
    assert "65,70% (657/1.000)" in other
    assert "1.716 hội nghị giao ban cấp xã" in other
    assert 'data-unit="province-22' not in other


def test_a_claim_of_satisfaction_is_measured_by_confirmations_and_never_by_two_of_seven_years(world, signed_in):
    """The one year there is meets what was said of seven; answered is not satisfied."""
    make_opinion(
        Unit.objects.get(code="06862"), raised_on=date(2016, 3, 20), status="resolved", satisfaction="satisfied"
    )
    feedback_tallies.rebuild()
    row = re.search(r"<tr><td[^>]*><span>Hơn 98% ý kiến.*?</tr>", signed_in(world[0].head).get(PAGE).text, re.DOTALL)[0]
    assert "Ý kiến được người nêu xác nhận" in row
    assert "100% (1/1)" in row
    assert ">chưa đủ dữ liệu<" in row
    assert "mới có các năm 2016" in row


@pytest.mark.parametrize(
    ("turns", "verdict", "ours"),
    [(None, "không có số liệu", ""), (25001, "khớp", "25.001"), (9, "chưa đủ dữ liệu", "9")],
)
def test_trained_turns_are_counted(world, signed_in, turns, verdict, ours):
    if turns:
        days = {"started_on": date(2018, 5, 2), "ended_on": date(2018, 5, 4)}
        place = {"unit": world[0], "province": world[0], "level": "province"}
        TrainingCourse.objects.create(title="Lớp dân vận", counted_turns=turns, search_text="lop", **days, **place)
    page = signed_in(world[0].head).get(PAGE).text
    row = re.search(r"<tr><td[^>]*><span>Trên 25.000 lượt.*?</tr>", page, re.DOTALL)[0]
    assert "Lượt tập huấn, bồi dưỡng" in row
    assert f">{verdict}<" in row
    assert ours in row


def test_a_district_sees_its_own_beside(world, signed_in):
    page = signed_in(world[0].leader).get(PAGE).content.decode()
    assert 'data-unit="district-199' in page
    assert 'data-unit="province-22' not in page


def test_nothing_known_is_no_zero(world, signed_in):
    MeetingMonth.objects.all().delete()
    page = signed_in(world[0].head).get(PAGE).content.decode()
    assert "không có số liệu" in page
    assert "chênh" not in page


def test_who_may_and_how_many_statements(world, signed_in):
    home, _ = world
    assert signed_in(home.agency).get(PAGE).status_code == 403
    browser, counts = signed_in(home.head), []
    for number in (1, 3):
        for extra in range(number - 1):
            make_meeting(make_unit_of(home, extra), date(2016, 4, 20) + timedelta(extra))
        tallies.rebuild()
        browser.get(PAGE)
        with CaptureQueriesContext(connection) as asked:
            browser.get(PAGE)
        counts.append(len(asked))
    assert counts[0] == counts[1] < 110


def make_unit_of(province, number):
    unit = make_unit("commune", f"0690{number}", f"Xã Mới {number}", province)
    rebuild_tree()
    return unit
