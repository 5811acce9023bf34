"""What waits for one person: turns still to make, records to mend, visits to confirm. For the home page."""

from django.urls import reverse

from core.periods import Period
from visits.access import REVIEWERS, VISITORS
from visits.assignments.reads import standings
from visits.checks.reads import pair_tasks
from visits.enums import VisitStatus
from visits.helped.reads import check_tasks
from visits.models import Assignment, Visit
from visits.plans.reads import plan_tasks
from visits.sheets.reads import sheet_tasks
from visits.situations.reads import situation_tasks


def tasks_for(user, today):
    """Rows of the task list (title, url, hint, word, tone, action_label); a village's account reads who comes."""
    roles = user.scope.roles
    if not roles & VISITORS:
        return [*plan_tasks(user, today), *check_tasks(user, today)]
    confirming = _to_confirm(user) if roles & REVIEWERS else []
    own = [*_to_mend(user), *_to_make(user, today), *plan_tasks(user, today), *check_tasks(user, today)]
    return [*own, *sheet_tasks(user, today), *confirming, *situation_tasks(user), *pair_tasks(user)]


def _to_mend(user):
    visits = Visit.objects.visible_to(user).filter(person_id=user.person_id, status=VisitStatus.QUESTIONED)
    return [
        {
            "title": f"Lượt đi {visit.unit.name} ngày {visit.visited_on:%d/%m/%Y}",
            "url": visit.get_absolute_url(),
            "hint": visit.note,
            "word": visit.get_status_display(),
            "tone": "problem",
            "action_label": "Xem lại",
        }
        for visit in visits.select_related("unit").order_by("visited_on", "pk")[:5]
    ]


def _to_make(user, today):
    """The running month and quarter of one's own assignments, where turns are still owed."""
    assignments = Assignment.objects.visible_to(user).on(today).filter(person_id=user.person_id)
    if not assignments.exists():
        return []
    found = standings(assignments, Period.of_day(today, "quarter"), today)
    owed = [each for each in found if today in each.due.period and not each.is_met and not each.due.is_exempt]
    return [
        {
            "title": f"Đi cơ sở {each.due.period.label_inside}: {each.done}/{each.due.times} lượt",
            "url": reverse("visit_create"),
            "hint": f"Hết kỳ ngày {each.due.period.last:%d/%m/%Y}",
            "word": "Còn thiếu lượt",
            "tone": "waiting",
            "action_label": "Ghi lượt đi",
        }
        for each in owed
    ]


def _to_confirm(user):
    communes = user.scope.unit_ids(REVIEWERS)
    visits = Visit.objects.visible_to(user).filter(commune_id__in=communes, status=VisitStatus.LOGGED)
    number = visits.exclude(person_id=user.person_id).count()
    if not number:
        return []
    return [
        {
            "title": f"{number} lượt cán bộ đi cơ sở chờ xác nhận",
            "url": f"{reverse('visit_list')}?trang-thai={VisitStatus.LOGGED}",
            "hint": "Xác nhận đúng có đến, hoặc đề nghị người đi xem lại",
            "word": VisitStatus.LOGGED.label,
            "tone": "waiting",
            "action_label": "Xác nhận",
        }
    ]
