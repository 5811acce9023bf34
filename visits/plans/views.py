"""Forms of the month's plan and of its lines."""

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from core.display import day_text
from core.errors import DomainError, NotAllowed
from core.forms import ClockField, DayField, GuidedForm, NameField
from core.merging import refuse
from core.paging import keyset_page
from core.periods import Period
from core.routing import act, form_page, page, public
from meetings.cadence.workdays import calendar_for, marked_days
from meetings.calendar.feeds import calendar_of, end_feed, feed_of, feeds_of_units, renew_feed
from meetings.calendar.month import month_of
from meetings.lists import year_of
from meetings.views import version_of
from people.models import Person
from units.enums import Level
from units.models import Unit
from visits.access import may_plan_visits
from visits.enums import GroupKind, PlanState
from visits.models import PlannedVisit, VisitPlan
from visits.openings import NO_CHOICE, kept_units
from visits.plans.proposing import places_day, ranked, villages_below
from visits.plans.reads import (
    COLUMNS,
    LEGEND,
    RELATED,
    SUBJECT,
    days_of,
    feed_lines,
    happening,
    heat_of,
    line_choices,
    parents_of,
    plan_frame,
    plan_row,
    planning_units,
    plans_of,
    weak_row,
    widest_unit,
)
from visits.plans.services import (
    FOREIGN,
    LineDraft,
    add_line,
    cancel_line,
    change_line,
    propose_plan,
    publish_plan,
    remove_line,
)
from visits.views import BRANCH

MONTHS_AHEAD = 3
PICKER = {"data-picker": ""}
LINE = ("group", "planned_on", "starts_at", "note")


def months_offered(today):
    month = Period.of_day(today, "month")
    months = [month]
    while len(months) <= MONTHS_AHEAD:
        months.append(months[-1].next())
    return [(each.code, each.label) for each in months]


class PlanForm(GuidedForm):
    """Which unit's plan of which month."""

    unit = forms.ModelChoiceField(label="Đơn vị lập kế hoạch", queryset=None, empty_label=None)
    month = forms.ChoiceField(label="Tháng")

    def __init__(self, *args, units, today, **options):
        super().__init__(*args, **options)
        self.fields["unit"].queryset = units
        self.fields["month"].choices = months_offered(today)


class LineForm(GuidedForm):
    """Who goes where, when, to whom; without `people` the cadre is given."""

    person = forms.TypedChoiceField(label="Cán bộ đi", coerce=int, widget=forms.Select(attrs=PICKER))
    unit = forms.TypedChoiceField(label="Nơi đến", coerce=int, widget=forms.Select(attrs=PICKER))
    group = forms.ChoiceField(label="Tổ chức sẽ dự sinh hoạt", choices=[NO_CHOICE, *GroupKind.choices])
    planned_on = DayField(label="Ngày dự kiến")
    starts_at = ClockField(label="Giờ dự kiến", required=False)
    note = NameField(label="Ghi chú", max_length=300, required=False, help_text="Hiện với người đi và nơi đến.")
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, places, people=None, **options):
        super().__init__(*args, **options)
        self.fields["unit"].choices = places
        if people is None:
            del self.fields["person"]
        else:
            self.fields["person"].choices = [NO_CHOICE, *people]

    def draft(self):
        data = self.cleaned_data
        return LineDraft(unit=Unit.objects.get(pk=data["unit"]), **{name: data[name] for name in LINE})


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


@page()
def visit_schedule(request):
    """Who comes where in a month: published lines of one's branch, or of one unit in it."""
    today, key = timezone.localdate(), request.GET.get("don-vi")
    month = month_of(request.GET.get("ky"), today)
    unit = get_object_or_404(Unit.objects.visible_to(request.user), key=key) if key else None
    place = {f"{unit.level}_id": unit.pk} if unit else {}
    lines = PlannedVisit.objects.visible_to(request.user).filter(plan__state=PlanState.PUBLISHED, **place)
    context = _scheduled(request, lines.in_period(month), today)
    context |= {"month": month, "unit": unit, "feeds": _feeds(request, today)}
    context |= plan_frame(request.user, "visit_schedule")
    return TemplateResponse(request, "visits/plan_schedule.html", context)


