"""Norms, leave, and what was done of what was expected."""

import uuid

from django.contrib import messages
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone

from core.errors import DomainError
from core.periods import Period
from core.routing import form_page, page
from people.models import Person
from visits.access import may_keep_assignments
from visits.board import board_of
from visits.forms import ExemptionForm, NormForm
from visits.models import Assignment, VisitExemption, VisitNorm
from visits.services import exempt_cadre, set_norm
from visits.views.visits import BRANCH


@page()
def visit_progress(request):
    """The year's table "phải đi, đã đi": a row a cadre, a cell a month."""
    today = timezone.localdate()
    period = Period.parse(request.GET.get("ky") or str(today.year))
    board = board_of(Assignment.objects.visible_to(request.user), Period.year(period.last.year), today)
    context = {
        "board": board,
        "period": Period.year(period.last.year),
        "today": today,
        "total": board.people,
        "may_keep": may_keep_assignments(request.user),
        "exemptions": VisitExemption.objects.visible_to(request.user)
        .overlapping(Period.year(period.last.year))
        .select_related("person")[:50],
    }
    return TemplateResponse(request, "visits/visit_progress.html", context)


@page()
def norm_list(request):
    norms = VisitNorm.objects.visible_to(request.user).select_related("unit")[:200]
    context = {"rows": norms, "total": len(norms), "may_keep": may_keep_assignments(request.user)}
    return TemplateResponse(request, "visits/norm_list.html", context)


@form_page(roles=BRANCH)
def norm_create(request):
    today = timezone.localdate()
    form = NormForm(request.POST or None, initial={"valid_from": today.replace(day=1)}, user=request.user, today=today)
    if request.method == "POST" and form.is_valid():
        try:
            set_norm(actor=request.user, today=today, **form.cleaned_data)
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
        else:
            messages.success(request, "Đã lưu định mức đi cơ sở.")
            return redirect("visit_norm_list")
    return TemplateResponse(request, "visits/norm_form.html", {"form": form}, status=422 if form.is_bound else 200)


@form_page(roles=BRANCH)
def exemption_create(request):
    today = timezone.localdate()
    assigned = Assignment.objects.visible_to(request.user).on(today).values("person_id")
    people = Person.objects.visible_to(request.user).filter(pk__in=assigned).exclude(pk=request.user.person_id)
    form = ExemptionForm(
        request.POST or None,
        initial={"request_id": uuid.uuid4()},
        people=[("", "Chọn…"), *people.values_list("pk", "name")],
    )
    if request.method == "POST" and form.is_valid():
        try:
            data = dict(form.cleaned_data)
            data["person"] = Person.objects.get(pk=data["person"])
            data["request_id"] = f"{request.user.pk}-{data['request_id']}"
            exempt_cadre(actor=request.user, today=today, **data)
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
        else:
            messages.success(request, "Đã ghi thời gian miễn đi cơ sở.")
            return redirect("visit_progress")
    return TemplateResponse(request, "visits/exemption_form.html", {"form": form}, status=422 if form.is_bound else 200)
