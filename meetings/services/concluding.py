"""The third clock of a meeting: the day its conclusion was issued."""

from django.db import transaction

from core.activity import record
from core.errors import DomainError
from meetings.access import may_log
from meetings.rules import check_concluded_on
from meetings.services.guard import lock


@transaction.atomic
def issue_conclusion(meeting_id, *, actor, on, version=None, today=None):
    """The thông báo kết luận of a held meeting was issued `on` a day; None takes it back. A locked meeting may too."""
    meeting = lock(meeting_id, actor=actor, may=may_log, version=version, counts=False)
    if not meeting.is_held:
        raise DomainError("Chỉ ra thông báo kết luận cho hội nghị đã họp. Ghi hội nghị trước.")
    if on is not None:
        check_concluded_on(on, meeting.held_on, today)
    if meeting.conclusion_on == on:
        return meeting
    before, meeting.conclusion_on = meeting.conclusion_on, on
    meeting.version += 1
    meeting.save(update_fields=["conclusion_on", "version"])
    record(actor.pk, "meeting.conclude", meeting, {"conclusion_on": str(before)}, {"conclusion_on": str(on)})
    return meeting
