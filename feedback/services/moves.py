"""What a person does with an opinion: one public verb each, all through the one door (`door.move`).

Every verb takes the opinion's id, `actor`, the `version` the actor saw, `today`, and a note where the move needs one.
"""

from django.db import transaction

from core.errors import DomainError, NotAllowed
from feedback.access import may_move
from feedback.branches import lower_units, sender_of, upper_unit
from feedback.clocks import Clock
from feedback.enums import OpinionStatus, Satisfaction, Verb
from feedback.services.door import locked, move, prepare, write
from units.models import Body, UnitLineage
from units.services import ensure_default_body


def assign_opinion(opinion_id, *, actor, version, today, body=None, due_on=None, note=""):
    """Hand the opinion to a body of the holder or of its branch; no body: the holder's own committee."""

    def change(opinion):
        chosen = body or ensure_default_body(opinion.holder, today)
        _set_body(opinion, chosen, _holders_above(chosen, today), due_on)
        _set_due(opinion, due_on, note, today)

    return move(opinion_id, Verb.ASSIGN, actor=actor, version=version, today=today, note=note, change=change)


@transaction.atomic
def assign_many(opinion_ids, *, actor, today, body=None, due_on=None, note=""):
    """Assign all that can be: (opinions done, [(id, why not)]).

    Every row is checked before the first is written, so that one refusal does not stop or half-write the rest.
    """
    holders = _holders_above(body, today) if body else set()
    found = {opinion.pk: opinion for opinion in locked(actor).filter(pk__in=opinion_ids)}
    steps, refused = [], []
    for pk in dict.fromkeys(opinion_ids):
        try:
            steps.append(_prepared_assignment(found.get(pk), actor, today, body, holders, due_on, note))
        except DomainError as refusal:
            refused.append((pk, refusal.message))
    write(steps, actor=actor, today=today)
    return [step.opinion for step in steps], refused


def _prepared_assignment(opinion, actor, today, body, holders, due_on, note):
    if opinion is None:
        raise NotAllowed("Không tìm thấy ý kiến này trong phạm vi của đồng chí.")

    def change(opinion):
        if body is None:
            raise DomainError("Chọn cơ quan giải quyết.", "body")
        _set_body(opinion, body, holders, due_on)
        _set_due(opinion, due_on, note, today)

    return prepare(opinion, Verb.ASSIGN, actor=actor, today=today, note=note, change=change)


def unassign_opinion(opinion_id, *, actor, version, today, note=""):
    """Take the opinion back from a body that has not begun."""
    return move(opinion_id, Verb.UNASSIGN, actor=actor, version=version, today=today, note=note, change=_clear_body)


def start_opinion(opinion_id, *, actor, version, today, note=""):
    return move(opinion_id, Verb.START, actor=actor, version=version, today=today, note=note)


def schedule_opinion(opinion_id, *, actor, version, today, planned_on, note=""):
    """Plan it for a day; until then it is not overdue."""

    def change(opinion):
        if planned_on is None or planned_on < today:
            raise DomainError("Nhập ngày dự kiến xong, từ hôm nay trở đi, dạng ngày/tháng/năm.", "planned_on")
        opinion.planned_on = planned_on

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
    """Send it to the next level up that exists today: new holder, no body, a new clock."""

    def change(opinion):
        upper = upper_unit(opinion, today)
        if upper is None:
            raise DomainError("Cấp tỉnh là cấp cao nhất ở đây. Giao cơ quan cấp tỉnh làm đầu mối với Trung ương.")
        _hold(opinion, upper, today)

    return move(opinion_id, Verb.ESCALATE, actor=actor, version=version, today=today, note=note, change=change)


def transfer_opinion(opinion_id, *, actor, version, today, unit=None, note=""):
    """Send it down to the commune or district of its own branch whose business it is (`unit` empty: the nearest)."""

    def change(opinion):
        lower = lower_units(opinion, today)
        chosen = unit or next(iter(lower), None)
        if chosen is None or chosen.pk not in {candidate.pk for candidate in lower}:
            raise DomainError("Không có đơn vị cấp dưới của ý kiến này để chuyển đến. Giao cơ quan giải quyết.", "unit")
        _hold(opinion, chosen, today)

    return move(opinion_id, Verb.TRANSFER, actor=actor, version=version, today=today, note=note, change=change)


def return_opinion(opinion_id, *, actor, version, today, note=""):
    """Send it back, with the reason, to the unit that escalated or transferred it."""

    def change(opinion):
        _hold(opinion, sender_of(opinion, today), today)

    return move(opinion_id, Verb.RETURN, actor=actor, version=version, today=today, note=note, change=change)


