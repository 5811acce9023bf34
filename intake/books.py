"""Workbooks from outside as plain rows. The file is opened in a child process with limits, never in ours."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from core.errors import DomainError

READER = Path(__file__).with_name("reader.py")
SECONDS = 150
OLE, ZIP = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PK"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
PROTECTED = (
    "Tệp được đặt mật khẩu nên không đọc được. Hãy mở tệp, vào Tệp > Thông tin > Bảo vệ sổ làm việc, "
    "bỏ mật khẩu, lưu lại rồi gửi."
)
OLD_KIND = "Tệp là dạng Excel cũ (.xls). Hãy mở tệp bằng Excel, chọn Lưu thành (Save As) dạng .xlsx rồi gửi lại."
NO_BOOK = "Tệp không phải dạng .xlsx (có thể là .csv hoặc dạng khác). Hãy lưu tệp theo dạng .xlsx rồi gửi lại."
GAVE_UP = "Tệp quá lớn hoặc quá phức tạp nên không đọc xong. Hãy chép riêng danh sách sang tệp mới rồi gửi lại."


@dataclass(frozen=True, slots=True)
class BookCell:
    """`kind`: text, number, bool, date (a date), moment (a datetime), formula, error (value is the error's name)."""

    kind: str
    value: object
    font: str = ""
    """Named only where it is one of before Unicode."""

    @property
    def text(self):
        """What a person typed, as text; whole numbers without a decimal point, days as dd/mm/yyyy."""
        if self.kind == "number" and isinstance(self.value, float) and self.value.is_integer():
            return str(int(self.value)) if abs(self.value) < 1e15 else str(self.value)
        if self.kind in ("date", "moment"):
            return f"{self.value:%d/%m/%Y}"
        return str(self.value)


@dataclass(frozen=True, slots=True)
class BookRow:
    """A row that holds something; `number` is the one that Excel shows. Absent cells are None."""

    number: int
    cells: tuple

    def cell(self, index):
        return self.cells[index] if index < len(self.cells) else None


class Sheet(list):
    """The rows of one sheet; `merged` holds its joined areas, like 'B5:B7'; hidden columns are counted from 0."""

    def __init__(self, rows=(), merged=(), is_hidden=False, hidden_rows=(), hidden_columns=()):
        super().__init__(rows)
        self.merged, self.is_hidden = list(merged), is_hidden
        self.hidden_rows, self.hidden_columns = set(hidden_rows), set(hidden_columns)


def read_sheets(path):
    """{sheet name: Sheet of Rows} of an .xlsx file; what cannot be read is refused with a sentence that says how to
    go on. Cells keep their types; formulas are marked, never computed."""
    _check_kind(path)
    environment = {"OPENPYXL_LXML": "False", "PATH": os.environ.get("PATH", "")}
    command = [sys.executable, "-I", "-B", str(READER), str(path), *filter(None, sys.path)]
    try:
        child = subprocess.run(command, capture_output=True, env=environment, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise DomainError(GAVE_UP, "file") from error
    return _sheets_of(child.stdout)


def _check_kind(path):
    with open(path, "rb") as file:
        head = file.read(8)
        if head == OLE:
            file.seek(0)
            raise DomainError(PROTECTED if ENCRYPTED in file.read() else OLD_KIND, "file")
    if not head.startswith(ZIP):
        raise DomainError(NO_BOOK, "file")


def _sheets_of(output):
    """A child that was stopped by a limit leaves no end mark: half a file is no file."""
    sheets, rows, is_whole = {}, None, False
    for line in output.splitlines():
        try:
            found = json.loads(line)
        except ValueError:
            break
        if "c" in found:
            rows.append(BookRow(found["r"], tuple(_cell(cell) for cell in found["c"])))
        elif "sheet" in found:
            hidden_columns = [number - 1 for number in found["hidden_columns"]]
            rows = Sheet((), found["merged"], found["hidden"], found["hidden_rows"], hidden_columns)
            sheets[found["sheet"]] = rows
        elif "fault" in found:
            raise DomainError(found["fault"], "file")
        else:
            is_whole = True
    if not is_whole:
        raise DomainError(GAVE_UP, "file")
    return sheets


def _cell(found):
    if found is None:
        return None
    kind, value, *font = found
    if kind == "date":
        value = date.fromisoformat(value)
    elif kind == "moment":
        value = datetime.fromisoformat(value)
    return BookCell(kind, value, *font)
