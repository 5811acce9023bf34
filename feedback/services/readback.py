"""Reading an answer out at a meeting and writing down what the room says of it."""

from django.db import transaction

from core.activity import record
from core.errors import DomainError, NotAllowed
from core.text import clean_text
from feedback.access import may_confirm
from feedback.enums import Satisfaction
from feedback.models import ReadBack
from feedback.readback import answers_to_read, may_read_back
from feedback.rules import check_content
from feedback.services.moves import confirm_opinion
from meetings.models import Meeting

NOTE_LIMIT = 500


@transaction.atomic
def read_back(meeting_id, opinion_id, satisfaction="", note="", *, actor, version=None, today):
    """The answer was read out; `satisfaction` empty: nobody could say anything of it yet.

    With a satisfaction the opinion is confirmed in the same transaction, through its own move. Saying something else
    at the same meeting replaces what was said; saying the same again changes nothing.
    """
    meeting = Meeting.objects.visible_to(actor).select_for_update(of=("self",)).filter(pk=meeting_id).first()
    if meeting is None or not may_read_back(actor, meeting):
        raise NotAllowed("Chỉ đơn vị tổ chức ghi được phần đọc lại, khi hội nghị chưa chốt và không bị hủy.")
    opinion = answers_to_read(meeting).visible_to(actor).filter(pk=opinion_id).first()
    if opinion is None:
        raise DomainError("Ý kiến này không có trong danh sách đọc lại của hội nghị. Tải lại trang.")
    if not may_confirm(actor, opinion):
        raise NotAllowed("Ý kiến này chưa có kết quả, hoặc không do đơn vị của đồng chí ghi.")
    note = _checked(satisfaction, note)
    known = ReadBack.objects.filter(meeting=meeting, opinion=opinion).first()
    if known and (not satisfaction or (known.satisfaction, known.note) == (satisfaction, note)):
        return known
    if satisfaction:
        confirm_opinion(opinion_id, actor=actor, version=version, today=today, satisfaction=satisfaction, note=note)
    facts = {"satisfaction": satisfaction, "note": note, "read_by_id": actor.pk}
    read, _ = ReadBack.objects.update_or_create(meeting=meeting, opinion=opinion, defaults=facts)
    record(actor.pk, "opinion.read_back", opinion, after={"meeting": meeting.pk, "satisfaction": satisfaction})
    return read


def _checked(satisfaction, note):
    if satisfaction and satisfaction not in Satisfaction.values:
        raise DomainError("Chọn mức hài lòng: hài lòng, một phần hoặc chưa.", "satisfaction")
    note = clean_text(note)
    if len(note) > NOTE_LIMIT:
        raise DomainError(f"Ý kiến của thôn, khu viết trong {NOTE_LIMIT} ký tự (đang có {len(note)}).", "note")
    if note:
        check_content(note)
    return note
