"""Lines of a plan: a form to add or change one, calling one off, taking one out of a draft."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone

from core.conflicts import refuse
from core.display import day_text
from core.errors import DomainError, NotAllowed
from core.routing import act, form_page
from meetings.views import version_of
from meetings.workdays import calendar_for
from people.models import Person
from visits.access import may_plan_visits
from visits.models import PlannedVisit
from visits.plans.forms import LINE, LineForm
from visits.plans.openings import line_choices
from visits.services.plan_lines import FOREIGN, add_line, cancel_line, change_line, remove_line
from visits.views.plans import plan_of
from visits.views.visits import BRANCH


@form_page(roles=BRANCH)
def visit_line_add(request, pk):
    plan, today = plan_of(request, pk), timezone.localdate()
    _refuse_strangers(request, plan)
    people, places = line_choices(plan, today)
    form = LineForm(request.POST or None, people=people, places=places, initial={"group": "cell"})
    if request.method == "POST" and form.is_valid():
        try:
            person = Person.objects.get(pk=form.cleaned_data["person"])
            line = add_line(plan.pk, form.draft(), actor=request.user, person=person, today=today)
        except DomainError as error:
            refuse(form, error)
        else:
            return _saved(request, line, "Đã thêm một lượt.")
    context = {"form": form, "plan": plan}
    return TemplateResponse(request, "visits/plan_line_form.html", context, status=422 if form.is_bound else 200)


@form_page(roles=BRANCH)
def visit_line_edit(request, pk):
    line, today = _line(request, pk), timezone.localdate()
    _refuse_strangers(request, line.plan)
    form, status = _edit_form(request, line, today), 200
    if request.method == "POST":
        status = 422
        try:
            if form.is_valid():
                version = form.cleaned_data["version"]
                line = change_line(pk, form.draft(), actor=request.user, version=version, today=today)
                return _saved(request, line, "Đã lưu thay đổi.")
        except DomainError as error:
            status, line = error.status_code, refuse(form, error, lambda: _line(request, pk)) or line
    context = {"form": form, "plan": line.plan, "line": line, "is_stale": status == 409}
    return TemplateResponse(request, "visits/plan_line_form.html", context, status=status)


def _edit_form(request, line, today):
    initial = {name: getattr(line, name) for name in LINE} | {"unit": line.unit_id, "version": line.version}
    places = [*line_choices(line.plan, today)[1], ("Nơi đã ghi", [(line.unit_id, line.unit.name)])]
    return LineForm(request.POST or None, places=places, initial=initial)


def _line(request, pk):
    lines = PlannedVisit.objects.visible_to(request.user)
    return get_object_or_404(lines.select_related("plan__unit", "unit", "commune", "person", "visit"), pk=pk)


def _refuse_strangers(request, plan):
    if not may_plan_visits(request.user, plan):
        raise NotAllowed(FOREIGN)


def _saved(request, line, sentence):
    """Back to the plan; a day off is allowed, and said."""
    messages.success(request, sentence)
    day = line.planned_on
    if not calendar_for(line.province_id, day, day).is_working(day):
        messages.warning(request, f"Ngày {day_text(day)} là ngày nghỉ. Vẫn giữ lịch này; đổi ngày nếu không chủ ý.")
    return redirect(f"{line.plan.get_absolute_url()}#luot-{line.pk}")


@act(roles=BRANCH)
def visit_line_cancel(request, pk):
    line = _line(request, pk)
    note, today = request.POST.get("note", ""), timezone.localdate()
    cancel_line(pk, actor=request.user, version=version_of(request), note=note, today=today)
    messages.success(request, "Đã ghi thôi không đi lượt này.")
    return redirect(line.plan)


@act(roles=BRANCH)
def visit_line_remove(request, pk):
    line = _line(request, pk)
    remove_line(pk, actor=request.user, version=version_of(request), today=timezone.localdate())
    messages.success(request, "Đã bỏ lượt khỏi dự thảo.")
    return redirect(line.plan)
