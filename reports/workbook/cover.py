"""The cover: what the figures are of, how they were made, and checks that anybody can repeat."""

from dataclasses import dataclass

from feedback.enums import FOLLOWED_KINDS, Competence, OpinionKind
from reports.table import COUNT
from reports.workbook.sheets import write_heading, write_signatures
from reports.workbook.styles import LINE_POINTS, letter, lines_needed, merged, page, put, put_formula

WIDTHS = (6, 50, 12, 12, 18)
GROUPS = ("settled", "explained", "in_progress", "unassigned", "excluded")
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


@dataclass(frozen=True)
class Check:
    """Two ways to the same number: formulas over the sheets, or plain numbers."""

    words: str
    first: object
    second: object


def write_cover(sheet, heading, facts, sheets, checks):
    """`facts`: (label, value) pairs; `sheets`: Written in order; `checks`: see `checks_of`."""
    sheet.title = "Bia"
    page(sheet, landscape=False)
    sheet.page_setup.fitToHeight = 1
    for index, width in enumerate(WIDTHS, 1):
        sheet.column_dimensions[letter(index)].width = width
    row = write_heading(sheet, heading, "Số liệu kết quả hội nghị giao ban", len(WIDTHS))
    row = _write_facts(sheet, row, facts)
    row = _write_contents(sheet, row + 1, sheets)
    row = _write_checks(sheet, row + 1, checks)
    row = _write_method(sheet, row + 1)
    write_signatures(sheet, row + 1, len(WIDTHS))


def checks_of(written, figures):
    """What must agree, as far as the sheets exist. `written`: {table code: Written}."""
    summary, months = written["B1"].totals, written["B2"].totals
    levels = dict(zip(("commune", "district"), summary, strict=False))
    names = {"commune": "cấp xã", "district": "cấp huyện"}
    for level, total in levels.items():
        if total:
            yield Check(
                f"Hội nghị {names[level]}: Biểu 1 và số liệu hệ thống", total["meetings"], figures[f"{level}_meetings"]
            )
            groups = "+".join(total[group] for group in GROUPS)
            yield Check(f"Ý kiến {names[level]}: cộng các kết quả (Biểu 1)", total["opinions"], groups)
            meetings = figures[f"{level}_opinions"]
            yield Check(f"Ý kiến {names[level]}: Biểu 1 và ghi tại các hội nghị", total["opinions"], meetings)
    if months and months[0] and levels.get("commune"):
        across = "+".join(address for key, address in months[0].items() if key[0] == "m" and key[1:].isdigit())
        yield Check("Hội nghị cấp xã: cộng các tháng (Biểu 2) và Biểu 1", across, levels["commune"]["meetings"])
        yield Check("Số kỳ đạt cấp xã: Biểu 2 và Biểu 1", months[0]["held"], levels["commune"]["held"])
    if "B3" in written and levels.get("district"):
        quarters = written["B3"].totals[0]
        across = "+".join(address for key, address in quarters.items() if key[0] == "q")
        yield Check("Hội nghị cấp huyện: cộng các quý (Biểu 3) và Biểu 1", across, levels["district"]["meetings"])
    if "B4" in written and written["B4"].totals[0]:
        total = written["B4"].totals[0]["opinions"]
        yield Check("Ý kiến: cộng các lĩnh vực (Biểu 4) và số tiếp nhận", total, figures["opinions_received"])
    records = written["DuLieu_HN"].totals
    if records and records[0] and any(levels.values()):
        held = "+".join(total["attendance"] for total in levels.values() if total)
        yield Check("Lượt đại biểu: dữ liệu hội nghị và Biểu 1", records[0]["attendance"], held)
    yield from _breakdown_checks(written, figures)
    yield from _record_checks(written, figures)


def _breakdown_checks(written, figures):
    """Kinds, competences and delegates add up to what the other tables say."""
    for code, number, words in (("B5", 5, "các loại"), ("B6", 6, "các cấp thẩm quyền")):
        (total,) = written[code].totals
        if total:
            parts = [key.value for key in OpinionKind] if code == "B5" else [f"{key.value}_all" for key in Competence]
            across = "+".join(total[key] for key in (*parts, "restricted"))
            yield Check(f"Ý kiến: cộng {words}, hạn chế xem và tổng số (Biểu {number})", across, total["opinions"])
            received = figures["opinions_received"]
            yield Check(f"Ý kiến: tổng số (Biểu {number}) và số tiếp nhận", total["opinions"], received)
    for level, summary, total in zip(("cấp xã", "cấp huyện"), written["B1"].totals, written["B7"].totals, strict=False):
        if summary and total:
            across = f"{total['named']}+{total['counted']}"
            yield Check(
                f"Lượt đại biểu {level}: theo tên, theo số lượng (Biểu 7) và Biểu 1", across, summary["attendance"]
            )


def _record_checks(written, figures):
    """Lists are as long as the figures say."""
    kinds = written["B5"].totals[0]
    if kinds:
        followed = "+".join(kinds[kind.value] for kind in FOLLOWED_KINDS)
        yield Check("Hiến kế, cách làm hay: số dòng Biểu 9 và Biểu 5", _length(written["B9"]), followed)
    records = written["DuLieu_YK"]
    rows = f"{_length(records)}+{records.facts['hidden']}"
    yield Check("Ý kiến: số dòng dữ liệu, hạn chế xem và số tiếp nhận", rows, figures["opinions_received"])


def _length(written):
    """The number of rows of a list, as a formula."""
    return "+".join(f"COUNTA({span})" for span in written.spans if span) or "0"


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


def _write_checks(sheet, row, checks):
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
            put_formula(cell, value, COUNT) if isinstance(value, str) else put(cell, value, COUNT)
        put_formula(sheet.cell(row, 5), f'IF(C{row}=D{row},"Khớp","Lệch")', "mark")
        sheet.row_dimensions[row].height = LINE_POINTS * lines_needed(check.words, WIDTHS[1]) + 3
    return row + 1


def _write_method(sheet, row):
    merged(sheet, row, 1, 5, "Phương pháp tính", "text_strong", 20)
    for number, words in enumerate(METHOD, 1):
        row += 1
        text = f"{number}. {words}"
        merged(sheet, row, 1, 5, text, "text_plain", LINE_POINTS * lines_needed(text, sum(WIDTHS)) + 3)
    return row + 1
