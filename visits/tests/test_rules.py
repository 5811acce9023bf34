"""Norms over duties that begin and end in mid-period, two at once, leave; and what is refused at the form."""

from datetime import date, time

import pytest

from core.errors import DomainError
from core.periods import Period
from visits.enums import VisitStatus
from visits.rules import (
    NEXT,
    Duty,
    Norm,
    asked,
    check_day,
    check_group,
    check_hours,
    check_members,
    check_move,
    check_term,
    dues,
    norm_for,
    same_time,
    spans_overlap,
)

APRIL, FEBRUARY, SHORT_FEBRUARY = Period.month(2026, 4), Period.month(2028, 2), Period.month(2026, 2)
QUARTER = Period.quarter(2026, 2)
COMMUNE, DISTRICT, PROVINCE = 3, 2, 1


def day(number, month=4):
    return date(2026, month, number)


def norm(unit_id=PROVINCE, basis="person", kind="month", times=1, start=date(2012, 8, 17), end=None):
    return Norm(unit_id, "district", basis, kind, times, start, end)


def duty(pk=1, start=date(2026, 1, 1), end=None, person=7, is_deputy=False, places=(COMMUNE, DISTRICT, PROVINCE)):
    return Duty(pk, person, "district", places, start, end, is_deputy)


@pytest.mark.parametrize(
    ("spans", "leaves", "period", "answer"),
    [
        ([(day(1), None)], [], APRIL, "due"),
        ([(day(16), None)], [], APRIL, "due"),
        ([(day(17), None)], [], APRIL, None),
        ([(date(2025, 1, 1), day(16))], [], APRIL, "due"),
        ([(date(2025, 1, 1), day(15))], [], APRIL, None),
        ([(date(2025, 1, 1), day(9)), (day(23), None)], [], APRIL, "due"),
        ([(day(1), day(11)), (day(5), day(11))], [], APRIL, None),
        ([(day(1), None)], [(day(1), day(30))], APRIL, "exempt"),
        ([(day(1), None)], [(day(1), day(15))], APRIL, "due"),
        ([(day(1), None)], [(day(1), day(16))], APRIL, "exempt"),
        ([(day(10), None)], [(day(25), date(2026, 5, 9))], APRIL, "due"),
        ([(day(10), None)], [(day(24), date(2026, 5, 9))], APRIL, "exempt"),
        ([(date(2028, 2, 15), None)], [], FEBRUARY, "due"),
        ([(date(2028, 2, 16), None)], [], FEBRUARY, None),
        ([(date(2027, 1, 1), None)], [], APRIL, None),
        ([(day(1), day(16))], [], APRIL, "due"),
        ([(day(16), date(2026, 5, 1))], [], APRIL, "due"),
        ([(day(8), day(22))], [], APRIL, None),
        ([(day(8), day(23))], [], APRIL, "due"),
        ([(date(2026, 2, 15), None)], [], SHORT_FEBRUARY, "due"),
        ([(date(2026, 2, 16), None)], [], SHORT_FEBRUARY, None),
        ([(date(2025, 1, 1), date(2026, 2, 15))], [], SHORT_FEBRUARY, "due"),
        ([(date(2025, 1, 1), date(2026, 2, 14))], [], SHORT_FEBRUARY, None),
        ([(date(2026, 3, 16), None)], [], Period.month(2026, 3), "due"),
        ([(date(2026, 3, 17), None)], [], Period.month(2026, 3), None),
        ([(date(2026, 5, 16), None)], [], QUARTER, "due"),
        ([(date(2026, 5, 17), None)], [], QUARTER, None),
        ([(day(1), None)], [(day(1), date(2026, 5, 16))], QUARTER, "exempt"),
        ([(day(1), None)], [(day(1), date(2026, 5, 15))], QUARTER, "due"),
        ([(day(1), None)], [(date(2026, 3, 20), date(2026, 5, 4))], APRIL, "exempt"),
        ([(day(1), None)], [(day(1), day(8)), (day(20), day(26))], APRIL, "due"),
        ([(day(1), None)], [(day(1), day(8)), (day(20), day(27))], APRIL, "exempt"),
        ([(day(1), None)], [(day(1), day(16)), (day(2), day(9))], APRIL, "exempt"),
        ([(day(17), None)], [(day(1), day(30))], APRIL, None),
        ([], [], APRIL, None),
    ],
)
def test_a_norm_asks_when_half_of_the_days_are_covered(spans, leaves, period, answer):
    assert asked(spans, leaves, period) == answer


