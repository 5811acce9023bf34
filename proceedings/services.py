"""Logging a meeting: its facts, its people and its opinions in one transaction, or nothing at all."""

from django.db import transaction

from feedback.thread.recording import record_opinions
from meetings import services as meetings
from meetings.services import hold_meeting
from proceedings.preparation.services import take_over


@transaction.atomic
def log_meeting(meeting_id, facts, *, actor, today, version, seats=(), counts=(), sittings=(), drafts=(), chairs=None):
    """Save the whole entry page. Raises DomainError with its field; Conflict when somebody saved first."""
    meeting = hold_meeting(
        meeting_id,
        facts,
        actor=actor,
        today=today,
        version=version,
        seats=seats,
        counts=counts,
        sittings=sittings,
        chairs=chairs,
    )
    opinions = record_opinions(meeting=meeting, drafts=drafts, actor=actor, today=today)
    take_over(meeting, drafts, opinions, actor=actor, today=today)
    return meeting


@transaction.atomic
def rebook_meeting(meeting_id, occurrence_id, *, actor, version, today, reason="", is_extra=False):
    """The meeting, its opinions and the tallies of both periods, or nothing at all."""
    meeting = meetings.rebook_meeting(
        meeting_id, occurrence_id, actor=actor, version=version, today=today, reason=reason, is_extra=is_extra
    )
    if meeting.is_held:
        record_opinions(meeting=meeting, drafts=(), actor=actor, today=today)
    return meeting
