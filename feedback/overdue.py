"""Telling about opinions past due. Truth is computed (`rules.is_overdue`); `flagged_on` only remembers that we told."""

from collections import Counter

from django.db import transaction
from django.urls import reverse

from core.activity import record_system
from feedback.enums import Visibility
from feedback.models import Opinion
from feedback.services.news import STAFF_ROLES, TRUSTED_ROLES, excerpt_of, heirs_of, leaders_above
from journal.services import notify_many
from people.selectors import users_of_bodies, users_with_roles

COLUMNS = (
    *("pk", "text", "visibility", "kind", "due_on", "planned_on", "holder_id", "holder__level", "body_id"),
    *("district_id", "province_id"),
)


@transaction.atomic
def flag_overdue(today):
    """Claim every newly overdue opinion and tell its holder and its body once, those above in one line.

    A due day that moves clears the flag (`services.door`), so the new day is told, too. Returns how many were claimed.
    """
    claimed = Opinion.objects.overdue(today).filter(flagged_on=None).update(flagged_on=today)
    if not claimed:
        return 0
    flagged = Opinion.objects.overdue(today).filter(flagged_on=today).order_by("due_on", "pk")
    rows = list(flagged.values_list(*COLUMNS, named=True))
    notify_many([*_to_workers(rows, today), *_to_those_above(rows, today)])
    record_system("opinion.flag_overdue", {"today": str(today), "count": claimed})
    return claimed


def _to_workers(rows, today):
    """One notice per opinion for the holder's staff and the body's accounts; a restricted one by its number."""
    told = workers_told(rows, today)
    for row in rows:
        text = f"Quá hạn từ ngày {row.due_on:%d/%m/%Y}: {excerpt_of(row.pk, row.text, row.visibility)}"
        key = f"opinion-overdue-{row.pk}-{row.planned_on or row.due_on}"
        for user_id in told[row.pk]:
            yield user_id, key, text, reverse("opinion_detail", args=[row.pk])


def workers_told(rows, today):
    """{opinion id: accounts of its holder and its body}, in four statements for all rows."""
    heirs = heirs_of({row.holder_id for row in rows})
    every = {heir for found in heirs.values() for heir in found}
    staff, trusted = (users_with_roles(every, roles, today) for roles in (STAFF_ROLES, TRUSTED_ROLES))
    agents = users_of_bodies({row.body_id for row in rows if row.body_id}, today)
    told = {}
    for row in rows:
        people = trusted if row.visibility == Visibility.RESTRICTED else staff
        users = {user for heir in heirs[row.holder_id] for user in people.get(heir, ())}
        told[row.pk] = sorted(users | set(agents.get(row.body_id, ())))
    return told


def _to_those_above(rows, today):
    """One line a day for each leader above, however many opinions below are late."""
    above = leaders_above(rows, today)
    counts = Counter(user for row in rows for user in above[row.pk])
    for user_id, count in sorted(counts.items()):
        text = f"{count} ý kiến của đơn vị cấp dưới vừa quá hạn giải quyết."
        yield user_id, f"opinions-overdue-below-{today}", text, f"{reverse('opinion_list')}?han=qua-han"
