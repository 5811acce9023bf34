"""What must agree on the cover: each check is two ways to the same number, and anybody can repeat it."""

from dataclasses import dataclass

from feedback.enums import FOLLOWED_KINDS, Competence, OpinionKind

GROUPS = ("settled", "explained", "in_progress", "unassigned", "excluded")


@dataclass(frozen=True)
class Check:
    """Two ways to the same number: formulas over the sheets, or plain numbers."""

    words: str
    first: object
    second: object


def checks_of(written, figures, balance):
    """What must agree, as far as the sheets exist. `written`: {table code: Written}; `balance`: a reports.balance."""
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
            heard = f"{figures[f'{level}_opinions']}+{written['B1'].facts['from_visits'].get(level, 0)}"
            yield Check(f"Ý kiến {names[level]}: Biểu 1 và tại hội nghị + khi đi cơ sở", total["opinions"], heard)
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
    yield from _round_checks(levels, names)
    yield from _balance_checks(balance)
    yield from _breakdown_checks(written, figures)
    yield from _record_checks(written, figures)
    yield from _visit_checks(written, figures)


def _round_checks(levels, names):
    """No more rounds held than there were to hold: the smaller of both is what was held."""
    for level, total in levels.items():
        if total:
            least = f"MIN({total['held']},{total['expected']})"
            yield Check(f"Kỳ đạt {names[level]} không nhiều hơn số kỳ phải tổ chức (Biểu 1)", total["held"], least)


def _balance_checks(balance):
    """What was there and what came is what was answered, set aside and left; what was answered was on time or late."""
    ended = (balance.settled, balance.explained, balance.excluded, balance.remaining)
    yield Check(
        "Ý kiến: tồn đầu kỳ + tiếp nhận và đã giải quyết + giải trình + không tính + còn lại cuối kỳ",
        f"{balance.opening}+{balance.received}",
        "+".join(str(number) for number in ended),
    )
    yield Check(
        "Ý kiến đã trả lời: đúng hạn + quá hạn và tổng số", f"{balance.on_time}+{balance.late}", balance.answered
    )


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


def _visit_checks(written, figures):
    """Turns by place, by group and in the records, and the figures."""
    if "B11" not in written or not written["B11"].totals[0]:
        return
    turns = written["B11"].totals[0]["visits"]
    visits = sum(figures[f"{level}_visits"] for level in ("province", "district", "commune"))
    yield Check("Lượt đi cơ sở: Biểu 11 và số liệu hệ thống", turns, visits)
    for code, words in (("B12", "theo tổ chức (Biểu 12)"), ("DuLieu_DCS", "dữ liệu lượt đi")):
        if code in written and written[code].totals[0]:
            yield Check(f"Lượt đi cơ sở: {words} và Biểu 11", written[code].totals[0]["visits"], turns)
