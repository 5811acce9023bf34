"""Working days: the public calendar with Tết and swapped days, a province's own rows, and their page."""

from datetime import date

import pytest

from core.periods import WorkCalendar
from meetings.cadence.services import plan_occurrences
from meetings.cadence.workdays import add_special_day, calendar_for, public_calendar, remove_special_day
from meetings.models import Meeting, Occurrence, SpecialDay
from meetings.services import MeetingFacts, hold_meeting
from meetings.tests.builders import make_meeting, make_rule

PAGE = "/hoi-nghi/lich-lam-viec/"
WEEK = WorkCalendar()


@pytest.mark.parametrize(
    ("day", "is_working"),
    [
        (date(2025, 1, 24), True),
        (date(2025, 1, 27), False),
        (date(2025, 1, 31), False),
        (date(2025, 2, 3), True),
        (date(2025, 4, 7), False),
        (date(2025, 4, 26), True),
        (date(2025, 5, 2), False),
        (date(2025, 9, 1), False),
        (date(2026, 2, 16), False),
        (date(2026, 2, 20), False),
        (date(2026, 2, 21), False),
        (date(2026, 2, 23), True),
        (date(2026, 4, 27), False),
        (date(2026, 8, 22), True),
        (date(2026, 8, 31), False),
        (date(2026, 9, 3), True),
        (date(2014, 12, 27), True),
        (date(2015, 1, 2), False),
        (date(2024, 2, 29), True),
    ],
)
def test_public_calendar(day, is_working):
    assert public_calendar(day, day).is_working(day) is is_working


@pytest.mark.parametrize(
    ("day", "n", "answer"),
    [
        (date(2026, 11, 20), 0, date(2026, 11, 20)),
        (date(2026, 11, 20), 1, date(2026, 11, 23)),
        (date(2026, 11, 20), 3, date(2026, 11, 26)),
        (date(2025, 1, 24), 3, date(2025, 2, 5)),
        (date(2026, 2, 13), 5, date(2026, 2, 27)),
        (date(2026, 8, 20), 2, date(2026, 8, 22)),
        (date(2026, 8, 28), 1, date(2026, 9, 3)),
        (date(2024, 2, 27), 3, date(2024, 3, 1)),
        (date(2026, 12, 30), 2, date(2027, 1, 4)),
    ],
)
def test_adding_working_days(day, n, answer):
    assert public_calendar(day, day).add(day, n) == answer


@pytest.mark.parametrize(
    ("day", "answer"),
    [
        (date(2026, 10, 31), date(2026, 11, 2)),
        (date(2026, 11, 30), date(2026, 11, 30)),
        (date(2026, 2, 14), date(2026, 2, 23)),
        (date(2026, 8, 22), date(2026, 8, 22)),
    ],
)
def test_rolling_forward(day, answer):
    assert public_calendar(day, day).roll_forward(day) == answer


def test_counting_and_what_wins():
    assert WEEK.count(date(2026, 11, 16), date(2026, 11, 22)) == 5
    monday, saturday = date(2026, 11, 16), date(2026, 11, 21)
    swapped = WorkCalendar(frozenset({monday}), frozenset({saturday}))
    assert [swapped.is_working(day) for day in (monday, saturday)] == [False, True]


@pytest.fixture
def held(cast):
    """A meeting of commune A1 held on Thursday 05/11/2026: to be logged by the 10th, concluded by the 12th."""
    make_rule(cast.tree.province)
    meeting = make_meeting(cast.tree.a1, None, status="planned", kind="thematic", planned_on=date(2026, 11, 5))
    facts = MeetingFacts(date(2026, 11, 5), meeting.title, "hall")
    return hold_meeting(meeting.pk, facts, actor=cast.commune, today=date(2026, 11, 6), version=1)


