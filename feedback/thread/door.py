"""The one door through which an opinion changes its state: `move` for one, `write` for many prepared steps."""

from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.utils import timezone

from core.activity import record_many
from core.errors import Conflict, DomainError, NotAllowed
from core.text import clean_text
from feedback.access import answers_for, may_move
from feedback.clocks.reads import Clock
from feedback.enums import ANSWERED, ASKED_FOR, UNRESOLVED, ExtensionKind, ExtensionState, OpinionStatus, Verb
from feedback.models import Extension, Opinion, OpinionMove, Support
from feedback.routing.reads import upper_unit
from feedback.rules import (
    ACKNOWLEDGES,
    Agreement,
    agreement_for,
    check_content,
    check_move,
    days_late,
    is_overdue,
    standing_waits,
)
from feedback.tallies import recompute_all, tally_key
from feedback.thread.news import tell
from people.reads import title_of
from units.enums import BodyKind
from units.reads import with_origins

STATE = (
    *("status", "holder_id", "body_id", "due_on", "planned_on", "satisfaction", "master_id"),
    *("receipt_due_on", "receipted_on", "waiting_from", "waited_days", "review_on", "shown_above_on"),
    *("dissatisfied_count", "visibility", "hides_speaker", "promised_on", "late_days"),
)
SAVED = [
    *(name.removesuffix("_id") for name in STATE),
    *("is_open", "answer", "settled_on", "first_settled_on", "confirmed_on", "flagged_on", "version"),
]
TALLIED = ("status", "satisfaction")
REASON_LIMIT = 500
DUES = ("due_on", "planned_on")
BRINGS_DAY = {
    Verb.EXTEND: ExtensionKind.EXTENSION,
    Verb.ASK_EXTENSION: ExtensionKind.EXTENSION,
    Verb.SCHEDULE: ExtensionKind.PLAN,
    Verb.REVIEW_PLAN: ExtensionKind.PLAN,
    Verb.ASSIGN: ExtensionKind.REASSIGNMENT,
    Verb.ESCALATE: ExtensionKind.ESCALATION,
    Verb.TRANSFER: ExtensionKind.ESCALATION,
    Verb.RETURN: ExtensionKind.WAIT,
    Verb.REOPEN: ExtensionKind.REOPENING,
    Verb.UNMERGE: ExtensionKind.REOPENING,
}
"""Every verb that may bring a later day, and what that day is called; granting brings the one that was asked for."""


@dataclass
class Step:
    """One prepared move: the opinion already changed in memory, how it was before, and the later day it brought."""

    opinion: Opinion
    verb: Verb
    note: str
    before: dict = field(default_factory=dict)
    from_body: bool = False
    later: Extension | None = None


@transaction.atomic
def move(opinion_id, verb, *, actor, version, today, note="", change=None):
    """Take one opinion through one move, or refuse.

    In this order, in one transaction: the row is locked; the version is what the actor saw (else Conflict); the
    actor may; the map of moves allows it; `change(opinion)` sets what belongs to the verb; status, move, tallies,
    notices and activity log are written.
    """
    opinion = locked(actor).filter(pk=opinion_id).first()
    if opinion is None:
        raise NotAllowed("Không tìm thấy ý kiến này, hoặc ý kiến không còn thuộc phạm vi của đồng chí.")
    check_seen(opinion, version)
    step = prepare(opinion, verb, actor=actor, today=today, note=note, change=change)
    write([step], actor=actor, today=today)
    return opinion


def check_seen(opinion, version):
    """Refuse when somebody else came first; None: whoever asks saw no version."""
    if version is not None and version != opinion.version:
        raise Conflict(
            f"Ý kiến vừa được người khác xử lý, nay đã ở trạng thái “{opinion.get_status_display()}”. "
            "Xem diễn biến mới nhất rồi thực hiện lại nếu vẫn cần; phần đồng chí đã nhập vẫn còn."
        )


def locked(actor):
    """The opinions the actor sees, locked until the end of the transaction, always in the same order."""
    queryset = Opinion.objects.visible_to(actor).select_related("meeting", "holder")
    asked = Extension.objects.filter(opinion=OuterRef("pk")).exclude(state=ExtensionState.REFUSED)
    queryset = queryset.annotate(
        had_more_time=Exists(asked.filter(kind__in=ASKED_FOR)),
        awaits_day=Exists(asked.filter(state=ExtensionState.PENDING)),
    )
    return queryset.select_for_update(of=("self",)).order_by("pk")


