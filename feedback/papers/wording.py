"""Sentences that several papers share: when and where, who chairs, who spoke, what was charged to whom."""

from core.display import day_text, long_day_text
from core.paper import Paragraph, Run, text_lines
from feedback.enums import Visibility
from feedback.models import Opinion
from meetings.models import Tasking

WEEKDAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")
COLUMNS = (
    *("pk", "text", "answer", "status", "raised_by_name", "raised_by_title", "hides_speaker", "village__name"),
    *("commune__name", "unit_id", "unit__name", "holder_id", "holder__name", "body__name", "due_on", "topic__name"),
)


def labelled(label, text):
    """'Địa điểm: …' with the label in bold."""
    return Paragraph((Run(f"{label}: ", is_bold=True), Run(text)))


def plain(text):
    return Paragraph((Run(text),))


def hour_words(moment):
    """'7 giờ 30 phút', '8 giờ'."""
    return f"{moment.hour} giờ {moment.minute:02d} phút" if moment.minute else f"{moment.hour} giờ"


def when_words(meeting):
    """'7 giờ 30 phút, ngày 20 tháng 11 năm 2026 (thứ Sáu)'."""
    day = meeting.held_on or meeting.planned_on
    if day is None:
        return "(chưa định ngày)"
    words = f"{long_day_text(day)} ({WEEKDAYS[day.weekday()]})"
    return f"{hour_words(meeting.started_at)}, {words}" if meeting.started_at else words


def where_words(meeting):
    places = [meeting.place, f"họp trực tuyến tại {meeting.link}" if meeting.link else ""]
    return "; ".join(filter(None, places))


def chairs_words(meeting):
    return "; ".join(text_lines(meeting.chairs))


def ended(text):
    """A sentence with its full stop."""
    text = text.strip()
    return text if text.endswith((".", "!", "?", "…", ":", ";")) else f"{text}."


def opinions_of(meeting, user):
    """(rows the user may read, how many restricted ones are left out): restricted opinions are never printed."""
    every = Opinion.objects.filter(meeting=meeting)
    shown = every.visible_to(user).exclude(visibility=Visibility.RESTRICTED).order_by("number", "id")
    return list(shown.values(*COLUMNS)), every.filter(visibility=Visibility.RESTRICTED).count()


def restricted_line(count):
    """Nothing when there is none."""
    return [Paragraph((Run(f"{count} ý kiến hạn chế xem không in.", is_italic=True),))] if count else []


def speaker_words(row):
    """'Đồng chí Lê Thị Hoa, Trưởng thôn, Thôn 1'; who asked not to be named is spoken of by the place."""
    commune = row["commune__name"] if row["commune__name"] != row["unit__name"] else ""
    place = ", ".join(filter(None, [row["village__name"], commune])) or row["unit__name"]
    if row["hides_speaker"] or not row["raised_by_name"]:
        return f"Đại biểu {place[:1].lower()}{place[1:]}"
    title = row["raised_by_title"].replace("thôn, khu", place.split()[0].lower())
    parts = [f"Đồng chí {row['raised_by_name']}", title, "" if title and place in title else place]
    return ", ".join(filter(None, parts))


def tasking_lines(meeting, user):
    """'Giao Phòng Kinh tế … xong trước ngày 05/12/2026.'"""
    rows = Tasking.objects.visible_to(user).filter(meeting=meeting).order_by("number")
    rows = list(rows.values_list("text", "body__name", "person__name", "due_on"))
    whom = [body or (f"đồng chí {person}" if person else "") for _, body, person, _ in rows]
    return [_tasking(row[0], who, row[3]) for row, who in zip(rows, whom, strict=True)]


def _tasking(text, who, due_on):
    text = text.strip().rstrip(".;")
    given = f"Giao {who}: {text}" if who else f"{text[:1].upper()}{text[1:]}"
    return f"{given}; xong trước ngày {day_text(due_on)}."
