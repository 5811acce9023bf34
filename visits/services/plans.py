"""The month's plan of a unit: proposed, published, and answered by the visits that were made."""

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from core.activity import record
from core.errors import Conflict, DomainError, NotAllowed
from core.periods import Period
from meetings.access import unit_thing
from people.selectors import title_of
from units.models import Unit
from units.selectors import places_on
from visits.access import may_plan_visits
from visits.enums import PlanState, VisitStatus
from visits.models import PlannedVisit, VisitPlan
from visits.plans.proposing import group_of, places_day, proposals
from visits.plans.rules import check_plan_month
from visits.services.plan_lines import FOREIGN, locked_plan, touch
from visits.services.plan_news import tell_published


@transaction.atomic
def propose_plan(unit, month, *, actor, today):
    """The draft of a month, made or filled up with what norms still ask: (plan, number of lines added).

    What is there, also what a person changed, stays as it is; doing it twice adds nothing.
    """
    check_plan_month(month, today)
    Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)
    thing = unit_thing(unit, places_day(month, today))
    if not may_plan_visits(actor, thing):
        raise NotAllowed(FOREIGN)
    branch = {name: getattr(thing, name) for name in ("province_id", "district_id", "commune_id")}
    plan, is_new = VisitPlan.objects.get_or_create(
        unit=unit, month=month.first, defaults={"level": unit.level, **branch}
    )
    if not plan.is_draft:
        raise DomainError("Kế hoạch tháng này đã công bố. Thêm từng lượt nếu còn cần, mỗi lượt thêm đều được báo.")
    lines = _lines(plan, proposals(unit.pk, plan.province_id, month, today), month, today)
    PlannedVisit.objects.bulk_create(lines, batch_size=500)
    if lines and not is_new:
        touch(plan)
    if lines or is_new:
        record(actor.pk, "visit_plan.propose", plan, after={"month": month.code, "lines": len(lines)})
    return plan, len(lines)


def _lines(plan, found, month, today):
    places = places_on({each.unit_id for each in found}, places_day(month, today))
    return [
        PlannedVisit(
            plan=plan,
            unit_id=each.unit_id,
            level=each.assignment.level,
            village_id=places[each.unit_id].village_id,
            person_id=each.assignment.person_id,
            post_id=each.assignment.post_id,
            assignment=each.assignment,
            group=group_of(each.assignment),
            local_group_id=each.assignment.local_group_id,
            planned_on=each.day,
            reasons=each.reasons,
            is_sample=plan.is_sample,
            **places[each.unit_id].columns,
        )
        for each in found
        if places[each.unit_id].commune_id
    ]


@transaction.atomic
def publish_plan(plan_id, *, actor, version, now):
    """The cadres, communes and villages concerned are told, once; a second click changes nothing."""
    plan, today = locked_plan(plan_id, actor), timezone.localtime(now).date()
    if not plan.is_draft:
        return plan
    if version != plan.version:
        raise Conflict("Kế hoạch vừa được người khác sửa. Xem lại các lượt mới nhất rồi công bố.")
    check_plan_month(plan.period, today)
    if not plan.lines.standing().exists():
        raise DomainError("Kế hoạch chưa có lượt nào. Thêm ít nhất một lượt rồi công bố.")
    plan.state, plan.published_at, plan.published_by_id = PlanState.PUBLISHED, now, actor.pk
    plan.published_by_name = title_of(actor, today)[:200]
    plan.version += 1
    plan.save(update_fields=["state", "published_at", "published_by_id", "published_by_name", "version"])
    record(actor.pk, "visit_plan.publish", plan, after={"month": plan.period.code, "lines": plan.lines.count()})
    tell_published(plan, actor, today)
    return plan


def fulfil(visit, line_id=None):
    """The planned visit that `visit` answers, or None: the line named, else one of the same person, place and month.

    Called inside the transaction that saves the visit, again when its record is mended; a line whose visit was
    withdrawn is free again, and a visit that went elsewhere lets its line go.
    """
    month = Period.of_day(visit.visited_on, "month")
    places = [pk for pk in (visit.unit_id, visit.village_id) if pk]
    fitting = PlannedVisit.objects.select_for_update(of=("self",)).standing().in_period(month)
    fitting = fitting.filter(person_id=visit.person_id)
    held = fitting.filter(visit=visit, unit_id__in=[*places, visit.commune_id]).first()
    if held:
        return held
    PlannedVisit.objects.filter(visit=visit).update(visit=None)
    free = fitting.filter(Q(visit=None) | Q(visit__status=VisitStatus.WITHDRAWN))
    named = free.filter(pk=line_id, unit_id__in=[*places, visit.commune_id]).first() if line_id else None
    line = named or min(
        free.filter(unit_id__in=places),
        key=lambda each: (each.unit_id != visit.unit_id, abs(each.planned_on - visit.visited_on), each.pk),
        default=None,
    )
    if line:
        line.visit = visit
        line.save(update_fields=["visit"])
    return line
