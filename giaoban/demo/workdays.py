"""Working days of the demo: those of the public calendar, whatever a province adds to it later."""

from datetime import date, timedelta
from functools import cache

from meetings.workdays import public_calendar, public_days

FIRST_DAY_OF_TET = "Tết Nguyên Đán"


@cache
def _calendar(year):
    """Of a year and the months after it."""
    return public_calendar(date(year, 1, 1), date(year, 12, 31))


def is_working(day):
    return _calendar(day.year).is_working(day)


def working_days(first, last):
    """Every working day from `first` to `last`, both included."""
    return _calendar(first.year).days(first, last)


def add_working_days(day, count):
    """The working day `count` working days after `day`."""
    return _calendar(day.year).add(day, count)


def roll_forward(day):
    """The first working day on or after a day."""
    return _calendar(day.year).roll_forward(day)


def has_tet(first, last):
    """Whether the first day of Tết, or the week before it, lies between two days."""
    tet = (day for day, row in public_days(first.year).items() if row.name == FIRST_DAY_OF_TET)
    return any(first <= day <= last or first <= day - timedelta(days=7) <= last for day in tet)
