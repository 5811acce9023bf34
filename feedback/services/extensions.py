"""More time for an answer: the first is taken with a reason, every further one is asked for and decided above."""

from types import SimpleNamespace

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from core.errors import DomainError, NotAllowed
from feedback.clocks import Clock
from feedback.enums import ExtensionState, Verb
from feedback.extensions import is_bodys, may_decide
from feedback.models import Extension
from feedback.services.door import locked, move
from feedback.services.news import excerpt_of, leaders_above
from journal.services import notify

REASON_LIMIT = 500
_NO_REASON = "Nhập lý do gia hạn."
_TOO_LONG = f"Lý do gia hạn viết trong {REASON_LIMIT} ký tự."


class Extending:
    """The extensions that assignments bring with them: the first of an opinion is granted, another refused."""

    def __init__(self, opinion_ids, actor):
        refused = Extension.objects.exclude(state=ExtensionState.REFUSED)
        self._known = set(refused.filter(opinion_id__in=opinion_ids).values_list("opinion_id", flat=True))
        self._actor, self._rows = actor, []

    def take(self, opinion, due_on, note):
        if not note.strip():
            raise DomainError("Nhập lý do gia hạn vào phần nội dung.", "note")
        if opinion.pk in self._known:
            raise DomainError(
                "Ý kiến này đã được gia hạn một lần. Giữ hạn cũ khi giao; muốn thêm ngày, dùng “Gia hạn” để "
                "cấp trên quyết định.",
                "due_on",
            )
        self._rows.append(_granted(opinion, due_on, note, self._actor))

    def save(self):
        Extension.objects.bulk_create(self._rows)


def _granted(opinion, due_on, note, actor):
    return Extension(
        opinion=opinion,
        old_due_on=opinion.due_on,
        new_due_on=due_on,
        reason=note.strip()[:REASON_LIMIT],
        state=ExtensionState.GRANTED,
        asked_by_id=actor.pk,
        decided_at=timezone.now(),
    )


@transaction.atomic
def extend_opinion(opinion_id, new_due_on, reason, *, actor, version, today):
    """Give the opinion more time, or ask for it when it had some before; returns the Extension.

    The new day is rolled forward to a working day. What is asked for changes nothing until it is granted.
    """
    opinion = locked(actor).filter(pk=opinion_id).first()
    before = Extension.objects.filter(opinion_id=opinion_id).exclude(state=ExtensionState.REFUSED)
    asks = before.exists()
    made = Extension(opinion_id=opinion_id, reason=reason.strip(), asked_by_id=actor.pk)

    def change(opinion):
        if len(made.reason) > REASON_LIMIT:
            raise DomainError(_TOO_LONG, "note")
        if asks and before.filter(state=ExtensionState.PENDING).exists():
            raise DomainError("Đã có một đề nghị gia hạn đang chờ quyết định. Chờ cấp trên trả lời rồi đề nghị tiếp.")
        made.old_due_on, made.new_due_on = opinion.due_on, _later_day(opinion, new_due_on, today)
        if not asks:
            made.state, made.decided_at = ExtensionState.GRANTED, timezone.now()
            opinion.due_on = made.new_due_on

    verb = Verb.ASK_EXTENSION if asks else Verb.EXTEND
    words = reason
    if asks and reason.strip() and opinion and new_due_on:
        day = Clock(opinion.province_id, today).roll_forward(new_due_on)
        words = f"Đề nghị gia hạn đến ngày {day:%d/%m/%Y}: {reason}"
    move(opinion_id, verb, actor=actor, version=version, today=today, note=words, change=change)
    made.save()
    if asks:
        _tell_deciders(made, opinion, actor, today)
    return made


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
        asked = Extension.objects.filter(opinion=opinion, state=ExtensionState.PENDING).first()
        if asked is None:
            raise DomainError("Không còn đề nghị gia hạn nào chờ quyết định. Tải lại trang.")
        if not may_decide(actor, opinion, asked, today):
            raise NotAllowed("Đề nghị này do cấp trên của nơi đề nghị quyết định.")
        if is_granted:
            opinion.due_on = _later_day(opinion, asked.new_due_on, today)
        decided.append(asked)

    verb = Verb.GRANT_EXTENSION if is_granted else Verb.REFUSE_EXTENSION
    move(opinion_id, verb, actor=actor, version=version, today=today, note=note, change=change)
    asked = decided[0]
    asked.state = ExtensionState.GRANTED if is_granted else ExtensionState.REFUSED
    asked.decided_by_id, asked.decided_at, asked.decision_note = actor.pk, timezone.now(), note.strip()[:REASON_LIMIT]
    asked.save(update_fields=["state", "decided_by_id", "decided_at", "decision_note"])
    return asked


def grant_extension(opinion_id, *, actor, version, today, note=""):
    return decide_extension(opinion_id, True, note, actor=actor, version=version, today=today)


def refuse_extension(opinion_id, *, actor, version, today, note=""):
    return decide_extension(opinion_id, False, note, actor=actor, version=version, today=today)


def _tell_deciders(asked, opinion, actor, today):
    """The holder's staff are told by the move itself; a unit's own request goes to the leaders above it."""
    if is_bodys(asked, opinion, today):
        return
    row = SimpleNamespace(
        pk=opinion.pk,
        holder__level=opinion.holder.level,
        district_id=opinion.district_id,
        province_id=opinion.province_id,
    )
    users = [user for user in leaders_above([row], today)[opinion.pk] if user != actor.pk]
    text = f"Đề nghị gia hạn, chờ quyết định: {excerpt_of(opinion.pk, opinion.text, opinion.visibility)}"
    notify(users, key=f"extension-{asked.pk}", text=text, url=reverse("opinion_detail", args=[opinion.pk]))
