"""Sentences of the text report. Pure: numbers in, official Vietnamese out; no rate of a small number, no 0/0."""

from decimal import ROUND_HALF_UP, Decimal

from core.display import group_digits, percent_of, share_of

FEWEST = 10
"""Below this denominator a share says little, so the sentence gives both numbers and no percentage."""

WHOLE_YEAR = 0.8
"""A year before with fewer rounds than this part of today's is a part of a year, and is not compared."""

FORMS = (
    ("hall", "tập trung"),
    ("cluster", "theo cụm"),
    ("per_commune", "theo từng xã"),
    ("online", "trực tuyến, kết hợp"),
)


def share(part, whole, digits=1):
    """'76,88%'; for a small whole 'tính trên 8, không lấy tỷ lệ'; nothing when there is no whole."""
    if not whole:
        return ""
    return share_of(part, whole, digits) if whole >= FEWEST else f"tính trên {whole}, không lấy tỷ lệ"


def in_brackets(words):
    return f" ({words})" if words else ""


def change(now, before, noun, year):
    """'So với năm 2015 (1.548 hội nghị), tăng 168 hội nghị (10,9%).'"""
    if not before:
        return f"Năm {year} chưa có số liệu để so sánh." if now else ""
    then = f"So với năm {year} ({group_digits(before)} {noun}), "
    if now == before:
        return f"{then}giữ nguyên."
    word, by = ("tăng", now - before) if now > before else ("giảm", before - now)
    rate = percent_of(by, before) if before >= FEWEST else ""
    return f"{then}{word} {group_digits(by)} {noun}{in_brackets(rate)}."


def is_comparable(now, before):
    """`now`, `before`: rounds that were to be held. Nothing expected in both years compares, too."""
    return before >= now * WHOLE_YEAR


def not_comparable(now, before, year):
    if not before:
        return f"Năm {year} chưa có số liệu để so sánh."
    return f"Năm {year} hệ thống chỉ có {group_digits(before)} kỳ (năm nay {group_digits(now)} kỳ) nên không so sánh."


def held(who, found, key):
    """How many meetings, how many of the rounds that were due."""
    meetings, due = found[f"{key}_meetings"], found[f"{key}_expected"]
    thematic = found[f"{key}_thematic"]
    special = f", trong đó {group_digits(thematic)} hội nghị chuyên đề" if thematic else ""
    words = [f"{who} tổ chức {group_digits(meetings)} hội nghị giao ban{special}."]
    if due:
        words.append(_rounds(found, key, due))
    if found[f"{key}_exempt"]:
        late = found[f"{key}_exempt_late"]
        after = f", trong đó miễn sau kỳ {group_digits(late)}" if late else ""
        words.append(f"Được miễn {group_digits(found[f'{key}_exempt'])} kỳ{after}.")
    return " ".join(words)


def _rounds(found, key, due):
    reached, missing = found[f"{key}_occurrences_held"], found[f"{key}_missing"]
    parts = (("on_time", "đúng hạn"), ("late", "muộn"), ("made_up", "họp bù"))
    how = ", ".join(
        f"{words} {group_digits(found[f'{key}_{word}'])}" for word, words in parts if found[f"{key}_{word}"]
    )
    rate = share(reached, due, 2)
    left = f"còn thiếu {group_digits(missing)} kỳ" if missing else "không thiếu kỳ nào"
    if ended := found[f"{key}_incomplete"]:
        left += f"; {group_digits(ended)} kỳ kết thúc khi chưa họp đủ"
    reached_words = f"{group_digits(reached)} kỳ đạt{in_brackets(rate)}{f': {how}' if how else ''}"
    return f"Theo chế độ, có {group_digits(due)} kỳ phải tổ chức đã đến hạn; {reached_words}; {left}."


def forms(counts):
    """'Hình thức: tập trung 55, theo cụm 5 hội nghị.'"""
    used = ", ".join(f"{words} {group_digits(counts[key])}" for key, words in FORMS if counts.get(key))
    return f"Hình thức: {used} hội nghị." if used else ""


def missing_by_unit(rows):
    """`rows`: (name, missing rounds) in the order of the official list, never by rank."""
    short = [f"{name} {group_digits(number)} kỳ" for name, number in rows if number]
    return f"Các đơn vị còn kỳ thiếu (theo thứ tự danh mục): {'; '.join(short)}." if short else ""


