"""What the letters about opinions say: passing on, answering, urging, and the report that sums up.

A builder takes the prepared `Matter` and gives (subject, blocks). Tables never hold a restricted opinion.
"""

from collections import Counter
from dataclasses import dataclass, field

from core.display import day_text
from core.paper import Heading, PaperColumn, PaperTable, Paragraph, Run, paragraphs
from feedback.enums import GROUP_OF, Competence, ReportGroup, Visibility
from feedback.reads import first_day_words, lateness_words, word_of
from feedback.rules import is_overdue
from papers.frame import COLUMNS as SPOKEN
from papers.frame import ended, in_sentence, plain, restricted_line, speaker_words
from units.naming import placed_body

ROW_COLUMNS = (
    *SPOKEN,
    *("raised_on", "competence", "visibility", "planned_on", "is_open", "holder__level", "settled_on", "level"),
    *("first_due_on", "promised_on", "late_days", "kind", "matter_id", "matter__title", "village_id", "commune_id"),
)
TABLE = (PaperColumn("STT", 7, "center"), PaperColumn("Nội dung ý kiến, kiến nghị", 43))


@dataclass(frozen=True)
class LetterMatter:
    """`rows`: dicts of ROW_COLUMNS; `restricted`: how many are left out; `period`: 'tháng 11/2026' or nothing."""

    rows: tuple
    issuer: str
    today: object
    is_single: bool = False
    restricted: int = 0
    period: str = ""
    addressees: tuple = field(default=())
    unit_id: int | None = None
    committee: str = ""
    advice: tuple = ()

    @property
    def one(self):
        return self.rows[0]


def build_forwarding(matter):
    """Công văn chuyển kiến nghị: one opinion in words, several in a table."""
    to = matter.addressees[0] if len(matter.addressees) == 1 else "các cơ quan nêu trên"
    asked = f"{matter.issuer} kính chuyển {to} xem xét, giải quyết theo thẩm quyền"
    if matter.is_single:
        row = matter.one
        blocks = [
            plain(f"Ngày {day_text(row['raised_on'])}, {matter.issuer} tiếp nhận ý kiến sau (số YK-{row['pk']}):"),
            _quoted(row),
            plain(f"Thẩm quyền giải quyết: {_competence(row)}; lĩnh vực: {row['topic__name']}."),
            plain(f"{asked}, {_by_when(row, matter.today)} để trả lời người nêu ý kiến."),
        ]
        return f"chuyển ý kiến, kiến nghị số YK-{row['pk']}", blocks
    columns = (
        *TABLE,
        PaperColumn("Nơi nêu, ngày nêu", 20),
        PaperColumn("Lĩnh vực", 16),
        PaperColumn("Hạn trả lời", 14, "center"),
    )
    rows = [(*_first(n, r), _where(r), r["topic__name"], day_text(r["due_on"])) for n, r in enumerate(matter.rows, 1)]
    blocks = [
        plain(f"{matter.issuer} tiếp nhận {len(rows)} ý kiến, kiến nghị sau đây từ hội nghị giao ban ở cơ sở:"),
        PaperTable(columns, tuple(rows)),
        *restricted_line(matter.restricted),
        plain(f"{asked}, thông báo kết quả theo hạn ghi trong bảng để trả lời người nêu ý kiến."),
    ]
    return f"chuyển {len(rows)} ý kiến, kiến nghị từ cơ sở", blocks


def build_reply(matter):
    """Văn bản trả lời: what was raised, and the answer."""
    row = matter.one
    place = row["village__name"] or row["commune__name"] or row["unit__name"]
    blocks = [
        plain(f"{matter.issuer} nhận được ý kiến nêu ngày {day_text(row['raised_on'])} (số YK-{row['pk']}):"),
        _quoted(row),
        plain(f"Về nội dung này, {matter.issuer} trả lời như sau:"),
        *paragraphs(row["answer"] or ""),
        plain(f"Đề nghị {in_sentence(place)} thông báo nội dung trên để người nêu ý kiến và Nhân dân được biết."),
    ]
    return f"trả lời ý kiến, kiến nghị số YK-{row['pk']}", blocks


