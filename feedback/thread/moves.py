"""What a person does with an opinion: one public verb each, all through the one door (`door.move`).

Every verb takes the opinion's id, `actor`, the `version` the actor saw, `today`, and a note where the move needs one.
"""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import F

from core.errors import Conflict, DomainError, NotAllowed
from core.text import clean_text
from feedback.access import DECIDERS, may_move, works_at
from feedback.clocks.reads import Clock, Clocks
from feedback.enums import OpinionStatus, Satisfaction, Verb
from feedback.models import OpinionMove
from feedback.querysets import shares_answer
from feedback.routing.reads import check_branch, lower_units, sender_of, upper_unit
from feedback.rules import DISSATISFIED_LIMIT, dissatisfaction
from feedback.thread.door import (
    clear_receipt,
    give_back_to,
    locked,
    mark,
    move,
    prepare,
    save,
    send_down_to,
    send_up,
    send_up_to,
    start_receipt,
    write,
)
from feedback.thread.news import notices_of_answer
from feedback.thread.raising import bring_merged, locked_master, release_merged
from feedback.thread.readers import hush, protect
from journal.services import notify_many
from units.enums import LEVEL_ORDER, BodyKind, Level
from units.models import Body, Unit, UnitLineage
from units.naming import placed_bodies
from units.reads import places_on
from units.services import ensure_default_body

WHY_NOT = "Ghi vì sao chưa hài lòng, để cơ quan trả lời biết mà giải quyết tiếp."


@transaction.atomic
def assign_opinion(opinion_id, *, actor, version, today, body=None, due_on=None, note="", is_elsewhere=False):
    """Hand the opinion to a body of the holder or below it; no body: the holder's own committee.

    A body of another branch than the opinion's is taken with `is_elsewhere` only.
    """

    def change(opinion):
        chosen = body or ensure_default_body(opinion.holder, today)
        if not is_elsewhere:
            check_branch(opinion, chosen, places_on([chosen.unit_id], today).get(chosen.unit_id), today)
        clock = Clock(opinion.province_id, today)
        _hand_to(opinion, chosen, _holders_above(chosen, today), due_on, note, today, clock)

    return move(opinion_id, Verb.ASSIGN, actor=actor, version=version, today=today, note=note, change=change)


@transaction.atomic
def assign_many(opinion_ids, *, actor, today, body=None, due_on=None, note="", is_elsewhere=False, writing=write):
    """Assign all that can be: (opinions done, [(id, why not)]).

    Every row is checked before the first is written, so that one refusal does not stop or half-write the rest.
    """
    holders = _holders_above(body, today) if body else set()
    place = places_on([body.unit_id], today).get(body.unit_id) if body else None
    clocks = Clocks(today)
    branch = locked(actor).select_related("meeting", "holder", "province", "district", "commune")
    found = {opinion.pk: opinion for opinion in branch.filter(pk__in=opinion_ids)}

    def change(opinion):
        if body is None:
            raise DomainError("Chọn cơ quan giải quyết.", "body")
        if not is_elsewhere:
            check_branch(opinion, body, place, today)
        _hand_to(opinion, body, holders, due_on, note, today, clocks.of(opinion))

    steps, refused = [], []
    for pk in dict.fromkeys(opinion_ids):
        try:
            if pk not in found:
                raise NotAllowed("Không tìm thấy ý kiến này trong phạm vi của đồng chí.")
            steps.append(prepare(found[pk], Verb.ASSIGN, actor=actor, today=today, note=note, change=change))
        except DomainError as refusal:
            refused.append((pk, refusal.message))
    writing(steps, actor=actor, today=today)
    return [step.opinion for step in steps], refused


def unassign_opinion(opinion_id, *, actor, version, today, note=""):
    """Take the opinion back from a body that has not begun."""
    return move(opinion_id, Verb.UNASSIGN, actor=actor, version=version, today=today, note=note, change=_clear_body)


def start_opinion(opinion_id, *, actor, version, today, note=""):
    return move(opinion_id, Verb.START, actor=actor, version=version, today=today, note=note)


