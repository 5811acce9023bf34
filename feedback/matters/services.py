"""Matters: the same thing raised in several places, grouped with its history. Who joins, who leaves."""

from dataclasses import dataclass, field
from functools import partial

from django.db import transaction
from django.urls import reverse

from core.activity import record
from core.errors import Conflict, DomainError, NotAllowed
from core.text import clean_name, fold
from feedback.access import DECIDERS, STAFF, answers_for, may_comment, may_move, may_take_up, works_at
from feedback.clocks.reads import Clocks
from feedback.enums import GROUPS, ReportGroup, Verb, Visibility
from feedback.models import Matter, Opinion, Topic
from feedback.routing.reads import upper_unit
from feedback.rules import Agreement, check_content, check_move
from feedback.thread.door import enter, locked, make, mark, prepare, save, send_up_to
from feedback.thread.moves import assign_many
from feedback.thread.news import notices_of, notices_of_merged
from feedback.thread.steps import extend_to, extension_agreement
from journal.services import notify_many
from units.enums import LEVEL_ORDER
from units.scoping import scope_of
from units.services import ensure_default_body

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


ANSWERS = (Verb.RESOLVE, Verb.EXPLAIN, Verb.ACCEPT, Verb.DECLINE)
PLACES_OF_A_MEMBER = ("holder", "province", "district", "commune")


@dataclass
class Outcome:
    """What an act on a matter did: opinions done, opinions only told, and [(id, why not)]."""

    done: list = field(default_factory=list)
    told: list = field(default_factory=list)
    refused: list = field(default_factory=list)


@transaction.atomic
def answer_matter(matter_id, verb, note, *, actor, version, today):
    """One answer for every open opinion of the matter that the actor may answer.

    What a lower level of the branch still holds is brought up to who holds the matter; what the actor's unit holds
    without having taken it on is received, as a single opinion would be. What lies elsewhere is not taken: its thread
    gets the answer as a word, where the actor may say one, and its holder closes it.
    """
    if verb not in ANSWERS:
        raise DomainError("Chọn hình thức trả lời.", "verb")
    matter, opinions = _open_members(matter_id, actor, version)
    outcome, own, others = Outcome(), [], []
    _bring_up(matter, opinions, STAFF, actor, today)
    for opinion in opinions:
        (own if may_move(actor, opinion, verb) else others).append(opinion)
    _receive(own, verb, matter, actor, today)
    answers = _prepared(own, partial(prepare, verb=verb, actor=actor, today=today, note=note), outcome)
    word = f"Trả lời chung cho vấn đề “{matter.title}”: {note}" if note.strip() else ""
    comment = partial(prepare, verb=Verb.COMMENT, actor=actor, today=today, note=word)
    words = _prepared([opinion for opinion in others if may_comment(actor, opinion)], comment, outcome)
    outcome.done = [step.opinion for step in answers]
    outcome.told = [step.opinion for step in words]
    told = {opinion.pk for opinion in outcome.told}
    outcome.refused += [(o.pk, f"Đang do {o.holder.name} giữ.") for o in others if o.pk not in told]
    _finish(matter, [*answers, *words], verb, outcome, actor, today)
    return outcome


@transaction.atomic
def escalate_matter(matter_id, note, *, actor, version, today):
    """Every open opinion goes one level up, and the group with them; those that lower levels hold come along."""
    matter, opinions = _open_members(matter_id, actor, version)
    _bring_up(matter, opinions, DECIDERS, actor, today)
    clocks, outcome, uppers = Clocks(today), Outcome(), set()

    def change(opinion):
        upper = upper_unit(opinion, today)
        if upper is None:
            raise DomainError("Cấp tỉnh là cấp cao nhất ở đây. Giao cơ quan cấp tỉnh làm đầu mối với Trung ương.")
        send_up_to(opinion, upper, today, clocks.of(opinion))
        uppers.add(upper)

    up = partial(prepare, verb=Verb.ESCALATE, actor=actor, today=today, note=note, change=change)
    steps = _prepared(opinions, up, outcome)
    outcome.done = [step.opinion for step in steps]
    if len(uppers) == 1:
        matter.unit = uppers.pop()
        matter.level = matter.unit.level
    _finish(matter, steps, Verb.ESCALATE, outcome, actor, today)
    return outcome


@transaction.atomic
def assign_matter(matter_id, body, *, actor, version, today, due_on=None, note="", is_elsewhere=False):
    """Every open opinion is handed to one body; those that lower levels hold come up first."""
    matter, opinions = _open_members(matter_id, actor, version)
    _bring_up(matter, opinions, STAFF, actor, today)
    outcome, written = Outcome(), []

    def write_together(steps, *, actor, today):
        save(steps, actor=actor, today=today)
        written.extend(steps)

    outcome.done, outcome.refused = assign_many(
        [opinion.pk for opinion in opinions],
        **{"actor": actor, "today": today, "body": body, "due_on": due_on, "note": note},
        is_elsewhere=is_elsewhere,
        writing=write_together,
    )
    _finish(matter, written, Verb.ASSIGN, outcome, actor, today, is_saved=True)
    return outcome


