"""A Table as a sheet: headings, rows, live totals and rates, notes, signatures."""

import re
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import groupby
from tempfile import TemporaryFile

from openpyxl.worksheet.pagebreak import Break

from reports.table import COUNT, RATIO, TEXT, totals_of
from reports.workbook.styles import (
    CELL_LIMIT,
    CUT,
    LINE_POINTS,
    SMALLEST,
    Formula,
    join,
    letter,
    lines_needed,
    merged,
    page,
    put,
    put_formula,
    scales,
    style_number,
)

HEAD_POINTS = 16.0
TOTAL = "TỔNG CỘNG"
FOR_SCREEN = "Danh mục để xem, lọc trên màn hình, không thuộc bản trình ký."
UPRIGHT = ("B2", "B4", "B10")
"""Long and narrow: upright in the book to be signed, which makes it half as thick."""

KEPT_ROWS = 3
"""So many of the last rows stand on the page of the signatures, which are never alone on one."""


@dataclass
class Written:
    """Where the totals of a sheet stand: `totals[section][column key]` = Formula, for the checks on the cover.

    `lengths[section]`: a Formula that counts its rows, None where it has none. `facts`: those of the table.
    """

    sheet: str
    totals: list = field(default_factory=list)
    title: str = ""
    lengths: list = field(default_factory=list)
    facts: dict = field(default_factory=dict)


def write_table(book, table, heading, spool, *, is_for_screen=False, is_short=False, draw=None):
    """Add one sheet and return the addresses of its totals; the rows of a list go into the spool.

    `is_for_screen`: a long list, which says so and is not signed. `is_short`: printed on few pages.
    `draw(sheet, table, first row)` hangs charts under the rows and returns the next free row.
    """
    sheet = book.create_sheet(table.sheet)
    page(sheet, landscape=not (is_short and table.code in UPRIGHT))
    columns = {column.key: number for number, column in enumerate(table.columns, 1)}
    for column in table.columns:
        sheet.column_dimensions[letter(columns[column.key])].width = column.width
    row = write_heading(sheet, heading, table.title, len(columns))
    body = _write_head(sheet, table, row)
    sheet.print_title_rows = f"{row}:{body - 1}"
    sheet.freeze_panes = f"C{body}"
    written, row = Written(table.sheet, title=table.title, facts=table.facts), body
    for section in table.sections:
        row, addresses, length = _Body(sheet, table, columns, spool).write(section, row)
        written.totals.append(addresses)
        written.lengths.append(length)
        if table.is_list and section.row_count:
            sheet.auto_filter.ref = f"A{body - 1}:{letter(len(columns))}{body + section.row_count - 1}"
    if is_for_screen:
        merged(sheet, 7, 1, len(columns), FOR_SCREEN, "note", 18)
    tail = max(body, row - KEPT_ROWS)
    if draw:
        row = tail = draw(sheet, table, body)
    last = _write_foot(sheet, table, row, len(columns), is_signed=not is_for_screen)
    wide, high = scales(sheet, last)
    if is_short and high >= min(wide, SMALLEST) and not draw:
        sheet.page_setup.fitToHeight = 1
    elif not draw and not is_for_screen and high < wide:
        sheet.row_breaks.append(Break(id=tail - 1))
    return written


