"""Who may read an opinion and whose name they see: opened to a post by name, kept from those above, made restricted."""

import hashlib

from django.conf import settings
from django.db import transaction
from django.db.models import Q, Sum

from core.activity import record
from core.drafts import contents_of, drafts_since, files_below, forget
from core.errors import DomainError, NotAllowed
from core.files import check_inside, check_upload, safe_name, store_upload
from core.merging import plain
from feedback.access import may_attach, may_hide_speaker, may_name_readers, works_at
from feedback.enums import BasketState, Verb, Visibility
from feedback.models import BasketItem, NamedReader, Opinion, OpinionFile
from feedback.rules import check_content
from feedback.thread.door import check_seen, locked, mark, save
from journal.models import Notice
from journal.services import notify
from meetings.files import KINDS
from people.models import Post, User
from units.models import UnitLineage

DRAFT_GONE = (
    "Một bản nháp hoặc tệp chờ gửi của đồng chí đã được xóa vì có nội dung ý kiến vừa chuyển sang hạn chế xem "
    "mà đồng chí không được xem nữa."
)
TELLING = 25
"""A text shorter than this may be anybody's words: it does not show that an opinion was quoted."""
REFUSED = "Chỉ lãnh đạo đơn vị đang giữ ý kiến hạn chế xem được mở cho người khác xem."


def posts_to_name(opinion, today):
    """Posts of the holder's own branch that an account rides on: at the holder, and at the place it is about."""
    places = [opinion.holder_id, opinion.unit_id, opinion.district_id, opinion.commune_id, opinion.village_id]
    below = UnitLineage.objects.filter(ancestor_id=opinion.holder_id, unit_id__in=places).on(today).values("unit_id")
    posts = Post.objects.on(today).filter(Q(unit_id__in=below) | Q(unit_id=opinion.holder_id))
    posts = posts.exclude(role__in=("", "admin")).filter(person__users__is_active=True).distinct()
    return posts.select_related("person", "unit", "body").order_by("unit__level", "unit__sort_key", "pk")


@transaction.atomic
def open_to_post(opinion_id, *, post_id, actor, today):
    """Open a restricted opinion to whoever holds the post, for as long as they hold it; twice is once."""
    opinion = _held(opinion_id, actor)
    post = posts_to_name(opinion, today).filter(pk=post_id).first() if post_id else None
    if post is None:
        raise DomainError("Chọn một người đang giữ chức vụ trong danh sách.", "post")
    reader, is_new = NamedReader.objects.get_or_create(opinion=opinion, post=post, defaults={"named_by_id": actor.pk})
    if is_new:
        record(actor.pk, "opinion.open_to", opinion, after={"post": post.pk})
    return reader


@transaction.atomic
def close_to_post(opinion_id, *, post_id, actor, today):
    """Take the opening back; it ends at the reader's next request."""
    opinion = _held(opinion_id, actor)
    gone, _ = NamedReader.objects.filter(opinion=opinion, post_id=post_id).delete()
    if gone:
        record(actor.pk, "opinion.close_to", opinion, before={"post": post_id})
        forget_drafts([opinion.pk])


def _held(opinion_id, actor):
    opinion = locked(actor).filter(pk=opinion_id).first()
    if opinion is None or not may_name_readers(actor, opinion):
        raise NotAllowed(REFUSED)
    return opinion


@transaction.atomic
def hide_speaker(opinion_id, *, hides, actor, version, today):
    """Keep the speaker's name from everybody but the recording unit and the commune, or show it again."""
    opinion = locked(actor).filter(pk=opinion_id).first()
    if opinion is None or not may_hide_speaker(actor, opinion):
        raise NotAllowed("Chỉ đơn vị ghi ý kiến được chọn nêu hay không nêu tên người phản ánh.")
    check_seen(opinion, version)
    if opinion.hides_speaker == hides:
        return opinion
    step = mark(opinion, Verb.EDIT, "Không nêu tên người phản ánh." if hides else "Nêu tên người phản ánh.")
    opinion.hides_speaker = hides
    opinion.version += 1
    save([step], actor=actor, today=today)
    return opinion


def protect(opinion):
    """A complaint or denunciation: nobody but those who recorded it and the leaders above learns whose it is."""
    opinion.hides_speaker, opinion.visibility = True, Visibility.RESTRICTED
    opinion.body = None


def hush(opinion_ids):
    """What was said before these became restricted: notices keep their number alone, their basket lines close, too."""
    if not opinion_ids:
        return
    taken = BasketItem.objects.filter(opinion_id__in=opinion_ids, state=BasketState.TAKEN)
    taken.update(visibility=Visibility.RESTRICTED)
    quotes = {f"YK-{pk} “": f"YK-{pk}" for pk in opinion_ids}
    quoting = Q(pk__in=[])
    for quote in quotes:
        quoting |= Q(text__contains=quote) | Q(lines__contains=quote)
    told = list(Notice.objects.filter(quoting))
    for notice in told:
        notice.text = _unquoted(notice.text, quotes)
        notice.lines = "\n".join(_unquoted(line, quotes) for line in notice.lines.splitlines())
    Notice.objects.bulk_update(told, ["text", "lines"], batch_size=200)
    forget_drafts(opinion_ids)


def forget_drafts(opinion_ids):
    """Drop what was typed about these opinions, or quotes them, and the files kept with it, of all who may not read
    them any more; the owners are told. Few have such a draft, so their rights are asked one by one."""
    opinions = {row.pk: row for row in Opinion.objects.filter(pk__in=opinion_ids)}
    found = {}
    for row in drafts_since(min(opinion.raised_on for opinion in opinions.values())):
        for pk in [pk for pk, opinion in opinions.items() if _quotes(row, opinion)]:
            found.setdefault(row.owner_id, []).append((pk, row))
    addresses = {opinion.get_absolute_url(): pk for pk, opinion in opinions.items()}
    for row in files_below(addresses):
        pk = next(pk for address, pk in addresses.items() if row.action.startswith(address))
        found.setdefault(row.owner_id, []).append((pk, row))
    for user in User.objects.filter(pk__in=found):
        seen = set(Opinion.objects.visible_to(user).filter(pk__in=opinions).values_list("pk", flat=True))
        if lost := [row for pk, row in found[user.pk] if pk not in seen]:
            forget(lost)
            notify([user.pk], key=f"draft-gone-{'-'.join(map(str, sorted(opinions)))}", text=DRAFT_GONE)


def _quotes(draft, opinion):
    """Is a draft about an opinion, or does it hold its words?"""
    if draft.form in (f"opinion-{opinion.pk}", f"meeting-{opinion.meeting_id}"):
        return True
    if draft.address.startswith(opinion.get_absolute_url()):
        return True
    values = [text for content in contents_of(draft) for texts in content.values() for text in texts]
    return len(opinion.text) >= TELLING and any(opinion.text in plain(text) for text in [draft.title, *values])


def _unquoted(line, quotes):
    """The line up to the number, without the words that follow it."""
    for quote, number in quotes.items():
        before, found, _ = line.partition(quote)
        if found:
            return f"{before}{number} (hạn chế xem)"
    return line


def named_readers(opinion, today):
    """Those it was opened to who still hold their posts."""
    in_force = Post.objects.on(today).values("pk")
    readers = NamedReader.objects.filter(opinion=opinion, post__in=in_force)
    return list(readers.select_related("post__person", "post__unit", "post__body").order_by("pk"))


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
