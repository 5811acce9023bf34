"""Who holds an opinion and what that does to the clocks: sent on, given back, moved up by the system."""

from django.utils import timezone

from feedback.branches import upper_unit
from feedback.clocks import Clock
from feedback.enums import OpinionStatus, Verb
from feedback.rules import standing_waits
from feedback.services.door import end_wait, make, write
from units.selectors import with_origins

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
    opinion.due_on = Clock(opinion.province_id, today).resumed(wait.due_on, since, today)
    if is_lowest and opinion.waiting_from:
        end_wait(opinion, today)


def _steps(opinion):
    """The thread as the pure rule reads it."""
    moves = opinion.moves.order_by("at", "pk").values_list("verb", "holder_id", "due_on", "at")
    return [(verb, holder_id, due_on, timezone.localtime(at).date()) for verb, holder_id, due_on, at in moves]
