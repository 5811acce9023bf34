"""A finding of a visit becomes an opinion of the place, with the visit as its origin."""

from django.db import transaction

from core.errors import NotAllowed
from feedback.services.raising import raise_opinion
from visits.access import may_raise_finding
from visits.enums import OPINION_ORIGIN
from visits.models import Visit


@transaction.atomic
def raise_finding(visit_id, draft, *, actor, request_id, today):
    """The visited commune holds it first; from there it goes its way like any other opinion."""
    visits = Visit.objects.visible_to(actor).select_for_update(of=("self",)).select_related("unit", "commune")
    visit = visits.filter(pk=visit_id).first()
    if visit is None or not may_raise_finding(actor, visit):
        raise NotAllowed("Chỉ người đi, xã nơi đến và cấp quản lý địa bàn được chuyển vấn đề thành ý kiến, kiến nghị.")
    return raise_opinion(
        draft,
        origin=OPINION_ORIGIN,
        origin_id=visit.pk,
        unit=visit.commune,
        place_unit=visit.unit,
        raised_on=visit.visited_on,
        source_key=f"{OPINION_ORIGIN}-{visit.pk}-{request_id}"[:80],
        actor=actor,
        today=today,
    )
