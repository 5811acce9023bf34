"""How numbers, days and names are written for a reader. Pure: values in, words out."""

from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from django.utils import timezone

from core.text import clean_name


def group_digits(value):
    """1716 -> '1.716', Decimal('52831.5') -> '52.831,5'; nothing for None."""
    if value is None or value == "":
        return ""
    amount = Decimal(str(value))
    sign = "-" if amount < 0 else ""
    whole, _, fraction = f"{abs(amount):f}".partition(".")
    grouped = f"{int(whole):,}".replace(",", ".")
    return f"{sign}{grouped},{fraction}" if fraction.strip("0") else f"{sign}{grouped}"


def percent_of(part, whole, digits=1):
    """percent_of(1716, 2232) -> '76,9%'; nothing when there is no whole."""
    if not whole or part is None:
        return ""
    step = Decimal(1).scaleb(-digits)
    share = (Decimal(str(part)) * 100 / Decimal(str(whole))).quantize(step, ROUND_HALF_UP)
    return f"{share:f}".replace(".", ",") + "%"


def share_of(part, whole, digits=1):
    """A share in percent; one that would pass 100 % is no share and reads '120 của 96'."""
    if whole and part is not None and part > whole:
        return f"{group_digits(part)} của {group_digits(whole)}"
    return percent_of(part, whole, digits)


def _local(value):
    if isinstance(value, datetime) and timezone.is_aware(value):
        return timezone.localtime(value)
    return value


def day_text(value):
    """21/11/2026; a moment is read in the clock of Vietnam."""
    if not value:
        return ""
    value = _local(value)
    return f"{value.day:02d}/{value.month:02d}/{value.year:04d}"


def clock_text(value):
    """14:05"""
    if not value:
        return ""
    value = _local(value)
    return f"{value.hour:02d}:{value.minute:02d}"


def moment_text(value):
    """14:05 21/11/2026"""
    return f"{clock_text(value)} {day_text(value)}" if value else ""


def long_day_text(value):
    """'ngày 05 tháng 02 năm 2026': days below 10 and the months 1 and 2 take a zero, as in official papers."""
    if not value:
        return ""
    value = _local(value)
    month = f"{value.month:02d}" if value.month <= 2 else str(value.month)
    return f"ngày {value.day:02d} tháng {month} năm {value.year:04d}"


def short_person_name(name):
    """'Nguyễn Văn An' -> 'N.V. An'; a single word stays as it is."""
    *before, given = clean_name(name or "").split() or [""]
    letters = "".join(f"{word[0].upper()}." for word in before)
    return f"{letters} {given}".strip()


def person_initials(name):
    """First letters of the family and the given name: 'Nguyễn Văn An' -> 'NA'."""
    words = clean_name(name or "").split()
    ends = words[:1] + words[1:][-1:]
    return "".join(word[0].upper() for word in ends)


def due_text(due, today):
    """How far a due day is, in words."""
    if not due:
        return ""
    left = (due - today).days
    if left < 0:
        return f"Quá hạn {group_digits(-left)} ngày"
    return f"Còn {group_digits(left)} ngày" if left else "Hạn hôm nay"


def size_text(size):
    """2048 -> '2 KB'."""
    if size is None:
        return ""
    for unit, power in (("GB", 3), ("MB", 2), ("KB", 1)):
        if size >= 1024**power:
            amount = (Decimal(size) / 1024**power).quantize(Decimal("0.1"), ROUND_HALF_UP).normalize()
            return f"{group_digits(amount)} {unit}"
    return f"{size} byte"