def prepare(opinion, verb, *, actor, today, note="", change=None):
    """Check one move and make it in memory; nothing is written yet."""
    check_right(actor, opinion, verb)
    from_body = verb in BRINGS_DAY and answers_for(actor, opinion)
    return make(opinion, verb, today=today, note=_checked(note), change=change, from_body=from_body)


def check_right(actor, opinion, verb):
    """Refuse those who may not, whatever the state; views ask before they read a form."""
    if not may_move(actor, opinion, verb):
        raise NotAllowed(f"Đồng chí không có quyền “{Verb(verb).label}” với ý kiến này.")


def make(opinion, verb, *, today, note="", change=None, from_body=False):
    """One move in memory, when the map allows it, without asking who acts: for `prepare`, and for the system itself."""
    after = check_move(verb, opinion.status, note)
    step = mark(opinion, verb, note)
    step.from_body = from_body
    if change is not None:
        change(opinion)
    enter(step, after, today)
    return step


def mark(opinion, verb, note=""):
    """A line of the thread about an opinion as it is; what happens to it after that is the step's effect."""
    return Step(opinion, verb, note, {name: getattr(opinion, name) for name in STATE})


def enter(step, after, today):
    """Put the opinion into a status with everything that follows from it."""
    opinion, before = step.opinion, step.before
    opinion.status, opinion.is_open = after, after in UNRESOLVED
    if after != before["status"]:
        if after in ANSWERED:
            opinion.answer, opinion.settled_on = step.note, today
            opinion.first_settled_on = opinion.first_settled_on or today
        elif after in UNRESOLVED:
            opinion.answer, opinion.settled_on, opinion.satisfaction, opinion.confirmed_on = "", None, "", None
            opinion.master_id = None
        if after != OpinionStatus.SCHEDULED:
            opinion.planned_on = opinion.review_on = None
    _judge_day(step, today)
    _keep_lateness(step, today)
    _turn_clocks(step, today)
    opinion.version += 1


def _judge_day(step, today):
    """A later day than there was counts at once, or is asked for and the day stays: no verb gets around this.

    Either way it becomes a row. Whoever decides it later goes through here, too, by granting it.
    """
    opinion, before = step.opinion, step.before
    if opinion.due_on <= before["due_on"] or step.verb == Verb.GRANT_EXTENSION:
        return
    kind = BRINGS_DAY[step.verb]
    agreement = whose_agreement(opinion, kind, before, step.from_body, today)
    is_asked = agreement != Agreement.NOBODY or step.verb == Verb.ASK_EXTENSION
    if is_asked and kind in ASKED_FOR and opinion.awaits_day:
        raise DomainError(
            "Đã có một đề nghị hạn mới đang chờ quyết định. Quyết định đề nghị đó trước, hoặc giữ hạn cũ."
        )
    step.later = Extension(
        opinion=opinion,
        kind=kind,
        holder_id=before["holder_id"],
        old_due_on=before["due_on"],
        new_due_on=opinion.due_on,
        reason=step.note.strip()[:REASON_LIMIT],
        state=ExtensionState.PENDING if is_asked else ExtensionState.GRANTED,
        needs_above=agreement == Agreement.ABOVE,
        asked_on=today,
        decided_at=None if is_asked else timezone.now(),
    )
    if is_asked:
        opinion.due_on, opinion.planned_on = before["due_on"], before["planned_on"]


def whose_agreement(opinion, kind, before, from_body, today):
    """Who must agree to a later day of an opinion that was as `before` says."""
    facts = (before["status"], before["due_on"], today, before["planned_on"], opinion.kind)
    return agreement_for(
        kind,
        is_late=is_overdue(*facts) or before["late_days"] > 0,
        is_own=kind in ASKED_FOR and is_own_matter(opinion),
        is_first=kind in ASKED_FOR and not had_more_time(opinion),
        from_body=from_body,
    )


def had_more_time(opinion):
    """Had it another day that was asked for, or waits for one? `locked` reads it with the row."""
    known = vars(opinion).get("had_more_time")
    asked = Extension.objects.filter(opinion=opinion, kind__in=ASKED_FOR).exclude(state=ExtensionState.REFUSED)
    return asked.exists() if known is None else known


