"""Periods of work: a year, a quarter, a month or a range of years, as words and as dates."""

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta

from core.errors import DomainError

ROMAN = {1: "I", 2: "II", 3: "III", 4: "IV"}
FIRST_YEAR, LAST_YEAR = 1990, 2100
MOST_ECHOED = 20
_FORM = re.compile(r"(\d{4})(?:-Q([1-4])|-(0[1-9]|1[0-2])|\.\.(\d{4}))?")


@dataclass(frozen=True, order=True)
class Period:
    """First and last day, both included. `code` is the word used in commands, URLs and `data-period`."""

    first: date
    last: date

    @classmethod
    def parse(cls, word):
        """Read `2016`, `2016-Q1`, `2016-03` or `2013..2015`; anything else is a DomainError."""
        word = (word or "").strip()
        if not word:
            raise DomainError("Chọn kỳ: năm, quý hoặc tháng.", "period")
        match = _FORM.fullmatch(word)
        if not match:
            said = word if len(word) <= MOST_ECHOED else f"{word[:MOST_ECHOED]}…"
            raise DomainError(
                f"Kỳ “{said}” không đọc được. Nhập dạng 2016, 2016-Q1, 2016-03 hoặc 2013..2015.", "period"
            )
        year, quarter, month, until = (int(part) if part else None for part in match.groups())
        if not (FIRST_YEAR <= year <= LAST_YEAR and (until is None or year <= until <= LAST_YEAR)):
            raise DomainError(f"Năm phải từ {FIRST_YEAR} đến {LAST_YEAR}, năm sau không trước năm đầu.", "period")
        if quarter:
            return cls.quarter(year, quarter)
        if month:
            return cls.month(year, month)
        return cls(date(year, 1, 1), date(until or year, 12, 31))

    @classmethod
    def year(cls, year):
        return cls(date(year, 1, 1), date(year, 12, 31))

    @classmethod
    def quarter(cls, year, quarter):
        return cls(date(year, quarter * 3 - 2, 1), _month_end(year, quarter * 3))

    @classmethod
    def month(cls, year, month):
        return cls(date(year, month, 1), _month_end(year, month))

    @classmethod
    def of_day(cls, day, kind):
        """The month, quarter or year (`kind`) that contains a day."""
        if kind == "month":
            return cls.month(day.year, day.month)
        if kind == "quarter":
            return cls.quarter(day.year, (day.month + 2) // 3)
        return cls.year(day.year)

    @property
    def kind(self):
        """`month`, `quarter`, `year` or `years`."""
        if self.first.year != self.last.year:
            return "years"
        months = self.last.month - self.first.month + 1
        return {1: "month", 3: "quarter", 12: "year"}[months]

    @property
    def code(self):
        year = self.first.year
        return {
            "month": f"{year}-{self.first.month:02d}",
            "quarter": f"{year}-Q{self.last.month // 3}",
            "year": f"{year}",
            "years": f"{year}..{self.last.year}",
        }[self.kind]

    @property
    def label(self):
        year = self.first.year
        return {
            "month": f"Tháng {self.first.month}/{year}",
            "quarter": f"Quý {ROMAN[(self.last.month + 2) // 3]}/{year}",
            "year": f"Năm {year}",
            "years": f"Các năm {year}–{self.last.year}",
        }[self.kind]

    @property
    def label_inside(self):
        """The label inside a sentence: 'tháng 3/2016', 'quý IV/2016'."""
        return self.label[0].lower() + self.label[1:]

    def __contains__(self, day):
        return self.first <= day <= self.last

    def __str__(self):
        return self.code

    def months(self):
        """Every (year, month) of the period, in order."""
        return [(day.year, day.month) for day in self._starts(1)]

    def parts(self, kind):
        """The months or quarters that lie inside the period, in order."""
        return [Period.of_day(day, kind) for day in self._starts(3 if kind == "quarter" else 1)]

    def _starts(self, step):
        for number in range(self.first.year * 12 + self.first.month - 1, self.last.year * 12 + self.last.month, step):
            yield date(number // 12, number % 12 + 1, 1)

    def previous(self):
        """The neighbour of the same kind before this one."""
        return Period.of_day(self.first - timedelta(days=1), self.kind)

    def next(self):
        """The neighbour of the same kind after this one."""
        return Period.of_day(self.last + timedelta(days=1), self.kind)


def _month_end(year, month):
    return date(year, month, calendar.monthrange(year, month)[1])


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