def build_reminder(matter):
    """Công văn đôn đốc: what is late, and by how many days."""
    columns = (
        *TABLE,
        PaperColumn("Cơ quan giải quyết", 23),
        PaperColumn("Hạn", 15, "center"),
        PaperColumn("Số ngày quá hạn", 12, "right"),
    )
    if matter.is_single:
        row = matter.one
        blocks = [
            plain(f"Ý kiến số YK-{row['pk']} đến hạn giải quyết ngày {day_text(_day(row))}, đến nay chưa có kết quả:"),
            _quoted(row),
            plain(f"Ý kiến đã quá hạn {_late(row, matter.today)} ngày{_first_day(row)}."),
        ]
    else:
        rows = tuple(
            (*_first(n, row), _who(row), f"{day_text(_day(row))}{_first_day(row)}", str(_late(row, matter.today)))
            for n, row in enumerate(matter.rows, 1)
        )
        counted = f"còn {len(rows)} ý kiến, kiến nghị đã quá hạn chưa có kết quả giải quyết"
        blocks = [
            plain(f"Qua theo dõi, đến ngày {day_text(matter.today)}, {counted}, cụ thể như sau:"),
            PaperTable(columns, rows),
            *restricted_line(matter.restricted),
        ]
    ask = "khẩn trương giải quyết, cập nhật kết quả và nêu rõ lý do chậm, thời gian hoàn thành"
    blocks.append(
        plain(f"{matter.issuer} đề nghị cơ quan, đơn vị được giao {ask}; gửi kết quả trong 05 ngày làm việc.")
    )
    return "đôn đốc giải quyết ý kiến, kiến nghị quá hạn", blocks


def build_summary(matter):
    """Báo cáo tổng hợp: total, outcomes, topics, then every opinion that may be printed."""
    when = f" {matter.period}" if matter.period else ""
    total = len(matter.rows) + matter.restricted
    groups = Counter(GROUP_OF[row["status"]] for row in matter.rows)
    outcomes = [f"{group.label.lower()}: {groups[group]}" for group in ReportGroup if groups[group]]
    topics = Counter(row["topic__name"] for row in matter.rows).most_common()
    late = sum(is_late_now(row, matter.today) for row in matter.rows)
    columns = (
        *(PaperColumn("STT", 7, "center"), PaperColumn("Nội dung", 26), PaperColumn("Người, đơn vị nêu", 15)),
        *(
            PaperColumn("Thẩm quyền", 10),
            PaperColumn("Cơ quan giải quyết", 12),
            PaperColumn("Hạn", 13, "center"),
            PaperColumn("Kết quả", 17),
        ),
    )
    hidden = f", trong đó {matter.restricted} ý kiến hạn chế xem" if matter.restricted else ""
    blocks = [
        Heading("1. Tổng số ý kiến"),
        plain(f"Tổng số{when}: {total} ý kiến, kiến nghị{hidden}."),
        *([plain(f"Kết quả: {'; '.join(outcomes)}. Quá hạn chưa giải quyết: {late}.")] if outcomes else []),
        Heading("2. Theo lĩnh vực"),
        PaperTable(
            (PaperColumn("STT", 10, "center"), PaperColumn("Lĩnh vực", 65), PaperColumn("Số ý kiến", 25, "right")),
            tuple((str(n), name, str(count)) for n, (name, count) in enumerate(topics, 1)),
        ),
        Heading("3. Danh sách ý kiến"),
        PaperTable(columns, tuple(_summed(n, row, matter.today) for n, row in enumerate(matter.rows, 1))),
        *restricted_line(matter.restricted),
        plain(f"Trên đây là tổng hợp ý kiến, kiến nghị của {matter.issuer}."),
    ]
    return f"tổng hợp ý kiến, kiến nghị{when}", blocks


def points_of(rows):
    """The rows of a report by point: the opinions of one matter together, the largest first; then single ones."""
    groups = {}
    for row in rows:
        groups.setdefault(("matter", row["matter_id"]) if row["matter_id"] else ("one", row["pk"]), []).append(row)
    return sorted(groups.values(), key=lambda group: (-len(group), group[0]["matter_id"] is None))


def point_title(group):
    """The name of the matter, or the opinion's own words."""
    row = group[0]
    words = row["matter__title"] or " ".join(row["text"].split())
    return words if len(words) <= 200 else f"{words[:199]}…"


def advice_lines(rows, committee, unit_id):
    """What the board proposes of each point, to be changed by hand."""
    for number, group in enumerate(points_of(rows), 1):
        who = _holders(group, unit_id)
        ask = f"đề nghị {committee} xem xét, chỉ đạo {who} giải quyết và trả lời nơi nêu ý kiến."
        yield f"{number}. {ended(point_title(group)).rstrip('.')}: {ask}"


