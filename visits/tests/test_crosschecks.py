"""What a reviewer is asked to ask about: pure rules by table, then the list from outside; questions, never verdicts."""

from datetime import date, datetime, time, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from visits.checks.rules import Moment, at_once, content_key, gap_short, is_late
from visits.models import Visit
from visits.tests.builders import make_cadre, make_visit

DAY = date(2026, 3, 2)
LONG = "Chi bộ bàn việc làm đường vào nhà văn hóa, phân công đảng viên vận động từng hộ."
HERE, SAME_COMMUNE, NEAR, FAR = (1, 10, 100), (2, 10, 100), (3, 11, 100), (4, 12, 101)
NEAR_WITHOUT_DISTRICT, FAR_PROVINCE = (5, 13, None), (6, 14, None)


def moment(place, start, end=None, day=DAY, province=1000):
    unit, commune, district = place
    return Moment(day, start, end, unit, commune, district, province)


@pytest.mark.parametrize(
    ("first", "second", "minutes"),
    [
        ((HERE, time(8), time(9)), (SAME_COMMUNE, time(9)), None),
        ((HERE, time(8), time(9)), (NEAR, time(9, 29)), 29),
        ((HERE, time(8), time(9)), (NEAR, time(9, 30)), None),
        ((HERE, time(8), time(9)), (FAR, time(9, 30)), 30),
        ((HERE, time(8), time(9)), (FAR, time(10)), None),
        ((HERE, time(8)), (FAR, time(9)), None),
        ((HERE, time(8)), (FAR, time(9, 30)), None),
        ((HERE, time(8)), (NEAR, time(9, 5)), None),
        ((HERE, time(8), time(10)), (FAR, time(9)), None),
        ((HERE, None), (FAR, time(9)), None),
        ((HERE, time(8), time(9)), (NEAR_WITHOUT_DISTRICT, time(9, 30)), 30),
        ((NEAR_WITHOUT_DISTRICT, time(8), time(9)), ((7, 15, None), time(9, 30)), None),
        ((NEAR_WITHOUT_DISTRICT, time(8), time(9)), ((7, 15, None), time(9, 20)), 20),
        ((HERE, time(8), time(9)), (HERE, time(9)), None),
    ],
)
def test_too_little_time_on_the_road(first, second, minutes):
    pair = moment(*first), moment(*second)
    for found in (gap_short(*pair), gap_short(*reversed(pair))):
        assert (found and found[0]) == (None if minutes is None else timedelta(minutes=minutes))


def test_another_province_is_far_and_another_day_is_no_question():
    early, late = moment(NEAR_WITHOUT_DISTRICT, time(8), time(9)), moment(FAR_PROVINCE, time(9, 40), province=1001)
    assert gap_short(early, late)
    assert gap_short(early, moment(FAR, time(9, 10), day=DAY + timedelta(days=1))) is None
    assert at_once(early, moment(FAR, time(8, 30)))
    assert gap_short(early, moment(FAR, time(8, 30))) is None


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        (LONG, LONG.upper(), True),
        (LONG, "Chi bo ban viec lam duong vao nha van hoa,  phan cong dang vien van dong tung ho.", True),
        (LONG, LONG + " Có 20 người.", False),
    ],
)
def test_contents_that_read_the_same_have_one_key(first, second, same):
    assert (content_key(first) == content_key(second)) is same


def test_a_few_words_are_no_copy():
    assert content_key("Dự sinh hoạt chi bộ.") == ""
    assert content_key(LONG)


@pytest.mark.parametrize(("days", "answer"), [(0, False), (15, False), (16, True)])
def test_late_is_more_than_fifteen_days(days, answer):
    assert is_late(DAY, DAY + timedelta(days=days)) is answer


@pytest.fixture
def post(cast):
    return cast.cadre.person.posts.get()


def ask(browser, **query):
    return browser.get(reverse("visit_questions"), {"ky": ""} | query)


def totals(answer):
    return {tab["label"]: tab["count"] for tab in answer.context["tabs"] if tab["count"]}


def at(post, unit, start, end, day=None, **fields):
    day = day or timezone.localdate()
    return make_visit(post, unit, day, started_at=start, ended_at=end, findings="Cần sửa cống", **fields)


def test_a_road_too_short_is_asked_with_its_minutes(cast, signed_in, post):
    first = at(post, cast.tree.villages[0], "08:00", "09:30")
    at(post, cast.tree.a2, "09:45", "11:00")
    at(post, cast.tree.villages[1], "15:00", "16:00")
    answer = ask(signed_in(cast.leader))
    assert totals(answer) == {"Tất cả": 1, "Đi lại khó kịp": 1}
    assert "Giữa hai lượt có 15 phút, thường cần ít nhất 30 phút đi đường." in answer.content.decode()
    assert "15 phút" in signed_in(cast.leader).get(first.get_absolute_url()).content.decode()
    assert totals(ask(signed_in(cast.commune))) == {}
    assert totals(ask(signed_in(cast.leader), loai="at_once")) == totals(answer)
    assert 'data-total="0"' in ask(signed_in(cast.leader), loai="at_once").content.decode()


