"""Booking a meeting to a neighbouring period takes its opinions along."""

from django.db import transaction

from feedback.services.recording import record_opinions
from meetings import services as meetings


@transaction.atomic
def rebook_meeting(meeting_id, occurrence_id, *, actor, version, today, reason="", is_extra=False):
    """The meeting, its opinions and the tallies of both periods, or nothing at all."""
    meeting = meetings.rebook_meeting(
        meeting_id, occurrence_id, actor=actor, version=version, today=today, reason=reason, is_extra=is_extra
    )
    if meeting.is_held:
        record_opinions(meeting=meeting, drafts=(), actor=actor, today=today)
    return meeting
