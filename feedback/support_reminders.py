"""Calling in help that is due: once on the day, once after it, to the body and to the holder that asked."""

from django.db import transaction
from django.urls import reverse

from core.activity import record_system
from feedback.models import Support
from feedback.overdue import workers_told
from feedback.services.news import excerpt_of
from journal.models import Notice
from journal.services import notify_many
from people.selectors import users_of_bodies


@transaction.atomic
def remind_supports(today):
    """Returns for how many requests somebody was told; the notice's key remembers it."""
    waiting = Support.objects.filter(replied_on=None, withdrawn_on=None, due_on__lte=today, opinion__is_open=True)
    rows = list(waiting.select_related("opinion").order_by("due_on", "pk"))
    keys = {_key(row, today): row for row in rows}
    told = set(Notice.objects.filter(key__in=keys).values_list("key", flat=True))
    new = {key: row for key, row in keys.items() if key not in told}
    if not new:
        return 0
    agents = users_of_bodies({row.body_id for row in new.values()}, today)
    holders = workers_told([row.opinion for row in new.values() if row.due_on < today], today)
    notices = []
    for key, row in new.items():
        opinion, late = row.opinion, (today - row.due_on).days
        users = set(agents.get(row.body_id, ())) | (set(holders[opinion.pk]) if late else set())
        words = f"Quá hạn phối hợp {late} ngày" if late else "Hạn phối hợp hôm nay"
        text = f"{words}: {excerpt_of(opinion.pk, opinion.text, opinion.visibility)}"
        url = reverse("opinion_detail", args=[opinion.pk])
        notices += [(user_id, key, text, url) for user_id in sorted(users)]
    notify_many(notices)
    record_system("support.remind", {"today": str(today), "count": len(new)})
    return len(new)


def _key(row, today):
    return f"support-{'late' if row.due_on < today else 'today'}-{row.pk}-{row.due_on}"
