"""What is done on the way to an answer: the word of receipt, the steps, the quarterly look at a plan."""

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from core.errors import Conflict, DomainError, NotAllowed
from core.text import clean_name, clean_text
from feedback.access import answers_for, may_decide_extension
from feedback.clocks.reads import Clock
from feedback.enums import ExtensionKind, ExtensionState, OpinionStatus, Verb
from feedback.models import Extension, Milestone, Opinion, Support
from feedback.routing.reads import upper_unit
from feedback.rules import Agreement
from feedback.thread.door import REASON_LIMIT, STATE, locked, move, whose_agreement
from feedback.thread.moves import assignable_bodies
from feedback.thread.news import excerpt_of
from journal.services import notify
from people.reads import title_of, users_of_bodies
from units.scoping import scope_of

STEP_LIMIT = 300
MOST_STEPS = 20


def receipt_opinion(opinion_id, *, actor, version, today, note=""):
    """Say that the matter was received, to those who sent it and those who raised it."""

    def change(opinion):
        if opinion.receipt_due_on is None:
            raise DomainError("Ý kiến này được ghi ngay tại đơn vị nên không phải thông báo tiếp nhận.")
        if opinion.receipted_on is not None:
            raise DomainError(f"Đã thông báo tiếp nhận ngày {opinion.receipted_on:%d/%m/%Y}.")

    return move(opinion_id, Verb.RECEIPT, actor=actor, version=version, today=today, note=note, change=change)


def review_plan(opinion_id, *, actor, version, today, planned_on=None, note=""):
    """Look at a plan again: it stands, or gets another day once it counts; the next look is a quarter later."""

    def change(opinion):
        day = planned_on or opinion.planned_on
        if day is None or day < today:
            raise DomainError("Ngày dự kiến xong đã qua. Nhập ngày mới, từ hôm nay trở đi.", "planned_on")
        if day != opinion.planned_on:
            opinion.planned_on = opinion.due_on = day
        seen = max(today, opinion.review_on or today)
        opinion.review_on = Clock(opinion.province_id, today).review_on(seen, day)

    return move(opinion_id, Verb.REVIEW_PLAN, actor=actor, version=version, today=today, note=note, change=change)


@transaction.atomic
def add_step(opinion_id, text, due_on=None, *, actor, version, today):
    """Name a step on the way, perhaps with its day; returns the Milestone."""
    text = clean_name(text)

    def change(opinion):
        if not text or len(text) > STEP_LIMIT:
            raise DomainError(f"Nhập mốc việc cần xong, trong {STEP_LIMIT} ký tự.", "text")
        if due_on is not None and due_on < today:
            raise DomainError("Ngày dự kiến xong của mốc phải từ hôm nay trở đi.", "due_on")
        if opinion.milestones.count() >= MOST_STEPS:
            raise DomainError(f"Mỗi ý kiến ghi nhiều nhất {MOST_STEPS} mốc việc.", "text")

    move(opinion_id, Verb.ADD_STEP, actor=actor, version=version, today=today, note=text, change=change)
    return Milestone.objects.create(opinion_id=opinion_id, text=text, due_on=due_on, made_by_id=actor.pk)


@transaction.atomic
def finish_step(opinion_id, *, actor, version, today, milestone_id=None, note=""):
    """A part is done: a named step, or what the note says; the matter itself stays in progress."""
    named = []

    def change(opinion):
        if milestone_id is None:
            return
        step = opinion.milestones.filter(pk=milestone_id, done_on=None).first()
        if step is None:
            raise DomainError("Mốc việc này không còn chờ làm. Tải lại trang.", "milestone_id")
        named.append(step)

    opinion = move(opinion_id, Verb.PROGRESS, actor=actor, version=version, today=today, note=note, change=change)
    for step in named:
        step.done_on = today
        step.save(update_fields=["done_on"])
    if not named:
        text = clean_name(note)[:STEP_LIMIT]
        Milestone.objects.create(opinion_id=opinion_id, text=text, done_on=today, made_by_id=actor.pk)
    return opinion


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


MOST_ASKED = 10
"""Bodies that may be asked at one time for one opinion."""


@transaction.atomic
def ask_support(opinion_id, *, actor, version, today, body, due_on, note=""):
    """Ask a body of the holder's branch to help; from now on its accounts read the opinion, restricted or not."""

    def change(opinion):
        _check_asked(opinion, body, due_on, actor, today)

    opinion = move(opinion_id, Verb.ASK_SUPPORT, actor=actor, version=version, today=today, note=note, change=change)
    Support.objects.create(
        opinion=opinion,
        body=body,
        request=clean_text(note),
        due_on=due_on,
        asked_on=today,
        asked_by_id=actor.pk,
    )
    _tell_body(opinion, body.pk, f"Đề nghị phối hợp, hạn {due_on:%d/%m/%Y}", actor, today)
    return opinion


@transaction.atomic
def reply_support(support_id, *, actor, version, today, note=""):
    """The asked body says its part; the holder and the lead body are told."""
    support = _locked(support_id, version, actor)
    if support.body_id not in scope_of(actor).body_ids(writing=True):
        raise NotAllowed("Chỉ cơ quan được đề nghị phối hợp mới trả lời được.")
    opinion = move(support.opinion_id, Verb.REPLY_SUPPORT, actor=actor, version=None, today=today, note=note)
    support.reply, support.replied_on = clean_text(note), today
    _save(support, "reply", "replied_on")
    return opinion


