"""The rules of cadence and of a meeting's life, as tables (domain defaults: 5 days early, 5 days of grace)."""

from datetime import date
from types import SimpleNamespace

import pytest

from core.errors import DomainError
from core.periods import Period
from meetings.enums import MeetingStatus, Timeliness
from meetings.rules import (
    MOVES,
    check_held_on,
    check_move,
    check_roster,
    check_times,
    expected_periods,
    is_overdue,
    read_back_first,
    satisfies_cadence,
    timeliness,
    window,
)

BEGAN = (date(2014, 1, 1), None)


@pytest.mark.parametrize(
    ("word", "opens_on", "due_on", "late_until"),
    [
        ("2016-03", date(2016, 2, 25), date(2016, 3, 31), date(2016, 4, 5)),
        ("2028-02", date(2028, 1, 27), date(2028, 2, 29), date(2028, 3, 5)),
        ("2027-02", date(2027, 1, 27), date(2027, 2, 28), date(2027, 3, 5)),
        ("2016-01", date(2015, 12, 27), date(2016, 1, 31), date(2016, 2, 5)),
        ("2016-12", date(2016, 11, 26), date(2016, 12, 31), date(2017, 1, 5)),
        ("2016-Q4", date(2016, 9, 26), date(2016, 12, 31), date(2017, 1, 5)),
    ],
)
def test_window(word, opens_on, due_on, late_until):
    days = window(Period.parse(word), 5, 5)
    assert (days.opens_on, days.due_on, days.late_until) == (opens_on, due_on, late_until)


@pytest.mark.parametrize(
    ("met_on", "is_exempt", "is_incomplete", "today", "answer"),
    [
        (date(2016, 2, 25), False, False, date(2016, 6, 1), Timeliness.ON_TIME),
        (date(2016, 3, 31), False, False, date(2016, 6, 1), Timeliness.ON_TIME),
        (date(2016, 4, 1), False, False, date(2016, 6, 1), Timeliness.LATE),
        (date(2016, 4, 5), False, False, date(2016, 6, 1), Timeliness.LATE),
        (date(2016, 4, 6), False, False, date(2016, 6, 1), Timeliness.MADE_UP),
        (date(2016, 4, 6), True, False, date(2016, 6, 1), Timeliness.MADE_UP),
        (None, True, False, date(2016, 6, 1), Timeliness.EXEMPT),
        (None, False, False, date(2016, 3, 31), Timeliness.WAITING),
        (None, False, False, date(2016, 4, 1), Timeliness.GRACE),
        (None, False, False, date(2016, 4, 5), Timeliness.GRACE),
        (None, False, False, date(2016, 4, 6), Timeliness.MISSING),
        (None, False, True, date(2016, 4, 6), Timeliness.INCOMPLETE),
    ],
)
def test_timeliness_of_march(met_on, is_exempt, is_incomplete, today, answer):
    days = window(Period.parse("2016-03"), 5, 5)
    march = SimpleNamespace(met_on=met_on, is_exempt=is_exempt, is_incomplete=is_incomplete, **vars(days))
    assert timeliness(march, today) == answer
    assert is_overdue(march, today) == (answer == Timeliness.MISSING)