def build_advice(matter):
    """Báo cáo, tham mưu của Ban Dân vận: what waits, point by point, and what the board advises of each."""
    when = f" trong {matter.period}" if matter.period else ""
    points, rows = points_of(matter.rows), matter.rows
    villages = len({row["village_id"] for row in rows} - {None})
    communes = len({row["commune_id"] for row in rows} - {None})
    late = sum(is_late_now(row, matter.today) for row in rows)
    where = f" từ {villages} thôn, khu của {communes} xã, phường, thị trấn" if communes else ""
    total = f"{len(rows)} ý kiến, kiến nghị chưa được giải quyết{when}{where}, gộp thành {len(points)} vấn đề"
    columns = (
        *(PaperColumn("STT", 7, "center"), PaperColumn("Vấn đề", 37), PaperColumn("Nơi nêu", 26)),
        *(PaperColumn("Đang giữ", 17), PaperColumn("Hạn", 13, "center")),
    )
    table = PaperTable(columns, tuple(_point_cells(n, group, matter.unit_id) for n, group in enumerate(points, 1)))
    asks = f"{matter.issuer} kính báo cáo, xin ý kiến chỉ đạo của {matter.committee}; kết quả được thông báo lại"
    blocks = [
        plain(f"{matter.issuer} tổng hợp, báo cáo {matter.committee} những ý kiến, kiến nghị từ hội nghị giao ban:"),
        Heading("1. Tình hình"),
        plain(f"Đến ngày {day_text(matter.today)} còn {total}; quá hạn: {late} ý kiến."),
        *restricted_line(matter.restricted),
        Heading("2. Những vấn đề cần chỉ đạo, giải quyết"),
        table,
        Heading("3. Tham mưu, đề xuất"),
        *(plain(line) for line in matter.advice),
        plain(f"{asks} đến các xã, thôn đã nêu."),
    ]
    return f"ý kiến, kiến nghị chưa được giải quyết{when} và đề xuất của {matter.issuer}", blocks


def _holders(group, unit_id):
    """The units that hold a point; of the issuer's own, the bodies to which it gave it."""
    names = (_who(row) if row["holder_id"] == unit_id else row["holder__name"] for row in group)
    return ", ".join(dict.fromkeys(names))


def _point_cells(number, group, unit_id):
    title = f"{ended(point_title(group))} ({f'{len(group)} ý kiến' if len(group) > 1 else _code(group[0])})"
    places = Counter(row["commune__name"] or row["unit__name"] for row in group)
    named = dict.fromkeys(row["village__name"] for row in group if row["village__name"])
    if len(group) == 1:
        where = _where(group[0])
    elif len(places) == 1:
        where = f"{next(iter(places))}: {', '.join(named)}" if named else next(iter(places))
    else:
        where = ", ".join(f"{place} ({count})" for place, count in places.items())
    return str(number), title, where, _holders(group, unit_id), day_text(min(_day(row) for row in group))


def _code(row):
    return f"YK-{row['pk']}"


def _quoted(row):
    """Who said it, where it may be said, and the words."""
    return Paragraph((Run(f"{_speaker(row)}: ", is_bold=True), Run(ended(row["text"]))))


def _speaker(row):
    return speaker_words(row | {"hides_speaker": row["hides_speaker"] or row["visibility"] == Visibility.RESTRICTED})


def _first(number, row):
    return str(number), f"{ended(row['text'])} (YK-{row['pk']})"


def _where(row):
    commune = row["commune__name"] or row["unit__name"]
    place = ", ".join(filter(None, [row["village__name"], commune]))
    return f"{place}, {day_text(row['raised_on'])}"


def _by_when(row, today):
    """A day that has passed is no day to ask for."""
    if row["due_on"] < today:
        return "sớm thông báo kết quả"
    return f"thông báo kết quả trước ngày {day_text(row['due_on'])}"


def _who(row):
    """With the place of a body: a letter gathers several communes."""
    return placed_body(row["body__name"], row["holder__name"]) if row["body__name"] else row["holder__name"]


def _competence(row):
    return Competence(row["competence"]).label


def _day(row):
    return max(filter(None, (row["due_on"], row["planned_on"])))


def _late(row, today):
    return max((today - _day(row)).days, 0)


def is_late_now(row, today):
    return is_overdue(row["status"], row["due_on"], today, row["planned_on"], row["kind"])


def _first_day(row):
    words = first_day_words(row)
    return f" ({words[0].lower()}{words[1:]})" if words else ""


def _summed(number, row, today):
    answer, was_late = row["answer"] or "", lateness_words(row, today)
    result = answer if len(answer) <= 300 else f"{answer[:299]}…"
    due = f"{day_text(row['due_on'])}{_first_day(row)}{f'. {was_late}' if was_late else ''}"
    cells = (_speaker(row), _competence(row), _who(row), due, result or word_of(row["status"]))
    return (str(number), f"{ended(row['text'])} (YK-{row['pk']})", *cells)
