"""Telling about turns not made. Truth is computed (`Standing.is_overdue`); a notice remembers that we told."""

from collections import defaultdict
from datetime import timedelta

from django.urls import reverse

from core.periods import Period
from journal.models import Notice
from journal.services import notify_many
from people.models import User
from people.reads import users_with_roles
from visits.access import KEEPERS
from visits.assignments.reads import standings
from visits.models import Assignment

GRACE_DAYS = 5
"""Visits of the month's last evening are logged some days later; then we tell."""

LOOK_BACK_DAYS = 40


def remind_overdue(today):
    """Tell cadres whose month or quarter ended short, and those who keep them; once a period.

    Returns the number of new notices: running it again tells nobody.
    """
    closed = today - timedelta(days=GRACE_DAYS)
    first = (today - timedelta(days=LOOK_BACK_DAYS)).replace(day=1)
    quarter = Period.of_day(first, "quarter")
    window = Period(quarter.first, Period.of_day(today, "month").last)
    late = [
        standing
        for standing in standings(Assignment.objects.overlapping(window), window, closed)
        if standing.is_overdue and standing.due.period.last >= first
    ]
    rows = [*_to_cadres(late), *_to_keepers(late, today)] if late else []
    told = set(Notice.objects.filter(key__in={key for _, key, _, _ in rows}).values_list("recipient_id", "key"))
    return notify_many([row for row in rows if row[:2] not in told])


def _to_cadres(late):
    users = defaultdict(list)
    people = {standing.person.pk for standing in late}
    for pk, person_id in User.objects.active().filter(person_id__in=people).values_list("pk", "person_id"):
        users[person_id].append(pk)
    for standing in late:
        due = standing.due
        told = f"đã đi cơ sở {standing.done} trên {due.times} lượt phải đi. Ghi lượt đi còn thiếu."
        text = f"{due.period.label}: {told}"
        url = f"{reverse('visit_progress')}?ky={due.period.last.year}"
        for user_id in users[standing.person.pk]:
            yield user_id, f"visit-short:{due.duty_pk}:{due.period.code}", text, url


def _to_keepers(late, today):
    """One line a unit and period: how many of its own cadres went short."""
    posts = dict(
        Assignment.objects.filter(pk__in={standing.due.duty_pk for standing in late}).values_list("pk", "post__unit_id")
    )
    short = defaultdict(set)
    for standing in late:
        short[posts[standing.due.duty_pk], standing.due.level, standing.due.period].add(standing.person.pk)
    roles = set().union(*KEEPERS.values())
    users = users_with_roles({unit_id for unit_id, _, _ in short}, roles, today)
    for (unit_id, _, period), people in short.items():
        text = f"{period.label}: {len(people)} cán bộ đi cơ sở chưa đủ lượt theo định mức."
        url = f"{reverse('visit_progress')}?ky={period.last.year}"
        for user_id in users.get(unit_id, ()):
            yield user_id, f"visit-short-unit:{unit_id}:{period.code}", text, url
