"""The agenda that builds itself: what came of last time, what is announced, what is raised, what is concluded."""

from dataclasses import dataclass, field
from itertools import groupby

from django.urls import reverse

from core.display import day_text
from feedback.enums import OpinionStatus, Visibility
from meetings.conclusions.reads import LOOK_BACK
from meetings.models import Announcement, Tasking
from meetings.rules import READ_BACK
from proceedings.preparation.basket import waiting_items
from proceedings.preparation.readback import answers_to_read
from units.reads import with_origins

MOST_LINES = 60
MOST_IN_TEXT = 5
EXCERPT = 160
PARTS = {
    "read_back": READ_BACK,
    "results": "Kết quả thực hiện việc đã giao",
    "announcements": "Thông báo tình hình, nội dung cần truyền đạt",
    "opinions": "Nghe ý kiến, kiến nghị; trao đổi, trả lời",
    "conclusions": "Kết luận, giao việc",
}
ANNOUNCED = ("pk", "text", "meeting__unit__name", "meeting__held_on")
MINUTES = {"read_back": 15, "results": 15, "announcements": 30, "opinions": 60, "conclusions": 15}
BY = {
    "read_back": "Chủ trì; đại diện thôn, khu xác nhận",
    "results": "Lãnh đạo, cơ quan được giao",
    "announcements": "Chủ trì",
    "opinions": "Đại biểu thôn, khu; cơ quan liên quan",
    "conclusions": "Chủ trì",
}


SUMS = {
    "answer": "Đọc lại {n} ý kiến đã được trả lời từ kỳ trước (danh sách kèm theo)",
    "owed": "Kiểm điểm {n} việc đã giao còn nợ (danh sách kèm theo)",
    "behind": "Đôn đốc {n} nội dung kỳ trước còn nơi chưa truyền đạt",
    "above": "Truyền đạt {n} nội dung của hội nghị cấp trên",
    "gathered": "Trao đổi {n} ý kiến các thôn, khu đã gửi trước (danh sách kèm theo)",
}
"""How many lines of a kind are said in one, where the text would grow too long."""


@dataclass(frozen=True)
class AgendaLine:
    """One thing to speak of; `url` leads to it, `note` says whose it is or how it stands, `kind` is a key of `SUMS`."""

    text: str
    url: str = ""
    note: str = ""
    kind: str = ""

    def __str__(self):
        return f"{self.text} ({self.note})" if self.note else self.text


@dataclass(frozen=True)
class AgendaPart:
    key: str
    title: str
    lines: list = field(default_factory=list)
    minutes: int | None = None
    by: str = ""


def build_agenda(meeting, user):
    """The five parts in the order of the meeting, the read-back first; restricted opinions are spoken of apart."""
    lines = {
        "read_back": _answers(meeting, user),
        "results": _unfinished(meeting, user),
        "announcements": _announcements(meeting, user),
        "opinions": _gathered(meeting, user),
        "conclusions": _conclusions(meeting, user),
    }
    return [AgendaPart(key, title, lines[key], MINUTES[key], BY[key]) for key, title in PARTS.items()]


def agenda_text(parts):
    """The same as text for `Meeting.agenda`: a numbered heading for each part, a dash for each line."""
    rows = []
    for number, part in enumerate(parts, 1):
        rows.append(f"{number}. {part.title}.")
        rows += [f"- {words}" for kind, lines in groupby(part.lines, _kind_of) for words in _in_text(kind, list(lines))]
    return "\n".join(rows)


def _kind_of(line):
    return line.kind


def _in_text(kind, lines):
    return [SUMS[kind].format(n=len(lines))] if kind in SUMS and len(lines) > MOST_IN_TEXT else lines


