"""The cover: what the figures are of, how they were made, and the checks on them."""

from dataclasses import dataclass

from openpyxl.worksheet.pagebreak import Break

from feedback.enums import FOLLOWED_KINDS, Competence, OpinionKind
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


GROUPS = ("settled", "explained", "in_progress", "unassigned", "excluded")
NAMES = {"commune": "cấp xã", "district": "cấp huyện"}


@dataclass(frozen=True)
class Check:
    """Two ways to the same number: Formulas over the sheets, or plain numbers."""

    words: str
    first: object
    second: object


def checks_of(written, counted, balance):
    """What must agree, as far as the sheets exist.

    `written`: {table code: Written}; `counted`: see `recount`; `balance`: a reports.figures.
    """
    levels = dict(zip(NAMES, written["B1"].totals, strict=False))
    for level, total in levels.items():
        if total:
            yield from _summary_checks(level, total, counted)
    yield from _calendar_checks(written, levels)
    yield from _balance_checks(balance, counted)
    yield from _breakdown_checks(written, counted)
    yield from _record_checks(written, levels, counted)
    yield from _visit_checks(written, counted)


def _summary_checks(level, total, counted):
    """Biểu 1 is summed from monthly tallies; the other number is counted from the meetings, rounds and opinions."""
    name = NAMES[level]
    for key, words in (("meetings", "Hội nghị"), ("expected", "Số kỳ phải tổ chức"), ("held", "Số kỳ đạt")):
        word = "occurrences_held" if key == "held" else key
        yield Check(f"{words} {name}: Biểu 1 và đếm lại", total[key], counted[f"{level}_{word}"])
    least = Formula(f"MIN({total['held']},{total['expected']})", min(total["held"].value, total["expected"].value))
    yield Check(f"Kỳ đạt {name} không nhiều hơn số kỳ phải tổ chức (Biểu 1)", total["held"], least)
    yield Check(f"Lượt đại biểu {name}: Biểu 1 và cộng lại", total["attendance"], counted[f"{level}_attendance"])
    groups = Formula.sum(total[group] for group in GROUPS)
    yield Check(f"Ý kiến {name}: cộng các kết quả (Biểu 1)", total["opinions"], groups)
    yield Check(f"Ý kiến {name}: Biểu 1 và đếm lại", total["opinions"], counted[f"{level}_received"])
    answered = Formula.sum((total["settled"], total["explained"]))
    yield Check(f"Ý kiến {name} đã trả lời: Biểu 1 và đếm lại", answered, counted[f"{level}_answered"])


def _calendar_checks(written, levels):
    """Months and quarters add up to the year."""
    months = written["B2"].totals[0]
    if months and levels.get("commune"):
        across = Formula.sum(total for key, total in months.items() if key[0] == "m" and key[1:].isdigit())
        yield Check("Hội nghị cấp xã: cộng các tháng (Biểu 2) và Biểu 1", across, levels["commune"]["meetings"])
        yield Check("Số kỳ đạt cấp xã: Biểu 2 và Biểu 1", months["held"], levels["commune"]["held"])
    if "B3" in written and levels.get("district"):
        across = Formula.sum(total for key, total in written["B3"].totals[0].items() if key[0] == "q")
        yield Check("Hội nghị cấp huyện: cộng các quý (Biểu 3) và Biểu 1", across, levels["district"]["meetings"])


def _balance_checks(balance, counted):
    """What was there and what came is what was answered, set aside and left; what was answered was on time or late."""
    yield Check("Ý kiến tiếp nhận: bảng cân đối và đếm lại", balance.received, counted["opinions_received"])
    ended = (balance.settled, balance.explained, balance.excluded, balance.remaining)
    yield Check(
        "Ý kiến: tồn đầu kỳ + tiếp nhận và đã giải quyết + giải trình + không tính + còn lại cuối kỳ",
        _plain(balance.opening, balance.received),
        _plain(*ended),
    )
    yield Check(
        "Ý kiến đã trả lời: đúng hạn + sau hạn đầu tiên + không có hạn và tổng số",
        _plain(balance.on_time, balance.late, balance.undated),
        balance.answered,
    )


def _plain(*numbers):
    """Numbers added up in the sight of the reader."""
    return Formula("+".join(str(number) for number in numbers), sum(numbers))


def _breakdown_checks(written, counted):
    """Topics, kinds, competences and delegates add up to what the raw rows and the other tables say."""
    received = counted["opinions_received"]
    if "B4" in written and written["B4"].totals[0]:
        total = written["B4"].totals[0]["opinions"]
        yield Check("Ý kiến: cộng các lĩnh vực (Biểu 4) và đếm lại", total, received)
    for code, number, words in (("B5", 5, "các loại"), ("B6", 6, "các cấp thẩm quyền")):
        (total,) = written[code].totals
        if total:
            parts = [key.value for key in OpinionKind] if code == "B5" else [f"{key.value}_all" for key in Competence]
            across = Formula.sum(total[key] for key in (*parts, "restricted"))
            yield Check(f"Ý kiến: cộng {words}, hạn chế xem và tổng số (Biểu {number})", across, total["opinions"])
            yield Check(f"Ý kiến: tổng số (Biểu {number}) và đếm lại", total["opinions"], received)
    for level, summary, total in zip(NAMES, written["B1"].totals, written["B7"].totals, strict=False):
        if summary and total:
            across = Formula.sum((total["named"], total["counted"]))
            words = f"Lượt đại biểu {NAMES[level]}: theo tên, theo số lượng (Biểu 7) và Biểu 1"
            yield Check(words, across, summary["attendance"])


def _record_checks(written, levels, counted):
    """Lists are as long as the figures say. A book to be signed has no lists."""
    kinds, records = written["B5"].totals[0], written.get("DuLieu_HN")
    if records and records.totals[0] and any(levels.values()):
        held = Formula.sum(total["attendance"] for total in levels.values() if total)
        yield Check("Lượt đại biểu: dữ liệu hội nghị và Biểu 1", records.totals[0]["attendance"], held)
    if kinds:
        followed = Formula.sum(kinds[kind.value] for kind in FOLLOWED_KINDS)
        length = _length(written["B9"]) if "B9" in written else counted["initiatives"]
        words = "số dòng Biểu 9" if "B9" in written else "đếm lại"
        yield Check(f"Hiến kế, cách làm hay: {words} và Biểu 5", length, followed)
    if "DuLieu_YK" in written:
        records = written["DuLieu_YK"]
        hidden = records.facts["hidden"]
        length = _length(records)
        rows = Formula(f"{length}+{hidden}", length.value + hidden)
        words = "Ý kiến: số dòng dữ liệu, hạn chế xem và đếm lại"
        yield Check(words, rows, counted["opinions_received"])


def _length(written):
    """The number of rows of a list."""
    return Formula.sum(length for length in written.lengths if length) or Formula("0", 0)


def _visit_checks(written, counted):
    """Turns by place, by group and in the records, and the figures."""
    if "B11" not in written or not written["B11"].totals[0]:
        return
    turns = written["B11"].totals[0]["visits"]
    yield Check("Lượt đi cơ sở: Biểu 11 và đếm lại", turns, counted["visits"])
    for code, words in (("B12", "theo tổ chức (Biểu 12)"), ("DuLieu_DCS", "dữ liệu lượt đi")):
        if code in written and written[code].totals[0]:
            yield Check(f"Lượt đi cơ sở: {words} và Biểu 11", written[code].totals[0]["visits"], turns)
