"""Reading the members of one JSON object by name, with a sentence for each that cannot be read."""

import re
from datetime import date

from core.text import clean_name

FIRST_YEAR, LAST_YEAR = 1900, 2100
_MISSING = object()


class Fields:
    """One object of the file. Each method returns the value, or None after noting the problem."""

    def __init__(self, problems, path, data, known, is_strict=False):
        self.problems, self.path = problems, path
        self.data = data if isinstance(data, dict) else {}
        if not isinstance(data, dict):
            self.refuse("", "cần một đối tượng JSON {…}.")
        for name in sorted(set(self.data) - set(known)):
            if is_strict:
                self.refuse(name, f"không có trường này. Chỉ dùng: {', '.join(known)}.")
            else:
                problems.warn(f"{path}.{name}", "bỏ qua trường không có trong định dạng.")

    def refuse(self, name, sentence):
        self.problems.add(f"{self.path}.{name}" if name else self.path, sentence)

    def text(self, name, limit, optional=False):
        """One line of text; an optional one that is absent or null is empty."""
        value = self.data.get(name, _MISSING)
        if optional and value in (_MISSING, None):
            return ""
        if not isinstance(value, str):
            return self.refuse(name, "cần một chuỗi ký tự." if value is not _MISSING else "thiếu trường này.")
        value = clean_name(value)
        if not value and not optional:
            return self.refuse(name, "để trống; hãy điền nội dung.")
        if len(value) > limit:
            return self.refuse(name, f"dài {len(value)} ký tự, tối đa {limit}. Hãy rút gọn.")
        return value

    def as_is(self, name):
        """Text as it stands, for passwords and contents; other rules judge it."""
        value = self.data.get(name, _MISSING)
        if not isinstance(value, str):
            return self.refuse(name, "cần một chuỗi ký tự." if value is not _MISSING else "thiếu trường này.")
        if re.search("[\ud800-\udfff]", value):
            return self.refuse(name, "có ký tự hỏng (nửa cặp mã UTF-16). Hãy nhập lại.")
        return value

    def code(self, name, optional=False):
        value = self.text(name, 20, optional)
        if value and not re.fullmatch(r"[0-9A-Za-z._-]+", value):
            return self.refuse(name, "mã chỉ gồm chữ không dấu, số và các dấu . _ -")
        return value

    def identity(self, name="id"):
        """An id: text, or a whole number that stands for its digits."""
        value = self.data.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        return self.text(name, 60)

    def word(self, name, words):
        """One of a list of words."""
        value = self.data.get(name, _MISSING)
        if isinstance(value, str) and value in words:
            return value
        told = "thiếu trường này" if value is _MISSING else f"không có giá trị {_shown(value)}"
        return self.refuse(name, f"{told}. Chọn một trong: {', '.join(words)}.")

    def flag(self, name):
        value = self.data.get(name, False)
        if not isinstance(value, bool):
            return self.refuse(name, "chỉ nhận true hoặc false.")
        return value

    def count(self, name, limit):
        value = self.data.get(name, _MISSING)
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= limit:
            told = "thiếu trường này" if value is _MISSING else f"không nhận {_shown(value)}"
            return self.refuse(name, f"{told}. Nhập số nguyên từ 0 đến {limit}.")
        return value

    def day(self, name, optional=False):
        value = self.data.get(name)
        if value is None and optional:
            return None
        try:
            day = date.fromisoformat(value) if isinstance(value, str) and len(value) == len("2016-03-31") else None
        except ValueError:
            day = None
        if day is None or not FIRST_YEAR <= day.year <= LAST_YEAR:
            hint = ", hoặc null nếu còn hoạt động" if optional else ""
            return self.refuse(name, f"cần ngày có thật từ năm {FIRST_YEAR} đến {LAST_YEAR}, dạng 2016-03-31{hint}.")
        return day

    def items(self, name):
        """(path, value) of each item of a list; an absent list is empty."""
        value = self.data.get(name)
        if not isinstance(value, list):
            if value is not None:
                self.refuse(name, "cần một danh sách […].")
            return []
        return [(f"{self.path}.{name}[{number}]", item) for number, item in enumerate(value)]


def _shown(value):
    """A value as it may be quoted in a sentence."""
    text = clean_name(str(value))
    return f"“{text[:40]}…”" if len(text) > 40 else f"“{text}”"