@pytest.mark.parametrize(
    ("kind", "rule", "unit", "first", "last", "codes"),
    [
        ("month", BEGAN, BEGAN, date(2016, 1, 1), date(2016, 3, 31), ["2016-01", "2016-02", "2016-03"]),
        ("month", BEGAN, BEGAN, date(2016, 1, 1), date(2016, 3, 30), ["2016-01", "2016-02"]),
        ("quarter", BEGAN, BEGAN, date(2016, 1, 1), date(2016, 12, 31), [f"2016-Q{n}" for n in (1, 2, 3, 4)]),
        # A unit closed on 1 July is expected in June, whose last day it still saw; one opened then, from July.
        (
            "month",
            BEGAN,
            (date(2014, 1, 1), date(2025, 7, 1)),
            date(2025, 5, 1),
            date(2025, 8, 31),
            ["2025-05", "2025-06"],
        ),
        ("month", BEGAN, (date(2025, 7, 1), None), date(2025, 5, 1), date(2025, 8, 31), ["2025-07", "2025-08"]),
        ("month", BEGAN, (date(2014, 1, 1), date(2025, 6, 30)), date(2025, 5, 1), date(2025, 8, 31), ["2025-05"]),
        # A rule that changes in mid-month: the one in force on the last day asks for the month.
        ("month", (date(2016, 2, 15), None), BEGAN, date(2016, 1, 1), date(2016, 3, 31), ["2016-02", "2016-03"]),
        ("month", (date(2014, 1, 1), date(2016, 2, 15)), BEGAN, date(2016, 1, 1), date(2016, 3, 31), ["2016-01"]),
        ("month", BEGAN, BEGAN, date(2016, 1, 15), date(2016, 1, 20), []),
    ],
)
def test_expected_periods(kind, rule, unit, first, last, codes):
    assert [period.code for period in expected_periods(kind, rule, unit, first, last)] == codes


@pytest.mark.parametrize("before", MeetingStatus)
@pytest.mark.parametrize("after", MeetingStatus)
def test_only_moves_of_the_map(before, after):
    if after in MOVES[before]:
        check_move(before, after, "lý do")
    else:
        with pytest.raises(DomainError):
            check_move(before, after, "lý do")


@pytest.mark.parametrize(
    ("before", "after"),
    [("planned", "postponed"), ("planned", "cancelled"), ("held", "cancelled"), ("locked", "held")],
)
def test_moves_that_ask_for_a_reason(before, after):
    with pytest.raises(DomainError, match="lý do"):
        check_move(before, after, "")


@pytest.mark.parametrize(
    ("held_on", "is_allowed"),
    [
        (date(2016, 2, 24), False),
        (date(2016, 2, 25), True),
        (date(2016, 4, 4), True),
        (date(2016, 4, 5), False),
    ],
)
def test_day_held(held_on, is_allowed):
    opens_on, today = date(2016, 2, 25), date(2016, 4, 4)
    if is_allowed:
        assert check_held_on(held_on, opens_on, today) is None
    else:
        with pytest.raises(DomainError) as refusal:
            check_held_on(held_on, opens_on, today)
        assert refusal.value.field == "held_on"


@pytest.mark.parametrize(
    ("kind", "status", "answer"),
    [
        ("periodic", "held", True),
        ("periodic", "locked", True),
        ("year_end", "minuted", True),
        ("periodic", "planned", False),
        ("periodic", "cancelled", False),
        ("thematic", "held", False),
        ("extraordinary", "locked", False),
    ],
)
def test_what_satisfies_the_cadence(kind, status, answer):
    assert satisfies_cadence(kind, status) == answer


def test_seats_and_times():
    times = SimpleNamespace(early="07:30", late="11:00")
    assert check_roster(31, 31) is None
    assert check_times(times.early, times.late) is None
    with pytest.raises(DomainError, match="nhiều hơn số triệu tập"):
        check_roster(32, 31)
    with pytest.raises(DomainError, match="sau giờ bắt đầu"):
        check_times(times.late, times.early)


@pytest.mark.parametrize(
    ("headings", "expected"),
    [
        ([], []),
        (["1. Nghe ý kiến."], ["1. Đọc lại các trả lời từ kỳ trước để thôn, khu xác nhận.", "2. Nghe ý kiến."]),
        (["I. Thông báo", "II) Đọc lại trả lời"], ["1. Đọc lại trả lời", "2. Thông báo"]),
        (["1. ĐỌC LẠI trả lời", "2. Kết luận"], ["1. ĐỌC LẠI trả lời", "2. Kết luận"]),
    ],
)
def test_the_read_back_stands_first_in_an_agenda(headings, expected):
    assert read_back_first(headings) == expected