def is_own_matter(opinion):
    """Does no body have it but the holder's own committee?"""
    body = opinion.body
    return body is None or (body.kind == BodyKind.GOV and body.unit_id == opinion.holder_id)


def _keep_lateness(step, today):
    """What had passed unanswered when the matter was closed or its day moved stays known for good."""
    opinion, before = step.opinion, step.before
    was_open, due_on = before["status"] in UNRESOLVED, before["due_on"]
    if not was_open and opinion.is_open:
        opinion.promised_on = opinion.due_on
    opinion.promised_on = min(opinion.promised_on, opinion.due_on)
    if not opinion.has_deadline or not was_open:
        return
    if opinion.due_on != due_on and is_overdue(before["status"], due_on, today, before["planned_on"], opinion.kind):
        opinion.late_days = max(opinion.late_days, days_late(due_on, today))
    if not opinion.is_open:
        opinion.late_days = max(opinion.late_days, days_late(opinion.promised_on, today))


def _turn_clocks(step, today):
    """What every move does to the marks of the clocks, whatever else its verb has set."""
    opinion, before = step.opinion, step.before
    if opinion.receipt_due_on and not opinion.receipted_on and (step.verb in ACKNOWLEDGES or not opinion.is_open):
        opinion.receipted_on = today
    if opinion.waiting_from and not opinion.is_open:
        end_wait(opinion, today)
    is_due_moved = any(getattr(opinion, name) != before[name] for name in DUES)
    if is_due_moved:
        opinion.flagged_on = None
    if is_due_moved or opinion.holder_id != before["holder_id"] or not opinion.is_open:
        opinion.shown_above_on = None


def end_wait(opinion, today):
    """Nobody waits for a level above any longer; the days waited are kept."""
    opinion.waited_days += max((today - opinion.waiting_from).days, 0)
    opinion.waiting_from = None


def write(steps, *, actor, today):
    """Save prepared steps together and tell those concerned."""
    save(steps, actor=actor, today=today)
    tell(steps, actor=actor, today=today)


def save(steps, *, actor, today):
    """Opinions, thread, activity log and tallies of prepared steps; `actor` None is the system itself."""
    Opinion.objects.bulk_update([step.opinion for step in steps], SAVED, batch_size=100)
    _ask_again(steps)
    _write_moves(steps, actor=actor, today=today)
    _drop_requests(steps, today)
    _write_days(steps, actor=actor, today=today)
    recompute_all(tally_key(step.opinion) for step in steps if _counts_differently(step))


def _ask_again(steps):
    """What was said of an answer falls with it, for those, too, whose matters were merged into the one taken up."""
    taken_up = [step.opinion.pk for step in steps if step.before["status"] in ANSWERED and step.opinion.is_open]
    if taken_up:
        said = Opinion.objects.filter(master_id__in=taken_up)
        said.update(satisfaction="", confirmed_on=None, version=F("version") + 1)


def _drop_requests(steps, today):
    """What waits falls with the matter it was made for, closed or with another unit: requests for time, for help."""
    gone = [s.opinion.pk for s in steps if not s.opinion.is_open or s.opinion.holder_id != s.before["holder_id"]]
    if gone:
        waiting = Extension.objects.filter(opinion_id__in=gone, state=ExtensionState.PENDING)
        note = "Không còn cần: ý kiến đã kết thúc hoặc đã chuyển đơn vị khác."
        waiting.update(state=ExtensionState.REFUSED, decided_at=timezone.now(), decision_note=note)
        Support.objects.filter(opinion_id__in=gone, withdrawn_on=None, replied_on=None).update(withdrawn_on=today)


def _write_days(steps, *, actor, today):
    """The later days that the steps brought, each with who brought it."""
    later = [step.later for step in steps if step.later]
    if not later:
        return
    name = title_of(actor, today)[:200] if actor else "Hệ thống"
    for row in later:
        row.asked_by_id, row.asked_by_name = actor.pk if actor else None, name
    Extension.objects.bulk_create(later)


