"""The states of a meeting: one map (rules.MOVES), one way through it, one verb per move."""

from django.db import transaction

from core.activity import record
from core.display import day_text
from core.jobs import create_job
from journal.services import notify_many
from meetings.access import may_lock, may_log, may_plan, may_reopen
from meetings.enums import CADENCE_KINDS, MeetingStatus
from meetings.models import Meeting
from meetings.rules import check_move
from meetings.services.counters import refresh
from meetings.services.guard import lock
from meetings.services.seats import roster_on
from people.models import User

CALLED_OFF = "meetings.called_off"
"""The job that writes to those who were invited by letter (`invitations.send_called_off`)."""

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


@transaction.atomic
def cancel_meeting(meeting_id, *, actor, version, reason):
    """Take a meeting out of every count; the row and its history stay. Of a planned one, those invited are told."""
    was_held = Meeting.objects.filter(pk=meeting_id).held().exists()
    meeting = _act(meeting_id, MeetingStatus.CANCELLED, actor, may_plan, version, "meeting.cancel", reason=reason)
    if not was_held:
        tell_called_off(meeting, actor)
    return meeting


def call_off(occurrence_ids, *, actor, reason):
    """Cancel what is on the calendar for excused periods and tell those invited. The caller holds the occurrences."""
    waiting = (MeetingStatus.PLANNED, MeetingStatus.POSTPONED)
    rows = Meeting.objects.select_for_update(of=("self",)).select_related("unit")
    for meeting in rows.filter(occurrence__in=occurrence_ids, status__in=waiting, kind__in=CADENCE_KINDS).order_by(
        "pk"
    ):
        before = meeting.status
        move_to(meeting, MeetingStatus.CANCELLED, reason)
        meeting.reason = reason[:500]
        meeting.version += 1
        meeting.save()
        record(actor.pk, "meeting.cancel", meeting, {"status": before}, {"status": meeting.status, "reason": reason})
        tell_called_off(meeting, actor)


def tell_called_off(meeting, actor):
    """One notice an account of those called to a planned meeting, and a letter to whoever was invited by one."""
    people = [seat.person_id for seat in roster_on(meeting.unit, meeting.planned_on) if seat.person_id]
    users = User.objects.active().filter(person__in=people).values_list("pk", flat=True)
    when = f" ngày {day_text(meeting.planned_on)}" if meeting.planned_on else ""
    text = f"Không họp: {meeting.title}{when}. Lý do: {meeting.reason}"
    key = f"meeting-called-off:{meeting.pk}:{meeting.version}"
    notify_many((pk, key, text, meeting.get_absolute_url()) for pk in users)
    if meeting.invitation_mails.filter(sent_at__isnull=False, called_off_at=None).exists():
        title = f"Báo không họp – {meeting.title}"
        create_job(kind=CALLED_OFF, title=title, params={"meeting_id": meeting.pk}, owner_id=actor.pk)


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
