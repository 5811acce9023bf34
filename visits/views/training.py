"""The training register: courses, who took part, turns and persons by year and unit."""

import uuid

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from core.conflicts import refuse
from core.errors import DomainError
from core.paging import keyset_page
from core.routing import act, form_page, page
from meetings.views import version_of
from visits.access import keeps, may_keep_assignments
from visits.models import TrainingCourse
from visits.registers.forms import CourseForm, RegisterFilter, TurnFilter
from visits.registers.openings import communes_below, course_units
from visits.registers.training import (
    course_turns,
    participants,
    people_rows,
    persons_to_add,
    repeated_persons,
    training_by_year,
    turns_of,
)
from visits.services.training import add_turns, drop_course, edit_course, record_course, remove_turns
from visits.views.visits import BRANCH

COLUMNS = ("pk", "title", "started_on", "ended_on", "unit__name", "counted_turns")
FACTS = ("title", "started_on", "ended_on", "location", "document", "content", "counted_turns", "source", "version")
MOST_SHOWN = 300


def _filtered(request):
    filters = RegisterFilter(request.GET, user=request.user, today=timezone.localdate())
    if not filters.is_valid():
        raise DomainError("Bộ lọc có giá trị không đọc được. Mở lại danh sách từ đầu.")
    return filters, filters.apply(TrainingCourse.objects.visible_to(request.user))


@page()
def training_course_list(request):
    filters, courses = _filtered(request)
    found = keyset_page(courses.values(*COLUMNS), ["-started_on", "-pk"], request.GET)
    named = course_turns([row["pk"] for row in found.rows])
    for row in found.rows:
        row["turns"] = named[row["pk"]] if row["counted_turns"] is None else row["counted_turns"]
    context = {
        "form": filters,
        "rows": found.rows,
        "total": courses.count(),
        "sums": turns_of(courses),
        "next_url": found.next_url,
        "prev_url": found.prev_url,
        "may_keep": may_keep_assignments(request.user),
    }
    return TemplateResponse(request, "visits/training_course_list.html", context)


@page()
def training_years(request):
    filters, courses = _filtered(request)
    rows = training_by_year(courses)
    context = {"form": filters, "rows": rows, "total": len(rows), "may_keep": may_keep_assignments(request.user)}
    return TemplateResponse(request, "visits/training_years.html", context)


def _course(request, pk):
    courses = TrainingCourse.objects.visible_to(request.user)
    return get_object_or_404(courses.select_related("unit"), pk=pk)


@page()
def training_course_detail(request, pk):
    course = _course(request, pk)
    rows, visible = participants(course), TrainingCourse.objects.visible_to(request.user)
    context = {
        "course": course,
        "rows": rows,
        "total": len(rows),
        "repeated": repeated_persons(course, visible) if rows else 0,
        "may_edit": keeps(request.user, course),
        "trail": [{"label": "Sổ tập huấn", "url": reverse("training_course_list")}, {"label": course.title, "url": ""}],
    }
    return TemplateResponse(request, "visits/training_course_detail.html", context)


@page()
def training_course_print(request, pk):
    course = _course(request, pk)
    rows = participants(course)
    context = {"course": course, "rows": rows, "total": len(rows)}
    return TemplateResponse(request, "visits/training_course_print.html", context)


@form_page(roles=BRANCH)
def training_course_create(request):
    today = timezone.localdate()
    units = course_units(request.user, today)
    form = CourseForm(request.POST or None, initial={"request_id": uuid.uuid4()}, units=units)
    if request.method == "POST" and form.is_valid():
        word = form.cleaned_data["request_id"]
        request_id = f"{request.user.pk}-{word}" if word else None
        try:
            course = record_course(form.facts(), actor=request.user, request_id=request_id, today=today)
        except DomainError as error:
            refuse(form, error)
        else:
            messages.success(request, "Đã ghi lớp tập huấn.")
            return redirect(course)
    return _form_page(request, form, 422 if form.is_bound else 200)


def _form_page(request, form, status, **more):
    return TemplateResponse(request, "visits/training_course_form.html", {"form": form} | more, status=status)


@form_page(roles=BRANCH)
def training_course_edit(request, pk):
    course, today, status, saved = _course(request, pk), timezone.localdate(), 200, None
    if not keeps(request.user, course):
        return redirect(course)
    units = course_units(request.user, today)
    units += [] if course.unit_id in dict(units) else [(course.unit_id, course.unit.name)]
    initial = {name: getattr(course, name) for name in FACTS} | {"unit": course.unit_id}
    form = CourseForm(request.POST or None, initial=initial, units=units)
    if request.method == "POST":
        status = 422
        try:
            if form.is_valid():
                version = form.cleaned_data["version"]
                return redirect(edit_course(pk, form.facts(), actor=request.user, version=version, today=today))
        except DomainError as error:
            status, saved = error.status_code, refuse(form, error, lambda: _course(request, pk))
    return _form_page(request, form, status, course=course, saved=saved)


@act(roles=BRANCH)
def training_course_drop(request, pk):
    course = _course(request, pk)
    drop_course(course.pk, actor=request.user, version=version_of(request))
    messages.success(request, "Đã bỏ lớp khỏi sổ.")
    return redirect("training_course_list")


@form_page(roles=BRANCH)
def training_turn_add(request, pk):
    """Tick participants from the roster of villages, many at once, or take everybody who was filtered."""
    course = _course(request, pk)
    if not keeps(request.user, course) or course.counted_turns is not None:
        return redirect(course)
    filters = TurnFilter(request.GET, communes=communes_below(course.unit, course.started_on))
    if not filters.is_valid():
        raise DomainError("Bộ lọc có giá trị không đọc được. Mở lại danh sách từ đầu.")
    posts, refusal = persons_to_add(course, request.user, filters.values()), ""
    if request.method == "POST":
        try:
            number = add_turns(pk, _ticked(request, posts), actor=request.user)
            messages.success(request, f"Đã thêm {number} học viên.")
            return redirect(course)
        except DomainError as error:
            refusal = error.message
    context = {
        "course": course,
        "form": filters,
        "rows": people_rows(course, posts, MOST_SHOWN),
        "total": posts.values("person_id").distinct().count(),
        "refusal": refusal,
    }
    return TemplateResponse(request, "visits/training_turn_add.html", context, status=422 if refusal else 200)


def _ticked(request, posts):
    if request.POST.get("tat-ca"):
        return list(posts.values_list("pk", flat=True))
    return _numbers(request, "post")


def _numbers(request, name):
    return [int(word) for word in request.POST.getlist(name) if word.isascii() and word.isdigit() and len(word) < 19]


@act(roles=BRANCH)
def training_turn_remove(request, pk):
    course = _course(request, pk)
    number = remove_turns(course.pk, _numbers(request, "turn"), actor=request.user)
    messages.success(request, f"Đã bỏ {number} học viên khỏi danh sách.")
    return redirect(course)
