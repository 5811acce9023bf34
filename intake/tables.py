"""Tables in a workbook from outside: which sheet, where the columns stand, which areas are joined, what is not read.

What is wrong is told with sheet, row and column; nothing is guessed, and nothing that the file holds is passed over in
silence: it becomes a question that a person answers before anything is written.
"""

import difflib
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from openpyxl.utils import column_index_from_string, get_column_letter

from core.display import group_digits
from core.errors import DomainError
from core.text import LABELS, clean_name, decode, detect, fold, is_unicode
from intake.books import BookCell, BookRow, Sheet
from intake.templates import GUIDE_SHEET

HEAD_WITHIN = 15
EXAMPLES = 20
FOLLOWED = 3
"""So many old texts in a column settle one that reads well both ways."""
UNREAD, LETTERS, DAYS, NOTE = "unread", "letters", "days", "note"
"""Kinds of questions; a NOTE is only told, it needs no answer."""
_AREA = re.compile(r"([A-Z]+)(\d+):([A-Z]+)(\d+)")
_DAY_FIRST = re.compile(r"\s*(\d{1,2})[/.-]\d{1,2}[/.-]\d{4}\s*")


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


@dataclass(frozen=True)
class IntakeQuestion(Fault):
    """What a person has to know of a file, and to agree to, before it is written. `before`: the text in the file."""

    kind: str = UNREAD
    before: str = ""


@dataclass(frozen=True, eq=False)
class TableForm:
    """A sheet as it should be: `columns` {key: title}, the keys that are `needed`, other titles that are understood."""

    sheet: str
    columns: dict
    needed: tuple
    synonyms: dict = field(default_factory=dict)
    ignored: tuple = ()
    days: tuple = ()
    """Keys of columns that hold days."""

    def key_of(self, title):
        known = {fold(words): key for key, words in self.columns.items()} | self.synonyms
        return known.get(fold(clean_name(title)))


@dataclass(frozen=True)
class Head:
    """Where the columns stand: {key: index}, and in which row."""

    form: TableForm
    line: int
    columns: dict
    name: str = ""
    """Of the sheet, as the file has it."""

    @property
    def used(self):
        return {key: index for key, index in self.columns.items() if key not in self.form.ignored}

    def place(self, key):
        """'cột C (Kỳ)' – how a fault names a column."""
        if key not in self.columns:
            return ""
        return f"cột {get_column_letter(self.columns[key] + 1)} ({self.form.columns[key]})"

    def fault(self, line, key, text):
        return Fault(self.name or self.form.sheet, line, self.place(key), text)


@dataclass
class Tables:
    """A workbook as its forms are found in it, {form's sheet: Sheet or Head}, and what is to be said of it."""

    sheets: dict = field(default_factory=dict)
    heads: dict = field(default_factory=dict)
    faults: list = field(default_factory=list)
    questions: list = field(default_factory=list)

    def rows(self, form):
        """The rows below the titles in which a column that is read holds something."""
        head = self.heads.get(form.sheet)
        return filled_rows(self.sheets[form.sheet], head) if head else []


def find_tables(sheets, forms, needed):
    """The Tables of a workbook. A sheet is known by its name, whatever the case, blanks and diacritics, else by its
    titles; forms that are not `needed` may be missing."""
    tables, names = Tables(), {}
    sheets = _read_old_letters(sheets, tables.questions)
    for form in forms:
        named = (name for name in sheets if fold(name).replace(" ", "") == form.sheet.lower())
        if name := next(named, None):
            names[form.sheet] = name
    for form in forms:
        if form.sheet not in names and (name := _named_otherwise(sheets, form, set(names.values()), form in needed)):
            names[form.sheet] = name
            text = f"Trang này được đọc như trang {form.sheet} vì có các cột của trang đó."
            tables.questions.append(IntakeQuestion(name, 0, "", text, NOTE))
    for form in forms:
        _read_table(tables, sheets, form, names.get(form.sheet), form in needed)
    for name, sheet in sheets.items():
        if sheet and name not in names.values() and fold(name).replace(" ", "") != GUIDE_SHEET.lower():
            hidden = "đang ẩn và " if sheet.is_hidden else ""
            text = f"Trang này {hidden}không được đọc: {group_digits(len(sheet))} dòng có nội dung."
            tables.questions.append(IntakeQuestion(name, 0, "", text))
    return tables


