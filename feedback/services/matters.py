"""Matters: the same thing raised in several places, grouped with its history. Who joins, who leaves."""

from django.db import transaction

from core.activity import record
from core.errors import Conflict, DomainError, NotAllowed
from core.text import clean_name, fold
from feedback.access import STAFF, works_at
from feedback.enums import GROUPS, ReportGroup, Verb
from feedback.models import Matter, Opinion, Topic
from feedback.rules import check_content
from feedback.services.door import enter, locked, mark, save
from units.enums import LEVEL_ORDER
from units.scoping import scope_of

BRANCH = ("province_id", "district_id", "commune_id")
MOST_MEMBERS = 200
UNSEEN = "Không tìm thấy ý kiến này trong phạm vi của đồng chí."


@transaction.atomic
def create_matter(title, topic_id, opinion_ids, *, actor, today, request_id=None):
    """Group opinions of the actor's branch under a title: (matter, [(id, why not)]). Sent twice, it is made once."""
    request_id = f"{actor.pk}-{request_id}"[:64] if request_id else None
    known = Matter.objects.filter(request_id=request_id).first() if request_id else None
    if known:
        return known, []
    opinions, refused = _joining(opinion_ids, actor)
    unit_id, level = keeper_of(opinions, actor)
    matter = Matter(unit_id=unit_id, level=level, created_by_id=actor.pk, created_on=today, request_id=request_id)
    _name(matter, title, topic_id, today)
    _lay_over(matter, opinions)
    matter.save(force_insert=True)
    record(actor.pk, "matter.create", matter, after={"opinions": [opinion.pk for opinion in opinions]})
    _regroup(opinions, matter, Verb.GROUP, matter.title, actor, today)
    return matter, refused


@transaction.atomic
def edit_matter(matter_id, title, topic_id, *, actor, version, today):
    """Another title or field."""
    matter = kept(matter_id, actor, version)
    before = {"topic": matter.topic_id}
    _name(matter, title, topic_id, today)
    save_matter(matter, "title", "search_text", "topic")
    record(actor.pk, "matter.edit", matter, before, {"topic": matter.topic_id})
    return matter


@transaction.atomic
def add_opinions(matter_id, opinion_ids, *, actor, version, today):
    """More opinions of the keeping unit's branch: (matter, [(id, why not)])."""
    matter = kept(matter_id, actor, version)
    members = Opinion.objects.filter(matter=matter).count()
    opinions, refused = _joining(opinion_ids, actor, matter=matter)
    if members + len(opinions) > MOST_MEMBERS:
        raise DomainError(f"Một vấn đề gộp nhiều nhất {MOST_MEMBERS} ý kiến. Lập thêm vấn đề khác.", "numbers")
    _lay_over(matter, [matter, *opinions] if members else opinions)
    save_matter(matter, "province", "district", "commune")
    record(actor.pk, "matter.add", matter, after={"opinions": [opinion.pk for opinion in opinions]})
    _regroup(opinions, matter, Verb.GROUP, matter.title, actor, today)
    return matter, refused


@transaction.atomic
def remove_opinion(matter_id, opinion_id, *, actor, version, today, note=""):
    """It goes its own way again; its thread keeps both steps."""
    matter = kept(matter_id, actor, version)
    opinions = list(locked(actor).filter(matter=matter, pk=opinion_id))
    if not opinions:
        raise NotAllowed(UNSEEN)
    save_matter(matter)
    record(actor.pk, "matter.remove", matter, after={"opinions": [opinion_id]})
    _regroup(opinions, None, Verb.UNGROUP, note or matter.title, actor, today)
    return matter


def keeper_of(opinions, actor):
    """(id, level) of the lowest unit the actor works for whose branch holds all the opinions."""
    grants = [grant for grant in scope_of(actor).grants if _keeps(grant)]
    for grant in sorted(grants, key=lambda grant: -LEVEL_ORDER.index(grant.level)):
        if all(grant.covers(opinion) for opinion in opinions):
            return grant.unit_id, grant.level
    raise NotAllowed("Đồng chí chỉ gộp được ý kiến thuộc địa bàn đơn vị mình.")


