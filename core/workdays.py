"""Working days: Monday to Friday without the days off, and the weekend days that are worked instead."""

from dataclasses import dataclass
from datetime import timedelta

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class WorkCalendar:
    """Which days are worked. A day named in `worked` is, whatever the weekday; `days_off` are not."""

    days_off: frozenset = frozenset()
    worked: frozenset = frozenset()

    def is_working(self, day):
        return day in self.worked or (day.weekday() < 5 and day not in self.days_off)

    def roll_forward(self, day):
        """The first working day on or after `day`."""
        while not self.is_working(day):
            day += ONE_DAY
        return day

    def add(self, day, n):
        """The working day `n` working days after `day`; n = 0 gives the day itself."""
        while n > 0:
            day += ONE_DAY
            n -= self.is_working(day)
        return day

    def days(self, first, last):
        """Every working day from `first` to `last`, both included."""
        days = (first + timedelta(days=n) for n in range((last - first).days + 1))
        return [day for day in days if self.is_working(day)]

    def count(self, first, last):
        """How many working days lie between two days, both included."""
        return len(self.days(first, last))