@transaction.atomic
def merge_opinion(opinion_id, *, actor, version, today, master, note=""):
    """Close it as a duplicate of `master`, which the actor sees, of the same visibility, itself no duplicate."""
    both = {opinion.pk: opinion for opinion in locked(actor).filter(pk__in=[opinion_id, master.pk])}
    target = both.get(master.pk)

    def change(opinion):
        if target is None or target.pk == opinion.pk:
            raise DomainError("Nhập số của một ý kiến khác trong phạm vi của đồng chí, ví dụ 125.", "master")
        if target.status == OpinionStatus.DUPLICATE:
            raise DomainError(f"YK-{target.pk} cũng là ý kiến trùng. Nhập số của ý kiến gốc.", "master")
        if target.visibility != opinion.visibility:
            raise DomainError("Chỉ gộp hai ý kiến có cùng phạm vi xem.", "master")
        opinion.master_id = target.pk

    return move(opinion_id, Verb.MERGE, actor=actor, version=version, today=today, note=note, change=change)


def redirect_opinion(opinion_id, *, actor, version, today, note=""):
    """A complaint or denunciation: other laws, so it leaves this product with the guidance given."""
    return move(opinion_id, Verb.REDIRECT, actor=actor, version=version, today=today, note=note)


def withdraw_opinion(opinion_id, *, actor, version, today, note=""):
    return move(opinion_id, Verb.WITHDRAW, actor=actor, version=version, today=today, note=note)


def reopen_opinion(opinion_id, *, actor, version, today, note=""):
    """Take a closed opinion up again with a new clock; the first day it was settled is kept."""

    def change(opinion):
        clock = Clock(opinion.province_id, today)
        opinion.due_on = clock.due_on(today, opinion.competence, opinion.topic_id)

    return move(opinion_id, Verb.REOPEN, actor=actor, version=version, today=today, note=note, change=change)


def confirm_opinion(opinion_id, *, actor, version, today, satisfaction, note=""):
    """Write down what those who raised it say of the answer."""

    def change(opinion):
        if satisfaction not in Satisfaction.values:
            raise DomainError("Chọn mức hài lòng.", "satisfaction")
        opinion.satisfaction, opinion.confirmed_on = satisfaction, today

    return move(opinion_id, Verb.CONFIRM, actor=actor, version=version, today=today, note=note, change=change)


def comment_opinion(opinion_id, *, actor, version, today, note=""):
    """A word in the thread; nothing else changes."""
    return move(opinion_id, Verb.COMMENT, actor=actor, version=version, today=today, note=note)


def assignable_bodies(actor, opinion, today):
    """The bodies the opinion's holder may give it to, nearest first."""
    if not may_move(actor, opinion, Verb.ASSIGN):
        return Body.objects.none()
    below = UnitLineage.objects.filter(ancestor_id=opinion.holder_id).on(today).values("unit_id")
    return Body.objects.on(today).filter(unit_id__in=below).select_related("unit").order_by("unit__level", "name")


def _holders_above(body, today):
    """Ids of the units that may give work to a body: its own and those above it today; none if it has ended."""
    if not Body.objects.on(today).filter(pk=body.pk).exists():
        return set()
    return set(UnitLineage.objects.filter(unit_id=body.unit_id).on(today).values_list("ancestor_id", flat=True))


def _set_body(opinion, body, holders, due_on):
    if opinion.holder_id not in holders:
        raise DomainError("Chọn cơ quan của đơn vị đang giữ ý kiến hoặc của đơn vị trực thuộc.", "body")
    is_assigned = opinion.status == OpinionStatus.ASSIGNED and opinion.body_id == body.pk
    if is_assigned and due_on in (None, opinion.due_on):
        raise DomainError(f"Ý kiến đã được giao cho {body.name}. Muốn nhắc thêm, dùng “Chỉ đạo, trao đổi”.", "body")
    opinion.body = body


def _clear_body(opinion):
    opinion.body = None


def _set_due(opinion, due_on, note, today):
    """The given day, or the one there was; a later day than before needs its reason."""
    if due_on is None:
        return
    if due_on < today:
        raise DomainError("Hạn giải quyết phải từ hôm nay trở đi.", "due_on")
    if due_on > opinion.due_on and not note.strip():
        raise DomainError("Nhập lý do gia hạn vào phần nội dung.", "note")
    opinion.due_on = due_on


def _hold(opinion, unit, today):
    """Another level holds it from now on: no body yet, and the days of that level."""
    opinion.holder, opinion.body = unit, None
    clock = Clock(opinion.province_id, today)
    opinion.due_on = clock.due_on(today, unit.level, opinion.topic_id)