@page()
def visit_plan_mine(request):
    """One's own month, with a door to the record of each visit."""
    today = timezone.localdate()
    month = month_of(request.GET.get("ky"), today)
    mine = PlannedVisit.objects.visible_to(request.user).filter(person_id=request.user.person_id)
    context = _scheduled(request, mine.filter(plan__state=PlanState.PUBLISHED).in_period(month), today)
    context |= {"month": month, "is_mine": True} | plan_frame(request.user, "visit_plan_mine")
    return TemplateResponse(request, "visits/plan_schedule.html", context)


def _scheduled(request, lines, today):
    found = keyset_page(lines.values("pk", "planned_on"), ["planned_on", "pk"], request.GET)
    shown = PlannedVisit.objects.filter(pk__in=[row["pk"] for row in found.rows]).select_related(*RELATED)
    return {
        "days": days_of(shown.order_by("planned_on", "starts_at", "pk"), request.user, today),
        "shown": len(found.rows),
        "total": lines.count(),
        "next_url": found.next_url,
        "prev_url": found.prev_url,
    }


@page(roles=BRANCH)
def visit_heat(request):
    today, unit = timezone.localdate(), unit_asked(request)
    year = Period.year(year_of(request.GET.get("ky"), today))
    heat = heat_of(unit, request.user, year, today)
    context = {
        "unit": unit,
        "heat": heat,
        "total": len(heat["rows"]),
        "legend": LEGEND,
        "period": year,
        "corner": "Thôn, khu" if unit.level == Level.COMMUNE else "Xã, phường",
        "parents": parents_of(request.user, unit, today),
    } | plan_frame(request.user, "visit_heat")
    return TemplateResponse(request, "visits/plan_heat.html", context)


def _feeds(request, today):
    """The secret addresses of the units whose plans the user keeps."""
    own = kept_units(request.user)
    rows = feeds_of_units(own, today, SUBJECT) if own else []
    for row in rows:
        feed = row["feed"]
        row["version"] = feed.pk if feed else 0
        row["address"] = request.build_absolute_uri(reverse("visit_feed", args=[feed.token])) if feed else ""
    return rows


def _own_unit(request, key):
    return get_object_or_404(Unit.objects.filter(pk__in=kept_units(request.user)), key=key)


@act(roles=BRANCH)
def visit_feed_renew(request, key):
    unit, version = _own_unit(request, key), version_of(request)
    renew_feed(
        unit, actor=request.user, now=timezone.now(), version=version, subject=SUBJECT, may=may_plan_visits
    )  # fmt: skip
    messages.success(request, f"Đã tạo địa chỉ lịch đi cơ sở của {unit.name}. Địa chỉ cũ (nếu có) không còn dùng được.")
    return redirect(f"{reverse('visit_schedule')}#dia-chi")


@act(roles=BRANCH)
def visit_feed_end(request, key):
    unit, version = _own_unit(request, key), version_of(request)
    end_feed(
        unit, actor=request.user, now=timezone.now(), version=version, subject=SUBJECT, may=may_plan_visits
    )  # fmt: skip
    messages.success(request, f"Đã bỏ địa chỉ lịch đi cơ sở của {unit.name}.")
    return redirect(f"{reverse('visit_schedule')}#dia-chi")


@public("calendar programs sign in nowhere: the long secret address itself is the key, and holds cadres' posts only")
def visit_feed(request, token):
    now = timezone.now()
    today = timezone.localtime(now).date()
    feed = feed_of(token, today, SUBJECT)
    if feed is None:
        raise Http404
    url = lambda line: request.build_absolute_uri(line.plan.get_absolute_url())  # noqa: E731
    events = [happening(line, url(line)) for line in feed_lines(feed.unit, today)]
    content = calendar_of(events, now=now, name=f"Lịch đi cơ sở {feed.unit.name}")
    answer = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = 'inline; filename="lich-di-co-so.ics"'
    answer["X-Robots-Tag"] = "noindex"
    return answer


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
