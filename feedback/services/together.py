"""What a person does with many opinions at once, and with the views of the desk that lead to them."""

from django.db import transaction

from core.activity import record
from core.errors import DomainError, NotAllowed
from core.text import clean_name
from feedback.enums import Verb
from feedback.models import SavedFilter
from feedback.services.door import locked, prepare, write

MOST_FILTERS = 20


@transaction.atomic
def comment_many(opinion_ids, *, actor, today, note):
    """The same instruction into each thread: (opinions told, [(id, why not)]). Checked row by row, written together."""
    found = {opinion.pk: opinion for opinion in locked(actor).filter(pk__in=opinion_ids)}
    steps, refused = [], []
    for pk in dict.fromkeys(opinion_ids):
        try:
            if pk not in found:
                raise NotAllowed("Không tìm thấy ý kiến này trong phạm vi của đồng chí.")
            steps.append(prepare(found[pk], Verb.COMMENT, actor=actor, today=today, note=note))
        except DomainError as refusal:
            refused.append((pk, refusal.message))
    write(steps, actor=actor, today=today)
    return [step.opinion for step in steps], refused


@transaction.atomic
def save_filter(name, query, *, actor):
    """Keep a view of the desk under a name; the same name again is the new view."""
    name = clean_name(name)[:80]
    if not name:
        raise DomainError("Đặt tên cho bộ lọc, ví dụ “Đất đai quá hạn”.", "name")
    if len(query) > SavedFilter._meta.get_field("query").max_length:
        raise DomainError("Bộ lọc này quá dài để lưu. Bỏ bớt điều kiện rồi lưu lại.", "name")
    own = SavedFilter.objects.filter(user=actor)
    if own.exclude(name=name).count() >= MOST_FILTERS:
        raise DomainError(f"Mỗi người lưu nhiều nhất {MOST_FILTERS} bộ lọc. Xóa bớt bộ lọc không dùng nữa.", "name")
    kept, _ = own.update_or_create(name=name, defaults={"user": actor, "query": query})
    record(actor.pk, "filter.save", kept)
    return kept


@transaction.atomic
def drop_filter(pk, *, actor):
    """One's own; somebody else's is as if it were missing."""
    for kept in SavedFilter.objects.filter(user=actor, pk=pk):
        record(actor.pk, "filter.drop", kept)
        kept.delete()