def schedule_opinion(opinion_id, *, actor, version, today, planned_on, note=""):
    """Plan it for a day, which is its day once it counts (`door`); it is looked at again every quarter."""

    def change(opinion):
        if planned_on is None or planned_on < today:
            raise DomainError("Nhập ngày dự kiến xong, từ hôm nay trở đi, dạng ngày/tháng/năm.", "planned_on")
        opinion.planned_on = opinion.due_on = planned_on
        opinion.review_on = Clock(opinion.province_id, today).review_on(today, planned_on)

    return move(opinion_id, Verb.SCHEDULE, actor=actor, version=version, today=today, note=note, change=change)


def answer_on_spot(opinion_id, *, actor, version, today, note=""):
    """Note that the matter was answered at the meeting after all."""
    return move(opinion_id, Verb.ANSWER_ON_SPOT, actor=actor, version=version, today=today, note=note)


def resolve_opinion(opinion_id, *, actor, version, today, note=""):
    return move(opinion_id, Verb.RESOLVE, actor=actor, version=version, today=today, note=note)


def explain_opinion(opinion_id, *, actor, version, today, note=""):
    return move(opinion_id, Verb.EXPLAIN, actor=actor, version=version, today=today, note=note)


def accept_opinion(opinion_id, *, actor, version, today, note=""):
    return move(opinion_id, Verb.ACCEPT, actor=actor, version=version, today=today, note=note)


def decline_opinion(opinion_id, *, actor, version, today, note=""):
    return move(opinion_id, Verb.DECLINE, actor=actor, version=version, today=today, note=note)


def escalate_opinion(opinion_id, *, actor, version, today, note=""):
    """Send it to the next level up that exists today: new holder, no body, a new clock. The lower level's stops."""

    def change(opinion):
        upper = upper_unit(opinion, today)
        if upper is None:
            raise DomainError("Cấp tỉnh là cấp cao nhất ở đây. Giao cơ quan cấp tỉnh làm đầu mối với Trung ương.")
        send_up_to(opinion, upper, today)

    return move(opinion_id, Verb.ESCALATE, actor=actor, version=version, today=today, note=note, change=change)


def transfer_opinion(opinion_id, *, actor, version, today, unit=None, note=""):
    """Send it down to the commune or district of its own branch whose business it is (`unit` empty: the nearest)."""

    def change(opinion):
        lower = lower_units(opinion, today)
        chosen = unit or next(iter(lower), None)
        if chosen is None or chosen.pk not in {candidate.pk for candidate in lower}:
            raise DomainError("Không có đơn vị cấp dưới của ý kiến này để chuyển đến. Giao cơ quan giải quyết.", "unit")
        if chosen.level != Level.COMMUNE and not works_at(actor, opinion.holder_id, DECIDERS):
            raise DomainError("Chỉ lãnh đạo chuyển đến cấp huyện; đồng chí trả về xã có thẩm quyền.", "unit")
        send_down_to(opinion, chosen, today)

    return move(opinion_id, Verb.TRANSFER, actor=actor, version=version, today=today, note=note, change=change)


def return_opinion(opinion_id, *, actor, version, today, note=""):
    """Send it back, with the reason, to the unit that escalated or transferred it."""

    def change(opinion):
        give_back_to(opinion, sender_of(opinion, today), today)

    return move(opinion_id, Verb.RETURN, actor=actor, version=version, today=today, note=note, change=change)


