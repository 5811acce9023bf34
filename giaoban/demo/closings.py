"""Closed months of two communes: the older one accepted above, the newer one waiting."""

from datetime import datetime, time, timedelta

from django.db import transaction
from django.utils import timezone

from core.periods import Period
from people.models import User
from reports.closing.access import may_accept
from reports.closing.services import accept_closure, close_period

COMMUNES, MONTHS_AGO, DAYS_AGO = 2, (3, 2), 2
ACCEPTERS = ("leader", "specialist")


@transaction.atomic
def close_some_months(world, accounts):
    """By the accounts' own people, through the services; returns the closures."""
    day = world.today - timedelta(days=DAYS_AGO)
    now = timezone.make_aware(datetime.combine(day, time(9)))
    officers = [account for account in accounts.opened if account.role == "commune"][:COMMUNES]
    above = [account.user_id for account in accounts.opened if account.role in ACCEPTERS]
    users = User.objects.select_related("person").in_bulk([*above, *(account.user_id for account in officers)])
    found = []
    for account in officers:
        for ago in MONTHS_AGO:
            period = _months_before(day, ago)
            if account.unit.valid_from > period.first:
                continue
            closure = close_period(account.unit, period, actor=users[account.user_id], today=day, now=now)
            found.append(closure)
            head = next((users[pk] for pk in above if may_accept(users[pk], closure)), None)
            if ago == MONTHS_AGO[0] and head:
                accept_closure(closure.pk, actor=head, version=closure.version, today=day, now=now)
    return found


def _months_before(day, number):
    month = Period.of_day(day, "month")
    for _ in range(number):
        month = month.previous()
    return month
