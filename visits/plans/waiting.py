"""What the plan brings in the next days: visits of one's own, and cadres who come to one's village or commune."""

from datetime import timedelta

from django.db.models import Q
from django.urls import reverse

from core.display import clock_text, day_text
from core.periods import Period
from visits.access import REVIEWERS, VISITORS
from visits.enums import PlanState
from visits.models import PlannedVisit
from visits.plans.feed import place_name

AHEAD = timedelta(days=30)
MOST = 3


def plan_tasks(user, today):
    """Rows of the task list: one's own visits, then who comes from elsewhere to one's village or commune; one query."""
    villages, communes = user.scope.village_ids(writing=True), user.scope.unit_ids(REVIEWERS)
    is_visitor = bool(user.scope.roles & VISITORS)
    if not (is_visitor or villages or communes):
        return []
    own = Q(person_id=user.person_id) if is_visitor else Q()
    lines = PlannedVisit.objects.visible_to(user).filter(plan__state=PlanState.PUBLISHED).coming(today)
    lines = lines.filter(own | Q(village_id__in=villages) | Q(commune_id__in=communes))
    lines = lines.filter(planned_on__lte=today + AHEAD).select_related("unit", "commune", "person", "plan")
    found = list(lines.order_by("planned_on", "starts_at", "pk"))
    mine = [line for line in found if line.person_id == user.person_id]
    guests = [line for line in found if line.person_id != user.person_id and line.plan.unit_id not in communes]
    return [*map(_own, mine[:MOST]), *_guests(guests)]


def _own(line):
    return {
        "title": f"Đi cơ sở {_when(line)}: {place_name(line.unit, line.commune)}",
        "url": f"{reverse('visit_plan_mine')}?ky={Period.of_day(line.planned_on, 'month').code}",
        "hint": line.get_group_display(),
        "word": "Trong kế hoạch",
        "tone": "progress",
        "action_label": "Xem lịch",
    }


def _guests(coming):
    if not coming:
        return []
    first = coming[0]
    return [
        {
            "title": f"{len(coming)} lượt cán bộ sẽ đến trong {AHEAD.days} ngày tới",
            "url": f"{reverse('visit_schedule')}?ky={Period.of_day(first.planned_on, 'month').code}",
            "hint": f"Gần nhất: {_when(first)}, {first.person.name} đến {place_name(first.unit, first.commune)}",
            "word": "Trong kế hoạch",
            "tone": "progress",
            "action_label": "Xem lịch",
        }
    ]


def _when(line):
    return f"{clock_text(line.starts_at)} {day_text(line.planned_on)}".strip()
