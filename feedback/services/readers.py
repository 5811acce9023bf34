"""Who may read an opinion and whose name they see: opened to a post by name, kept from those above, made restricted."""

from django.db import transaction
from django.db.models import Q

from core.activity import record
from core.errors import DomainError, NotAllowed
from feedback.discretion import may_hide_speaker, may_name_readers
from feedback.enums import BasketState, Verb, Visibility
from feedback.models import BasketItem, NamedReader
from feedback.services.door import check_seen, locked, mark, save
from journal.models import Notice
from people.models import Post
from units.models import UnitLineage

REFUSED = "Chỉ lãnh đạo đơn vị đang giữ ý kiến hạn chế xem được mở cho người khác xem."


def posts_to_name(opinion, today):
    """Posts of the holder's own branch that an account rides on: at the holder, and at the place it is about."""
    places = [opinion.holder_id, opinion.unit_id, opinion.district_id, opinion.commune_id, opinion.village_id]
    below = UnitLineage.objects.filter(ancestor_id=opinion.holder_id, unit_id__in=places).on(today).values("unit_id")
    posts = Post.objects.on(today).filter(Q(unit_id__in=below) | Q(unit_id=opinion.holder_id))
    posts = posts.exclude(role__in=("", "admin")).filter(person__users__is_active=True).distinct()
    return posts.select_related("person", "unit", "body").order_by("unit__level", "unit__name", "pk")


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
