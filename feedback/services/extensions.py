"""A later day for an answer: taken with a reason where the rules let it be, else asked for and decided by another."""

from django.db import transaction
from django.utils import timezone

from core.errors import DomainError, NotAllowed
from feedback.access import answers_for, may_decide_extension
from feedback.clocks import Clock
from feedback.enums import ExtensionKind, ExtensionState, OpinionStatus, Verb
from feedback.models import Extension
from feedback.rules import Agreement
from feedback.services.door import REASON_LIMIT, STATE, locked, move, whose_agreement
from people.selectors import title_of

_TOO_LONG = f"Lý do gia hạn viết trong {REASON_LIMIT} ký tự."


@transaction.atomic
def extend_opinion(opinion_id, new_due_on, reason, *, actor, version, today):
    """Give the opinion more time, or ask for it where somebody must agree; returns the Extension.

    The new day is rolled forward to a working day. What is asked for changes nothing until it is granted.
    """
    opinion = locked(actor).filter(pk=opinion_id).first()
    asks = opinion is not None and extension_agreement(opinion, actor, today) != Agreement.NOBODY

    def change(opinion):
        if len(reason.strip()) > REASON_LIMIT:
            raise DomainError(_TOO_LONG, "note")
        extend_to(opinion, new_due_on, today)

    words = reason
    if asks and reason.strip() and new_due_on:
        day = Clock(opinion.province_id, today).roll_forward(new_due_on)
        words = f"Đề nghị gia hạn đến ngày {day:%d/%m/%Y}: {reason}"
    verb = Verb.ASK_EXTENSION if asks else Verb.EXTEND
    move(opinion_id, verb, actor=actor, version=version, today=today, note=words, change=change)
    made = Extension.objects.filter(opinion_id=opinion_id).latest("pk")
    if asks:
        made.reason = reason.strip()
        made.save(update_fields=["reason"])
    return made


def extend_to(opinion, new_due_on, today):
    """The change of an extension: a later day, rolled forward to a working one."""
    opinion.due_on = _later_day(opinion, new_due_on, today)


def extension_agreement(opinion, actor, today):
    """Whose agreement the actor's wish for more time needs; for an opinion that was read by `door.locked`."""
    before = {name: getattr(opinion, name) for name in STATE}
    return whose_agreement(opinion, ExtensionKind.EXTENSION, before, answers_for(actor, opinion), today)


def _later_day(opinion, day, today):
    """The working day on or after the given one, when it is really later."""
    if day is None or day <= opinion.due_on or day < today:
        raise DomainError(f"Hạn mới phải sau hạn cũ {opinion.due_on:%d/%m/%Y} và từ hôm nay trở đi.", "new_due_on")
    return Clock(opinion.province_id, today).roll_forward(day)


@transaction.atomic
def decide_extension(opinion_id, is_granted, note="", *, actor, version, today):
    """Grant or refuse what is asked for; only those above the unit, or the holder when its body asks."""
    decided = []

    def change(opinion):
        asked = Extension.objects.filter(opinion=opinion, state=ExtensionState.PENDING).select_related("holder").first()
        if asked is None:
            raise DomainError("Không còn đề nghị gia hạn nào chờ quyết định. Tải lại trang.")
        if not may_decide_extension(actor, opinion, asked):
            raise NotAllowed("Đề nghị này do cấp trên của nơi đề nghị quyết định.")
        if is_granted:
            opinion.due_on = _later_day(opinion, asked.new_due_on, today)
            if opinion.status == OpinionStatus.SCHEDULED:
                opinion.planned_on = opinion.due_on
        decided.append(asked)

    verb = Verb.GRANT_EXTENSION if is_granted else Verb.REFUSE_EXTENSION
    move(opinion_id, verb, actor=actor, version=version, today=today, note=note, change=change)
    asked = decided[0]
    asked.state = ExtensionState.GRANTED if is_granted else ExtensionState.REFUSED
    asked.decided_by_id, asked.decided_at, asked.decision_note = actor.pk, timezone.now(), note.strip()[:REASON_LIMIT]
    asked.decided_by_name = title_of(actor, today)[:200]
    asked.save(update_fields=["state", "decided_by_id", "decided_by_name", "decided_at", "decision_note"])
    return asked


def grant_extension(opinion_id, *, actor, version, today, note=""):
    return decide_extension(opinion_id, True, note, actor=actor, version=version, today=today)


def refuse_extension(opinion_id, *, actor, version, today, note=""):
    return decide_extension(opinion_id, False, note, actor=actor, version=version, today=today)
