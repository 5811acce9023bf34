"""Assignments: who covers what, where nobody is, a new decision, the end of one."""

import uuid

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from core.errors import DomainError, NotAllowed
from core.merging import refuse
from core.paging import keyset_page
from core.periods import Period
from core.routing import act, form_page, page
from people.models import Person
from people.reads import told_apart
from units.enums import LEVEL_ORDER, Level
from units.models import Unit
from units.reads import trail_of
from visits.access import may_end_assignment, may_keep_assignments
from visits.assignments.reads import board_of, coverage_of
from visits.assignments.services import assign_cadre, end_assignment, exempt_cadre, set_norm
from visits.enums import GroupKind
from visits.forms import AssignmentForm, EndForm, ExemptionForm, NormForm
from visits.models import Assignment, VisitExemption, VisitNorm
from visits.openings import assignable_groups, kept_units, posts_offered, units_offered
from visits.views import BRANCH

COLUMNS = ("pk", "person__name", "unit__name", "commune__name", "group", "local_group__name", "is_deputy")
TERM = ("decision_number", "valid_from", "valid_to")


@page()
def assignment_list(request):
    """Assignments in force today, or all of them."""
    today, everything = timezone.localdate(), request.GET.get("tat-ca") == "1"
    assignments = Assignment.objects.visible_to(request.user)
    assignments = assignments if everything else assignments.on(today)
    found = keyset_page(assignments.values(*COLUMNS, *TERM), ["-valid_from", "-pk"], request.GET)
    for row in found.rows:
        kind = GroupKind(row["group"]).label if row["group"] else ""
        row["group"] = row["local_group__name"] or kind
    context = {
        "rows": found.rows,
        "total": assignments.count(),
        "next_url": found.next_url,
        "prev_url": found.prev_url,
        "today": today,
        "tabs": [
            {"label": "Đang hiệu lực", "url": "?", "active": not everything},
            {"label": "Tất cả", "url": "?tat-ca=1", "active": everything},
        ],
        "may_keep": may_keep_assignments(request.user),
    }
    return TemplateResponse(request, "visits/assignment_list.html", context)


def chosen_unit(request, today):
    """The unit of the address, else the widest one the user works for; foreign and unknown ones are 404."""
    units = Unit.objects.visible_to(request.user).exclude(level=Level.VILLAGE)
    if key := request.GET.get("don-vi"):
        return get_object_or_404(units, key=key)
    ids = {grant.unit_id for grant in request.user.scope.content_grants}
    own = sorted(units.filter(pk__in=ids), key=lambda unit: (LEVEL_ORDER.index(unit.level), unit.pk))
    if not own:
        raise Http404
    return own[0]


@page(roles=BRANCH)
def coverage(request):
    today = timezone.localdate()
    unit = chosen_unit(request, today)
    rows, whole = coverage_of(unit, request.user, Period.year(today.year), today)
    context = {
        "unit": unit,
        "rows": rows,
        "total": len(rows),
        "whole": whole,
        "gaps": sum(row.is_gap for row in rows),
        "year": today.year,
        "may_keep": may_keep_assignments(request.user),
        "parents": parents_within(request.user, unit, today),
    }
    return TemplateResponse(request, "visits/coverage.html", context)


def parents_within(user, unit, today):
    """The units above that lie in the user's own branch, from the top down."""
    above = trail_of(unit, today)
    own = {grant.unit_id for grant in user.scope.content_grants}
    first = next((number for number, each in enumerate(above) if each.pk in own), len(above))
    return [each for each in above[first:] if each.pk != unit.pk]


@form_page(roles=BRANCH)
def assignment_create(request):
    today, user = timezone.localdate(), request.user
    unit = chosen_unit(request, today)
    initial = {"request_id": uuid.uuid4(), "valid_from": today, "units": request.GET.getlist("noi")}
    initial["local_groups"] = request.GET.getlist("nhom")
    units = units_offered(user, unit, today)
    form = AssignmentForm(
        request.POST or None,
        initial=initial,
        posts=posts_offered(user, today),
        units=units,
        groups=assignable_groups(user, units, today),
    )
    if request.method == "POST" and form.is_valid():
        try:
            request_id = f"{user.pk}-{form.cleaned_data['request_id']}"
            rows = assign_cadre(form.order(), actor=user, request_id=request_id, today=today)
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
        else:
            messages.success(request, f"Đã ghi {len(rows)} phân công theo quyết định này.")
            return redirect(rows[0])
    context = {"form": form, "unit": unit, "is_own": unit.pk in kept_units(user)}
    return TemplateResponse(request, "visits/assignment_form.html", context, status=422 if form.is_bound else 200)


def _assignment(request, pk):
    assignments = Assignment.objects.visible_to(request.user)
    return get_object_or_404(
        assignments.select_related("person", "unit", "commune", "local_group", "post__unit"), pk=pk
    )


@page()
def assignment_detail(request, pk):
    return _show(request, _assignment(request, pk))


def _show(request, assignment, form=None, status=200):
    today = timezone.localdate()
    may_end = may_end_assignment(request.user, assignment) and assignment.valid_to is None
    context = {
        "assignment": assignment,
        "visits": assignment.visits.visible_to(request.user)
        .counted()
        .newest_first()
        .select_related("unit", "local_group")[:20],
        "trail": [{"label": "Phân công", "url": reverse("assignment_list")}, {"label": str(assignment), "url": ""}],
        "visit_count": assignment.visits.visible_to(request.user).counted().count(),
        "form": form or EndForm(initial={"last_on": today, "version": assignment.version}),
        "may_end": may_end,
        "is_mine": assignment.person_id == request.user.person_id,
    }
    return TemplateResponse(request, "visits/assignment_detail.html", context, status=status)


@act(roles=BRANCH)
def assignment_end(request, pk):
    assignment = _assignment(request, pk)
    form = EndForm(request.POST)
    if not form.is_valid():
        return _show(request, assignment, form, 422)
    try:
        end_assignment(pk, actor=request.user, today=timezone.localdate(), **form.cleaned_data)
    except NotAllowed:
        raise
    except DomainError as error:
        saved = refuse(form, error, lambda: _assignment(request, pk))
        return _show(request, saved or assignment, form, error.status_code)
    messages.success(request, "Đã ghi ngày kết thúc phân công.")
    return redirect(assignment)


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
        people=[("", "Chọn…"), *told_apart(people.values_list("pk", "name"), today)],
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