def _open_members(matter_id, actor, version):
    """(matter, its open opinions that the actor sees), locked; what was restricted since is answered apart."""
    matter = seen(matter_id, actor, version)
    members = locked(actor).select_related("meeting", *PLACES_OF_A_MEMBER).filter(matter=matter, is_open=True)
    opinions, heirs = list(members.exclude(visibility=Visibility.RESTRICTED)), {}
    for opinion in opinions:
        branch = (opinion.province_id, opinion.district_id, opinion.commune_id)
        opinion.__dict__["_heirs"] = heirs.setdefault(branch, {})
    if not opinions:
        raise DomainError("Vấn đề không còn ý kiến nào chờ giải quyết.")
    return matter, opinions


@transaction.atomic
def extend_matter(matter_id, new_due_on, note, *, actor, version, today):
    """One later day for every open opinion that has an earlier one, each by its own rule of who must agree."""
    matter, opinions = _open_members(matter_id, actor, version)
    outcome = Outcome()

    def extend(opinion):
        if not (may_move(actor, opinion, Verb.EXTEND) or may_take_up(actor, matter, opinion)):
            raise NotAllowed(f"Đang do {opinion.holder.name} giữ.")
        is_asked = extension_agreement(opinion, actor, today) != Agreement.NOBODY
        verb = Verb.ASK_EXTENSION if is_asked else Verb.EXTEND
        change = partial(extend_to, new_due_on=new_due_on, today=today)
        step = make(opinion, verb, today=today, note=note.strip(), change=change, from_body=answers_for(actor, opinion))
        (outcome.told if is_asked else outcome.done).append(opinion)
        return step

    _finish(matter, _prepared(opinions, extend, outcome), Verb.EXTEND, outcome, actor, today)
    return outcome


def _bring_up(matter, opinions, roles, actor, today):
    """Move what lower levels of the branch hold to who holds the matter, with a line in each thread of its own."""
    clocks, steps = Clocks(today), []
    note = f"Đưa lên {matter.unit.name} để giải quyết chung vấn đề “{matter.title}”."
    for opinion in opinions:
        if may_take_up(actor, matter, opinion, roles):
            change = partial(send_up_to, unit=matter.unit, today=today, clock=clocks.of(opinion))
            steps.append(make(opinion, Verb.ESCALATE, today=today, note=note, change=change))
    save(steps, actor=actor, today=today)


def _receive(opinions, verb, matter, actor, today):
    """Take on what the map of moves would not let be answered straight away: its own committee has it now."""
    bodies, steps = {}, []

    def change(opinion):
        if opinion.holder_id not in bodies:
            bodies[opinion.holder_id] = ensure_default_body(opinion.holder, today)
        opinion.body = bodies[opinion.holder_id]

    for opinion in opinions:
        try:
            check_move(verb, opinion.status, "x")
        except DomainError:
            if may_move(actor, opinion, Verb.ASSIGN):
                note = f"Tiếp nhận để trả lời chung cho vấn đề “{matter.title}”."
                steps.append(prepare(opinion, Verb.ASSIGN, actor=actor, today=today, note=note, change=change))
    save(steps, actor=actor, today=today)


def _prepared(opinions, prepare_one, outcome):
    """Steps of those that can; the others are named with the reason. A wrong note stops the whole act."""
    steps = []
    for opinion in opinions:
        try:
            steps.append(prepare_one(opinion))
        except DomainError as refusal:
            if refusal.field == "note" and not isinstance(refusal, NotAllowed):
                raise
            outcome.refused.append((opinion.pk, refusal.message))
    return steps


def _finish(matter, steps, verb, outcome, actor, today, is_saved=False):
    """Save what was prepared and tell each person once; nothing done is a refusal that says why."""
    if not steps:
        reasons = " ".join(f"YK-{pk}: {reason}" for pk, reason in outcome.refused[:3])
        raise DomainError(f"Chưa thực hiện được với ý kiến nào. {reasons}")
    if not is_saved:
        save(steps, actor=actor, today=today)
    save_matter(matter, "unit", "level")
    done = {"done": [opinion.pk for opinion in outcome.done], "told": [opinion.pk for opinion in outcome.told]}
    record(actor.pk, f"matter.{verb.value}", matter, after=done)
    _tell_once(matter, verb, notices_of(steps, actor=actor, today=today))
    notify_many(notices_of_merged(steps, actor=actor, today=today))


def _tell_once(matter, verb, rows):
    """Of several notices to one person, one that names the matter and leads to that person's opinions of it."""
    by_person = {}
    for row in rows:
        by_person.setdefault(row[0], []).append(row)
    url, key = f"{reverse('opinion_list')}?trang-thai=all&van-de={matter.pk}", f"matter-{matter.pk}-{matter.version}"
    told = []
    for user_id, found in by_person.items():
        words = f"{verb.label} chung {len(found)} ý kiến của vấn đề “{matter.title}”."
        told.append(found[0] if len(found) == 1 else (user_id, key, words, url))
    notify_many(told)
