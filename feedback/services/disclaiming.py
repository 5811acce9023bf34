"""“Không thuộc thẩm quyền”: nobody puts a matter down without saying whose it is.

A body hands it back to the holder with a proposed owner and the reason; a holder passes it on to the owner at once.
"""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import F

from core.errors import Conflict, DomainError, NotAllowed
from feedback.branches import lower_units, upper_unit
from feedback.enums import OpinionStatus, Verb
from feedback.models import OpinionMove
from feedback.services.door import locked, move
from feedback.services.holding import clear_receipt
from feedback.services.moves import assign_opinion, escalate_opinion, transfer_opinion
from units.enums import LEVEL_ORDER, BodyKind
from units.models import Body, Unit, UnitLineage
from units.naming import placed_bodies
from units.services import ensure_default_body


@dataclass(frozen=True)
class Proposal:
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
    return units, bodies.select_related("unit").order_by("unit__level", "name")


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
    return Proposal(last.body, last.note, last.actor_name, _words(opinion, last.body, today))


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
