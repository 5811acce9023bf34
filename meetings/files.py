"""Papers attached to a meeting: checked on the way in, handed out only to those who see the meeting."""

import hashlib

from django.db import transaction
from django.db.models import Sum

from core.activity import record
from core.errors import DomainError, NotAllowed
from core.files import check_inside, check_upload, safe_name, store_upload
from meetings.access import may_attach
from meetings.enums import MeetingStatus
from meetings.models import Meeting, MeetingFile

KINDS = {
    "pdf": "application/pdf",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
FOLDER = "meetings"
MEETING_LIMIT = 200 * 1024 * 1024


@transaction.atomic
def attach(meeting, upload, *, actor):
    """Keep a file with a meeting; a locked meeting still takes its signed papers. The same file twice is kept once."""
    meeting = Meeting.objects.select_for_update(of=("self",)).get(pk=meeting.pk)
    if not may_attach(actor, meeting):
        raise NotAllowed("Đồng chí không có quyền đính kèm tệp vào hội nghị này.")
    if meeting.status == MeetingStatus.CANCELLED:
        raise DomainError("Hội nghị đã hủy nên không nhận thêm tệp. Chọn hội nghị khác.", "file")
    check_upload(upload, tuple(KINDS))
    check_inside(upload, safe_name(upload.name).rpartition(".")[2].lower())
    digest = _digest(upload)
    known = meeting.files.filter(digest=digest).first()
    if known:
        return known
    kept = meeting.files.aggregate(n=Sum("size"))["n"] or 0
    if kept + upload.size > MEETING_LIMIT:
        raise DomainError("Các tệp của hội nghị này đã đầy 200 MB. Nén tệp rồi gửi lại.", "file")
    name = safe_name(upload.name)
    file = MeetingFile.objects.create(
        meeting=meeting,
        name=name,
        path=store_upload(upload, FOLDER),
        content_type=KINDS[name.rpartition(".")[2].lower()],
        size=upload.size,
        digest=digest,
        added_by_id=actor.pk,
    )
    record(actor.pk, "meeting.attach", meeting, after={"file": file.pk, "size": file.size})
    return file


def visible_files(user):
    """Files of the meetings the user sees."""
    return MeetingFile.objects.filter(meeting__in=Meeting.objects.visible_to(user))


def _digest(upload):
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    return digest.hexdigest()
