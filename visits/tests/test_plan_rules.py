"""Pure decisions of the month's plan: which village first, whose turn, which days, what is refused."""

from datetime import date, time

import pytest

from core.errors import DomainError
from core.periods import Period
from visits.enums import Rating, WeakReason
from visits.plans.rules import (
    Facts,
    check_clash,
    check_plan_month,
    check_planned_day,
    order_of,
    reasons_of,
    spread,
    still_to_plan,
    take_turns,
    waiting_in_round,
)

TODAY = date(2026, 11, 22)
R = WeakReason
SEEN = date(2026, 10, 1)


@pytest.mark.parametrize(
    ("facts", "reasons"),
    [
        (Facts(last_on=SEEN), []),
        (Facts(rating=Rating.STRONG, rated_in=2025, last_on=SEEN), []),
        (Facts(rating=Rating.GOOD, rated_in=2025, last_on=SEEN), [R.RATING]),
        (Facts(rating=Rating.FAILED, rated_in=2023, last_on=SEEN), [R.RATING]),
        (Facts(pressing=2, last_on=SEEN), [R.PRESSING]),
        (Facts(), [R.UNVISITED]),
        (Facts(last_on=date(2024, 12, 31)), [R.UNVISITED]),
        (Facts(last_on=date(2025, 1, 1)), []),
        (Facts(silent=3, last_on=SEEN), [R.SILENT]),
        (Facts(overdue=1, last_on=SEEN), [R.OVERDUE]),
        (Facts(Rating.DONE, 2025, 1, 1, 3), [R.RATING, R.PRESSING, R.UNVISITED, R.SILENT, R.OVERDUE]),
    ],
)
def test_reasons_of_a_village(facts, reasons):
    assert [reason for reason, _ in reasons_of(facts, 2026)] == reasons


def test_each_reason_is_said_with_its_fact():
    said = dict(reasons_of(Facts(Rating.FAILED, 2025, 2, 4, 3, date(2023, 3, 5)), 2026))
    assert said[R.RATING] == "Chi bộ xếp loại năm 2025: không hoàn thành nhiệm vụ (yếu kém)"
    assert said[R.PRESSING].startswith("2 vấn đề nổi cộm")
    assert "05/03/2023" in said[R.UNVISITED]
    assert "3 kỳ giao ban" in said[R.SILENT]
    assert said[R.OVERDUE].startswith("4 ý kiến")
    assert "chưa ghi lượt nào" in dict(reasons_of(Facts(), 2026))[R.UNVISITED]


def test_the_order_more_reasons_then_weightier_ones_then_longest_without_a_visit():
    """Each village is weaker than all that follow."""
    weakest_first = [
        Facts(Rating.GOOD, 2025, 1, 0, 0, SEEN),
        Facts(Rating.GOOD, 2025, 0, 0, 3, SEEN),
        Facts(pressing=1),
        Facts(pressing=1, silent=3, last_on=date(2026, 1, 5)),
        Facts(pressing=1, silent=3, last_on=SEEN),
        Facts(silent=3, overdue=9, last_on=SEEN),
        Facts(Rating.DONE, 2025, last_on=TODAY),
        Facts(pressing=7, last_on=SEEN),
        Facts(),
        Facts(last_on=date(2023, 5, 5)),
        Facts(last_on=date(2024, 5, 5)),
        Facts(silent=3, last_on=SEEN),
        Facts(overdue=1, last_on=SEEN),
        Facts(last_on=date(2026, 1, 1)),
        Facts(last_on=SEEN),
    ]
    mixed = weakest_first[1::2] + weakest_first[::2]
    assert sorted(mixed, key=lambda facts: order_of(facts, 2026, TODAY)) == weakest_first


@pytest.mark.parametrize(
    ("turns", "waiting"),
    [
        ("", "ABC"),
        ("A", "BC"),
        ("AB", "C"),
        ("ABC", "ABC"),
        ("ABCA", "BC"),
        ("AAB", "C"),
        ("AXB", "C"),  # X is covered no more
        ("ABCAB", "C"),
    ],
)
def test_who_waits_in_the_round(turns, waiting):
    assert waiting_in_round(list("ABC"), list(turns)) == list(waiting)


@pytest.mark.parametrize(
    ("turns", "number", "taken", "chosen"),
    [
        ("", 2, "", "AB"),
        ("A", 2, "", "BC"),
        ("AB", 2, "", "CA"),
        ("", 4, "", "ABCA"),
        ("", 1, "A", "B"),
        ("BC", 1, "A", "A"),  # its turn in the round, though somebody else goes there, too
        ("", 0, "", ""),
    ],
)
def test_turns_are_taken_weakest_first_and_nobody_twice_in_a_round(turns, number, taken, chosen):
    assert take_turns(list("ABC"), list(turns), number, set(taken)) == list(chosen)


def test_nowhere_to_go_is_no_turn():
    assert take_turns([], [], 3) == []


@pytest.mark.parametrize(("days", "number"), [(20, 1), (20, 3), (5, 5), (2, 4), (0, 1)])
def test_days_are_spread_and_never_doubled(days, number):
    for shift in range(4):
        found = spread(list(range(days)), number, shift)
        assert len(set(found)) == len(found) == min(days, number)
    assert spread(list(range(20)), 2) == [5, 15]


@pytest.mark.parametrize(
    ("times", "done", "planned", "months_left", "asked"),
    [
        (1, 0, 0, 1, 1),
        (1, 1, 0, 1, 0),
        (1, 0, 1, 1, 0),
        (2, 5, 0, 1, 0),
        (3, 0, 0, 3, 1),
        (1, 0, 0, 3, 1),
        (4, 1, 0, 2, 2),
    ],
)
def test_how_much_of_a_norm_falls_to_the_month(times, done, planned, months_left, asked):
    assert still_to_plan(times, done, planned, months_left) == asked


@pytest.mark.parametrize(
    ("month", "sentence"),
    [
        (Period.month(2026, 10), "đã qua"),
        (Period.quarter(2026, 4), "Chọn một tháng"),
        (Period.month(2027, 12), "nhiều nhất 12 tháng"),
    ],
)
def test_months_that_cannot_be_planned(month, sentence):
    with pytest.raises(DomainError, match=sentence):
        check_plan_month(month, TODAY)
    check_plan_month(Period.month(2026, 11), TODAY)
    check_plan_month(Period.month(2027, 11), TODAY)


@pytest.mark.parametrize(("day", "sentence"), [(date(2026, 12, 1), "không thuộc"), (date(2026, 11, 21), "đã qua")])
def test_days_that_cannot_be_planned(day, sentence):
    with pytest.raises(DomainError, match=sentence):
        check_planned_day(day, Period.month(2026, 11), TODAY)
    check_planned_day(TODAY, Period.month(2026, 11), TODAY)


@pytest.mark.parametrize(
    ("starts_at", "other", "clashes"),
    [
        (time(8), (TODAY, time(8)), True),
        (time(8), (TODAY, time(8, 59)), True),
        (time(8), (TODAY, time(9)), False),
        (time(8), (TODAY, None), False),
        (None, (TODAY, time(8)), False),
        (time(8), (date(2026, 11, 23), time(8)), False),
    ],
)
def test_one_person_at_one_hour(starts_at, other, clashes):
    others = [(*other, "Thôn 2")]
    if not clashes:
        return check_clash("Vũ Văn Đi", TODAY, starts_at, others)
    with pytest.raises(DomainError, match=r"Vũ Văn Đi đã có lượt .* tại Thôn 2"):
        check_clash("Vũ Văn Đi", TODAY, starts_at, others)