def test_a_provinces_own_row_wins_and_moves_the_open_dues(cast, held):
    assert (held.log_due_on, held.conclusion_due_on) == (date(2026, 11, 10), date(2026, 11, 12))
    province = cast.tree.province.pk
    SpecialDay.objects.create(day=date(2026, 11, 10), name="Cả nước nghỉ")
    for _ in range(2):
        row = add_special_day(province, date(2026, 11, 9), actor=cast.head, is_working=False, name="Bão số 13")
    held.refresh_from_db()
    assert (held.log_due_on, held.conclusion_due_on) == (date(2026, 11, 12), date(2026, 11, 16))
    add_special_day(province, date(2026, 11, 10), actor=cast.head, is_working=True, name="Tỉnh vẫn làm việc")
    assert calendar_for(province, date(2026, 11, 1), date(2026, 11, 30)).is_working(date(2026, 11, 10))
    for _ in range(2):
        remove_special_day(row.pk, actor=cast.head)
    held.refresh_from_db()
    assert held.log_due_on == date(2026, 11, 10)
    assert SpecialDay.objects.filter(province=province).count() == 1


def test_changing_the_calendar_takes_the_same_statements_for_three_meetings(cast, held, django_assert_max_num_queries):
    Meeting.objects.filter(pk=held.pk).update(version=2)
    for day in (3, 4):
        make_meeting(cast.tree.a1, date(2026, 11, day), log_due_on=date(2026, 11, 9), kind="thematic")
    with django_assert_max_num_queries(14):
        add_special_day(
            cast.tree.province.pk, date(2026, 11, 6), actor=cast.head, is_working=False, name="Nghỉ tránh bão"
        )


def test_only_a_rule_that_says_so_rolls_its_window(cast):
    make_rule(cast.tree.province)
    make_rule(cast.tree.province, "district", "quarter", rolls_forward=True)
    plan_occurrences(date(2026, 12, 31), date(2026, 10, 1), since=date(2026, 4, 1))
    days = dict(Occurrence.objects.filter(unit__in=(cast.tree.a1, cast.tree.a)).values_list("period", "due_on"))
    assert days["2026-05"] == date(2026, 5, 31)
    assert days["2026-10"] == date(2026, 10, 31)
    assert days["2026-Q2"] == date(2026, 6, 30)
    third = Occurrence.objects.get(unit=cast.tree.a, period="2026-Q3")
    assert (third.due_on, third.late_until) == (date(2026, 9, 30), date(2026, 10, 5))
    add_special_day(cast.tree.province.pk, date(2026, 9, 30), actor=cast.head, is_working=False, name="Bão số 9")
    third.refresh_from_db()
    assert third.due_on == date(2026, 10, 1)
    assert Occurrence.objects.get(unit=cast.tree.a, period="2026-Q4").late_until == date(2027, 1, 5)


def test_page_adds_and_removes_ones_own_days(cast, signed_in):
    head = signed_in(cast.head)
    text = head.get(PAGE, {"nam": "2025"}).content.decode()
    assert "02/05/2025" in text
    assert "Làm bù cho ngày nghỉ 02/05/2025" in text
    assert "Tết Nguyên Đán" in text
    form = {"day": "09/11/2026", "state": "off", "name": "Nghỉ tránh bão số 13", "document": "12-CV/UBND"}
    assert head.post(PAGE + "them/", form).status_code == 302
    row = SpecialDay.objects.get()
    assert row.province == cast.tree.province
    assert "Nghỉ tránh bão số 13" in head.get(PAGE, {"nam": "2026"}).content.decode()
    weekend = head.post(PAGE + "them/", form | {"day": "08/11/2026"})
    assert weekend.status_code == 422
    assert "vốn là ngày nghỉ" in weekend.content.decode()
    assert head.post(PAGE + "them/", form | {"name": "Tên khác"}).status_code == 422
    assert head.post(PAGE + "them/", form | {"day": "hôm qua"}).status_code == 422
    assert signed_in(cast.province_leader).get(PAGE).status_code == 200
    assert signed_in(cast.province_leader).post(f"{PAGE}{row.pk}/bo/").status_code == 403
    for who in (cast.commune, cast.leader, cast.outsider):
        assert signed_in(who).get(PAGE).status_code == 403
        assert signed_in(who).post(PAGE + "them/", form).status_code == 403
    assert head.post(f"{PAGE}{row.pk}/bo/").status_code == 302
    assert not SpecialDay.objects.exists()
    assert head.post(f"{PAGE}{row.pk}/bo/").status_code == 404
