"""Papers and photos of an opinion: what may come in, who may take them away."""

from django.conf import settings
from django.db.models import Sum

from core.errors import DomainError
from core.file_contents import check_inside
from core.files import check_upload, safe_name
from feedback.access import works_at
from feedback.discretion import may_attach
from feedback.models import Opinion, OpinionFile
from feedback.rules import check_content
from meetings.files import KINDS

FOLDER = "opinions"
MOST_FILES = 20
ACCEPTED = ",".join(f".{suffix}" for suffix in KINDS)


def visible_files(user):
    """Files, not removed, of the opinions the user sees."""
    return OpinionFile.objects.filter(removed_at=None, opinion__in=Opinion.objects.visible_to(user))


def check_file(upload, opinion, is_declared):
    """Refuse what may not be kept with this opinion; the answer is the name it is kept under."""
    if upload is None:
        raise DomainError("Chọn một tệp rồi bấm Gửi tệp.", "file")
    if not is_declared:
        raise DomainError("Đánh dấu xác nhận tệp không chứa bí mật nhà nước rồi gửi lại.", "no_secret")
    check_upload(upload, tuple(KINDS))
    name = safe_name(upload.name)
    check_inside(upload, suffix_of(name))
    check_content(name.replace("_", " "))
    _check_room(upload, opinion)
    return name


def suffix_of(name):
    return name.rpartition(".")[2].lower()


def _check_room(upload, opinion):
    kept = OpinionFile.objects.filter(removed_at=None)
    if kept.filter(opinion=opinion).count() >= MOST_FILES:
        raise DomainError(f"Mỗi ý kiến giữ nhiều nhất {MOST_FILES} tệp. Bỏ bớt tệp cũ rồi gửi lại.", "file")
    used = kept.filter(opinion__unit_id=opinion.unit_id).aggregate(n=Sum("size"))["n"] or 0
    if used + upload.size > settings.UNIT_FILES_LIMIT:
        size = settings.UNIT_FILES_LIMIT // 1024 // 1024
        raise DomainError(f"Đơn vị đã dùng hết {size} MB dành cho tệp kèm ý kiến. Nén tệp hoặc bỏ bớt tệp cũ.", "file")


def may_remove(user, file, opinion):
    """Who added it, and those who recorded or hold the opinion."""
    is_own = file.added_by_id == user.pk and may_attach(user, opinion)
    return is_own or any(works_at(user, unit_id) for unit_id in (opinion.unit_id, opinion.holder_id))


def file_rows(opinion, user):
    """The files of an opinion the user sees, prepared for its page."""
    files = opinion.files.filter(removed_at=None).select_related("move").order_by("pk")
    return [
        {
            "pk": file.pk,
            "name": file.name,
            "size": file.size,
            "added_at": file.added_at,
            "step": file.move.get_verb_display() if file.move else "",
            "may_remove": may_remove(user, file, opinion),
        }
        for file in files
    ]
