"""What may be compared with what, and how it is said."""

from datetime import date

import pytest

from core.periods import Period
from reports.comparison import YearChange, fair_rate, same_months


@pytest.mark.parametrize(
    ("part", "whole", "words"),
    [
        (0, 0, ""),
        (3, 0, ""),
        (1, 9, "dưới 10"),
        (9, 9, "dưới 10"),
        (5, 10, "50,0%"),
        (0, 10, "0,0%"),
        (1716, 2232, "76,9%"),
    ],
)
def test_a_rate_of_few_is_named_not_shown(part, whole, words):
    assert fair_rate(part, whole) == words


@pytest.mark.parametrize(
    ("now", "before", "difference", "percent"),
    [
        *((12, 10, "+2", "+20,0%"), (8, 10, "−2", "−20,0%"), (10, 10, "0", ""), (5, 0, "+5", "")),
        *((3, 9, "−6", "dưới 10"), (1716, 1500, "+216", "+14,4%"), (0, 1200, "−1.200", "−100,0%")),
    ],
)
def test_changes_are_signed_and_never_divided_by_few(now, before, difference, percent):
    change = YearChange(now, before)
    assert (change.difference, change.percent) == (difference, percent)


@pytest.mark.parametrize(
    ("word", "today", "codes"),
    [
        ("2016", date(2026, 11, 22), [f"2016-{month:02d}" for month in range(1, 13)]),
        ("2026", date(2026, 11, 22), [f"2026-{month:02d}" for month in range(1, 11)]),
        ("2026", date(2026, 12, 31), [f"2026-{month:02d}" for month in range(1, 12)]),
        ("2026", date(2027, 1, 1), [f"2026-{month:02d}" for month in range(1, 13)]),
        ("2024-Q1", date(2024, 2, 29), ["2024-01"]),
        ("2026", date(2026, 1, 31), None),
        ("2027", date(2026, 11, 22), None),
        ("2026-11", date(2026, 11, 30), None),
    ],
)
def test_a_running_period_is_held_against_the_same_months(word, today, codes):
    found = same_months(Period.parse(word), today)
    if codes is None:
        assert found is None
        return
    months, before = found
    assert [month.code for month in months] == codes
    assert [month.code for month in before] == [f"{int(code[:4]) - 1}{code[4:]}" for code in codes]