def test_busy_days_that_go_together_are_no_question(cast, signed_in, post):
    """False positives: two villages of a commune one after the other, two cadres at once, another day, no hours."""
    one, two, three = cast.tree.villages
    at(post, one, "08:00", "09:00")
    at(post, two, "09:00", "10:00")
    at(make_cadre(cast.tree.a, "Lý Thị Khác"), three, "08:00", "09:00")
    at(post, cast.tree.a2, "08:00", "09:00", day=timezone.localdate() - timedelta(days=1))
    make_visit(post, cast.tree.a2, timezone.localdate(), findings="Cần sửa cống")
    withdrawn = at(post, cast.tree.a2, "08:30", "09:30")
    Visit.objects.filter(pk=withdrawn.pk).update(status="withdrawn")
    assert totals(ask(signed_in(cast.leader))) == {}


def test_copied_words_are_one_question_however_often(cast, signed_in, post):
    fields = {"findings": "Cần sửa cống", "content_key": content_key(LONG)}
    for number in range(4):
        make_visit(post, cast.tree.a1, timezone.localdate() - timedelta(days=number * 4), **fields)
    answer = ask(signed_in(cast.leader))
    assert totals(answer) == {"Tất cả": 1, "Nội dung giống hệt nhau": 1}
    assert "Nguyễn Thị Canbo: 4 lượt có nội dung giống hệt nhau." in answer.content.decode()
    make_visit(make_cadre(cast.tree.a, "Lý Thị Khác"), cast.tree.a2, timezone.localdate(), **fields)
    page = ask(signed_in(cast.leader)).content.decode()
    assert "2 cán bộ: 5 lượt" in page
    assert "4 lượt" in ask(signed_in(cast.commune)).content.decode()
    page = signed_in(cast.leader).get(Visit.objects.first().get_absolute_url()).content.decode()
    assert "Nội dung giống hệt lượt đi" in page


def test_five_silent_visits_in_a_row_are_asked_and_a_finding_breaks_the_row(cast, signed_in, post):
    today = timezone.localdate()
    for number in range(4):
        make_visit(post, cast.tree.a1, today - timedelta(days=number * 3))
    browser = signed_in(cast.leader)
    assert totals(ask(browser)) == {}
    make_visit(post, cast.tree.a1, today - timedelta(days=14))
    assert totals(ask(browser)) == {"Tất cả": 1, "Nhiều lượt liền không ghi vấn đề": 1}
    assert "5 lượt gần nhất" in ask(browser).content.decode()
    assert "5 lượt liền" in browser.get(Visit.objects.newest_first().first().get_absolute_url()).content.decode()
    make_visit(post, cast.tree.a1, today - timedelta(days=1), findings="Cần sửa cống")
    assert totals(ask(browser)) == {}


def test_a_visit_written_down_late_is_asked(cast, signed_in, post):
    today = timezone.localdate()
    for days in (15, 16):
        visit = make_visit(post, cast.tree.a1, today - timedelta(days=days), findings="Cần sửa cống")
        logged_at = timezone.make_aware(datetime.combine(today, time(0, 30)))
        Visit.objects.filter(pk=visit.pk).update(logged_at=logged_at)
    answer = ask(signed_in(cast.leader))
    assert totals(answer) == {"Tất cả": 1, "Ghi muộn sau ngày đi": 1}
    assert "sau 16 ngày. Vì sao ghi muộn?" in answer.content.decode()
    assert "sau 16 ngày" in signed_in(cast.leader).get(visit.get_absolute_url()).content.decode()


def test_the_questions_take_the_same_queries_for_one_and_three(
    cast, signed_in, post, django_assert_max_num_queries, django_assert_num_queries
):
    browser, today = signed_in(cast.leader), timezone.localdate()

    def one_of_each(cadre, day):
        at(cadre, cast.tree.villages[0], "08:00", "09:30", day, content_key=f"{cadre.pk}")
        at(cadre, cast.tree.a2, "09:00", "09:45", day, content_key=f"{cadre.pk}")

    one_of_each(post, today)
    ask(browser)
    with django_assert_max_num_queries(20) as seen:
        ask(browser)
    for number in (1, 2):
        one_of_each(make_cadre(cast.tree.a, f"Vũ Văn {number}"), today)
    with django_assert_num_queries(len(seen.captured_queries)):
        assert totals(ask(browser))["Tất cả"] == 6


def test_this_year_is_asked_about_unless_another_time_is_chosen(cast, signed_in, post):
    browser, last_year = signed_in(cast.leader), timezone.localdate().replace(month=1, day=1) - timedelta(days=1)
    at(post, cast.tree.a1, "08:00", "09:00", last_year)
    at(post, cast.tree.a2, "08:30", "09:30", last_year)
    Visit.objects.update(logged_at=timezone.make_aware(datetime.combine(last_year, time(20))))
    assert totals(browser.get(reverse("visit_questions"))) == {}
    assert totals(ask(browser)) == totals(ask(browser, ky=str(last_year.year))) == {
        "Tất cả": 1, "Hai nơi cùng một lúc": 1,
    }  # fmt: skip
    assert f"ky={timezone.localdate().year}" in browser.get(reverse("visit_questions")).content.decode()


def test_only_reviewers_read_the_list(cast, signed_in):
    for who in ("cadre", "village", "agency", "admin"):
        assert ask(signed_in(getattr(cast, who))).status_code == 403, who
    assert ask(signed_in(cast.leader), loai="verdict").status_code == 422
