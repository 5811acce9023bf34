"""The states of a meeting: one map (rules.MOVES), one way through it, one verb per move."""

from django.db import transaction

from core.activity import record
from meetings.access import may_lock, may_log, may_plan, may_reopen
from meetings.enums import MeetingStatus
from meetings.rules import check_move
from meetings.services.counters import refresh
from meetings.services.guard import lock

PAPERWORK = (MeetingStatus.MINUTED, MeetingStatus.LOCKED)
"""Steps of a held meeting that change no figure."""


def move_to(meeting, status, reason=""):
    """Set a status the map allows. The caller holds the lock and saves."""
    check_move(meeting.status, status, reason)
    meeting.status = status


def finish_minutes(meeting_id, *, actor, version, today):
    """The minutes are written and read."""
    return _act(meeting_id, MeetingStatus.MINUTED, actor, may_log, version, "meeting.minute", minuted_on=today)


def lock_meeting(meeting_id, *, actor, version, today):
    """Close the record: no edit afterwards without reopening."""
    return _act(meeting_id, MeetingStatus.LOCKED, actor, may_lock, version, "meeting.lock", locked_on=today)


def reopen_meeting(meeting_id, *, actor, version, reason):
    return _act(
        meeting_id, MeetingStatus.HELD, actor, may_reopen, version, "meeting.reopen", reason=reason, locked_on=None
    )


def postpone_meeting(meeting_id, *, actor, version, reason):
    return _act(meeting_id, MeetingStatus.POSTPONED, actor, may_plan, version, "meeting.postpone", reason=reason)


def cancel_meeting(meeting_id, *, actor, version, reason):
    """Take a meeting out of every count; the row and its history stay."""
    return _act(meeting_id, MeetingStatus.CANCELLED, actor, may_plan, version, "meeting.cancel", reason=reason)


@transaction.atomic
def _act(meeting_id, status, actor, may, version, verb, reason="", **columns):
    meeting = lock(meeting_id, actor=actor, may=may, version=version, counts=status not in PAPERWORK)
    before = meeting.status
    move_to(meeting, status, reason)
    for name, value in columns.items():
        setattr(meeting, name, value)
    meeting.reason = reason
    meeting.version += 1
    meeting.save()
    if status not in PAPERWORK:
        refresh(meeting)
    record(actor.pk, verb, meeting, {"status": before}, {"status": status, "reason": reason})
    return meeting
