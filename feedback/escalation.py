"""Reminding before the day and on the day, and laying a late matter before the level above after the grace.

The clock moves nothing to another holder: that is decided by a person (docs/decisions/0006).
"""

from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.urls import reverse

from core.activity import record_system
from feedback.enums import FOLLOWED_KINDS, OpinionStatus, Verb
from feedback.models import Opinion
from feedback.overdue import COLUMNS, workers_told
from feedback.querysets import overdue_when
from feedback.rules import REMIND_DAYS, reminder_stage
from feedback.services.door import mark, save
from feedback.services.news import excerpt_of, leaders_above
from journal.models import Notice
from journal.services import notify_many
from units.enums import Level

WORDS = {
    "soon": "Còn {days} ngày đến hạn: {opinion}",
    "today": "Hạn hôm nay: {opinion}",
    "above": "Quá hạn {days} ngày, trình cấp trên xem xét: {opinion}",
    "review": "Đến kỳ rà soát kế hoạch: {opinion}",
    "soon-idea": "Còn {days} ngày đến ngày cần xem xét: {opinion}",
    "today-idea": "Hôm nay là ngày cần xem xét: {opinion}",
}
BATCH = 500


def escalate_overdue(today):
    """Remind, then lay before the level above; returns for how many opinions something was said.

    A job that was off for some days catches up: what is long past due goes to the level above on the next run.
    Run twice, the second says and changes nothing.
    """
    rows = [(row, _deadline(row)) for row in _candidates(today)]
    staged = [(row, day, stage) for row, day in rows if (stage := _stage(row, day, today))]
    late = [(row, day) for row, day, stage in staged if stage == "above"]
    count = _remind([each for each in staged if each[2] != "above"] + _reviews(today), today)
    count += sum(_show_above(late[start : start + BATCH], today) for start in range(0, len(late), BATCH))
    if count:
        record_system("opinion.escalate_overdue", {"today": str(today), "count": count})
    return count


@transaction.atomic
def _remind(staged, today):
    """One notice a stage and a day to the holder's staff and the body; the notice's key remembers that it was sent."""
    workers = workers_told([row for row, _, _ in staged], today) if staged else {}
    notices = {f"opinion-{stage}-{row.pk}-{day}": (row, day, stage) for row, day, stage in staged if workers[row.pk]}
    told = set(Notice.objects.filter(key__in=notices).values_list("key", flat=True))
    new = {key: value for key, value in notices.items() if key not in told}
    notify_many(
        notice for key, (row, day, stage) in new.items() for notice in _notices(key, row, day, stage, workers, today)
    )
    return len(new)


@transaction.atomic
def _show_above(late, today):
    """Claim what nobody has laid before the level above yet, write it into the thread, tell the leaders there."""
    days = {row.pk: day for row, day in late}
    unclaimed = Opinion.objects.unresolved().filter(pk__in=days, shown_above_on=None)
    opinions = list(unclaimed.select_for_update(of=("self",)).order_by("pk"))
    claimed = {opinion.pk for opinion in opinions}
    steps = [mark(opinion, Verb.SHOW_ABOVE, _late_words(days[opinion.pk], today)) for opinion in opinions]
    for opinion in opinions:
        opinion.shown_above_on = today
    if steps:
        save(steps, actor=None, today=today)
    rows = [(row, day) for row, day in late if row.pk in claimed]
    leaders = leaders_above([row for row, _ in rows], today) if rows else {}
    notify_many(
        notice
        for row, day in rows
        for notice in _notices(f"opinion-above-{row.pk}-{day}", row, day, "above", leaders, today)
    )
    return len(claimed)


def _late_words(day, today):
    return f"Hạn {day:%d/%m/%Y}, đã quá {(today - day).days} ngày."


def _candidates(today):
    """Unresolved opinions near or past their day; a scheduled one waits for its planned day.

    What has been laid before the level above, or has none above, is only looked at again with a new day.
    """
    near = today + timedelta(days=REMIND_DAYS)
    waiting = Q(status=OpinionStatus.SCHEDULED, planned_on__gt=near)
    queryset = Opinion.objects.unresolved().filter(due_on__lte=near, shown_above_on=None).exclude(waiting)
    queryset = queryset.exclude(Q(holder__level=Level.PROVINCE) & overdue_when(today))
    return queryset.order_by("due_on", "pk").values_list(*COLUMNS, "status", named=True)


def _reviews(today):
    """Plans whose quarterly look is due."""
    found = Opinion.objects.unresolved().filter(status=OpinionStatus.SCHEDULED, review_on__lte=today)
    rows = found.order_by("review_on", "pk").values_list(*COLUMNS, "review_on", named=True)
    return [(row, row.review_on, "review") for row in rows]


def _stage(row, day, today):
    """What is said today; of an initiative only that its day comes, it is never late."""
    stage = reminder_stage(day, today)
    if row.kind not in FOLLOWED_KINDS:
        return stage
    return f"{stage}-idea" if stage in ("soon", "today") else None


def _deadline(row):
    """The day that counts: the planned one of a scheduled opinion if it is later."""
    if row.status == OpinionStatus.SCHEDULED and row.planned_on:
        return max(row.due_on, row.planned_on)
    return row.due_on


def _notices(key, row, day, stage, users, today):
    opinion = excerpt_of(row.pk, row.text, row.visibility)
    text = WORDS[stage].format(days=abs((today - day).days), opinion=opinion)
    return [(user_id, key, text, reverse("opinion_detail", args=[row.pk])) for user_id in users[row.pk]]
