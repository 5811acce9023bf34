"""Chương trình hội nghị."""

from datetime import datetime, timedelta

from core.display import clock_text
from core.paper import Column, Table, text_lines
from feedback.agenda import AgendaPart, build_agenda
from feedback.papers.frame import framed
from feedback.papers.wording import ended, labelled, when_words, where_words
from meetings.enums import PaperKind

OPENING = AgendaPart("opening", "Ổn định tổ chức, tuyên bố lý do, giới thiệu đại biểu", minutes=10, by="Văn phòng")
COLUMNS = (
    Column("STT", 8, "center"),
    Column("Thời gian", 19, "center"),
    Column("Nội dung", 47),
    Column("Người thực hiện", 26),
)


def build_programme(meeting, user, signing):
    blocks = [labelled("Thời gian", ended(when_words(meeting)))]
    if where_words(meeting):
        blocks.append(labelled("Địa điểm", ended(where_words(meeting))))
    blocks.append(_table(meeting, user))
    return framed(meeting, PaperKind.PROGRAMME, signing, title="Chương trình", subject=meeting.title, blocks=blocks)


def _table(meeting, user):
    """Before the meeting the agenda that builds itself; of a held one the agenda that was written down."""
    if not (meeting.is_held and meeting.agenda.strip()):
        return Table(COLUMNS, tuple(_rows(meeting, user)))
    lines = [_without_number(line) for line in text_lines(meeting.agenda)]
    columns = (Column("STT", 10, "center"), Column("Nội dung", 90))
    return Table(columns, tuple((str(number), line) for number, line in enumerate(lines, 1)))


def _rows(meeting, user):
    parts = [OPENING, *build_agenda(meeting, user)]
    times = _times(meeting.started_at, [part.minutes for part in parts])
    return [
        (str(number), time, "\n".join([f"{part.title}", *(f"- {line}" for line in part.lines)]), part.by)
        for number, (part, time) in enumerate(zip(parts, times, strict=True), 1)
    ]


def _without_number(line):
    head, dot, rest = line.partition(".")
    return rest.strip() if dot and head.strip().isdigit() and rest.strip() else line


def _times(started_at, minutes):
    """'07:30 – 07:40' for each part, one after another."""
    if not started_at:
        return [f"{count} phút" if count else "" for count in minutes]
    times, now = [], datetime.combine(datetime.min, started_at)
    for count in minutes:
        end = now + timedelta(minutes=count or 0)
        times.append(f"{clock_text(now)} – {clock_text(end)}" if count else clock_text(now))
        now = end
    return times
