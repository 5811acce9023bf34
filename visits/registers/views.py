"""The commendation register."""

import uuid

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from core.errors import DomainError
from core.merging import refuse
from core.paging import keyset_page
from core.routing import act, form_page, page
from meetings.views import version_of
from units.enums import LEVEL_ORDER
from units.models import Unit
from visits.access import keeps, may_keep_assignments
from visits.enums import CommendationForm
from visits.models import Commendation, TrainingCourse
from visits.openings import kept_units
from visits.registers.forms import CommendationFilter, CommendForm, CourseForm, RegisterFilter, TurnFilter
from visits.registers.reads import (
    communes_below,
    course_turns,
    course_units,
    initiatives_offered,
    kept_communes,
    participants,
    people_rows,
    persons_to_add,
    readable_initiatives,
    recipient_label,
    recipients,
    repeated_persons,
    training_by_year,
    turns_of,
)
from visits.registers.services import (
    add_turns,
    drop_commendation,
    drop_course,
    edit_commendation,
    edit_course,
    record_commendation,
    record_course,
    remove_turns,
)
from visits.situations.reads import place_words
from visits.views import BRANCH

COMMENDATION_COLUMNS = ("pk", "form", "issuer", "decision_number", "decided_on", "reason")
NAMES = ("person__name", "unit__name", "commune__name", "village__name")
COMMENDATION_FACTS = ("form", "issuer", "decision_number", "decided_on", "reason", "version")


@page()
def commendation_list(request):
    filters = CommendationFilter(request.GET, user=request.user, today=timezone.localdate())
    if not filters.is_valid():
        raise DomainError("Bộ lọc có giá trị không đọc được. Mở lại danh sách từ đầu.")
    rows = filters.apply(Commendation.objects.visible_to(request.user))
    found = keyset_page(rows.values(*COMMENDATION_COLUMNS, *NAMES), ["-decided_on", "-pk"], request.GET)
    for row in found.rows:
        row["form"] = CommendationForm(row["form"]).label
        row["place"] = _place(row)
    context = {
        "form": filters,
        "rows": found.rows,
        "total": rows.count(),
        "next_url": found.next_url,
        "prev_url": found.prev_url,
        "may_keep": may_keep_assignments(request.user),
    }
    return TemplateResponse(request, "visits/commendation_list.html", context)


def _place(row):
    """Where somebody was commended; a village is named already."""
    names = [row["unit__name"] if row["person__name"] else "", row["commune__name"]]
    return ", ".join(dict.fromkeys(filter(None, names)))


def _commendation(request, pk):
    related = ("person", "post__unit", "unit", "village", "commune", "initiative__opinion")
    return get_object_or_404(Commendation.objects.visible_to(request.user).select_related(*related), pk=pk)


def _readable(user, commendation):
    """The initiative behind it, if the user may read it."""
    initiative = commendation.initiative
    if initiative and readable_initiatives(user).filter(pk=initiative.pk).exists():
        return initiative
    return None


@page()
def commendation_detail(request, pk):
    commendation = _commendation(request, pk)
    context = {
        "commendation": commendation,
        "initiative": _readable(request.user, commendation),
        "may_edit": keeps(request.user, commendation),
        "trail": [
            {"label": "Sổ khen thưởng", "url": reverse("commendation_list")},
            {"label": "Khen thưởng", "url": ""},
        ],
    }
    return TemplateResponse(request, "visits/commendation_detail.html", context)


def _unit(request, communes):
    """The commune of the address, else the widest unit whose register the user keeps; others are 404."""
    if key := request.GET.get("don-vi"):
        return get_object_or_404(communes, key=key)
    own = sorted(Unit.objects.filter(pk__in=kept_units(request.user)), key=lambda u: (LEVEL_ORDER.index(u.level), u.pk))
    if not own:
        raise DomainError("Đồng chí không giữ sổ khen thưởng của đơn vị nào.")
    return own[0]


