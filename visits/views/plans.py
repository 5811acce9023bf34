"""The month's plans: the list, a proposal, one plan by day, its publication; and where to go first."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from core.errors import DomainError
from core.paging import keyset_page
from core.periods import Period
from core.routing import act, form_page, page
from meetings.views import version_of
from meetings.workdays import marked_days
from units.enums import Level
from units.models import Unit
from visits.access import may_plan_visits
from visits.models import VisitPlan
from visits.plans.forms import PlanForm
from visits.plans.openings import plan_frame, planning_units, widest_unit
from visits.plans.proposing import places_day
from visits.plans.rows import RELATED, days_of
from visits.plans.selectors import COLUMNS, plan_row, plans_of, weak_row
from visits.plans.weakest import ranked, villages_below
from visits.services.plans import propose_plan, publish_plan
from visits.views.visits import BRANCH

SHOWN = 100


@page()
def visit_plan_list(request):
    plans = plans_of(request.user)
    found = keyset_page(plans.values(*COLUMNS), ["-month", "-pk"], request.GET)
    context = {
        "rows": [plan_row(row) for row in found.rows],
        "total": plans.count(),
        "next_url": found.next_url,
        "prev_url": found.prev_url,
        "may_plan": planning_units(request.user, timezone.localdate()).exists(),
    } | plan_frame(request.user, "visit_plan_list")
    return TemplateResponse(request, "visits/plan_list.html", context)


@form_page(roles=BRANCH)
def visit_plan_create(request):
    """Propose a month; one that is begun already is filled up with what is missing."""
    today, user = timezone.localdate(), request.user
    units = planning_units(user, today)
    initial = {"unit": units.first(), "month": request.GET.get("ky") or Period.of_day(today, "month").next().code}
    form = PlanForm(request.POST or None, initial=initial, units=units, today=today)
    if request.method == "POST" and form.is_valid():
        try:
            month = Period.parse(form.cleaned_data["month"])
            plan, added = propose_plan(form.cleaned_data["unit"], month, actor=user, today=today)
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
        else:
            messages.success(request, _proposed(added))
            return redirect(plan)
    return TemplateResponse(request, "visits/plan_form.html", {"form": form}, status=422 if form.is_bound else 200)


def _proposed(added):
    if added:
        return f"Đã đề xuất {added} lượt. Sửa cho hợp rồi công bố."
    return "Không có lượt nào phải thêm: định mức của tháng đã có đủ lượt, hoặc chưa có phân công và định mức."


def plan_of(request, pk):
    plans = VisitPlan.objects.visible_to(request.user).select_related("unit")
    return get_object_or_404(plans, pk=pk)


@page()
def visit_plan_detail(request, pk):
    plan, today, user = plan_of(request, pk), timezone.localdate(), request.user
    may_plan = may_plan_visits(user, plan) and plan.period.last >= today
    lines = plan.lines.visible_to(user).select_related(*RELATED).order_by("planned_on", "starts_at", "pk")
    days = days_of(
        lines, user, today, marked_days(plan.province_id, plan.period.first, plan.period.last), may_edit=may_plan
    )
    rows = [row for day in days for row in day["rows"]]
    context = {
        "plan": plan,
        "days": days,
        "total": len(rows),
        "people": len({row["person"] for row in rows}),
        "places": len({row["place"] for row in rows}),
        "may_plan": may_plan,
        "trail": [{"label": "Kế hoạch", "url": reverse("visit_plan_list")}, {"label": str(plan), "url": ""}],
    }
    return TemplateResponse(request, "visits/plan_detail.html", context)


@act(roles=BRANCH)
def visit_plan_propose(request, pk):
    plan = plan_of(request, pk)
    _, added = propose_plan(plan.unit, plan.period, actor=request.user, today=timezone.localdate())
    messages.success(request, _proposed(added))
    return redirect(plan)


@act(roles=BRANCH)
def visit_plan_publish(request, pk):
    plan_of(request, pk)
    plan = publish_plan(pk, actor=request.user, version=version_of(request), now=timezone.now())
    messages.success(request, "Đã công bố. Cán bộ đi và các nơi đến đã được báo.")
    return redirect(plan)


def unit_asked(request):
    """The unit of the address, else the widest one the user works for; foreign and unknown ones are 404."""
    if key := request.GET.get("don-vi"):
        return get_object_or_404(Unit.objects.visible_to(request.user).exclude(level=Level.VILLAGE), key=key)
    unit = widest_unit(request.user)
    if unit is None:
        raise Http404
    return unit


@page(roles=BRANCH)
def visit_weakest(request):
    """The villages of a unit, weakest first, as a plan of the coming month would weigh them."""
    today, unit = timezone.localdate(), unit_asked(request)
    month = Period.of_day(today, "month")
    villages = villages_below([unit.pk], places_day(month, today))
    rows = ranked(villages, month, today)
    communes = Unit.objects.visible_to(request.user).on(today).filter(level=Level.COMMUNE).order_by("code")
    context = {
        "unit": unit,
        "rows": [weak_row(row) for row in rows[:SHOWN]],
        "total": len(rows),
        "with_reasons": sum(bool(row.reasons) for row in rows),
        "communes": list(communes.values_list("key", "name")),
        "widest": widest_unit(request.user),
    } | plan_frame(request.user, "visit_weakest")
    return TemplateResponse(request, "visits/plan_weakest.html", context)
