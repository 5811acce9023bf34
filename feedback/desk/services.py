"""What a person does with many opinions at once, and with the views of the desk that lead to them."""

from collections import defaultdict

from django.db import transaction
from django.urls import reverse

from core.activity import record
from core.errors import Conflict, DomainError, NotAllowed
from core.text import clean_name, clean_text
from feedback.access import works_at
from feedback.enums import Verb, Visibility
from feedback.models import BoardPoint, SavedFilter
from feedback.thread.door import locked, prepare, save, write
from feedback.thread.news import notices_of, shorten
from journal.services import notify_many
from people.reads import title_of, users_with_roles

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
def direct_point(point_id, text, *, document, directed_on, actor, version, today):
    """What was said from above of a point of the Ban Dân vận's report: into the thread of each of its open opinions.

    Every office and village that asked is told once; the opinions stay open until their holders answer.
    """
    points = BoardPoint.objects.select_for_update(of=("self",)).select_related("paper__unit")
    point = points.filter(pk=point_id, paper__cancelled_on=None).first()
    if point is None or not works_at(actor, point.paper.unit_id):
        raise NotAllowed("Chỉ thường trực cấp ủy và Ban Dân vận của đơn vị báo cáo ghi được ý kiến chỉ đạo.")
    if version != point.version:
        raise Conflict("Điểm này vừa được người khác ghi ý kiến chỉ đạo. Xem lại rồi ghi tiếp nếu vẫn cần.")
    if not point.paper.signed_on <= directed_on <= today:
        first = f"{point.paper.signed_on:%d/%m/%Y}"
        raise DomainError(f"Ngày chỉ đạo phải từ ngày báo cáo {first} đến hôm nay.", "directed_on")
    point.direction, point.direction_document, point.directed_on = clean_text(text), clean_name(document), directed_on
    point.directed_by_name, point.version = title_of(actor, today)[:200], version + 1
    source = f" ({point.direction_document})" if point.direction_document else ""
    note = f"Ý kiến chỉ đạo ngày {directed_on:%d/%m/%Y}{source} về Báo cáo số {point.paper.symbol}: {point.direction}"
    members = locked(actor).filter(board_points=point, is_open=True).exclude(visibility=Visibility.RESTRICTED)
    steps = [prepare(opinion, Verb.COMMENT, actor=actor, today=today, note=note) for opinion in members]
    save(steps, actor=actor, today=today)
    point.save()
    record(actor.pk, "board.direct", point, after={"opinions": [step.opinion.pk for step in steps]})
    notify_many(_told_once(point, steps, actor, today))
    return point


def _told_once(point, steps, actor, today):
    """One notice a person, those of the villages that asked included."""
    opinions = {step.opinion.village_id: step.opinion for step in steps if step.opinion.village_id}
    villagers = users_with_roles(set(opinions), ("village",), today) if opinions else {}
    urls = {user: opinions[unit_id].get_absolute_url() for unit_id, users in villagers.items() for user in users}
    found = defaultdict(list)
    for user_id, _, _, url in notices_of(steps, actor=actor, today=today):
        found[user_id].append(url)
    for user_id, own in found.items():
        together = f"{reverse('opinion_list')}?trang-thai=all&van-de={point.matter_id}"
        urls.setdefault(user_id, own[0] if len(own) == 1 or point.matter_id is None else together)
    words = f"Cấp trên cho ý kiến chỉ đạo về “{shorten(point.title)}”: {shorten(point.direction)}"
    return [(user_id, f"board-point-{point.pk}-{point.version}", words, url) for user_id, url in sorted(urls.items())]


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