@transaction.atomic
def merge_opinion(opinion_id, *, actor, version, today, master, note=""):
    """Close it as a duplicate of `master`, which the actor sees, of the same visibility, itself no duplicate.

    What had been merged into it before goes to the new master along with it; every thread says so. Of a master that
    is answered already, those who raised it are told the answer at once.
    """
    both = {opinion.pk: opinion for opinion in locked(actor).filter(pk__in=[opinion_id, master.pk])}
    target = both.get(master.pk)

    def change(opinion):
        if target is None or target.pk == opinion.pk:
            raise DomainError("Nhập số của một ý kiến khác trong phạm vi của đồng chí, ví dụ 125.", "master")
        if target.status == OpinionStatus.DUPLICATE:
            raise DomainError(f"YK-{target.pk} cũng là ý kiến trùng. Nhập số của ý kiến gốc.", "master")
        if target.status in (OpinionStatus.REDIRECTED, OpinionStatus.WITHDRAWN):
            raise DomainError(f"YK-{target.pk} đã kết thúc mà không có kết quả để trả lời chung.", "master")
        if target.visibility != opinion.visibility:
            raise DomainError("Chỉ gộp hai ý kiến có cùng phạm vi xem.", "master")
        if not shares_answer(opinion, target):
            raise DomainError("Ý kiến hạn chế xem chỉ gộp với ý kiến do cùng một đơn vị ghi.", "master")
        opinion.master = target

    opinion = move(opinion_id, Verb.MERGE, actor=actor, version=version, today=today, note=note, change=change)
    followed = bring_merged(opinion, target)
    into = [mark(target, Verb.MERGED_IN, f"YK-{each.pk}") for each in (opinion, *(step.opinion for step in followed))]
    save([*followed, *into], actor=actor, today=today)
    for each in (opinion, *(step.opinion for step in followed)):
        if each.answering:
            notify_many(notices_of_answer(each, actor=actor, today=today))
    return opinion


@transaction.atomic
def redirect_opinion(opinion_id, *, actor, version, today, note=""):
    """A complaint or denunciation: other laws, so it leaves this product with the guidance given, its author hidden."""
    opinion = move(opinion_id, Verb.REDIRECT, actor=actor, version=version, today=today, note=note, change=protect)
    hush([opinion.pk])
    release_merged([opinion], today)
    return opinion


@transaction.atomic
def withdraw_opinion(opinion_id, *, actor, version, today, note=""):
    """Taken back by those who raised it; what others raised and was merged into it becomes theirs again."""
    opinion = move(opinion_id, Verb.WITHDRAW, actor=actor, version=version, today=today, note=note)
    release_merged([opinion], today)
    return opinion


def reopen_opinion(opinion_id, *, actor, version, today, note=""):
    """Take a closed opinion up again with a new clock; the first day it was settled is kept."""
    return _reopen(opinion_id, Verb.REOPEN, actor=actor, version=version, today=today, note=note)


def unmerge_opinion(opinion_id, *, actor, version, today, note=""):
    """Take a duplicate out of its master again: a matter of its own, with a new clock. Both threads say so."""
    return _reopen(opinion_id, Verb.UNMERGE, actor=actor, version=version, today=today, note=note)


@transaction.atomic
def _reopen(opinion_id, verb, *, actor, version, today, note):
    master = locked_master(opinion_id, actor)

    def change(opinion):
        clock = Clock(opinion.province_id, today)
        opinion.due_on = clock.due_on(today, opinion.competence, opinion.topic_id)
        clear_receipt(opinion)

    opinion = move(opinion_id, verb, actor=actor, version=version, today=today, note=note, change=change)
    if master:
        save([mark(master, Verb.SPLIT_OFF, f"YK-{opinion.pk}")], actor=actor, today=today)
    return opinion


@transaction.atomic
def confirm_opinion(opinion_id, *, actor, version, today, satisfaction, note=""):
    """Write down what those who raised it say of the answer; the second "chưa hài lòng" moves it up by itself.

    Who is not satisfied says why. Of a matter that was merged into another, the thread of the other says so, too: its
    holder gave the answer.
    """
    master = locked_master(opinion_id, actor)

    def change(opinion):
        if satisfaction not in Satisfaction.values:
            raise DomainError("Chọn mức hài lòng.", "satisfaction")
        if satisfaction == Satisfaction.NOT and not note.strip():
            raise DomainError(WHY_NOT, "note")
        said = (opinion.satisfaction, opinion.confirmed_on)
        opinion.dissatisfied_count = dissatisfaction(opinion.dissatisfied_count, *said, satisfaction, today)
        opinion.satisfaction, opinion.confirmed_on = satisfaction, today

    opinion = move(opinion_id, Verb.CONFIRM, actor=actor, version=version, today=today, note=note, change=change)
    if master and satisfaction == Satisfaction.NOT:
        write([mark(master, Verb.OBJECT, f"YK-{opinion.pk}: {clean_text(note)}")], actor=actor, today=today)
    if satisfaction == Satisfaction.NOT and opinion.dissatisfied_count >= DISSATISFIED_LIMIT:
        send_up(opinion, today)
        if master:
            save([mark(master, Verb.SPLIT_OFF, f"YK-{opinion.pk}")], actor=None, today=today)
    return opinion


