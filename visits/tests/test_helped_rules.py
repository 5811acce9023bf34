"""Pure decisions: which quarters ask for a check, spans of equal length, days that are refused."""

from datetime import date

import pytest

from core.errors import DomainError
from visits.helped.rules import (
    check_checked_on,
    check_exited_on,
    check_rated,
    check_rated_year,
    equal_spans,
    is_check_missing,
    quarters_asked,
)

TODAY = date(2026, 11, 22)
BEGUN = date(2026, 2, 1)


@pytest.mark.parametrize(
    ("registered_on", "exited_on", "quarters"),
    [
        (date(2026, 1, 1), None, "1234"),
        (date(2026, 2, 15), None, "1234"),
        (date(2026, 2, 16), None, "234"),
        (date(2026, 1, 10), date(2026, 5, 16), "12"),
        (date(2026, 1, 10), date(2026, 5, 15), "1"),
        (date(2026, 5, 1), date(2026, 5, 20), ""),
        (date(2026, 11, 20), None, ""),
        (date(2024, 2, 15), None, "1234"),
    ],
)
def test_a_quarter_asks_when_it_is_helped_for_half_of_its_days(registered_on, exited_on, quarters):
    assert "".join(period.code[-1] for period in quarters_asked(registered_on, exited_on)) == quarters


def test_a_check_is_missing_some_days_after_its_quarter():
    quarter = quarters_asked(date(2026, 1, 1), None)[2]
    assert not is_check_missing(quarter, date(2026, 10, 5))
    assert is_check_missing(quarter, date(2026, 10, 6))


@pytest.mark.parametrize(
    ("began_on", "ended_on", "days"),
    [
        (BEGUN, BEGUN, 1),
        (BEGUN, date(2026, 3, 2), 30),
        (date(2024, 2, 29), date(2026, 11, 22), 365),
        (BEGUN, date(2026, 1, 31), None),
    ],
)
def test_both_spans_are_of_one_length_and_touch_the_beginning(began_on, ended_on, days):
    spans = equal_spans(began_on, ended_on)
    if days is None:
        assert spans is None
        return
    before, since = spans
    assert before.days == since.days == days
    assert (began_on - before.last).days == 1
    assert since.last == ended_on


@pytest.mark.parametrize(("year", "is_fine"), [(2012, False), (2013, True), (2026, True), (2027, False)])
def test_rated_years(year, is_fine):
    if is_fine:
        check_rated_year(year, TODAY)
    else:
        with pytest.raises(DomainError, match="Chọn năm từ 2013 đến 2026"):
            check_rated_year(year, TODAY)


@pytest.mark.parametrize(
    ("valid_from", "valid_to", "refusal"),
    [
        (date(2014, 1, 1), None, ""),
        (date(2025, 12, 31), None, ""),
        (date(2026, 1, 1), None, "sau kỳ xếp loại"),
        (date(2014, 1, 1), date(2026, 1, 1), ""),
        (date(2014, 1, 1), date(2025, 7, 1), "đơn vị kế thừa"),
    ],
)
def test_only_places_there_at_the_years_end_are_rated(valid_from, valid_to, refusal):
    if not refusal:
        check_rated("Thôn 1", valid_from, valid_to, 2025, TODAY)
        return
    with pytest.raises(DomainError, match=refusal):
        check_rated("Thôn 1", valid_from, valid_to, 2025, TODAY)


@pytest.mark.parametrize(
    ("day", "exited_on", "is_fine"),
    [
        (date(2026, 1, 31), None, False),
        (BEGUN, None, True),
        (TODAY, None, True),
        (date(2026, 11, 23), None, False),
        (date(2026, 6, 1), date(2026, 5, 31), False),
    ],
)
def test_a_check_lies_inside_the_help(day, exited_on, is_fine):
    if is_fine:
        check_checked_on(day, BEGUN, exited_on, TODAY)
    else:
        with pytest.raises(DomainError, match="Ngày kiểm tra phải từ"):
            check_checked_on(day, BEGUN, exited_on, TODAY)


@pytest.mark.parametrize(
    ("day", "today", "is_fine"),
    [
        (date(2026, 1, 31), TODAY, False),
        (date(2026, 5, 4), TODAY, False),
        (date(2026, 5, 5), TODAY, True),
        (date(2026, 11, 23), TODAY, False),
        (date(2027, 1, 2), date(2027, 2, 1), False),
        (date(2026, 12, 31), date(2027, 2, 1), True),
    ],
)
def test_help_ends_after_its_last_check_and_within_its_year(day, today, is_fine):
    if is_fine:
        check_exited_on(day, BEGUN, date(2026, 5, 5), today)
    else:
        with pytest.raises(DomainError):
            check_exited_on(day, BEGUN, date(2026, 5, 5), today)
