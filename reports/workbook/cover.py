"""The cover: what the figures are of, how they were made, and the checks on them."""

from openpyxl.worksheet.pagebreak import Break

from reports.table import COUNT
from reports.workbook.sheets import write_heading, write_signatures
from reports.workbook.styles import LINE_POINTS, Formula, letter, lines_needed, merged, page, put, put_formula

AGREES = "Khớp"
TITLES = ("Số liệu kết quả hội nghị giao ban", "Số liệu kết quả hội nghị giao ban (bản trình ký)")
WIDTHS = (6, 68, 12, 12, 18)
METHOD = (
    "Hội nghị được tính khi đã họp (đã họp, đã có biên bản, đã chốt), vào kỳ mà hội nghị được tổ chức cho kỳ đó, "
    "không theo ngày họp.",
    "Phải tổ chức: các kỳ giao ban đã qua hạn trong năm theo chế độ giao ban có hiệu lực, không kể kỳ được miễn. "
    "Kỳ đạt, đúng hạn, muộn, họp bù và thiếu đều tính trên số kỳ này nên tỷ lệ không vượt 100%.",
    "Lượt đại biểu: số người có mặt (kể cả người dự thay, khách mời), mỗi người tính một lượt ở mỗi cuộc họp.",
    "Ý kiến tiếp nhận = đã giải quyết + đã giải trình + đang giải quyết + chưa giải quyết + không tính "
    "(rút, trùng, hướng dẫn theo pháp luật khiếu nại, tố cáo). Kết quả lấy theo tình trạng tại thời điểm lập biểu.",
    "Tỷ lệ được tính lại từ tổng số, không lấy trung bình các tỷ lệ. Ô trống khi mẫu số bằng 0.",
    "Ý kiến hạn chế xem được tính vào tổng số; ở các biểu phân tích có dòng hoặc cột riêng, không nêu nội dung.",
)


def write_cover(sheet, heading, facts, sheets, checks, differences="", for_signing=False):
    """`facts`: (label, value) pairs; `sheets`: Written in order; `checks`: see `checks_of`.

    `differences`: the sheet that explains what does not agree, where frozen tables stand beside today's records.
    """
    sheet.title = "Bia"
    page(sheet, landscape=False)
    for index, width in enumerate(WIDTHS, 1):
        sheet.column_dimensions[letter(index)].width = width
    row = write_heading(sheet, heading, TITLES[for_signing], len(WIDTHS))
    row = _write_facts(sheet, row, facts)
    row = _write_contents(sheet, row + 1, sheets)
    sheet.row_breaks.append(Break(id=row))
    row = _write_checks(sheet, row + 1, checks, f"Xem {differences}" if differences else "Lệch")
    row = _write_method(sheet, row + 1)
    write_signatures(sheet, row + 1, len(WIDTHS))


def _write_facts(sheet, row, facts):
    for label, value in facts:
        merged(sheet, row, 1, 5, f"{label}: {value}", "text_plain", LINE_POINTS * lines_needed(value, 70) + 3)
        row += 1
    return row


def _write_contents(sheet, row, sheets):
    merged(sheet, row, 1, 5, "Danh mục biểu", "text_strong", 20)
    for number, written in enumerate(sheets, 1):
        row += 1
        put(sheet.cell(row, 1), number, "index")
        cell = merged(sheet, row, 2, 4, written.title, "text", 20)
        cell.hyperlink = f"#'{written.sheet}'!A1"
        put(sheet.cell(row, 5), written.sheet, "text")
        for index in (3, 4):
            sheet.cell(row, index).style = "gb_text"
    return row + 1


def _write_checks(sheet, row, checks, differs):
    merged(sheet, row, 1, 5, "Tự kiểm tra (công thức, tính lại khi mở tệp)", "text_strong", 20)
    row += 1
    for index, words in enumerate(("STT", "Nội dung", "Số thứ nhất", "Số thứ hai", "Kết quả"), 1):
        put(sheet.cell(row, index), words, "head")
    sheet.row_dimensions[row].height = 20
    for number, check in enumerate(checks, 1):
        row += 1
        put(sheet.cell(row, 1), number, "index")
        put(sheet.cell(row, 2), check.words, "text")
        for index, value in ((3, check.first), (4, check.second)):
            cell = sheet.cell(row, index)
            put_formula(cell, value, COUNT) if isinstance(value, Formula) else put(cell, value, COUNT)
        first, second = _number(check.first), _number(check.second)
        verdict = Formula(f'IF(C{row}=D{row},"{AGREES}","{differs}")', AGREES if first == second else differs)
        put_formula(sheet.cell(row, 5), verdict, "mark")
        sheet.row_dimensions[row].height = LINE_POINTS * lines_needed(check.words, WIDTHS[1]) + 3
    return row + 1


def _number(value):
    return (value.value or 0) if isinstance(value, Formula) else value


def _write_method(sheet, row):
    merged(sheet, row, 1, 5, "Phương pháp tính", "text_strong", 20)
    for number, words in enumerate(METHOD, 1):
        row += 1
        text = f"{number}. {words}"
        merged(sheet, row, 1, 5, text, "text_plain", LINE_POINTS * lines_needed(text, sum(WIDTHS)) + 3)
    return row + 1