def comment_opinion(opinion_id, *, actor, version, today, note=""):
    """A word in the thread; nothing else changes."""
    return move(opinion_id, Verb.COMMENT, actor=actor, version=version, today=today, note=note)


def assignable_bodies(actor, opinion, today):
    """The bodies the opinion's holder may give it to, nearest first."""
    if not may_move(actor, opinion, Verb.ASSIGN):
        return Body.objects.none()
    below = UnitLineage.objects.filter(ancestor_id=opinion.holder_id).on(today).values("unit_id")
    return Body.objects.on(today).filter(unit_id__in=below).select_related("unit").order_by("unit__level", "sort_key")


def _holders_above(body, today):
    """Ids of the units that may give work to a body: its own and those above it today; none if it has ended."""
    if not Body.objects.on(today).filter(pk=body.pk).exists():
        return set()
    return set(UnitLineage.objects.filter(unit_id=body.unit_id).on(today).values_list("ancestor_id", flat=True))


def _hand_to(opinion, body, holders, due_on, note, today, clock):
    """A body and perhaps a due day; a body that is new to the matter owes a word that it was received."""
    if opinion.holder_id not in holders:
        raise DomainError("Chọn cơ quan của đơn vị đang giữ ý kiến hoặc của đơn vị trực thuộc.", "body")
    is_assigned = opinion.status == OpinionStatus.ASSIGNED and opinion.body_id == body.pk
    if is_assigned and due_on in (None, opinion.due_on):
        raise DomainError(f"Ý kiến đã được giao cho {body.name}. Muốn nhắc thêm, dùng “Chỉ đạo, trao đổi”.", "body")
    if opinion.body_id != body.pk:
        start_receipt(opinion, clock, today)
    opinion.body = body
    _set_due(opinion, due_on, note, today, clock)


def _clear_body(opinion):
    opinion.body = None
    clear_receipt(opinion)


def _set_due(opinion, due_on, note, today, clock):
    """The given day, or the one there was; a later day than before needs its reason, and the door asks who agrees."""
    if due_on is None or due_on == opinion.due_on:
        return
    if due_on < today:
        raise DomainError("Hạn giải quyết phải từ hôm nay trở đi.", "due_on")
    due_on = clock.roll_forward(due_on)
    if due_on > opinion.due_on and not note.strip():
        raise DomainError("Nhập lý do gia hạn vào phần nội dung.", "note")
    opinion.due_on = due_on


@dataclass(frozen=True)
class OwnerProposal:
    """`body` is whose matter it is said to be; the committee of another unit stands for that unit."""

    body: Body
    note: str
    actor_name: str
    words: str


def owners_for(opinion, today):
    """(units above and below of its branch, bodies of the holder and the next level) that may be proposed."""
    upper = upper_unit(opinion, today)
    units = [unit for unit in (upper, *lower_units(opinion, today)) if unit is not None]
    order = LEVEL_ORDER.index(opinion.holder.level)
    below = UnitLineage.objects.filter(ancestor_id=opinion.holder_id).on(today).values("unit_id")
    bodies = Body.objects.on(today).filter(unit_id__in=below, unit__level__in=LEVEL_ORDER[order : order + 2])
    bodies = bodies.exclude(pk=opinion.body_id) if opinion.body_id else bodies
    return units, bodies.select_related("unit").order_by("unit__level", "sort_key")


