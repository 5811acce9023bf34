"""What people write in cells, as values: words, whole numbers, days. Every refusal says how to write it."""

import re
from datetime import date, datetime

from core.display import group_digits
from core.errors import DomainError
from core.text import clean_name, clean_text

NUMBER_RULE = "Ghi số nguyên như 1716 hoặc 1.716; dấu chấm, dấu phẩy chỉ để ngăn từng nhóm ba chữ số."
DAY_RULE = "Ghi ngày/tháng/năm, ví dụ 25/03/2016."
_GROUPED = re.compile(r"\d{1,3}(?:\.\d{3})+|\d{1,3}(?:,\d{3})+|\d{1,3}(?:\s\d{3})+")
_DAY = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")


def plain(cell):
    """What stands in a cell, as it was typed; formulas and error marks are refused."""
    if cell is None:
        return ""
    if cell.kind == "formula":
        raise DomainError("Ô là công thức. Hãy chép rồi dán giá trị (Paste Values) thay cho công thức.")
    if cell.kind == "error":
        raise DomainError(f"Ô báo lỗi {cell.value}. Hãy ghi lại nội dung.")
    if cell.kind == "bool":
        return "có" if cell.value else "không"
    return cell.text


def line_of(cell, limit):
    """One line of words."""
    return _within(clean_name(plain(cell)), limit)


def text_of(cell, limit):
    """Words that may run over several lines."""
    return _within(clean_text(plain(cell)), limit)


def _within(words, limit):
    if len(words) > limit:
        raise DomainError(f"Dài {group_digits(len(words))} ký tự, tối đa {group_digits(limit)}. Hãy rút ngắn.")
    return words


def count_of(cell, most):
    """A whole number, None for an empty cell. Text may group its digits by dots or by commas, not by both; a number
    that Excel holds as 1,716 thousandths is not taken for 1.716."""
    words = clean_name(plain(cell))
    if not words:
        return None
    if cell.kind in ("date", "moment", "bool"):
        raise DomainError(f"“{words}” không phải số. {NUMBER_RULE}")
    if cell.kind == "number":
        if cell.value != int(cell.value):
            shown = group_digits(cell.value) if abs(cell.value) < 1e12 else words
            raise DomainError(f"Ô chứa số lẻ {shown}. {NUMBER_RULE}")
        number = int(cell.value)
    elif re.fullmatch(r"\d{1,12}", words) and words.isascii():
        number = int(words)
    elif _GROUPED.fullmatch(words) and words.isascii() and len(words) <= 15:
        number = int(re.sub(r"\D", "", words))
    else:
        raise DomainError(f"“{words[:40]}” không phải số nguyên. {NUMBER_RULE}")
    if not 0 <= number <= most:
        raise DomainError(f"Số {group_digits(number)} ngoài khoảng 0 đến {group_digits(most)}. Hãy kiểm tra lại.")
    return number


def day_of(cell, first, last):
    """A day, None for an empty cell."""
    words = clean_name(plain(cell))
    if not words:
        return None
    day = _as_day(cell, words)
    if day is None:
        hint = " Ô là số, không phải ngày: định dạng lại ô thành ngày." if cell.kind == "number" else ""
        raise DomainError(f"“{words[:40]}” không phải ngày.{hint} {DAY_RULE}")
    if not first <= day <= last:
        raise DomainError(f"Ngày {day:%d/%m/%Y} phải từ {first:%d/%m/%Y} đến {last:%d/%m/%Y}. Hãy kiểm tra lại.")
    return day


def _as_day(cell, words):
    if cell.kind in ("date", "moment"):
        return cell.value.date() if isinstance(cell.value, datetime) else cell.value
    found = _DAY.fullmatch(words) if cell.kind == "text" and words.isascii() else None
    try:
        return date(int(found[3]), int(found[2]), int(found[1])) if found else None
    except ValueError:
        return None
