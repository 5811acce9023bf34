"""From the rows of a sheet to drafts: every fault is told with its line and column, none is guessed away."""

import re
from dataclasses import dataclass
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from openpyxl.utils import column_index_from_string, get_column_letter

from core.errors import DomainError
from core.text import clean_name, fold
from people.roster.words import COLUMN_OF_TITLE, COLUMNS, NEEDED, POSITION_OF_WORD, POSITION_WORDS, SHEET
from people.rules import clean_phone

HEAD_WITHIN = 15
LIMITS = {"village": 120, "name": 120, "position": 120, "phone": 40, "email": 254, "note": 500}
FIRST_YEAR, LAST_YEAR = 1945, 2100
_AREA = re.compile(r"([A-Z]+)(\d+):([A-Z]+)(\d+)")


@dataclass(frozen=True)
class Fault:
    """What is wrong in a row (0: in the sheet as a whole) and how to mend it."""

    line: int
    column: str
    text: str


@dataclass(frozen=True)
class Draft:
    """A row as it was read. `since` None: from the day of the import. An empty `name`: the post stays vacant."""

    line: int
    village: str
    name: str
    position: str
    phone: str = ""
    email: str = ""
    since: date | None = None


@dataclass(frozen=True)
class Head:
    """Where the columns stand: {key: index}, and in which row."""

    line: int
    columns: dict

    @property
    def used(self):
        """Indexes of the columns that are read."""
        return [index for key, index in self.columns.items() if key not in ("number", "note")]

    def place(self, key):
        """'cột C (Họ và tên)' – how a fault names a column."""
        return f"cột {get_column_letter(self.columns[key] + 1)} ({COLUMNS[key]})"


def read_drafts(sheets):
    """(drafts, faults) of the workbook; a fault of the sheet as a whole leaves no drafts."""
    try:
        sheet = _sheet_of(sheets)
        head = _head_of(sheet)
    except DomainError as error:
        return [], [Fault(0, "", error.message)]
    drafts, faults = [], _merged_faults(sheet, head)
    for row in sheet:
        if row.number > head.line and any(row.cell(index) for index in head.used):
            draft, wrong = _draft_of(row, head)
            drafts += [draft] if draft else []
            faults += wrong
    if not drafts and not faults:
        faults = [Fault(0, "", f"Trang tính không có dòng nào dưới dòng tiêu đề (dòng {head.line}).")]
    return drafts, faults


def _sheet_of(sheets):
    for name, sheet in sheets.items():
        if fold(name).replace(" ", "") == SHEET.lower():
            return sheet
    filled = [sheet for sheet in sheets.values() if sheet]
    if len(filled) == 1:
        return filled[0]
    raise DomainError(
        f"Không tìm thấy trang tính “{SHEET}”. Hãy đặt lại tên trang tính chứa danh sách, hoặc dùng tệp mẫu."
    )


def _head_of(sheet):
    for row in sheet[:HEAD_WITHIN]:
        titles = [fold(clean_name(cell.text)) if cell else "" for cell in row.cells]
        known = [COLUMN_OF_TITLE.get(title) for title in titles]
        if "name" in known and len(set(known) - {None}) >= 2:
            return _checked_head(row.number, known)
    raise DomainError(
        f"Không tìm thấy dòng tiêu đề trong {HEAD_WITHIN} dòng đầu. "
        f"Cần có các cột: {', '.join(COLUMNS[key] for key in NEEDED)}. Hãy dùng tệp mẫu."
    )


def _checked_head(line, known):
    missing = [COLUMNS[key] for key in NEEDED if key not in known]
    if missing:
        raise DomainError(
            f"Dòng tiêu đề (dòng {line}) thiếu cột: {', '.join(missing)}. Hãy thêm cột hoặc dùng tệp mẫu."
        )
    twice = sorted({COLUMNS[key] for key in known if key and known.count(key) > 1})
    if twice:
        raise DomainError(f"Dòng tiêu đề (dòng {line}) có hai cột cùng tên: {', '.join(twice)}. Hãy bỏ một cột.")
    return Head(line, {key: index for index, key in enumerate(known) if key})