def write_heading(sheet, heading, title, width):
    """Issuer left, party title right, the table's title over all columns; returns the next free row."""
    half = max(2, width // 2)
    merged(sheet, 1, 1, half, heading.superior, "issuer", 20)
    merged(sheet, 1, half + 1, width, "ĐẢNG CỘNG SẢN VIỆT NAM", "issuer_bold")
    merged(sheet, 2, 1, half, heading.issuer, "issuer_bold", 20)
    merged(sheet, 2, half + 1, width, heading.place_and_day, "place")
    merged(sheet, 3, 1, half, "*", "issuer", 16)
    merged(sheet, 4, 1, width, title.upper(), "title", 24)
    merged(sheet, 5, 1, width, heading.unit_line, "sign", 20)
    merged(sheet, 6, 1, width, heading.span_line, "span", 20)
    return 8


def _write_head(sheet, table, row):
    """Two heading rows when columns are grouped, one otherwise, then the row of column numbers."""
    grouped = any(column.group for column in table.columns)
    bottom = row + 1 if grouped else row
    for (group, _), members in groupby(enumerate(table.columns, 1), key=_neighbours):
        members = list(members)
        if group:
            for index, _ in members:
                put(sheet.cell(row, index), "", "head")
            merged(sheet, row, members[0][0], members[-1][0], group, "head")
        for index, column in members:
            put(sheet.cell(bottom if group else row, index), _title(column), "head")
            if grouped and not group:
                put(sheet.cell(bottom, index), "", "head")
                join(sheet, f"{letter(index)}{row}:{letter(index)}{bottom}")
    deepest = max(_title_lines(column) for column in table.columns)
    sheet.row_dimensions[row].height = HEAD_POINTS * (2 if grouped else deepest) + 6
    if grouped:
        sheet.row_dimensions[bottom].height = HEAD_POINTS * max(deepest - 1, 2) + 6
    for index in range(1, len(table.columns) + 1):
        put(sheet.cell(bottom + 1, index), f"({index})", "ordinal")
    sheet.row_dimensions[bottom + 1].height = 16
    return bottom + 2


def _neighbours(item):
    """Columns of one group stand together; those without a group stand alone."""
    index, column = item
    return column.group, 0 if column.group else index


def _title(column):
    return f"{column.title}\n({column.unit})" if column.unit else column.title


def _title_lines(column):
    """Lines of a heading: words are never cut, so short columns take a line for almost every word."""
    lines, used = 1, 0
    for word in column.title.split():
        if used and used + 1 + len(word) > column.width * 0.85:
            lines, used = lines + 1, len(word)
        else:
            used += len(word) + bool(used)
    return lines + bool(column.unit)


def _write_foot(sheet, table, row, width, *, is_signed):
    """Returns the last row."""
    sheet.row_dimensions[row].height = 6
    row += 1
    for note in table.notes:
        merged(sheet, row, 1, width, note, "note", 18)
        row += 1
    return write_signatures(sheet, row + 1, width) if is_signed else row


def write_signatures(sheet, row, width):
    """Returns the last row of the block."""
    half = max(2, width // 2)
    for first, last, words in ((1, half, "NGƯỜI LẬP BIỂU"), (half + 1, width, "THỦ TRƯỞNG")):
        merged(sheet, row, first, last, words, "sign", 20)
        merged(sheet, row + 1, first, last, "(Ký, ghi rõ họ tên)", "span", 18)
    return row + 1


class _Body:
    """Writes the sections of one table; sums and rates are live formulas that know their values."""

    def __init__(self, sheet, table, columns, spool):
        self.sheet, self.table, self.columns, self.spool = sheet, table, columns, spool

    def write(self, section, row):
        """Returns (next free row, {column key: Formula of its total}, a Formula that counts its rows)."""
        if section.title:
            row = self._band(row, section.title)
        total_row = row + sum(len(group.rows) + bool(group.title) for group in section.groups)
        totals = {} if self.table.is_list else totals_of(section.rows, self.table.columns)
        parts, first = [], row
        for group in section.groups:
            start = row + bool(group.title)
            row, sums = self._rows(group.rows, start, total_row, totals)
            if group.title and not section.has_total:
                self._band(start - 1, group.title)
            elif group.title:
                self._sums(start - 1, group.title, "_group", [(start, row - 1)], sums, total_row, totals)
            parts.append((start - 1, start - 1) if group.title else (start, row - 1))
            if self.table.is_list:
                totals = _added(totals, sums)
        addresses, last = {}, row - 1
        if section.has_total and row > first:
            self._sums(row, TOTAL, "_total", parts, totals, row, totals)
            addresses = {key: self._address(index, row, totals.get(key)) for key, index in self.columns.items()}
            row += 1
        for aside in section.asides:
            self._row(row, aside.cells, "_aside", None, {})
            row += 1
        return row, addresses, self._length(first, last, section)

    def _address(self, index, row, value):
        return Formula(f"'{self.sheet.title}'!${letter(index)}${row}", value)

    def _length(self, first, last, section):
        if last < first:
            return None
        headings = sum(bool(group.title) for group in section.groups)
        words = f"COUNTA('{self.sheet.title}'!$B${first}:$B${last})"
        return Formula(words, section.row_count + headings)

    def _rows(self, rows, row, total_row, totals):
        """Returns the next free row and the sums of the counts."""
        if self.table.is_list:
            return self.spool.write(self.sheet, self.table.columns, rows, row)
        for number, item in enumerate(rows, row):
            self._row(number, item.cells, "", total_row, totals)
        return row + len(rows), totals_of(rows, self.table.columns, totals)

    def _band(self, row, title):
        for index in range(1, len(self.columns) + 1):
            put(self.sheet.cell(row, index), "", "text_total")
        merged(self.sheet, row, 1, len(self.columns), title, "text_total", 20)
        return row + 1

    def _row(self, row, cells, weight, total_row, totals):
        for column in self.table.columns:
            cell, value = self.sheet.cell(row, self.columns[column.key]), cells.get(column.key, "")
            if column.kind == RATIO and total_row and column.ratio.speaks_of(cells):
                formula = self._ratio(column.ratio, row, cells, total_row, totals)
                put_formula(cell, formula, _style_of(column, weight))
            else:
                put(cell, "" if value is None else value, _style_of(column, weight, value))
        deepest = max(
            (lines_needed(str(cells.get(c.key) or ""), c.width) for c in self.table.columns if c.kind == TEXT),
            default=1,
        )
        self.sheet.row_dimensions[row].height = LINE_POINTS * deepest + 3

    def _sums(self, row, name, weight, parts, sums, total_row, totals):
        """A row of sums over `parts`, spans of rows; `sums`: their values. What is not known stays blank."""
        for column in self.table.columns:
            cell, index = self.sheet.cell(row, self.columns[column.key]), self.columns[column.key]
            style = _style_of(column, weight)
            if column.kind == COUNT and sums[column.key] != "":
                spans = ",".join(_span(letter(index), *part) for part in parts)
                put_formula(cell, Formula(f"SUM({spans})", sums[column.key]), style)
            elif column.kind == RATIO:
                put_formula(cell, self._ratio(column.ratio, row, sums, total_row, totals), style)
            else:
                put(cell, name if index == 2 else "", style)
        deepest = lines_needed(name, self.table.columns[1].width)
        self.sheet.row_dimensions[row].height = LINE_POINTS * deepest + 3

    def _ratio(self, ratio, row, cells, total_row, totals):
        whole_row = total_row if ratio.of_total else row
        part = self._terms(ratio.plus, ratio.minus, row)
        whole = self._terms(ratio.over, ratio.less, whole_row)
        scale = f"*{ratio.scale}" if ratio.scale != 1 else ""
        return Formula(f'IF({whole}=0,"",{part}/{whole}{scale})', ratio.as_calculated(cells, totals))

    def _terms(self, plus, minus, row):
        added = "+".join(f"{letter(self.columns[key])}{row}" for key in plus)
        taken = "".join(f"-{letter(self.columns[key])}{row}" for key in minus)
        return f"({added}{taken})" if len(plus) + len(minus) > 1 else added


def _added(sums, more):
    """The sums of a list's groups; "" while nothing is known."""
    return {key: more[key] if sums.get(key, "") == "" else sums[key] + (more[key] or 0) for key in more}


def _span(name, first, last):
    return f"{name}{first}" if first == last else f"{name}{first}:{name}{last}"


def _style_of(column, weight, value=None):
    if column.kind == RATIO:
        return f"ratio{column.ratio.digits}{weight}"
    if column.kind == COUNT and isinstance(value, Decimal):
        return f"ratio{-value.as_tuple().exponent}{weight}"
    if column.kind == COUNT and isinstance(value, str):
        return f"mark{weight}"
    return f"{column.kind}{weight}"


AT_ONCE = 500
KNOWN = 1_000
SHORT = 60
DAY_ZERO = date(1899, 12, 30).toordinal()
ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


class Spool:
    """The rows that openpyxl does not hold, in one temporary file until the workbook is packed.

    `parts`: {name of the sheet: [(number of the first row, where it begins, how long it is)]}.
    """

    def __init__(self):
        self.file, self.parts = TemporaryFile(), {}  # noqa: SIM115 -- closed with the spool

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()

    def write(self, sheet, columns, rows, first):
        """Add rows from row number `first` on; returns the next free row number and {column key: sum of counts}."""
        start, number, lines = self.file.tell(), first, RowLines(sheet.parent, columns)
        pending = []
        for number, row in enumerate(rows, first):
            pending.append(lines.line(number, row.cells))
            if len(pending) == AT_ONCE:
                self._flush(pending)
        if self.file.tell() == start and not pending:
            return first, lines.sums
        self._flush(pending)
        self.parts.setdefault(sheet.title, []).append((first, start, self.file.tell() - start))
        return number + 1, lines.sums

    def _flush(self, pending):
        self.file.write("".join(pending).encode())
        pending.clear()


class RowLines:
    """Turns the cells of a row into its line of the file; texts that come again and again are prepared once."""

    def __init__(self, book, columns):
        self.book, self.shares = book, {}
        self.sums = {column.key: "" if column.may_be_unknown else 0 for column in columns if column.kind == COUNT}
        self.plans = [(column.key, f'<c r="{letter(n)}', column, self._style(column), {}) for n, column in
                      enumerate(columns, 1)]  # fmt: skip

    def _style(self, column):
        """(style of empty cells and numbers, style of texts) as they stand in the file; a count may be a word."""
        of_texts = "mark" if column.kind == COUNT else column.kind
        return tuple(f'" s="{style_number(self.book, style)}"' for style in (column.kind, of_texts))

    def line(self, number, cells):
        deepest, parts = 1, []
        for key, place, column, (style, of_texts), known in self.plans:
            value = cells.get(key)
            if value is None or value == "":
                parts.append(f"{place}{number}{style}/>")
            elif isinstance(value, str):
                text, lines = known.get(value) or self._prepare(known, value, column)
                if lines > deepest:
                    deepest = lines
                parts.append(f'{place}{number}{of_texts} t="inlineStr"><is>{text}</is></c>')
            elif isinstance(value, date):
                parts.append(f"{place}{number}{style}><v>{value.toordinal() - DAY_ZERO}</v></c>")
            else:
                if isinstance(value, Decimal):
                    style = self._share(value)
                elif key in self.sums:
                    self.sums[key] = (self.sums[key] or 0) + value
                parts.append(f"{place}{number}{style}><v>{value}</v></c>")
        height = f'<row r="{number}" ht="{LINE_POINTS * deepest + 3:g}" customHeight="1">'
        return f"{height}{''.join(parts)}</row>"

    def _prepare(self, known, text, column):
        """(the text as it stands in the file, the lines it takes in its column)."""
        found = text_line(text), lines_needed(text, column.width) if column.kind == TEXT else 1
        if len(text) <= SHORT:
            if len(known) == KNOWN:
                known.clear()
            known[text] = found
        return found

    def _share(self, value):
        digits = -value.as_tuple().exponent
        if digits not in self.shares:
            self.shares[digits] = f'" s="{style_number(self.book, f"ratio{digits}")}"'
        return self.shares[digits]


def text_line(text):
    """Text is never a formula, never longer than a cell holds, and without what the format cannot hold."""
    if not text.isprintable():
        text = ILLEGAL.sub("", text)
    if len(text) > CELL_LIMIT:
        text = text[: CELL_LIMIT - len(CUT)] + CUT
    space = ' xml:space="preserve"' if text != text.strip() else ""
    if "&" in text or "<" in text or ">" in text:
        text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f"<t{space}>{text}</t>"
