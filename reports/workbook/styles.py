"""How official tables look (docs/sources.md §5.2): one named style for each kind of cell."""

from copy import copy
from weakref import WeakKeyDictionary

from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.styles import Alignment, Border, Font, NamedStyle, Side
from openpyxl.utils import get_column_letter

FONT = "Times New Roman"
WHOLE = "[$-42A]#,##0"
SHARE = {1: "[$-42A]0.0", 2: "[$-42A]0.00"}
DAY = "dd/mm/yyyy"
CELL_LIMIT = 32_767
CUT = " […]"
LINE_POINTS = 17.0
ROW_POINTS = 20.0
SMALLEST = 0.5
"""No table is made smaller than this to stand on one page."""

PAPER = {"landscape": (714, 482), "portrait": (468, 728)}
"""What the margins leave of A4, in points: (width, height)."""
WEIGHTS = {"": (False, False), "_total": (True, False), "_group": (True, True), "_aside": (False, True)}
"""Ends of style names: (bold, italic)."""

_THIN = Border(**{side: Side(style="thin") for side in ("left", "right", "top", "bottom")})
_CENTRE = Alignment(horizontal="center", vertical="center", wrap_text=True)
_LEFT = Alignment(horizontal="left", vertical="center", wrap_text=True, indent=1)
_RIGHT = Alignment(horizontal="right", vertical="center")
_TOP = Alignment(horizontal="left", vertical="top", wrap_text=True)


def _style(name, size, alignment, border=None, number=None, bold=False, italic=False):
    style = NamedStyle(
        name=f"gb_{name}", font=Font(name=FONT, size=size, bold=bold, italic=italic), alignment=alignment
    )
    if border:
        style.border = border
    if number:
        style.number_format = number
    return style


def add_styles(book):
    """Register the styles; cells then name them."""
    for style in _styles():
        book.add_named_style(style)


def _styles():
    yield _style("issuer", 13, _CENTRE)
    yield _style("issuer_bold", 13, _CENTRE, bold=True)
    yield _style("place", 13, _CENTRE, italic=True)
    yield _style("title", 14, _CENTRE, bold=True)
    yield _style("span", 13, _CENTRE, italic=True)
    yield _style("head", 12, _CENTRE, _THIN, bold=True)
    yield _style("ordinal", 11, _CENTRE, _THIN, italic=True)
    yield _style("sign", 13, _CENTRE, bold=True)
    yield _style("note", 12, _TOP, italic=True)
    yield _style("text_plain", 13, _TOP)
    yield _style("text_strong", 13, _TOP, bold=True)
    for weight, (bold, italic) in WEIGHTS.items():
        yield _style(f"index{weight}", 13, _CENTRE, _THIN, bold=bold, italic=italic)
        yield _style(f"mark{weight}", 13, _CENTRE, _THIN, bold=bold, italic=italic)
        yield _style(f"text{weight}", 13, _LEFT, _THIN, bold=bold, italic=italic)
        yield _style(f"count{weight}", 13, _RIGHT, _THIN, WHOLE, bold, italic)
        yield _style(f"day{weight}", 13, _CENTRE, _THIN, DAY, bold, italic)
        for digits, number in SHARE.items():
            yield _style(f"ratio{digits}{weight}", 13, _RIGHT, _THIN, number, bold, italic)


_WORN = WeakKeyDictionary()
"""{workbook: {style name: what openpyxl made of it}}."""


def _wear(cell, style):
    """Give a cell a named style; the name is looked up once a workbook, which is half of the time of a large one."""
    known = _WORN.setdefault(cell.parent.parent, {})
    if style in known:
        cell._style = copy(known[style])
    else:
        cell.style = f"gb_{style}"
        known[style] = copy(cell._style)


def style_number(book, style):
    """The number by which the cells of a file name a style."""
    cell = Cell(book.active)
    _wear(cell, style)
    return cell.style_id


def put(cell, value, style):
    """Write a value; text is never a formula, and never longer than a cell holds. Empty text leaves the cell empty."""
    _wear(cell, style)
    if value == "":
        return cell
    if not isinstance(value, str):
        cell.value = value
        return cell
    text = ILLEGAL_CHARACTERS_RE.sub("", value)
    cell.value = text if len(text) <= CELL_LIMIT else text[: CELL_LIMIT - len(CUT)] + CUT
    cell.data_type = "s"
    return cell


class Formula(str):
    """A formula, without its sign, that knows its value: what a reader shows who does not calculate."""

    value: object

    def __new__(cls, words, value):
        formula = super().__new__(cls, words)
        formula.value = value
        return formula

    @classmethod
    def sum(cls, parts):
        """Cells of any sheets added up; one that is empty adds nothing."""
        parts = list(parts)
        return cls("+".join(parts), sum(part.value or 0 for part in parts))


def put_formula(cell, formula, style):
    """`formula`: a Formula. openpyxl keeps its words only; `package` writes the value beside them."""
    _wear(cell, style)
    cell._value, cell.data_type = Formula(f"={formula}", formula.value), "f"
    return cell


def formula_values(sheet):
    """{"C12": value} of every formula of a sheet."""
    return {cell.coordinate: cell._value.value for cell in sheet._cells.values() if isinstance(cell._value, Formula)}


def merged(sheet, row, first, last, value, style, height=None):
    """One value over several columns of a row."""
    cell = put(sheet.cell(row, first), value, style)
    if last > first:
        join(sheet, f"{letter(first)}{row}:{letter(last)}{row}")
    if height:
        sheet.row_dimensions[row].height = height
    return cell


def join(sheet, area):
    """Merge an area whose cells are styled already; `merge_cells` would spend most of the time on their borders."""
    sheet.merged_cells.add(area)


def lines_needed(text, width):
    """How many lines a text of 13 points takes in a column of this width; only words longer than a line are cut."""
    room = int(max((width - 2) * 1.05, 4))
    if len(text) <= room and "\n" not in text:
        return 1
    return sum(_lines(part, room) for part in text.split("\n"))


def _lines(text, room):
    lines, start = 1, 0
    while len(text) - start > room:
        space = text.rfind(" ", start, start + room + 1)
        start = space + 1 if space > start else start + room
        lines += 1
    return lines


def page(sheet, landscape=True):
    """A4, one page wide, the house margins, a page number from the second page on."""
    sheet.page_setup.orientation = "landscape" if landscape else "portrait"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    millimetre = 1 / 25.4
    sheet.page_setup.firstPageNumber, sheet.page_setup.useFirstPageNumber = 1, True
    sheet.page_margins.top = sheet.page_margins.bottom = 20 * millimetre
    sheet.page_margins.left, sheet.page_margins.right = 30 * millimetre, 15 * millimetre
    sheet.page_margins.header = sheet.page_margins.footer = 10 * millimetre
    sheet.print_options.horizontalCentered = True
    sheet.HeaderFooter.differentFirst = True
    sheet.oddHeader.center.text = "&P"
    sheet.oddHeader.center.font, sheet.oddHeader.center.size = FONT, 13


def scales(sheet, last_row):
    """(what makes a sheet one page wide, one page high); a twentieth is left for what printers differ in."""
    width = sum((each.width * 7 + 5) * 0.75 for each in sheet.column_dimensions.values())
    known = {row: each.height for row, each in sheet.row_dimensions.items()}  # asking for a row would make it
    height = sum(known.get(row) or ROW_POINTS for row in range(1, last_row + 1))
    wide, high = PAPER[sheet.page_setup.orientation]
    return min(1, wide / width), 0.95 * high / height


def letter(index):
    return get_column_letter(index)