def _merged_faults(sheet, head):
    """A value of a joined area stands in its first cell only: the rows below would silently lose it."""
    faults = []
    for area in sheet.merged:
        found = _AREA.fullmatch(area)
        if not found:
            continue
        first, last = column_index_from_string(found[1]) - 1, column_index_from_string(found[3]) - 1
        if int(found[4]) > head.line and any(first <= index <= last for index in head.used):
            text = f"Ô gộp {area}. Hãy bỏ gộp ô (Unmerge Cells) và ghi đủ từng dòng."
            faults.append(Fault(int(found[2]), f"cột {found[1]}", text))
    return faults


def _draft_of(row, head):
    """(draft or None, faults) of one row; a row with faults gives no draft."""
    found, faults = {}, []
    for key in head.columns:
        if key not in ("number", "note"):
            try:
                found[key] = _READERS[key](row.cell(head.columns[key]))
            except DomainError as error:
                faults.append(Fault(row.number, head.place(key), error.message))
    contact = found.get("phone") or found.get("email")
    if not faults and not found["name"] and contact:
        faults.append(Fault(row.number, head.place("name"), "Chưa có họ tên. Hãy ghi họ tên, hoặc xóa cả dòng."))
    return (None, faults) if faults else (Draft(row.number, **found), [])


def _words(cell, key):
    if cell is None:
        return ""
    if cell.kind == "formula":
        raise DomainError("Ô là công thức. Hãy chép rồi dán giá trị (Paste Values) thay cho công thức.")
    if cell.kind == "error":
        raise DomainError(f"Ô báo lỗi {cell.value}. Hãy ghi lại nội dung.")
    words = clean_name(cell.text)
    if len(words) > LIMITS[key]:
        raise DomainError(f"Dài quá {LIMITS[key]} ký tự. Hãy rút ngắn.")
    return words


def _village(cell):
    words = _words(cell, "village")
    if not words:
        raise DomainError("Chưa có thôn, khu. Hãy ghi tên hoặc mã thôn, khu ở từng dòng.")
    return words


def _name(cell):
    words = _words(cell, "name")
    if words and (cell.kind != "text" or not any(letter.isalpha() for letter in words)):
        raise DomainError(f"“{words}” không phải họ tên. Hãy ghi họ và tên bằng chữ.")
    return words


def _position(cell):
    words = _words(cell, "position")
    if not words:
        raise DomainError(f"Chưa có chức danh. Ghi một trong: {POSITION_WORDS}.")
    position = POSITION_OF_WORD.get(fold(words).rstrip("."))
    if position:
        return str(position)
    parts = [fold(part) for part in re.split(r"[,;/+&]| kiêm | và ", words)]
    if len(parts) > 1 and all(part in POSITION_OF_WORD for part in parts):
        raise DomainError(f"“{words}”: ghi mỗi chức danh một dòng, cùng họ tên và điện thoại.")
    raise DomainError(f"Không có chức danh “{words}” ở thôn, khu. Ghi một trong: {POSITION_WORDS}.")


def _phone(cell):
    words = _words(cell, "phone")
    if cell is not None and cell.kind == "number" and len(words) == 9 and words[0] != "0":
        words = f"0{words}"  # Excel drops the leading nought of a number
    try:
        return clean_phone(words)
    except DomainError as error:
        raise DomainError(f"“{words}”: {error.message} Nếu có nhiều số, ghi một số.") from error


def _email(cell):
    words = _words(cell, "email")
    try:
        if words:
            validate_email(words)
    except ValidationError as error:
        raise DomainError(f"“{words}” không phải thư điện tử. Ghi dạng ten@co-quan.vn hoặc để trống.") from error
    return words


def _since(cell):
    if cell is None:
        return None
    if cell.kind in ("date", "moment"):
        day = cell.value.date() if isinstance(cell.value, datetime) else cell.value
    else:
        words = _words(cell, "note")
        day = _day(words)
        if day is None:
            raise DomainError(f"“{words}” không phải ngày. Ghi dạng ngày/tháng/năm, ví dụ 25/11/2026.")
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise DomainError(f"Năm {day.year} không hợp lý. Năm phải từ {FIRST_YEAR} đến {LAST_YEAR}.")
    return day


def _day(words):
    found = re.fullmatch(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", words)
    try:
        return date(int(found[3]), int(found[2]), int(found[1])) if found else None
    except ValueError:
        return None


_READERS = {
    "village": _village,
    "name": _name,
    "position": _position,
    "phone": _phone,
    "email": _email,
    "since": _since,
}
