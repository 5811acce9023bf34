"""What is done on the way to an answer: the word of receipt, the steps, the quarterly look at a plan."""

from django.db import transaction

from core.errors import DomainError
from core.text import clean_name
from feedback.clocks import Clock
from feedback.enums import Verb
from feedback.models import Milestone
from feedback.services.door import move

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
