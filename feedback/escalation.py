"""Reminding before the day, on the day, and asking the level above after it.

Nothing is moved up by the clock: whether a late matter changes hands is decided by a person (`escalate_opinion`).
"""

from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.urls import reverse

from core.activity import record_system
from feedback.enums import OpinionStatus
from feedback.models import Opinion
from feedback.overdue import COLUMNS, workers_told
from feedback.rules import REMIND_DAYS, reminder_stage
from feedback.services.news import excerpt_of, leaders_above
from journal.models import Notice
from journal.services import notify_many

WORDS = {
    "soon": "Còn {days} ngày đến hạn: {opinion}",
    "today": "Hạn hôm nay: {opinion}",
    "above": "Quá hạn {days} ngày, trình cấp trên xem xét: {opinion}",
}


@transaction.atomic
def escalate_overdue(today):
    """Send each due reminder once (the notice's key remembers it); returns for how many opinions one was sent.

    A job that was off for some days catches up: what is long past due goes to the level above on the next run.
    """
    rows = [(row, _deadline(row)) for row in _candidates(today)]
    staged = [(row, day, stage) for row, day in rows if (stage := reminder_stage(day, today))]
    workers = workers_told([row for row, _, stage in staged if stage != "above"], today)
    leaders = leaders_above([row for row, _, stage in staged if stage == "above"], today)
    notices = {}
    for row, day, stage in staged:
        users = leaders[row.pk] if stage == "above" else workers[row.pk]
        if users:
            notices[f"opinion-{stage}-{row.pk}-{day}"] = (row, day, stage, users)
    told = set(Notice.objects.filter(key__in=notices).values_list("key", flat=True))
    new = {key: value for key, value in notices.items() if key not in told}
    notify_many(notice for key, value in new.items() for notice in _notices(key, *value, today))
    if new:
        record_system("opinion.escalate_overdue", {"today": str(today), "count": len(new)})
    return len(new)


def _candidates(today):
    """Unresolved opinions near or past their day; a scheduled one waits for its planned day."""
    near = today + timedelta(days=REMIND_DAYS)
    waiting = Q(status=OpinionStatus.SCHEDULED, planned_on__gt=near)
    queryset = Opinion.objects.unresolved().filter(due_on__lte=near).exclude(waiting)
    return queryset.order_by("due_on", "pk").values_list(*COLUMNS, "status", named=True)


def _deadline(row):
    """The day that counts: the planned one of a scheduled opinion if it is later."""
    if row.status == OpinionStatus.SCHEDULED and row.planned_on:
        return max(row.due_on, row.planned_on)
    return row.due_on


def _notices(key, row, day, stage, users, today):
    opinion = excerpt_of(row.pk, row.text, row.visibility)
    text = WORDS[stage].format(days=abs((today - day).days), opinion=opinion)
    return [(user_id, key, text, reverse("opinion_detail", args=[row.pk])) for user_id in users]
