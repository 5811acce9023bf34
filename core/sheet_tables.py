"""Tables in a workbook from outside: which sheet, where the columns stand, which areas are joined.

What is wrong is told with sheet, row and column; nothing is guessed.
"""

import re
from dataclasses import dataclass, field

from openpyxl.utils import column_index_from_string, get_column_letter

from core.errors import DomainError
from core.text import clean_name, fold

HEAD_WITHIN = 15
_AREA = re.compile(r"([A-Z]+)(\d+):([A-Z]+)(\d+)")


@dataclass(frozen=True)
class Fault:
    """What is wrong in a row (0: in the sheet as a whole) and how to mend it."""

    sheet: str
    line: int
    column: str
    text: str

    @property
    def place(self):
        """'Trang HoiNghi, dòng 5, cột C (Kỳ): ' – where to look in the file."""
        words = [f"Trang {self.sheet}" if self.sheet else "", f"dòng {self.line}" if self.line else "", self.column]
        found = ", ".join(filter(None, words))
        return f"{found[0].upper()}{found[1:]}: " if found else ""


@dataclass(frozen=True, eq=False)
class TableForm:
    """A sheet as it should be: `columns` {key: title}, the keys that are `needed`, other titles that are understood."""

    sheet: str
    columns: dict
    needed: tuple
    synonyms: dict = field(default_factory=dict)
    ignored: tuple = ()

    def key_of(self, title):
        known = {fold(words): key for key, words in self.columns.items()} | self.synonyms
        return known.get(fold(clean_name(title)))


@dataclass(frozen=True)
class Head:
    """Where the columns stand: {key: index}, and in which row."""

    form: TableForm
    line: int
    columns: dict

    @property
    def used(self):
        return {key: index for key, index in self.columns.items() if key not in self.form.ignored}

    def place(self, key):
        """'cột C (Kỳ)' – how a fault names a column."""
        if key not in self.columns:
            return ""
        return f"cột {get_column_letter(self.columns[key] + 1)} ({self.form.columns[key]})"

    def fault(self, line, key, text):
        return Fault(self.form.sheet, line, self.place(key), text)


def find_sheet(sheets, form, is_needed=True):
    """The sheet of a form, whatever the case, blanks and diacritics of its name; None when it may be missing."""
    for name, sheet in sheets.items():
        if fold(name).replace(" ", "") == form.sheet.lower():
            return sheet
    if is_needed:
        raise DomainError(f"Không tìm thấy trang tính “{form.sheet}”. Hãy đặt lại tên trang tính hoặc dùng tệp mẫu.")
    return None


def find_head(sheet, form):
    """The row of titles among the first ones."""
    for row in sheet[:HEAD_WITHIN]:
        known = [form.key_of(cell.text) if cell else None for cell in row.cells]
        if form.needed[0] in known and len(set(known) - {None}) >= 2:
            return _checked_head(row.number, known, form)
    raise DomainError(
        f"Không tìm thấy dòng tiêu đề trong {HEAD_WITHIN} dòng đầu. "
        f"Cần có các cột: {', '.join(form.columns[key] for key in form.needed)}. Hãy dùng tệp mẫu."
    )


def _checked_head(line, known, form):
    missing = [form.columns[key] for key in form.needed if key not in known]
    if missing:
        raise DomainError(
            f"Dòng tiêu đề (dòng {line}) thiếu cột: {', '.join(missing)}. Hãy thêm cột hoặc dùng tệp mẫu."
        )
    twice = sorted({form.columns[key] for key in known if key and known.count(key) > 1})
    if twice:
        raise DomainError(f"Dòng tiêu đề (dòng {line}) có hai cột cùng tên: {', '.join(twice)}. Hãy bỏ một cột.")
    return Head(form, line, {key: index for index, key in enumerate(known) if key})


def merged_faults(sheet, head):
    """A value of a joined area stands in its first cell only: the rows below would silently lose it."""
    faults = []
    for area in sheet.merged:
        found = _AREA.fullmatch(area)
        if not found:
            continue
        first, last = column_index_from_string(found[1]) - 1, column_index_from_string(found[3]) - 1
        if int(found[4]) > head.line and any(first <= index <= last for index in head.used.values()):
            text = f"Ô gộp {area}. Hãy bỏ gộp ô (Unmerge Cells) và ghi đủ từng dòng."
            faults.append(Fault(head.form.sheet, int(found[2]), f"cột {found[1]}", text))
    return faults


def filled_rows(sheet, head):
    """The rows below the titles in which a column that is read holds something."""
    return [row for row in sheet if row.number > head.line and any(row.cell(index) for index in head.used.values())]


def read_row(row, head, readers):
    """({key: value}, faults) of one row; `readers` {key: function of a Cell or None that refuses by a DomainError}."""
    found, faults = {}, []
    for key, read in readers.items():
        try:
            found[key] = read(row.cell(head.columns[key]) if key in head.columns else None)
        except DomainError as error:
            faults.append(head.fault(row.number, key, error.message))
    return found, faults