@transaction.atomic
def disclaim_opinion(opinion_id, *, actor, version, today, owner=None, note=""):
    """`owner` is a Body or a Unit. The step of the thread keeps the proposed body; a unit is kept as its committee."""
    opinion = _locked(opinion_id, actor)
    body = _checked_owner(opinion, owner, today)
    if opinion.body_id is None:
        return _pass_on(opinion, body, actor=actor, version=version, today=today, note=note)
    opinion = move(opinion_id, Verb.DISCLAIM, actor=actor, version=version, today=today, note=note, change=_put_down)
    step = OpinionMove.objects.filter(opinion=opinion, verb=Verb.DISCLAIM).order_by("-pk").first()
    OpinionMove.objects.filter(pk=step.pk).update(body=body)
    return opinion


def proposal_of(opinion, today):
    """The proposal that waits for the holder, or None: the last change of an opinion that nobody has taken since."""
    if opinion.status != OpinionStatus.RECORDED:
        return None
    changes = opinion.moves.exclude(before="").exclude(before=F("after")).select_related("body__unit")
    last = changes.order_by("-at", "-pk").first()
    if last is None or last.verb != Verb.DISCLAIM or last.body is None:
        return None
    return OwnerProposal(last.body, last.note, last.actor_name, _words(opinion, last.body, today))


@transaction.atomic
def accept_proposal(opinion_id, *, actor, version, today):
    """Do what was proposed: assign, send up or send down, with the body's reason in the thread."""
    opinion = _locked(opinion_id, actor)
    proposal = proposal_of(opinion, today)
    if proposal is None:
        raise Conflict("Đề nghị này đã được xử lý hoặc không còn. Xem diễn biến mới nhất của ý kiến.")
    note = f"Theo đề nghị của {proposal.actor_name}: {proposal.note}"
    return _pass_on(opinion, proposal.body, actor=actor, version=version, today=today, note=note)


def _locked(opinion_id, actor):
    opinion = locked(actor).filter(pk=opinion_id).first()
    if opinion is None:
        raise NotAllowed("Không tìm thấy ý kiến này, hoặc ý kiến không còn thuộc phạm vi của đồng chí.")
    return opinion


def _pass_on(opinion, body, *, actor, version, today, note):
    facts = {"actor": actor, "version": version, "today": today, "note": note}
    way = _way(opinion, body)
    if way == Verb.ESCALATE:
        return escalate_opinion(opinion.pk, **facts)
    if way == Verb.TRANSFER:
        return transfer_opinion(opinion.pk, unit=body.unit, **facts)
    return assign_opinion(opinion.pk, body=body, is_elsewhere=True, **facts)  # the proposal named the place


def _way(opinion, body):
    """Up to another level, down to a unit itself (its committee), or to a body of the branch."""
    holder, other = (LEVEL_ORDER.index(unit.level) for unit in (opinion.holder, body.unit))
    if other < holder:
        return Verb.ESCALATE
    return Verb.TRANSFER if other > holder and body.kind == BodyKind.GOV else Verb.ASSIGN


def _words(opinion, body, today):
    verbs = {Verb.ESCALATE: "Chuyển lên", Verb.TRANSFER: "Chuyển xuống", Verb.ASSIGN: "Giao"}
    way = _way(opinion, body)
    return f"{verbs[way]} {placed_bodies([body], today)[body.pk] if way == Verb.ASSIGN else body.unit.name}"


def _checked_owner(opinion, owner, today):
    """The proposed body; only of the opinion's own branch."""
    units, bodies = owners_for(opinion, today)
    if isinstance(owner, Unit) and owner in units:
        return ensure_default_body(owner, today)
    if isinstance(owner, Body) and bodies.filter(pk=owner.pk).exists():
        return owner
    raise DomainError("Chọn cơ quan hoặc cấp có thẩm quyền giải quyết.", "owner")


def _put_down(opinion):
    opinion.body = None
    clear_receipt(opinion)
