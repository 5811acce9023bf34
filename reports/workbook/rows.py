"""Rows of a list as they stand in the file, written one after another: a list of any length takes the same memory."""

import re
from datetime import date
from decimal import Decimal
from tempfile import TemporaryFile

from reports.table import COUNT, TEXT
from reports.workbook.styles import CELL_LIMIT, CUT, LINE_POINTS, letter, lines_needed, style_number

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
