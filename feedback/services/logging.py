"""Logging a meeting: its facts, its people and its opinions in one transaction, or nothing at all."""

from django.db import transaction

from feedback.services.basket import take_over
from feedback.services.recording import record_opinions
from meetings.services import hold_meeting


@transaction.atomic
def log_meeting(meeting_id, facts, *, actor, today, version, seats=(), counts=(), sittings=(), drafts=()):
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
    )
    opinions = record_opinions(meeting=meeting, drafts=drafts, actor=actor, today=today)
    take_over(meeting, drafts, opinions, actor=actor, today=today)
    return meeting
