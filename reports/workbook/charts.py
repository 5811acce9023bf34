"""The year in pictures: meetings and opinions by month, the fields, and the heat of who met when."""

from decimal import ROUND_HALF_UP, Decimal

from openpyxl.chart import BarChart, Reference
from openpyxl.formatting.rule import ColorScaleRule
from openpyxl.worksheet.pagebreak import Break

from reports.reach import lines_of, reach_of
from reports.table import COUNT, INDEX, TEXT, Column, Row, Section, Table, numbered
from reports.tables.calendars import by_month
from reports.tables.topics import topic_counts
from reports.workbook.styles import letter
from units.enums import Level

CODE, SHEET = "BieuDo", "BieuDo"
TOPICS = 8
CHART_ROWS = 20
RED, YELLOW, GREEN = "F8696B", "FFEB84", "63BE7B"
NOTES = (
    "Tháng có dấu * chưa hết nên số liệu chưa đủ; tháng chưa đến để trống.",
    "Tỷ lệ kỳ đạt = số kỳ đạt / số kỳ phải tổ chức đã đến hạn × 100; ô trống: chưa có kỳ nào đến hạn.",
)


def picture_table(unit, period, boundaries, today, user=None):
    """What the charts draw: three lines through the year, the rate of each unit and month, the largest fields."""
    reach, months = reach_of(unit, boundaries, today, user), period.parts("month")
    lines = lines_of(reach, period, today)
    found = by_month(reach, period, today, lines, Level.COMMUNE)
    columns = _columns(months, today)
    begun = [month for month in months if month.first <= today]
    sections = (
        _section("I. DIỄN BIẾN TRONG NĂM", _through_the_year(found, begun), columns),
        _section("II. TỶ LỆ KỲ ĐẠT CẤP XÃ (%)", _heat(lines.rows, found, begun), columns),
        _section("III. LĨNH VỰC NHIỀU Ý KIẾN NHẤT", _topics(reach, period), columns),
    )
    return Table(CODE, SHEET, "Biểu đồ kết quả giao ban trong năm", columns, sections, NOTES)


def _section(title, rows, columns):
    return Section(numbered([("", rows)], columns), title, has_total=False)


def _columns(months, today):
    return (
        Column("no", "STT", kind=INDEX, width=5),
        Column("name", "Nội dung", kind=TEXT, width=46),
        *(Column(_key(month), _label(month, today), width=8, kind=COUNT) for month in months),
        Column("year", "Cả năm", width=10),
    )


def _key(month):
    return f"m{month.first.month}"


def _label(month, today):
    return f"T{month.first.month}{'*' if month.first <= today <= month.last else ''}"


def _through_the_year(found, begun):
    rows = (
        ("Hội nghị cấp xã", "sum_meetings"),
        ("Kỳ phải tổ chức đã đến hạn", "due_expected"),
        ("Ý kiến nêu tại hội nghị cấp xã", "sum_opinions"),
    )
    for name, word in rows:
        cells = {_key(month): sum(cell[word] for (_, at), cell in found.items() if at == month.first.month)
                 for month in begun}  # fmt: skip
        yield Row({"name": name, **cells, "year": sum(cells.values())})


def _heat(rows, found, begun):
    for line in rows:
        by = {month: found.get((line.unit_id, month.first.month), {}) for month in begun}
        cells = {_key(month): _rate([cell]) for month, cell in by.items()}
        yield Row({"name": line.name, **cells, "year": _rate(by.values())}, line.key)


def _rate(cells):
    """Blank while nothing was due."""
    due = sum(cell.get("due_expected", 0) for cell in cells)
    held = sum(cell.get("due_occurrences_held", 0) for cell in cells)
    return (Decimal(held * 100) / due).quantize(Decimal("0.1"), ROUND_HALF_UP) if due else ""


def _topics(reach, period):
    return [Row({"name": name, "year": number}) for name, _, number in topic_counts(reach, period)[:TOPICS]]


def draw(sheet, table, body):
    """Colour the heat and hang the charts below the last row; returns the row under them. `body`: the first row."""
    starts, row = [], body
    for section in table.sections:
        starts.append(row + 1)
        row += 1 + section.row_count
    last = len(table.columns)
    _colour(sheet, starts[1], table.sections[1].row_count, last)
    head, top = body - 2, row + 1
    sheet.row_breaks.append(Break(id=row))
    _bars(sheet, f"B{top}", "Hội nghị cấp xã theo tháng", head, (starts[0], starts[0] + 1), last)
    _bars(sheet, f"H{top}", "Ý kiến nêu tại hội nghị cấp xã theo tháng", head, (starts[0] + 2,), last)
    if number := table.sections[2].row_count:
        chart = BarChart(barDir="bar", gapWidth=50)
        chart.title, chart.legend = "Lĩnh vực nhiều ý kiến nhất", None
        _style(chart, 30, 7)
        chart.add_data(Reference(sheet, last, starts[2], last, starts[2] + number - 1))
        chart.set_categories(Reference(sheet, 2, starts[2], 2, starts[2] + number - 1))
        chart.x_axis.scaling.orientation = "maxMin"
        sheet.add_chart(chart, f"B{top + CHART_ROWS // 2}")
    for number in range(row, top + CHART_ROWS):
        sheet.row_dimensions[number].height = 20
    return top + CHART_ROWS


def _colour(sheet, first, number, last):
    if number:
        area = f"C{first}:{letter(last)}{first + number - 1}"
        colours = {"start_color": RED, "mid_color": YELLOW, "end_color": GREEN}
        values = {"start_value": 0, "mid_value": 50, "end_value": 100}
        types = dict.fromkeys(("start_type", "mid_type", "end_type"), "num")
        sheet.conditional_formatting.add(area, ColorScaleRule(**types, **values, **colours))


def _bars(sheet, place, title, head, rows, last):
    """Columns by month; each row of the sheet is one series, named by its second column."""
    chart = BarChart(barDir="col", gapWidth=60)
    chart.title = title
    _style(chart, 15, 7)
    for row in rows:
        chart.add_data(Reference(sheet, 2, row, last - 1, row), from_rows=True, titles_from_data=True)
    chart.set_categories(Reference(sheet, 3, head, last - 1, head))
    if len(rows) == 1:
        chart.legend = None
    else:
        chart.legend.position = "b"
    sheet.add_chart(chart, place)


def _style(chart, width, height):
    chart.width, chart.height = width, height
    chart.title.overlay = False
    chart.x_axis.delete = chart.y_axis.delete = False
