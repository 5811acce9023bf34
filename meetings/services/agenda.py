"""The written agenda of a meeting."""

from django.db import transaction

from core.activity import record
from core.errors import DomainError
from core.text import clean_text
from meetings.access import may_plan
from meetings.enums import MeetingStatus
from meetings.services.guard import lock

MOST_LETTERS = 20_000


@transaction.atomic
def write_agenda(meeting_id, text, *, actor, version):
    """Replace the agenda's text; what stood there is kept in the log."""
    meeting = lock(meeting_id, actor=actor, may=may_plan, version=version)
    if meeting.is_locked or meeting.status == MeetingStatus.CANCELLED:
        raise DomainError("Hội nghị đã chốt hoặc đã hủy. Mở lại hội nghị (có lý do) rồi mới sửa chương trình.")
    text = clean_text(text)
    if not text:
        raise DomainError("Nhập chương trình hội nghị.", "agenda")
    if len(text) > MOST_LETTERS:
        raise DomainError(f"Chương trình dài quá: viết trong {MOST_LETTERS:,} ký tự.".replace(",", "."), "agenda")
    if text == meeting.agenda:
        return meeting
    before, meeting.agenda = meeting.agenda, text
    meeting.version += 1
    meeting.save(update_fields=["agenda", "version"])
    record(actor.pk, "meeting.write_agenda", meeting, {"agenda": before}, {"agenda": text})
    return meeting