def kept(matter_id, actor, version):
    """The matter, locked, that the actor's unit keeps, as it was shown."""
    matter = seen(matter_id, actor, version)
    if not works_at(actor, matter.unit_id):
        raise NotAllowed("Chỉ đơn vị đang giữ vấn đề được thêm, bớt ý kiến hoặc sửa tên vấn đề.")
    return matter


def seen(matter_id, actor, version):
    """The matter, locked, that the actor sees, as it was shown."""
    visible = Matter.objects.visible_to(actor).select_for_update(of=("self",))
    matter = visible.filter(pk=matter_id).first()
    if matter is None:
        raise NotAllowed("Không tìm thấy vấn đề này trong phạm vi của đồng chí.")
    if version != matter.version:
        raise Conflict("Vấn đề vừa được người khác cập nhật. Xem lại các ý kiến rồi thực hiện lại nếu vẫn cần.")
    return matter


def save_matter(matter, *names):
    """Save what changed; every act makes a new version."""
    matter.version += 1
    matter.save(update_fields=[*names, "version"])


def _keeps(grant):
    return grant.writes and grant.role in STAFF.get(grant.level, ())


def _name(matter, title, topic_id, today):
    title = clean_name(title)
    if not title or len(title) > 250:
        raise DomainError("Đặt tên vấn đề trong 250 ký tự, ví dụ “Nước sạch các thôn ven biển”.", "title")
    try:
        check_content(title)
    except DomainError as refusal:
        raise DomainError(refusal.message, "title") from None
    known = matter.topic_id == topic_id
    if not known and not Topic.objects.choices_on(today).filter(pk=topic_id).exists():
        raise DomainError("Chọn lĩnh vực trong danh sách.", "topic")
    matter.title, matter.search_text, matter.topic_id = title, fold(title)[:300], topic_id


def _joining(opinion_ids, actor, matter=None):
    """(opinions that may join, [(id, why not)]); refused when none may."""
    ids = list(dict.fromkeys(opinion_ids))
    if not 1 <= len(ids) <= MOST_MEMBERS:
        raise DomainError(f"Chọn từ 1 đến {MOST_MEMBERS} ý kiến để gộp.", "numbers")
    found = {opinion.pk: opinion for opinion in locked(actor).filter(pk__in=ids)}
    why_not = {pk: _why_not(found.get(pk), actor, matter) for pk in ids}
    opinions = [found[pk] for pk in ids if not why_not[pk]]
    refused = [(pk, reason) for pk, reason in why_not.items() if reason]
    if not opinions:
        raise DomainError(" ".join(f"YK-{pk}: {reason}" for pk, reason in refused[:5]), "numbers")
    return opinions, refused


def _why_not(opinion, actor, matter):
    """Why an opinion may not join; empty when it may."""
    if opinion is None:
        return UNSEEN
    if opinion.is_restricted:
        return "Ý kiến hạn chế xem không gộp chung với ý kiến khác."
    if opinion.matter_id:
        return "Ý kiến đã thuộc một vấn đề. Đưa ra khỏi vấn đề đó trước."
    if opinion.status in GROUPS[ReportGroup.EXCLUDED]:
        return f"Ý kiến đang ở trạng thái “{opinion.get_status_display()}” nên không gộp được."
    grants = [
        grant for grant in scope_of(actor).grants if _keeps(grant) and matter and matter.unit_id in grant.unit_ids
    ]
    if matter and not any(grant.covers(opinion) for grant in grants):
        return "Ý kiến không thuộc địa bàn của đơn vị giữ vấn đề."
    return ""


def _lay_over(matter, places):
    """The branch columns that all places have in common."""
    for name in BRANCH:
        values = {getattr(place, name) for place in places}
        setattr(matter, name, values.pop() if len(values) == 1 else None)


def _regroup(opinions, matter, verb, note, actor, today):
    """Set the group of the opinions and write the step into each thread."""
    steps = []
    for opinion in opinions:
        step = mark(opinion, verb, note)
        opinion.matter = matter
        enter(step, opinion.status, today)
        steps.append(step)
    Opinion.objects.filter(pk__in=[opinion.pk for opinion in opinions]).update(matter=matter)
    save(steps, actor=actor, today=today)