def _write_moves(steps, *, actor, today):
    """One row of the thread and one line of the activity log for each step."""
    now, actor_id = timezone.now(), actor.pk if actor else None
    name = title_of(actor, today) if actor else "Hệ thống"
    OpinionMove.objects.bulk_create(
        (
            OpinionMove(
                opinion=step.opinion,
                verb=step.verb,
                before=step.before["status"],
                after=step.opinion.status,
                at=now,
                actor_id=actor_id,
                actor_name=name[:200],
                holder_id=step.opinion.holder_id,
                body_id=step.opinion.body_id,
                due_on=step.opinion.due_on,
                note=step.note,
            )
            for step in steps
        ),
        batch_size=500,
    )
    record_many(actor_id, [(f"opinion.{step.verb.value}", step.opinion, *_changes(step)) for step in steps])


def _changes(step):
    """(before, after) of the columns that changed, as plain values; never text."""
    after = {name: getattr(step.opinion, name) for name in STATE}
    names = [name for name in STATE if after[name] != step.before[name]]
    return {name: _plain(step.before[name]) for name in names}, {name: _plain(after[name]) for name in names}


def _plain(value):
    return value if value is None or isinstance(value, int) else str(value)


def _counts_differently(step):
    return any(getattr(step.opinion, name) != step.before[name] for name in TALLIED)


def _checked(note):
    """The note as it is stored; a state secret is refused here, too."""
    note = clean_text(note)
    if note:
        try:
            check_content(note)
        except DomainError as refusal:
            raise DomainError(refusal.message, "note") from None
    return note


TWICE_DISSATISFIED = "Người nêu ý kiến hai lần chưa hài lòng với kết quả."


def start_receipt(opinion, clock, today):
    """Whoever has it from now on owes a word that it was received."""
    opinion.receipt_due_on, opinion.receipted_on = clock.receipt_due_on(today), None


def clear_receipt(opinion):
    """Back with those who know it: nobody has to acknowledge it."""
    opinion.receipt_due_on = opinion.receipted_on = None


def send_up_to(opinion, unit, today, clock=None):
    """The next level holds it: new days, no body; the level below waits, and its days with it."""
    _hold(opinion, unit, today, clock)
    opinion.waiting_from = opinion.waiting_from or today


def send_down_to(opinion, unit, today):
    """A level below holds it: its own days again if it had sent the matter up, else new ones."""
    _resume_or_begin(opinion, unit, today)


def give_back_to(opinion, unit, today):
    """Returned to the sender, who need not acknowledge what it has seen before."""
    _resume_or_begin(opinion, unit, today)
    clear_receipt(opinion)


def send_up(opinion, today):
    """Reopen what did not satisfy twice and lay it before the level above, if there is one; the system acts."""
    clock = Clock(opinion.province_id, today)

    def reopen(opinion):
        opinion.due_on = clock.due_on(today, opinion.competence, opinion.topic_id)

    verb = Verb.UNMERGE if opinion.status == OpinionStatus.DUPLICATE else Verb.REOPEN
    write([make(opinion, verb, today=today, note=TWICE_DISSATISFIED, change=reopen)], actor=None, today=today)
    upper = upper_unit(opinion, today)
    if upper is None:
        return
    note = f"{TWICE_DISSATISFIED} Chuyển {upper.name} xem xét, giải quyết."
    change = lambda opinion: send_up_to(opinion, upper, today)  # noqa: E731
    write([make(opinion, Verb.ESCALATE, today=today, note=note, change=change)], actor=None, today=today)


def _hold(opinion, unit, today, clock=None):
    clock = clock or Clock(opinion.province_id, today)
    opinion.holder, opinion.body = unit, None
    opinion.due_on = clock.due_on(today, unit.level, opinion.topic_id)
    start_receipt(opinion, clock, today)


def _resume_or_begin(opinion, unit, today):
    waits = standing_waits(_steps(opinion))
    same = with_origins([unit.pk])
    place = next((n for n, wait in enumerate(waits) if wait.holder_id in same), None)
    _hold(opinion, unit, today)
    if place is None:
        return
    wait, is_lowest = waits[place], place == 0
    since = opinion.waiting_from if is_lowest and opinion.waiting_from else wait.day
    opinion.due_on = Clock(opinion.province_id, today).resumed(wait.due_on or opinion.first_due_on, since, today)
    if is_lowest and opinion.waiting_from:
        end_wait(opinion, today)


def _steps(opinion):
    """The thread as the pure rule reads it."""
    moves = opinion.moves.order_by("at", "pk").values_list("verb", "holder_id", "due_on", "at")
    return [(verb, holder_id, due_on, timezone.localtime(at).date()) for verb, holder_id, due_on, at in moves]
