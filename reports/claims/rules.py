"""Does a number bear out what was said? Pure."""

from decimal import ROUND_HALF_UP, Decimal

from core.errors import DomainError
from reports.enums import Comparison

MARGIN = Decimal("0.05")
"""'Gần' is below and within this part of the number said, 'khoảng' within it on either side."""

MOST_PERCENT = 100


def value_from(part, whole):
    """The number itself, or the share in percent; None when there is nothing to divide by."""
    if whole is None:
        return Decimal(part)
    return Decimal(part) * 100 / whole if whole > 0 else None


def supports(comparison, stated, part, whole=None):
    """`whole`: the denominator of a rate (already less what is excluded); None for a plain number.

    A rate said exactly is compared as it would be written: rounded to the decimals that were said.
    """
    stated, value = Decimal(stated), value_from(part, whole)
    if value is None:
        return False
    if comparison == Comparison.EXACTLY:
        return (value if whole is None else _rounded(value, stated)) == stated
    if comparison == Comparison.OVER:
        return value > stated
    if comparison == Comparison.AT_LEAST:
        return value >= stated
    if comparison == Comparison.NEARLY:
        return stated * (1 - MARGIN) <= value < stated
    return abs(value - stated) <= stated * MARGIN


def holds(comparison, stated, part, whole, is_complete):
    """What was said, by the figures there are. `is_complete`: every year of the period has figures.

    Years that are missing can only add to a count: one that has passed 'hơn' or 'ít nhất' stays passed. Every other
    word about a period that is known in part proves nothing, whichever way the part falls.
    """
    is_passed = whole is None and comparison in (Comparison.OVER, Comparison.AT_LEAST)
    return (is_complete or is_passed) and supports(comparison, stated, part, whole)


def check_stated(stated, is_rate):
    if stated < 0:
        raise DomainError("Con số nêu không được âm. Nhập lại con số.", "stated")
    if is_rate and stated > MOST_PERCENT:
        raise DomainError("Tỷ lệ không quá 100. Nhập số phần trăm, ví dụ 98.", "stated")
    if not is_rate and stated != stated.to_integral_value():
        raise DomainError("Số đếm là số nguyên. Muốn nêu tỷ lệ thì chọn thêm “Trên tổng”.", "stated")


def _rounded(value, stated):
    digits = min(0, stated.normalize().as_tuple().exponent)
    return value.quantize(Decimal(1).scaleb(digits), ROUND_HALF_UP)
