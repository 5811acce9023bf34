"""What a post gives on a day, and what is shown of a phone."""

from datetime import date, timedelta

import pytest

from core.errors import DomainError
from people.rules import clean_phone, effective_end, holding, masked_phone

A, B, C = date(2016, 2, 29), date(2020, 1, 1), date(2025, 7, 1)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("post_end", "unit_end", "expected"), [(None, None, None), (B, None, B), (None, C, C), (B, C, B), (C, B, B)]
)
def test_the_first_end_counts(post_end, unit_end, expected):
    assert effective_end(post_end, unit_end) == expected


@pytest.mark.parametrize(
    ("start", "post_end", "unit_end", "today", "expected"),
    [
        (A, None, None, A, "active"),
        (A, None, None, A - DAY, None),
        (A, B, None, B - DAY, "active"),
        (A, B, None, B, None),
        (A, None, C, C - DAY, "active"),
        (A, None, C, C, "archive"),
        (A, C, C, C, "archive"),
        (A, B, C, C, None),
        (C, None, C, C, None),
    ],
)
def test_holding(start, post_end, unit_end, today, expected):
    assert holding(start, post_end, unit_end, today) == expected


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("0912 345 678", "0912345678"),
        ("+84 912 345 678", "0912345678"),
        ("84912345678", "0912345678"),
        ("0084 912.345.678", "0912345678"),
        ("+84 (0) 912 345 678", "0912345678"),
        ("+84 (203) 383-1234", "02033831234"),
        ("843\u00a0825 678", "843825678"),
        ("+856 20 5551 2345", "+8562055512345"),
        ("", ""),
        (None, ""),
    ],
)
def test_plus_84_and_84_and_0_are_one_phone(typed, kept):
    assert clean_phone(typed) == kept


@pytest.mark.parametrize("typed", ["không có", "123", "09123456780912345678"])
def test_what_is_no_phone_is_refused(typed):
    with pytest.raises(DomainError):
        clean_phone(typed)


@pytest.mark.parametrize(("phone", "shown"), [("0912345678", "••••••78"), ("", "")])
def test_masked_phone(phone, shown):
    assert masked_phone(phone) == shown
