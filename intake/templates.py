"""Blank workbooks for people to fill in: one sheet of columns, one of guidance, lists to choose from.

Every text is written as text: what begins with "=" or "+" is no formula.
"""

from dataclasses import dataclass

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

FONT = "Times New Roman"
GUIDE_SHEET = "HuongDan"
FILLED_ROWS = 2000
"""How far down the lists to choose from reach."""
_SIDE = Side(style="thin", color="FF9AA0A6")
_BORDER = Border(left=_SIDE, right=_SIDE, top=_SIDE, bottom=_SIDE)
_HEAD = PatternFill("solid", fgColor="FFF3E5E5")


@dataclass(frozen=True)
class FormColumn:
    """`choices`: name of a list of the guide sheet; `is_strict` refuses other words, else Excel only offers them."""

    title: str
    width: int
    note: str = ""
    choices: str = ""
    is_strict: bool = False


def text_cell(cell, value):
    """Write text that stays text, without the control characters Excel refuses."""
    cell.value = ILLEGAL_CHARACTERS_RE.sub("", str(value))[:32_767]
    cell.data_type = "s"
    return cell


@dataclass(frozen=True)
class FormSheet:
    """A sheet to fill in: its columns, and the rows that stand there already."""

    name: str
    columns: tuple
    rows: tuple = ()


def write_form(stream, *, sheet, columns, guide, lists=None, rows=()):
    """A workbook with the sheet to fill in (first row: titles) and the guide; `lists`: {name: [values]}."""
    write_forms(stream, sheets=[FormSheet(sheet, columns, rows)], guide=guide, lists=lists)


def write_forms(stream, *, sheets, guide, lists=None):
    """A workbook with several sheets to fill in and one guide for all."""
    book = Workbook()
    book.remove(book.active)
    forms = [book.create_sheet(each.name) for each in sheets]
    areas = _write_guide(book.create_sheet(GUIDE_SHEET), sheets, guide, lists or {})
    for form, each in zip(forms, sheets, strict=True):
        _write_head(form, each.columns)
        _write_rows(form, each.rows, len(each.columns))
        for index, column in enumerate(each.columns, 1):
            if column.choices and areas.get(column.choices):
                _offer(form, index, column, areas[column.choices])
    book.save(stream)


def _write_head(form, columns):
    for index, column in enumerate(columns, 1):
        letter = get_column_letter(index)
        form.column_dimensions[letter].width = column.width
        form.column_dimensions[letter].number_format = "@"
        cell = text_cell(form.cell(1, index), column.title)
        cell.font, cell.fill, cell.border = Font(name=FONT, size=12, bold=True), _HEAD, _BORDER
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
    form.row_dimensions[1].height = 32
    form.freeze_panes = "A2"
    form.page_setup.orientation, form.page_setup.paperSize = "landscape", form.PAPERSIZE_A4
    form.page_setup.fitToWidth, form.page_setup.fitToHeight = 1, 0
    form.sheet_properties.pageSetUpPr.fitToPage = True
    form.print_title_rows = "1:1"


def _write_rows(form, rows, width):
    font = Font(name=FONT, size=12)
    filled = [list(row) + [""] * (width - len(row)) for row in rows] or [[""] * width for _ in range(20)]
    for number, row in enumerate(filled, 2):
        for index, value in enumerate(row, 1):
            cell = form.cell(number, index)
            cell.font, cell.border, cell.number_format = font, _BORDER, "@"
            if value != "":
                text_cell(cell, value)


def _write_guide(page, sheets, guide, lists):
    """Sentences, what each column holds, then the lists side by side; returns {list name: its area}."""
    plain, bold = Font(name=FONT, size=12), Font(name=FONT, size=12, bold=True)
    row = 1
    for line in guide:
        cell = text_cell(page.cell(row, 1), line)
        cell.font = bold if row == 1 else plain
        row += 1
    row += 1
    for each in sheets:
        if len(sheets) > 1:
            text_cell(page.cell(row, 1), f"Trang {each.name}").font = bold
            row += 1
        for column in each.columns:
            text_cell(page.cell(row, 1), column.title).font = bold
            text_cell(page.cell(row, 2), column.note).font = plain
            row += 1
    areas, top = {}, row + 1
    for index, (name, values) in enumerate(lists.items(), 1):
        text_cell(page.cell(top, index), name).font = bold
        for offset, value in enumerate(values, 1):
            text_cell(page.cell(top + offset, index), value).font = plain
        if values:
            letter = get_column_letter(index)
            areas[name] = f"{GUIDE_SHEET}!${letter}${top + 1}:${letter}${top + len(values)}"
    for index in range(1, max(len(lists), 2) + 1):
        page.column_dimensions[get_column_letter(index)].width = 34
    return areas


def _offer(form, index, column, area):
    rule = DataValidation(type="list", formula1=area, allow_blank=True, showErrorMessage=column.is_strict)
    rule.errorTitle, rule.error = column.title, "Chọn một mục trong danh sách ở trang HuongDan."
    letter = get_column_letter(index)
    rule.add(f"{letter}2:{letter}{FILLED_ROWS}")
    form.add_data_validation(rule)
