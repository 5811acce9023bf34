"""Telling about quarterly checks not made. Truth is computed (`missing_checks`); a notice remembers that we told."""

from collections import defaultdict
from datetime import timedelta

from django.urls import reverse

from journal.models import Notice
from journal.services import notify_many
from people.models import User
from people.reads import users_of_bodies, users_with_roles
from visits.access import KEEPERS
from visits.helped.reads import MISSING_FILTER, missing_checks
from visits.jobs import LOOK_BACK_DAYS
from visits.models import HelpedUnit


def remind_checks(today):
    """Tell whoever helps, and those who keep the helper's unit, of a quarter that ended without its check; once.

    Returns the number of new notices: running it again tells nobody.
    """
    since = today - timedelta(days=LOOK_BACK_DAYS)
    helped = HelpedUnit.objects.running().filter(year__in={since.year, today.year})
    missing = [(pk, quarter) for pk, quarter in missing_checks(helped, today) if quarter.last >= since]
    related = ("unit", "helper_post", "helper_body")
    rows = HelpedUnit.objects.select_related(*related).in_bulk({pk for pk, _ in missing})
    late = [(rows[pk], quarter) for pk, quarter in missing]
    notices = [*_to_helpers(late, today), *_to_keepers(late, today)] if late else []
    told = set(Notice.objects.filter(key__in={row[1] for row in notices}).values_list("recipient_id", "key"))
    return notify_many([row for row in notices if row[:2] not in told])


def _to_helpers(late, today):
    people = {helped.helper_post.person_id for helped, _ in late if helped.helper_post_id}
    of_person = defaultdict(list)
    for pk, person_id in User.objects.active().filter(person_id__in=people).values_list("pk", "person_id"):
        of_person[person_id].append(pk)
    of_body = users_of_bodies({helped.helper_body_id for helped, _ in late if helped.helper_body_id}, today)
    for helped, quarter in late:
        text = f"{quarter.label}: chưa ghi kiểm tra {helped.unit.name} đang giúp đỡ. Mỗi quý ghi một lượt."
        body, post = helped.helper_body_id, helped.helper_post
        for user_id in of_body.get(body, []) if body else of_person[post.person_id]:
            yield user_id, f"help-check:{helped.pk}:{quarter.code}", text, helped.get_absolute_url()


def _to_keepers(late, today):
    """One line a unit and quarter: how many places its people help went without their check."""
    missing = defaultdict(int)
    for helped, quarter in late:
        unit_id = helped.helper_body.unit_id if helped.helper_body_id else helped.helper_post.unit_id
        missing[unit_id, quarter] += 1
    users = users_with_roles({unit_id for unit_id, _ in missing}, set().union(*KEEPERS.values()), today)
    for (unit_id, quarter), number in missing.items():
        text = f"{quarter.label}: {number} đơn vị được giúp đỡ chưa có lượt kiểm tra của quý."
        url = f"{reverse('helped_unit_list')}?ky={quarter.last.year}&tinh-trang={MISSING_FILTER}"
        for user_id in users.get(unit_id, ()):
            yield user_id, f"help-check-unit:{unit_id}:{quarter.code}", text, url
