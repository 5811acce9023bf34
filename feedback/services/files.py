"""Adding a file to an opinion or to an answer, and taking it away; its row is kept."""

import hashlib

from django.db import transaction

from core.activity import record
from core.errors import NotAllowed
from core.files import store_upload
from feedback.discretion import may_attach
from feedback.files import FOLDER, check_file, may_remove, suffix_of
from feedback.models import OpinionFile
from feedback.services.door import locked
from meetings.files import KINDS


@transaction.atomic
def attach_file(opinion_id, upload, *, actor, is_declared, is_evidence=False):
    """Keep a file with an opinion; `is_evidence`: with the last step, which the actor has just made.

    `is_declared`: the actor says that it holds no state secret. The same file twice is kept once.
    """
    opinion = locked(actor).filter(pk=opinion_id).first()
    if opinion is None or not may_attach(actor, opinion):
        raise NotAllowed("Đồng chí không có quyền đính kèm tệp vào ý kiến này.")
    name = check_file(upload, opinion, is_declared)
    digest = _digest(upload)
    known = opinion.files.filter(digest=digest, removed_at=None).first()
    if known:
        return known
    step = opinion.moves.filter(actor_id=actor.pk).order_by("at", "pk").last() if is_evidence else None
    file = OpinionFile.objects.create(
        opinion=opinion,
        move=step,
        name=name,
        path=store_upload(upload, FOLDER),
        content_type=KINDS[suffix_of(name)],
        size=upload.size,
        digest=digest,
        added_by_id=actor.pk,
    )
    record(actor.pk, "opinion.attach", opinion, after={"file": file.pk, "size": file.size})
    return file


@transaction.atomic
def remove_file(file, *, actor, now):
    """Nobody can take it away any more; who removed it and when is kept."""
    opinion = locked(actor).filter(pk=file.opinion_id).first()
    if opinion is None or not may_remove(actor, file, opinion):
        raise NotAllowed("Chỉ người đã gửi tệp, đơn vị ghi hoặc đơn vị giữ ý kiến được bỏ tệp.")
    if OpinionFile.objects.filter(pk=file.pk, removed_at=None).update(removed_at=now):
        record(actor.pk, "opinion.detach", opinion, before={"file": file.pk})
    return opinion


def _digest(upload):
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    return digest.hexdigest()