def _form(request, unit, initial, saved=None):
    """The form over the recipients of a unit; what was saved stays among the choices, an unreadable link as it is."""
    posts, villages = recipients(request.user, unit, timezone.localdate())
    initiatives, unread = list(initiatives_offered(request.user, unit)), None
    if saved:
        saved_in = saved.commune.name if saved.commune else saved.unit.name
        if saved.post_id and saved.post_id not in dict(posts):
            posts.append((saved.post_id, recipient_label(saved.post, saved_in)))
        if not saved.post_id and saved.unit_id not in dict(villages):
            villages.append((saved.unit_id, place_words(saved.unit.name, saved_in)))
        kept = _readable(request.user, saved)
        initiatives += [kept] if kept and kept not in initiatives else []
        unread = None if kept else saved.initiative
    options = {"posts": posts, "villages": villages, "initiatives": initiatives, "unread": unread}
    return CommendForm(request.POST or None, initial=initial, **options)


@form_page(roles=BRANCH)
def commendation_create(request):
    today = timezone.localdate()
    communes = kept_communes(request.user, today)
    unit = _unit(request, communes)
    form = _form(request, unit, {"request_id": uuid.uuid4()})
    if request.method == "POST" and form.is_valid():
        word = form.cleaned_data["request_id"]
        request_id = f"{request.user.pk}-{word}" if word else None
        try:
            saved = record_commendation(form.facts(), actor=request.user, request_id=request_id, today=today)
        except DomainError as error:
            refuse(form, error)
        else:
            messages.success(request, "Đã ghi khen thưởng.")
            return redirect(saved)
    context = {"form": form, "unit": unit, "communes": communes}
    status = 422 if form.is_bound else 200
    return TemplateResponse(request, "visits/commendation_form.html", context, status=status)


@form_page(roles=BRANCH)
def commendation_edit(request, pk):
    commendation, status, saved = _commendation(request, pk), 200, None
    if not keeps(request.user, commendation):
        return redirect(commendation)
    form = _form(request, commendation.commune or commendation.unit, _initial(commendation), commendation)
    if request.method == "POST":
        status = 422
        try:
            if form.is_valid():
                version, today = form.cleaned_data["version"], timezone.localdate()
                return redirect(edit_commendation(pk, form.facts(), actor=request.user, version=version, today=today))
        except DomainError as error:
            status, saved = error.status_code, refuse(form, error, lambda: _commendation(request, pk))
    context = {"form": form, "commendation": commendation, "saved": saved}
    return TemplateResponse(request, "visits/commendation_form.html", context, status=status)


def _initial(commendation):
    initial = {name: getattr(commendation, name) for name in COMMENDATION_FACTS}
    initial |= {"post": commendation.post_id, "initiative": commendation.initiative_id}
    return initial | {"village": None if commendation.post_id else commendation.unit_id}


@act(roles=BRANCH)
def commendation_drop(request, pk):
    commendation = _commendation(request, pk)
    drop_commendation(commendation.pk, actor=request.user, version=version_of(request))
    messages.success(request, "Đã bỏ mục khen thưởng khỏi sổ.")
    return redirect("commendation_list")


COURSE_COLUMNS = ("pk", "title", "started_on", "ended_on", "unit__name", "counted_turns")
COURSE_FACTS = (
    "title",
    "started_on",
    "ended_on",
    "location",
    "document",
    "content",
    "counted_turns",
    "source",
    "version",
)
MOST_SHOWN = 300


def _filtered(request):
    filters = RegisterFilter(request.GET, user=request.user, today=timezone.localdate())
    if not filters.is_valid():
        raise DomainError("Bộ lọc có giá trị không đọc được. Mở lại danh sách từ đầu.")
    return filters, filters.apply(TrainingCourse.objects.visible_to(request.user))


@page()
def training_course_list(request):
    filters, courses = _filtered(request)
    found = keyset_page(courses.values(*COURSE_COLUMNS), ["-started_on", "-pk"], request.GET)
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
    initial = {name: getattr(course, name) for name in COURSE_FACTS} | {"unit": course.unit_id}
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