def test_the_nearest_units_norm_wins_and_only_for_its_level_and_days():
    own, general = norm(DISTRICT, times=2, start=date(2026, 3, 15)), norm()
    assert norm_for([general, own], duty(), date(2026, 3, 31)) == own
    assert norm_for([general, own], duty(), date(2026, 3, 1)) == general
    assert norm_for([norm(end=date(2026, 3, 31))], duty(), date(2026, 3, 31)) is None
    assert norm_for([Norm(PROVINCE, "commune", "person", "month", 1, day(1))], duty(), day(30)) is None


def test_one_person_with_two_assignments_is_asked_once_under_the_main_and_oldest_one():
    two = [duty(1, is_deputy=True), duty(2, start=date(2026, 2, 1)), duty(3, start=date(2026, 3, 1))]
    (found,) = dues(two, [norm()], {}, [APRIL])
    assert (found.person_id, found.times, found.duty_pk, found.is_exempt) == (7, 1, 2, False)


def test_two_assignments_that_follow_each_other_fill_a_month_together():
    follow = [duty(1, end=day(10)), duty(2, start=day(20))]
    assert len(dues(follow, [norm()], {}, [APRIL])) == 1
    assert dues(follow[:1], [norm()], {}, [APRIL]) == []


def test_a_norm_per_place_asks_for_each_place_and_a_quarter_only_as_a_quarter():
    two = [duty(1), duty(2)]
    assert len(dues(two, [norm(basis="place")], {}, [APRIL])) == 2
    quarterly = norm(basis="place", kind="quarter")
    parts = [*Period.quarter(2026, 2).parts("month"), Period.quarter(2026, 2)]
    assert [due.period.kind for due in dues(two, [quarterly], {}, parts)] == ["quarter", "quarter"]


def test_leave_of_the_whole_month_is_exempt_not_forgotten():
    (found,) = dues([duty()], [norm()], {7: [(day(1), day(30))]}, [APRIL])
    assert found.is_exempt


LONG_LEAVE = {7: [(day(10), date(2026, 5, 20))]}
TWO_PLACES = [duty(1), duty(2, start=day(20))]


@pytest.mark.parametrize(
    ("duties", "norms", "leaves", "parts", "expected"),
    [
        # a deputy alone is asked like a main one, and the oldest deputy answers
        ([duty(4, is_deputy=True)], [norm()], {}, [APRIL], [(4, 1, False)]),
        ([duty(4, is_deputy=True), duty(3, day(1), is_deputy=True)], [norm()], {}, [APRIL], [(4, 1, False)]),
        # per person the days of two assignments are put together, per place each stands alone
        ([duty(1, end=day(9)), duty(2, start=day(23))], [norm()], {}, [APRIL], [(1, 1, False)]),
        ([duty(1, end=day(9)), duty(2, start=day(23))], [norm(basis="place")], {}, [APRIL], []),
        (TWO_PLACES, [norm(basis="place")], {}, [APRIL], [(1, 1, False)]),
        (TWO_PLACES, [norm(basis="place")], {}, [Period.month(2026, 5)], [(1, 1, False), (2, 1, False)]),
        # leave over two months exempts the one it eats
        ([duty()], [norm()], LONG_LEAVE, QUARTER.parts("month"), [(1, 1, True), (1, 1, True), (1, 1, False)]),
        ([duty()], [norm(kind="quarter")], LONG_LEAVE, [QUARTER], [(1, 1, False)]),
        ([duty(person=8)], [norm()], LONG_LEAVE, [APRIL], [(1, 1, False)]),
        # the norm of a period is the one in force on its last day
        ([duty()], [norm(end=day(15)), norm(times=3, start=day(15))], {}, [APRIL], [(1, 3, False)]),
        ([duty()], [norm(end=day(15))], {}, [APRIL], []),
        ([duty()], [norm(end=day(9)), norm(kind="quarter", start=day(9))], {}, [APRIL, QUARTER], [(1, 1, False)]),
        # a post that begins or ends in the middle of the month, a month with no duty at all
        ([duty(start=day(16))], [norm()], {}, [APRIL], [(1, 1, False)]),
        ([duty(start=day(17))], [norm()], {}, [APRIL], []),
        ([duty(end=day(16))], [norm()], {}, [APRIL], [(1, 1, False)]),
        ([duty(end=day(15))], [norm()], {}, [APRIL], []),
        ([duty(end=day(1))], [norm()], {}, [APRIL], []),
        # two norms of two places: each asks for its own
        ([duty(1), duty(2, places=(9, 8, PROVINCE))], [norm(COMMUNE), norm(8, times=2)], {}, [APRIL],
         [(1, 1, False), (2, 2, False)]),
    ],
)  # fmt: skip
def test_what_is_due(duties, norms, leaves, parts, expected):
    assert [(due.duty_pk, due.times, due.is_exempt) for due in dues(duties, norms, leaves, list(parts))] == expected