@transaction.atomic
def withdraw_support(support_id, *, actor, version, today, note=""):
    """The holder asks no longer; the body does not see the opinion any more."""
    support = _locked(support_id, version, actor)
    opinion = move(support.opinion_id, Verb.WITHDRAW_SUPPORT, actor=actor, version=None, today=today, note=note)
    support.withdrawn_on = today
    _save(support, "withdrawn_on")
    _tell_body(opinion, support.body_id, "Thôi đề nghị phối hợp", actor, today, is_gone=True)
    return opinion


def supports_of(opinion, user):
    """What was asked and not withdrawn, with what the user may do; an asked body reads the others' parts, too."""
    bodies = scope_of(user).body_ids(writing=True)
    rows = list(opinion.supports.filter(withdrawn_on=None).select_related("body"))
    for row in rows:
        row.is_own = row.body_id in bodies
    return rows


def _check_asked(opinion, body, due_on, actor, today):
    if body is None or not assignable_bodies(actor, opinion, today).filter(pk=body.pk).exists():
        raise DomainError("Chọn cơ quan của đơn vị đang giữ ý kiến hoặc của đơn vị trực thuộc.", "body")
    if body.pk == opinion.body_id:
        raise DomainError("Cơ quan này đang chủ trì giải quyết. Chọn cơ quan khác để phối hợp.", "body")
    if due_on is None or due_on < today:
        raise DomainError("Nhập hạn phối hợp từ hôm nay trở đi, dạng ngày/tháng/năm.", "due_on")
    pending = list(opinion.supports.filter(withdrawn_on=None, replied_on=None).values_list("body_id", flat=True))
    if body.pk in pending:
        raise DomainError("Đã đề nghị cơ quan này phối hợp và đang chờ trả lời.", "body")
    if len(pending) >= MOST_ASKED:
        raise DomainError(f"Đang chờ {MOST_ASKED} cơ quan phối hợp. Chờ trả lời hoặc thôi đề nghị bớt.", "body")


def _locked(support_id, version, actor):
    """The row, locked after its opinion, as every move does it."""
    opinion_id = Support.objects.filter(pk=support_id).values_list("opinion_id", flat=True).first()
    if locked(actor).filter(pk=opinion_id).first() is None:
        raise NotAllowed("Không tìm thấy đề nghị phối hợp này.")
    support = Support.objects.select_for_update(of=("self",)).get(pk=support_id)
    if support.version != version or support.replied_on or support.withdrawn_on:
        raise Conflict("Đề nghị phối hợp vừa được trả lời hoặc đã thôi. Xem lại rồi thực hiện nếu vẫn cần.")
    return support


def _save(support, *names):
    support.version += 1
    support.save(update_fields=[*names, "version"])


def _tell_body(opinion, body_id, words, actor, today, is_gone=False):
    """One notice to the accounts of a body; one that is asked no longer is told the number alone."""
    name = f"ý kiến số YK-{opinion.pk}" if is_gone else excerpt_of(opinion.pk, opinion.text, opinion.visibility)
    users = [pk for pk in users_of_bodies([body_id], today).get(body_id, ()) if pk != actor.pk]
    key, url = f"opinion-{opinion.pk}-{opinion.version}", reverse("opinion_detail", args=[opinion.pk])
    notify(users, key=key, text=f"{words}: {name}", url=url)


MOST = 200


def pending_extension(opinion):
    """The request that waits for a decision, or None."""
    waiting = Extension.objects.filter(opinion=opinion, state=ExtensionState.PENDING)
    return waiting.select_related("holder").first()


def extensions_to_decide(user, limit=6):
    """Requests that wait for this very user, oldest first; one query, however many there are."""
    visible = Opinion.objects.visible_to(user).unresolved()
    waiting = Extension.objects.filter(state=ExtensionState.PENDING, opinion__in=visible)
    rows = waiting.select_related("opinion__holder", "holder").order_by("asked_at", "pk")[:MOST]
    return [row for row in rows if may_decide_extension(user, row.opinion, row)][:limit]


class Awaited:
    """The later days that an act leaves waiting for somebody's agreement: made before the act, asked after it.

    `of` says which requests are meant, as filters of Extension: `opinion=7`, `opinion__matter=3`.
    """

    def __init__(self, **of):
        self._of = of
        self._before = set(self._rows().values_list("pk", flat=True))

    def _rows(self):
        return Extension.objects.filter(state=ExtensionState.PENDING, **self._of)

    def sentences(self, today):
        """What the actor must know: which day does not count yet, and whose word it waits for."""
        branch = [f"opinion__{level}" for level in ("province", "district", "commune")]
        groups = {}
        for row in self._rows().exclude(pk__in=self._before).select_related("holder", *branch).order_by("pk"):
            key = row.holder_id, row.opinion.province_id, row.opinion.district_id, row.needs_above
            groups.setdefault(key, []).append(row)
        return [_awaited_words(rows, today) for rows in groups.values()]


def _awaited_words(rows, today):
    row, who = rows[0], who_agrees(rows[0], today)
    if len(rows) > 1:
        return f"{len(rows)} ý kiến: hạn mới chờ {who} đồng ý; đến khi đó vẫn tính theo hạn cũ."
    return (
        f"YK-{row.opinion_id}: hạn mới {row.new_due_on:%d/%m/%Y} chờ {who} đồng ý; "
        f"đến khi đó vẫn tính theo hạn {row.old_due_on:%d/%m/%Y}."
    )


def who_agrees(row, today):
    """The unit whose leaders decide it (`access.may_decide_extension`)."""
    if not row.needs_above:
        return f"lãnh đạo {row.holder.name}"
    upper = upper_unit(row.opinion, today, row.holder)
    return upper.name if upper else f"một lãnh đạo khác của {row.holder.name}"
