"""How figures may be compared fairly. Pure: numbers in, words out.

A rate of few says more than it knows, so it is named instead of shown; a year that runs is held against the same
months of the year before; units are held against named ones of their kind, never ranked, and never by the fewness of
opinions.
"""

from dataclasses import dataclass
from datetime import timedelta

from core.display import group_digits, percent_of, share_of
from core.periods import Period

FEW = 10
"""Below this many a share is not shown as a rate."""

SMALL = f"dưới {FEW}"
SMALL_NOTE = f"Tỷ lệ tính trên ít hơn {FEW} ({SMALL}) chỉ để tham khảo, không dùng để so sánh."


def fair_rate(part, whole, digits=1):
    """'76,9%'; '120 của 96' above 100 %; 'dưới 10' when the whole is below `FEW`; nothing when there is no whole."""
    if not whole:
        return ""
    return share_of(part, whole, digits) if whole >= FEW or part > whole else SMALL


@dataclass(frozen=True)
class YearChange:
    """`now` against `before`: the difference in words, and in percent where `before` is large enough to divide by."""

    now: int
    before: int

    @property
    def difference(self):
        gap = self.now - self.before
        return f"{'+' if gap > 0 else '−' if gap < 0 else ''}{group_digits(abs(gap))}"

    @property
    def percent(self):
        gap = self.now - self.before
        if not self.before or not gap:
            return ""
        if self.before < FEW:
            return SMALL
        return f"{'+' if gap > 0 else '−'}{percent_of(abs(gap), self.before)}"


def same_months(period, today):
    """(the part of a period that may be compared, the same months a year before), or None before a month has ended.

    A period that still runs is cut back to the last month that has ended.
    """
    last = period.last
    if today <= last:
        last = today.replace(day=1) - timedelta(days=1)
    if last < period.first:
        return None
    months = [Period.month(year, month) for year, month in period.months() if Period.month(year, month).last <= last]
    return months, [Period.month(part.first.year - 1, part.first.month) for part in months]
