"""Recording that a meeting was held: its facts, its people, its sittings."""

from dataclasses import dataclass
from datetime import date, time

from django.db import transaction
from django.utils import timezone

from core.activity import record
from core.errors import DomainError
from core.text import fold
from meetings.access import may_log
from meetings.cadence.reads import set_dues
from meetings.cadence.workdays import calendar_for
from meetings.enums import HELD_STATES, SEVERAL_SITTINGS, MeetingStatus
from meetings.rules import check_held_on, check_times
from meetings.services.attendance import (
    check_clashes,
    check_sittings,
    refresh,
    save_chairs,
    save_seats,
    save_sittings,
    set_attendance_count,
)
from meetings.services.life import move_to
from meetings.services.scheduling import lock, set_period
from units.reads import place_on

FACTS = (
    *("title", "form", "held_on", "started_at", "ended_at", "place", "link", "chairs", "secretary"),
    *("agenda", "announcements", "conclusions", "minutes", "timing_reason", "speaker_count"),
)


@dataclass(frozen=True)
class MeetingFacts:
    """What the officer writes about a held meeting."""

    held_on: date
    title: str
    form: str
    started_at: time | None = None
    ended_at: time | None = None
    place: str = ""
    link: str = ""
    chairs: str = ""
    secretary: str = ""
    agenda: str = ""
    announcements: str = ""
    conclusions: str = ""
    minutes: str = ""
    timing_reason: str = ""
    speaker_count: int | None = None


@transaction.atomic
def hold_meeting(meeting_id, facts, *, actor, today, version, seats=(), counts=(), sittings=(), chairs=None):
    """Save the facts and attendance of a held meeting. Raises Conflict when somebody saved since `version`.

    `chairs` {seat: post id or word}; None leaves what is said of them.
    """
    meeting = lock(meeting_id, actor=actor, may=may_log, version=version)
    if meeting.is_locked:
        raise DomainError("Hội nghị đã chốt. Mở lại hội nghị (có lý do) rồi mới sửa.")
    former = (meeting.occurrence, meeting.year, meeting.month)
    before = {"held_on": str(meeting.held_on), "attendance": meeting.attendance_count}
    sittings = sittings if facts.form in SEVERAL_SITTINGS else ()
    _check(meeting, facts, sittings, today)
    _write(meeting, facts)
    save_seats(meeting, list(seats), counts)
    save_sittings(meeting, sittings)
    if chairs is not None:
        save_chairs(meeting, chairs, meeting.held_on)
    set_attendance_count(meeting)
    if meeting.status not in HELD_STATES:
        move_to(meeting, MeetingStatus.HELD)
        meeting.logged_at, meeting.reason = timezone.now(), ""
        meeting.logged_on = meeting.logged_on or today
        _start_clocks(meeting, sittings)
    elif meeting.log_due_on:
        _start_clocks(meeting, sittings)
    meeting.version += 1
    meeting.save()
    refresh(meeting, former)
    after = {"held_on": str(meeting.held_on), "attendance": meeting.attendance_count}
    record(actor.pk, "meeting.hold", meeting, before, after)
    return meeting


def _start_clocks(meeting, sittings):
    """Due days of logging and of the conclusion; what was taken over from old books, without clocks, gets none."""
    last_on = max([meeting.held_on, *(sitting.held_on for sitting in sittings)])
    set_dues(meeting, last_on, calendar_for(meeting.province_id, meeting.held_on, last_on))


def _check(meeting, facts, sittings, today):
    opens_on = meeting.occurrence.opens_on if meeting.occurrence else None
    for day in [facts.held_on, *(sitting.held_on for sitting in sittings)]:
        check_held_on(day, opens_on, today)
    check_times(facts.started_at, facts.ended_at)
    if facts.form in SEVERAL_SITTINGS and not sittings:
        raise DomainError(
            "Hội nghị theo cụm hoặc theo từng đơn vị cần ít nhất một cuộc họp. Ghi ngày và các đơn vị dự.", "sittings"
        )
    check_sittings(meeting, sittings)
    check_clashes(meeting, facts, sittings)


def _write(meeting, facts):
    for name in FACTS:
        setattr(meeting, name, getattr(facts, name))
    meeting.search_text = fold(facts.title)
    for column, value in place_on(meeting.unit, facts.held_on).columns.items():
        setattr(meeting, column, value)
    set_period(meeting, facts.held_on)
