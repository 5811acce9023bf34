"""Every night pinned figures are counted again; who pinned one is told once when it stops being borne out."""

import logging

from django.db import transaction

from core.errors import DomainError
from core.periods import Period
from journal.services import notify
from people.models import User
from reports.claims.counting import count_in, unknown_years
from reports.claims.services import note_count
from reports.figures import figures
from reports.models import Claim

logger = logging.getLogger("giaoban.claims")
CHECKED = ("checked_part", "checked_whole", "checked_on", "is_supported", "is_complete")


def check_claims(today):
    """Returns how many were found no longer borne out; running it again finds and tells nothing new."""
    claims = Claim.objects.filter(withdrawn_on=None).select_related("unit").order_by("unit_id", "period", "pk")
    counted, broken = {}, 0
    for claim in claims:
        place = (claim.unit_id, claim.period, claim.boundaries)
        try:
            if place not in counted:
                counted = {place: figures(claim.unit, Period.parse(claim.period), claim.boundaries, today)}
            broken += _check(claim, count_in(counted[place], claim), unknown_years(claim, today), today)
        except (DomainError, KeyError) as error:
            logger.warning("claim %s was not counted (%s)", claim.pk, type(error).__name__)
    return broken


@transaction.atomic
def _check(claim, count, unknown, today):
    was_supported = claim.is_supported
    note_count(claim, count, unknown, today)
    values = {name: getattr(claim, name) for name in CHECKED}
    same = Claim.objects.filter(pk=claim.pk, withdrawn_on=None, is_supported=was_supported)
    if not same.update(**values) or claim.is_supported or not was_supported:
        return False
    readers = User.objects.active().filter(pk=claim.pinned_by_id).values_list("pk", flat=True)
    text = f"Số liệu hôm nay không còn đỡ câu đã ghim: “{claim.words[:200]}”"
    notify(readers, key=f"claim-broken:{claim.pk}:{today}", text=text, url=claim.get_absolute_url())
    return True