@pytest.mark.parametrize(
    ("kind", "on", "field"),
    [("women", day(9), "group"), ("cell", day(4), "local_group"), ("cell", day(20), "local_group")],
)
def test_a_group_of_another_kind_or_time_is_refused(kind, on, field):
    with pytest.raises(DomainError) as refusal:
        check_group("Chi bộ Thôn 1", (day(5), day(20)), "cell", kind, on)
    assert refusal.value.field == field
    check_group("Chi bộ Thôn 1", (day(5), day(20)), "cell", "cell", day(5))
    check_group("Chi bộ Thôn 1", (day(5), day(20)), "cell", "cell", day(19))


@pytest.mark.parametrize(
    ("first", "second", "answer"),
    [
        ((time(8), None, 1), (time(8, 30), None, 2), True),
        ((time(8), None, 1), (time(9), None, 2), False),
        ((time(8), time(11), 1), (time(10), None, 2), True),
        ((time(8), None, 1), (time(8), None, 1), False),
        ((time(8), None, 1), (None, None, 2), False),
        ((time(23, 30), None, 1), (time(23, 45), None, 2), True),
    ],
)
def test_two_places_at_once(first, second, answer):
    assert same_time((day(1), *first), (day(1), *second)) is answer
    assert same_time((day(1), *second), (day(1), *first)) is answer
    assert same_time((day(1), *first), (day(2), *second)) is False


@pytest.mark.parametrize(
    ("first", "second", "answer"),
    [
        ((day(1), None), (day(9), None), True),
        ((day(1), day(9)), (day(9), None), False),
        ((day(9), None), (day(1), day(10)), True),
        ((day(1), day(5)), (day(6), day(9)), False),
    ],
)
def test_spans_overlap(first, second, answer):
    assert spans_overlap(first, second) is spans_overlap(second, first) is answer


@pytest.mark.parametrize(
    ("check", "arguments", "field"),
    [
        (check_day, (day(2), day(1)), "visited_on"),
        (check_hours, (None, time(9)), "started_at"),
        (check_hours, (time(9), time(9)), "ended_at"),
        (check_members, (None, 5), "members_due"),
        (check_members, (5, None), "members_present"),
        (check_members, (5, 6), "members_present"),
        (check_term, (day(2), day(2), day(1), None, day(1)), "last_on"),
        (check_term, (day(2), None, day(3), None, day(1)), "valid_from"),
        (check_term, (day(2), None, day(1), day(2), day(1)), "valid_from"),
        (check_term, (day(2), None, day(1), None, day(3)), "decided_on"),
    ],
)
def test_what_is_refused_names_its_field(check, arguments, field):
    with pytest.raises(DomainError) as refusal:
        check(*arguments)
    assert refusal.value.field == field


def test_what_is_accepted():
    check_day(day(1), day(1))
    check_hours(time(8), None)
    check_members(None, None)
    check_members(5, 5)
    check_term(day(2), day(3), day(2), day(3), day(2))


@pytest.mark.parametrize("before", VisitStatus)
@pytest.mark.parametrize("after", VisitStatus)
def test_moves_are_those_of_the_map(before, after):
    if after in NEXT[before]:
        check_move(before, after, "vì ghi nhầm ngày")
    else:
        with pytest.raises(DomainError, match="trạng thái"):
            check_move(before, after, "vì ghi nhầm ngày")


def test_asking_to_look_again_needs_a_reason():
    with pytest.raises(DomainError, match="lý do"):
        check_move(VisitStatus.LOGGED, VisitStatus.QUESTIONED, "")
