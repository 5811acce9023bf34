"""What must agree on the cover: each check is two ways to the same number, and anybody can repeat it.

One way is a formula over the sheets. The other is another sheet, made by other code, or a count of the raw rows.
"""

from dataclasses import dataclass

from feedback.enums import FOLLOWED_KINDS, Competence, OpinionKind
from reports.workbook.styles import Formula

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

    `written`: {table code: Written}; `counted`: see `recount`; `balance`: a reports.balance.
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
