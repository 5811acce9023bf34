"""Biên bản, by the structure of Hướng dẫn 16-HD/VPTW (23/02/2023)."""

from collections import Counter

from core.paper import Bullets, Heading, paragraphs
from feedback.enums import OpinionStatus, Satisfaction
from feedback.models import ReadBack
from feedback.papers.frame import framed
from feedback.papers.invitation import sittings_table
from feedback.papers.wording import (
    chairs_words,
    ended,
    hour_words,
    labelled,
    opinions_of,
    plain,
    restricted_line,
    speaker_words,
    tasking_lines,
    when_words,
    where_words,
)
from meetings.enums import PRESENT_STATES, PaperKind, Presence


def build_minutes(meeting, user, signing):
    blocks = [
        *_opening(meeting),
        Heading("1. Thành phần"),
        *_people(meeting),
        Heading("2. Diễn biến"),
        *_course(meeting, user),
        Heading("3. Kết luận"),
        *_conclusions(meeting, user),
        Heading("4. Kết thúc"),
        plain(_closing(meeting)),
    ]
    return framed(meeting, PaperKind.MINUTES, signing, title="Biên bản", subject=meeting.title, blocks=blocks)


def _opening(meeting):
    files = "; ".join(meeting.files.values_list("name", flat=True))
    facts = (
        ("Thời gian bắt đầu", when_words(meeting)),
        ("Địa điểm", where_words(meeting)),
        ("Hình thức", meeting.form_words),
        ("Nội dung", meeting.title),
        ("Chủ trì", chairs_words(meeting)),
        ("Người ghi biên bản", meeting.secretary),
        ("Tài liệu", files),
    )
    return [*(labelled(label, ended(text)) for label, text in facts if text), *sittings_table(meeting)]


def _people(meeting):
    rows = list(meeting.attendances.all())
    called, guests = [row for row in rows if not row.is_guest], [row for row in rows if row.is_guest]
    blocks = []
    if called:
        present = sum(row.presence in PRESENT_STATES for row in called)
        line = f"triệu tập {len(called)} đồng chí, có mặt {present}, vắng {len(called) - present}"
        blocks += [labelled("1.1. Đại biểu chính thức", ended(line)), *_exceptions(called)]
    for count in meeting.counts.all():
        blocks.append(plain(f"- {count.group}: {count.number} đại biểu."))
    if guests:
        blocks.append(labelled("1.2. Đại biểu mời dự", f"{len(guests)} đồng chí."))
        blocks.append(Bullets(tuple(f"Đồng chí {_named(row)}" for row in guests)))
    return blocks or [plain(f"Dự hội nghị có {meeting.attendance_count} lượt đại biểu.")]


def _exceptions(called):
    """The absent with their reasons, and who came in whose place."""
    absent = [row for row in called if row.presence not in PRESENT_STATES]
    replaced = [row for row in called if row.presence == Presence.SUBSTITUTED]
    reasons = {Presence.ABSENT: "không lý do"}
    lines = [f"Vắng: {_named(row)} – {row.reason or reasons.get(row.presence, 'có lý do')}" for row in absent]
    lines += [f"Dự thay đồng chí {_named(row)}: {row.substitute}" for row in replaced]
    return [Bullets(tuple(ended(line) for line in lines))] if lines else []


def _named(row):
    return f"{row.name}, {row.duties}" if row.duties else row.name


def _course(meeting, user):
    blocks = []
    read = _read_back(meeting)
    if read:
        blocks.append(labelled("Kết quả giải quyết ý kiến kỳ trước", read))
    told = [ended(text) for text in meeting.announced.values_list("text", flat=True)]
    if told or meeting.announcements.strip():
        blocks += paragraphs("\n".join([*told, meeting.announcements]), "Nội dung thông báo: ")
    if meeting.minutes.strip():
        blocks += paragraphs(meeting.minutes, "Diễn biến: ")
    rows, hidden = opinions_of(meeting, user)
    blocks.append(labelled("Ý kiến phát biểu", f"{len(rows) + hidden} ý kiến, kiến nghị."))
    for number, row in enumerate(rows, 1):
        blocks += paragraphs(row["text"], f"({number}) {speaker_words(row)}: ")
        if row["status"] == OpinionStatus.ANSWERED_ON_SPOT and row["answer"]:
            blocks += paragraphs(row["answer"], "Trả lời: ")
    return [*blocks, *restricted_line(hidden)]


def _read_back(meeting):
    """What the room said of the answers to last time's opinions."""
    said = Counter(ReadBack.objects.filter(meeting=meeting).values_list("satisfaction", flat=True))
    if not said:
        return ""
    parts = [f"{label.lower()} {said[value]}" for value, label in Satisfaction.choices if said[value]]
    return ended(f"đã nghe {said.total()} nội dung" + (f" ({', '.join(parts)})" if parts else ""))


def _conclusions(meeting, user):
    lines = tasking_lines(meeting, user)
    blocks = paragraphs(meeting.conclusions)
    if lines:
        blocks.append(Bullets(tuple(lines)))
    return blocks or [plain("(Không có kết luận được ghi.)")]


def _closing(meeting):
    if meeting.ended_at:
        return f"Hội nghị kết thúc lúc {hour_words(meeting.ended_at)} cùng ngày."
    return "Hội nghị kết thúc cùng ngày."
