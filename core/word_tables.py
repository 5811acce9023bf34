"""Tables of a Word file: rows without lines for letterhead and signatures, and the grid of a list."""

from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm

GRID_STYLE = "Table Grid"
CELL_SIDE_MM = 1.5


def add_plain_rows(document, widths_mm, count):
    """A table without lines or inner margins: a list of rows of cells."""
    table = document.add_table(rows=count, cols=len(widths_mm))
    _fix_layout(table, 0)
    set_widths(table, widths_mm)
    for row in table.rows:
        set_unbroken(row)
    return [row.cells for row in table.rows]


def add_grid(document, widths_mm):
    """A ruled table with its first row."""
    table = document.add_table(rows=1, cols=len(widths_mm))
    table.style = GRID_STYLE
    _fix_layout(table, CELL_SIDE_MM)
    return table


def set_widths(table, widths_mm):
    """Both the grid and every cell say the width: Word reads the one, LibreOffice the other."""
    for column, width in zip(table.columns, widths_mm, strict=True):
        column.width = Mm(width)
    for row in table.rows:
        for cell, width in zip(row.cells, widths_mm, strict=True):
            cell.width = Mm(width)


def set_repeated(row):
    """A head that is repeated on every page."""
    _row_flag(row, "w:cantSplit")
    _row_flag(row, "w:tblHeader")


def set_unbroken(row):
    _row_flag(row, "w:cantSplit")


def _row_flag(row, name):
    row._tr.get_or_add_trPr().append(OxmlElement(name))


def _fix_layout(table, side_mm):
    table.autofit = False
    properties = table._tbl.tblPr
    margins = OxmlElement("w:tblCellMar")
    for side in ("w:left", "w:right"):
        element = OxmlElement(side)
        element.set(qn("w:w"), str(round(side_mm * 56.7)))
        element.set(qn("w:type"), "dxa")
        margins.append(element)
    look = properties.find(qn("w:tblLook"))
    properties.insert(list(properties).index(look), margins) if look is not None else properties.append(margins)
