"""What a person does with a meeting. Every act: lock, may, rule, save named fields, log, in one transaction."""

from meetings.services.attendance import CountedGroup, Seat, SittingPlan, set_opinion_count
from meetings.services.holding import MeetingFacts, hold_meeting
from meetings.services.life import (
    cancel_meeting,
    finish_minutes,
    issue_conclusion,
    join_meeting,
    lock_meeting,
    postpone_meeting,
    rebook_meeting,
    reopen_meeting,
)
from meetings.services.scheduling import MeetingPlan, plan_meeting

__all__ = [
    "CountedGroup",
    "MeetingFacts",
    "MeetingPlan",
    "Seat",
    "SittingPlan",
    "cancel_meeting",
    "finish_minutes",
    "hold_meeting",
    "issue_conclusion",
    "join_meeting",
    "lock_meeting",
    "plan_meeting",
    "postpone_meeting",
    "rebook_meeting",
    "reopen_meeting",
    "set_opinion_count",
]