def missing_months(labels):
    return f"Kỳ còn thiếu: {', '.join(labels)}." if labels else ""


def attendance(level, found, key):
    meetings, turns = found[f"{key}_meetings"], found[f"{key}_attendance"]
    if not meetings:
        return ""
    mean = group_digits((Decimal(turns) / meetings).quantize(Decimal("0.1"), ROUND_HALF_UP))
    return f"Hội nghị {level} có {group_digits(turns)} lượt đại biểu dự, bình quân {mean} lượt một hội nghị."


def received(found, hidden):
    number = found["opinions_received"]
    if not number:
        return "Trong năm không có ý kiến, kiến nghị nào được ghi nhận."
    parts = [
        (found["commune_opinions"], "nêu tại hội nghị cấp xã"),
        (found["district_opinions"], "nêu tại hội nghị cấp huyện"),
    ]
    rest = number - sum(count for count, _ in parts)
    parts.append((rest, "nêu ở nơi khác (hội nghị cấp trên, khi cán bộ đi cơ sở)"))
    split = ", ".join(f"{group_digits(count)} {words}" for count, words in parts if count) if rest >= 0 else ""
    kept = (
        f" Có {group_digits(hidden)} ý kiến hạn chế xem, tính vào tổng số, không chia theo lĩnh vực." if hidden else ""
    )
    return f"Tiếp nhận {group_digits(number)} ý kiến, kiến nghị{f': {split}' if split else ''}.{kept if hidden else ''}"


def topics(rows, whole):
    """`rows`: (name, number), the most frequent first."""
    said = [f"{name} {group_digits(number)}{in_brackets(share(number, whole))}" for name, number in rows]
    return f"Các lĩnh vực có nhiều ý kiến: {'; '.join(said)}." if said else ""


def results(found, day):
    received_count, excluded = found["opinions_received"], found["opinions_excluded"]
    if not received_count:
        return ""
    answered, counted = found["opinions_settled"] + found["opinions_explained"], received_count - excluded
    parts = (
        ("settled", "đã giải quyết"),
        ("explained", "đã giải trình, cung cấp thông tin"),
        ("in_progress", "đang giải quyết"),
        ("unassigned", "chưa giải quyết"),
    )
    split = "; ".join(f"{words} {group_digits(found[f'opinions_{word}'])}" for word, words in parts)
    left = f"; không tính {group_digits(excluded)} ý kiến (trùng, đã rút, khiếu nại, tố cáo)" if excluded else ""
    rate = share(answered, counted)
    said = f" Đã trả lời {group_digits(answered)}/{group_digits(counted)} ý kiến{in_brackets(rate)}." if counted else ""
    return f"Tính đến ngày {day}: {split}{left}.{said}"


def waiting(found):
    late, confirmed = found["opinions_overdue"], found["opinions_confirmed"]
    answered = found["opinions_settled"] + found["opinions_explained"]
    words = [f"Trong số đang và chưa giải quyết có {group_digits(late)} ý kiến quá hạn."] if late else []
    if answered:
        words.append(
            f"Người nêu xác nhận hài lòng với {group_digits(confirmed)}/{group_digits(answered)} ý kiến đã trả lời."
        )
    return " ".join(words)


def initiatives(ideas, practices):
    counts = ((ideas, "hiến kế"), (practices, "cách làm hay"))
    said = " và ".join(f"{group_digits(count)} {words}" for count, words in counts if count)
    if not said:
        return "Chưa ghi nhận hiến kế, cách làm hay trong năm."
    return f"Ghi nhận {said} (không kể ý kiến hạn chế xem)."


def shortcomings(found, levels):
    """What the figures show to whoever writes the assessment."""
    said = [
        f"{words.lower()} còn thiếu {group_digits(found[f'{key}_missing'])} kỳ"
        for key, words in levels
        if found[f"{key}_missing"]
    ]
    if found["opinions_overdue"]:
        said.append(f"{group_digits(found['opinions_overdue'])} ý kiến quá hạn")
    return f"Số liệu cần nêu: {'; '.join(said)}." if said else ""