def shorten(text, limit=EXCERPT):
    """One line of at most `limit` letters."""
    text = " ".join(text.split())
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def _answers(meeting, user):
    """What was answered to the villages since last time."""
    rows = answers_to_read(meeting).visible_to(user).exclude(visibility=Visibility.RESTRICTED)
    columns = ("pk", "text", "answer_status", "village__name")
    return [
        AgendaLine(
            _from(row["village__name"], row["text"]),
            reverse("opinion_detail", args=[row["pk"]]),
            OpinionStatus(row["answer_status"]).label,
            "answer",
        )
        for row in rows.values(*columns)[:MOST_LINES]
    ]


def _unfinished(meeting, user):
    """Lines of earlier conclusions of the unit that are still owed."""
    owed = Tasking.objects.visible_to(user).unfinished().filter(unit_id__in=with_origins([meeting.unit_id]))
    owed = owed.exclude(meeting_id=meeting.pk)
    if meeting.held_on:
        owed = owed.filter(meeting__held_on__lt=meeting.held_on)
    columns = ("pk", "text", "due_on", "body__name", "person__name")
    return [
        AgendaLine(
            f"Việc đã giao: {shorten(row['text'])}", reverse("tasking_detail", args=[row["pk"]]), _owed_by(row), "owed"
        )
        for row in owed.order_by("due_on", "pk").values(*columns)[:MOST_LINES]
    ]


def _owed_by(row):
    who = row["body__name"] or row["person__name"] or ""
    return f"{who}, hạn {day_text(row['due_on'])}" if who else f"hạn {day_text(row['due_on'])}"


def _announcements(meeting, user):
    """Those of this meeting; and what came from above and this unit has not passed on."""
    own = Announcement.objects.filter(meeting=meeting).order_by("number").values_list("pk", "text", "due_on")
    lines = [
        AgendaLine(
            shorten(text),
            reverse("relay_detail", args=[pk]) if meeting.is_held else "",
            f"truyền đạt trước ngày {day_text(due_on)}" if due_on else "",
        )
        for pk, text, due_on in own[:MOST_LINES]
    ]
    if not lines:
        lines = [AgendaLine(shorten(row)) for row in meeting.announcements.splitlines() if row.strip()]
    return lines if meeting.is_held else [*lines, *_to_pass_on(meeting, user)]


def _to_pass_on(meeting, user):
    """What came from above, and what this unit announced before and some place below has not passed on."""
    units = with_origins([meeting.unit_id])
    first = (meeting.planned_on or meeting.period_last) - LOOK_BACK
    recent = Announcement.objects.current(first).visible_to(user).order_by("meeting__held_on", "number")
    own = recent.still_to_pass_on().filter(meeting__unit_id__in=units)
    above = recent.waiting_at(units).exclude(meeting__unit_id__in=units)
    return [
        *(_relay_line(row, "above") for row in above.values(*ANNOUNCED)[:MOST_LINES]),
        *(_relay_line(row, "behind") for row in own.values(*ANNOUNCED)[:MOST_LINES]),
    ]


def _relay_line(row, kind):
    day = day_text(row["meeting__held_on"])
    note = f"hội nghị {row['meeting__unit__name']} ngày {day}" if kind == "above" else f"từ {day}, còn nơi chưa báo"
    return AgendaLine(shorten(row["text"]), reverse("relay_detail", args=[row["pk"]]), note, kind)


def _gathered(meeting, user):
    """What villages sent in beforehand; the names of those who raised it stay in the basket."""
    rows = waiting_items(meeting).visible_to(user).exclude(visibility=Visibility.RESTRICTED)
    return [
        AgendaLine(_from(item.village.name if item.village else "", item.text), kind="gathered")
        for item in rows[:MOST_LINES]
    ]


def _conclusions(meeting, user):
    rows = Tasking.objects.visible_to(user).filter(meeting=meeting).order_by("number")
    columns = ("pk", "text", "due_on", "body__name", "person__name")
    return [
        AgendaLine(shorten(row["text"]), reverse("tasking_detail", args=[row["pk"]]), _owed_by(row))
        for row in rows.values(*columns)[:MOST_LINES]
    ]


def _from(village, text):
    return f"{village}: {shorten(text)}" if village else shorten(text)
