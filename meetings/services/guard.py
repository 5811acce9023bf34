"""The first steps of every act on an existing meeting."""

from core.activity import last_act
from core.errors import Conflict, NotAllowed
from meetings.closed import check_counted_open
from meetings.models import Meeting
from people.selectors import saved_by

STALE = "Sau khi trang này được mở, hội nghị {}. Xem lại nội dung mới nhất rồi lưu lại; phần đồng chí đã nhập vẫn còn."


def lock(meeting_id, *, actor, may, version=None, counts=True):
    """The meeting, locked for this transaction, checked for the right and for the version the actor saw.

    `counts`: the act may change what is counted, so the meeting's period must not be closed.
    """
    meeting = Meeting.objects.select_for_update(of=("self",)).select_related("unit", "occurrence").get(pk=meeting_id)
    if not may(actor, meeting):
        raise NotAllowed("Đồng chí không có quyền thực hiện việc này với hội nghị này.")
    if version is not None and version != meeting.version:
        raise Conflict(STALE.format(saved_by(actor, last_act(meeting))))
    if counts:
        check_counted_open(meeting)
    return meeting
