"""Plain builders of meetings and opinions for the tests of this app."""

from datetime import date, timedelta

from core.text import fold
from feedback.enums import UNRESOLVED
from feedback.models import Opinion, Topic
from feedback.thread.recording import OpinionDraft, record_opinions
from meetings.models import Meeting
from units.reads import place_on

HELD_ON = date(2026, 3, 20)
TODAY = date(2026, 3, 25)


def make_meeting(unit, held_on=HELD_ON, **fields):
    """A held meeting of a unit, outside any occurrence."""
    facts = {
        "period_first": held_on.replace(day=1),
        "period_last": held_on,
        "year": held_on.year,
        "month": held_on.month,
        "title": f"Hội nghị {held_on:%m/%Y}",
        "search_text": "hoi nghi",
        "status": "held",
        "held_on": held_on,
    } | fields
    return Meeting.objects.create(unit=unit, level=unit.level, **place_on(unit, held_on).columns, **facts)


def topic(code="LAND"):
    return Topic.objects.get(code=code)


def draft(text="Đề nghị sửa đường vào thôn", **fields):
    return OpinionDraft(text=text, topic_id=fields.pop("topic_id", None) or topic().pk, **fields)


def record_one(actor, unit, text="Đề nghị sửa đường vào thôn", today=TODAY, held_on=HELD_ON, **fields):
    """An opinion recorded by the real service at a new meeting of the unit."""
    meeting = make_meeting(unit, held_on)
    return record_opinions(meeting=meeting, drafts=[draft(text, **fields)], actor=actor, today=today)[0]


def make_opinion(unit, text="Đề nghị sửa đường", raised_on=HELD_ON, **fields):
    """A bare row in any state, for reads; states are otherwise only reached through the services."""
    facts = {
        "topic": fields.pop("topic", None) or topic(),
        "holder": fields.pop("holder", unit),
        "raised_on": raised_on,
        "received_on": raised_on,
        "due_on": raised_on + timedelta(days=30),
        "period_first": raised_on.replace(day=1),
        "period_last": raised_on,
        "year": raised_on.year,
        "month": raised_on.month,
        "is_open": fields.get("status", "recorded") in UNRESOLVED,
        "search_text": fold(text),
    } | fields
    level = facts.pop("level", unit.level)
    columns = place_on(unit, raised_on).columns
    return Opinion.objects.create(unit=unit, level=level, text=text, **columns, **facts)
