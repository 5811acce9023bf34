"""Working days of Việt Nam, as far as the demo needs them."""

from datetime import date, timedelta
from functools import cache

TET = (
    date(2015, 2, 19), date(2016, 2, 8), date(2017, 1, 28), date(2018, 2, 16), date(2019, 2, 5), date(2020, 1, 25),
    date(2021, 2, 12), date(2022, 2, 1), date(2023, 1, 22), date(2024, 2, 10), date(2025, 1, 29), date(2026, 2, 17),
    date(2027, 2, 6), date(2028, 1, 26), date(2029, 2, 13), date(2030, 2, 3),
)  # fmt: skip
HUNG_KINGS = (
    date(2015, 4, 28), date(2016, 4, 16), date(2024, 4, 18), date(2025, 4, 7), date(2026, 4, 26), date(2027, 4, 16),
    date(2028, 4, 4),
)  # fmt: skip
FIXED = {(1, 1), (4, 30), (5, 1), (9, 2)}
_TET_DAYS = {first + timedelta(days=n) for first in TET for n in range(-2, 5)}


@cache
def is_working(day):
    return day.weekday() < 5 and (day.month, day.day) not in FIXED and day not in _TET_DAYS and day not in HUNG_KINGS


def working_days(first, last):
    """Every working day from `first` to `last`, both included."""
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return [day for day in days if is_working(day)]


def add_working_days(day, count):
    """The working day `count` working days after `day`."""
    while count > 0:
        day += timedelta(days=1)
        count -= is_working(day)
    return day


def has_tet(first, last):
    """Whether the first day of Tết, or the week before it, lies between two days."""
    return any(first <= day <= last or first <= day - timedelta(days=7) <= last for day in TET)