def _named_otherwise(sheets, form, taken, is_needed):
    free = {name: sheet for name, sheet in sheets.items() if sheet and name not in taken}
    fitting = [name for name, sheet in free.items() if _fits(sheet, form)]
    if len(fitting) == 1:
        return fitting[0]
    return next(iter(free)) if is_needed and len(free) == 1 else None


def _fits(sheet, form):
    known = ({form.key_of(cell.text) for cell in row.cells if cell} for row in sheet[:HEAD_WITHIN])
    return any(keys >= set(form.needed) for keys in known)


def _read_table(tables, sheets, form, name, is_needed):
    try:
        if name is None and is_needed:
            raise DomainError(
                f"Không tìm thấy trang tính “{form.sheet}”. Hãy đặt lại tên trang tính chứa danh sách, "
                "hoặc dùng tệp mẫu."
            )
        if name is None or not (sheets[name] or is_needed):
            return
        sheet = tables.sheets[form.sheet] = sheets[name]
        head = tables.heads[form.sheet] = find_head(sheet, form, name)
    except DomainError as error:
        tables.faults.append(Fault(name or form.sheet, 0, "", error.message))
        return
    tables.faults += merged_faults(sheet, head)
    tables.questions += [*_hidden_parts(sheet, head), *_unread_columns(sheet, head), *_swapped_days(sheet, head)]


def _hidden_parts(sheet, head):
    if sheet.is_hidden:
        yield IntakeQuestion(head.name, 0, "", "Trang này đang ẩn; nội dung của trang vẫn được nhập.")
    rows = [row.number for row in filled_rows(sheet, head) if row.number in sheet.hidden_rows]
    if rows:
        text = f"{group_digits(len(rows))} dòng đang ẩn vẫn được nhập: dòng {listed_numbers(rows)}."
        yield IntakeQuestion(head.name, rows[0], "", text)
    for key, index in head.used.items():
        if index in sheet.hidden_columns and any(row.cell(index) for row in sheet if row.number > head.line):
            yield IntakeQuestion(head.name, 0, head.place(key), "Cột này đang ẩn; nội dung của cột vẫn được nhập.")


def _unread_columns(sheet, head):
    """Columns that hold something below the titles and are not read."""
    titles = next(row for row in sheet if row.number == head.line)
    filled = defaultdict(list)
    for row in sheet:
        if row.number > head.line:
            for index, cell in enumerate(row.cells):
                if cell:
                    filled[index].append(cell)
    keys = {index: key for key, index in head.columns.items()}
    for index, cells in sorted(filled.items()):
        title = clean_name(titles.cell(index).text) if titles.cell(index) else ""
        place = f"cột {get_column_letter(index + 1)} ({title or 'không có tiêu đề'})"
        if index not in keys:
            text = f"Cột này không được đọc: {group_digits(len(cells))} ô có nội dung, ví dụ “{cells[0].text[:40]}”."
            yield IntakeQuestion(head.name, 0, place, f"{text}{_perhaps(title, head)}")
        elif keys[index] in head.form.ignored and keys[index] != "number":
            yield IntakeQuestion(head.name, 0, place, "Cột này không nhập vào phần mềm.", NOTE)


def _perhaps(title, head):
    """' Nếu đó là “Lượt đại biểu”, …' when a column that is missing is called much alike."""
    missing = {fold(words): words for key, words in head.form.columns.items() if key not in head.columns}
    near = difflib.get_close_matches(fold(title), missing, 1, 0.5) if title else []
    return f" Nếu đó là “{missing[near[0]]}”, hãy sửa tên cột rồi gửi lại." if near else ""


def _swapped_days(sheet, head):
    """Excel of an American computer reads 04/03 as 3 April's opposite and leaves 25/03 as text: the two side by side
    in one column, text always beyond the 12th and real days never, are what it leaves behind."""
    for key in head.form.days:
        if key not in head.columns:
            continue
        found = [(row.number, row.cell(head.columns[key])) for row in sheet if row.number > head.line]
        typed = [day for _, cell in found if cell and cell.kind == "text" and (day := _DAY_FIRST.fullmatch(cell.text))]
        real = [(number, cell) for number, cell in found if cell and cell.kind in ("date", "moment")]
        if typed and real and all(int(day[1]) > 12 for day in typed) and all(cell.value.day <= 12 for _, cell in real):
            number, cell = real[0]
            text = (
                f"Cột có ngày gõ bằng chữ ({typed[0][0].strip()}) lẫn ngày của Excel: Excel có thể đã đảo ngày với "
                f"tháng. Dòng {listed_numbers([number for number, _ in real])}: {cell.text} hay "
                f"{cell.value:%m/%d/%Y}? Nếu bị đảo, gõ lại các ô này rồi gửi lại."
            )
            yield IntakeQuestion(head.name, number, head.place(key), text, DAYS)


