"""Thông báo kết luận hội nghị."""

from core.display import day_text, long_day_text
from core.paper import Bullets, Heading, paragraphs
from feedback.enums import ANSWERED, UNRESOLVED
from feedback.papers.frame import framed
from feedback.papers.letterhead import in_sentence, letterhead_on
from feedback.papers.wording import (
    chairs_words,
    ended,
    opinions_of,
    plain,
    restricted_line,
    speaker_words,
    tasking_lines,
)
from meetings.enums import PaperKind


def build_conclusion(meeting, user, signing):
    head = letterhead_on(meeting.unit, meeting.host, signing.signed_on)
    rows, hidden = opinions_of(meeting, user)
    answered, charged, passed_up = _sorted(rows)
    parts = [
        ("Đánh giá chung", paragraphs(meeting.conclusions)),
        ("Giao việc", _list(tasking_lines(meeting, user))),
        ("Nội dung đã được trả lời", _list([_answered(row) for row in answered])),
        ("Ý kiến, kiến nghị giao giải quyết", _list([_charged(row) for row in charged])),
        ("Nội dung chuyển cấp trên xem xét", _list([_passed_up(row) for row in passed_up])),
        ("Tổ chức thực hiện", [plain(_closing(head))]),
    ]
    blocks = [plain(sentence) for sentence in _opening(meeting, head)]
    kept = [(title, inside) for title, inside in parts if inside]
    for number, (title, inside) in enumerate(kept, 1):
        blocks += [Heading(f"{number}. {title}"), *inside]
    blocks += restricted_line(hidden)
    return framed(
        meeting,
        PaperKind.CONCLUSION,
        signing,
        title="Thông báo",
        subject=f"Kết luận {in_sentence(meeting.title)}",
        blocks=blocks,
        head=head,
    )


def _opening(meeting, head):
    day, where = meeting.held_on, f", tại {meeting.place}" if meeting.place else ""
    yield ended(f"{long_day_text(day).capitalize()}{where}, {head.issuer_name} tổ chức {in_sentence(meeting.title)}")
    if chairs_words(meeting):
        yield ended(f"Chủ trì hội nghị: {chairs_words(meeting)}")
    counted = f"Dự hội nghị có {meeting.attendance_count} lượt đại biểu; có {meeting.opinion_count} ý kiến, kiến nghị"
    yield f"{counted}. Hội nghị thống nhất kết luận như sau:"


def _sorted(rows):
    """(answered, charged at this level, passed to the level above); withdrawn and double ones are in none."""
    answered = [row for row in rows if row["status"] in ANSWERED]
    waiting = [row for row in rows if row["status"] in UNRESOLVED]
    charged = [row for row in waiting if row["holder_id"] == row["unit_id"] and row["body__name"]]
    return answered, charged, [row for row in waiting if row["holder_id"] != row["unit_id"]]


def _list(lines):
    return [Bullets(tuple(lines))] if lines else []


def _answered(row):
    answer = row["answer"].strip() or "đã giải đáp"
    lead = "" if answer.casefold().startswith("trả lời") else "Trả lời: "
    return ended(f"{speaker_words(row)}: {ended(row['text'])} {lead}{answer}")


def _charged(row):
    text = ended(row["text"])
    return f"{text} Giao {row['body__name']} giải quyết, trả lời trước ngày {day_text(row['due_on'])}."


def _passed_up(row):
    return f"{ended(row['text'])} Chuyển {row['holder__name']} xem xét, giải quyết."


def _closing(head):
    return f"Văn phòng theo dõi, đôn đốc việc thực hiện Thông báo này, báo cáo {head.issuer_name} tại kỳ giao ban sau."