def listed_numbers(numbers):
    """'3, 5–7' – numbers in order, runs drawn together, the first ones when there are many."""
    runs = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    words = [str(first) if first == last else f"{first}–{last}" for first, last in runs]
    return ", ".join(words[:EXAMPLES]) + (", …" if len(words) > EXAMPLES else "")


def _read_old_letters(sheets, questions):
    """The sheets in Unicode; each text that was typed for a font of before is shown as it will be written.

    A text below the titles that reads well both ways follows its column, where all others are old.
    """
    found, told = {}, 0
    for name, sheet in sheets.items():
        columns, titles = _old_columns(sheet)
        found[name] = sheet
        if not columns:
            continue
        rows = [
            BookRow(
                row.number,
                tuple(
                    _in_unicode(cell, columns.get(i), row.number == titles.get(i)) for i, cell in enumerate(row.cells)
                ),
            )
            for row in sheet
        ]
        found[name] = Sheet(rows, sheet.merged, sheet.is_hidden, sheet.hidden_rows, sheet.hidden_columns)
        changed = [
            (row.number, index, old, new)
            for row, after in zip(sheet, rows, strict=True)
            for index, (old, new) in enumerate(zip(row.cells, after.cells, strict=True))
            if old is not new
        ]
        names = ", ".join(sorted({LABELS[each] for column in columns.values() for each in column if each}))
        text = f"{group_digits(len(changed))} ô gõ theo bảng mã {names}, sẽ ghi bằng Unicode như các dòng dưới đây."
        questions.append(IntakeQuestion(name, 0, "", text, LETTERS))
        for number, index, old, new in changed[: max(0, EXAMPLES - told)]:
            place = f"cột {get_column_letter(index + 1)}"
            questions.append(IntakeQuestion(name, number, place, new.text[:200], LETTERS, old.text[:200]))
            told += 1
    return found


def _old_columns(sheet):
    """({column: Counter of encodings, "" for texts that only Unicode has}, {column: its first row})."""
    columns, titles = defaultdict(Counter), {}
    for row in sheet:
        for index, cell in enumerate(row.cells):
            if cell and cell.kind == "text":
                is_title = titles.setdefault(index, row.number) == row.number
                encoding = detect(cell.value, cell.font)
                if encoding or (not is_title and is_unicode(cell.value)):
                    columns[index][encoding] += 1
    return {index: counts for index, counts in columns.items() if set(counts) - {""}}, titles


def _in_unicode(cell, counts, is_title):
    if not cell or not counts or cell.kind != "text" or cell.value.isascii():
        return cell
    encoding = detect(cell.value, cell.font)
    if not encoding and not is_title and "" not in counts and counts.total() >= FOLLOWED:
        encoding = counts.most_common(1)[0][0]
    return BookCell("text", decode(cell.value, encoding)) if encoding else cell


def find_head(sheet, form, name=""):
    """The row of titles among the first ones."""
    for row in sheet[:HEAD_WITHIN]:
        known = [form.key_of(cell.text) if cell else None for cell in row.cells]
        if form.needed[0] in known and len(set(known) - {None}) >= 2:
            return _checked_head(row.number, known, form, name)
    raise DomainError(
        f"Không tìm thấy dòng tiêu đề trong {HEAD_WITHIN} dòng đầu. "
        f"Cần có các cột: {', '.join(form.columns[key] for key in form.needed)}. Hãy dùng tệp mẫu."
    )


def _checked_head(line, known, form, name):
    missing = [form.columns[key] for key in form.needed if key not in known]
    if missing:
        raise DomainError(
            f"Dòng tiêu đề (dòng {line}) thiếu cột: {', '.join(missing)}. Hãy thêm cột hoặc dùng tệp mẫu."
        )
    twice = sorted({form.columns[key] for key in known if key and known.count(key) > 1})
    if twice:
        raise DomainError(f"Dòng tiêu đề (dòng {line}) có hai cột cùng tên: {', '.join(twice)}. Hãy bỏ một cột.")
    return Head(form, line, {key: index for index, key in enumerate(known) if key}, name)


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
            faults.append(Fault(head.name or head.form.sheet, int(found[2]), f"cột {found[1]}", text))
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
