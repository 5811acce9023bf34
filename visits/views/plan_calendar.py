"""The published visits by day, one's own month, the heat table of a year, and the calendar to subscribe to."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from core.paging import keyset_page
from core.periods import Period
from core.routing import act, page, public
from meetings.calendar import month_of
from meetings.feeds import end_feed, feed_of, feeds_of_units, renew_feed
from meetings.filters import year_of
from meetings.ical import calendar_of
from meetings.views import version_of
from units.enums import Level
from units.models import Unit
from visits.access import may_plan_visits
from visits.enums import PlanState
from visits.models import PlannedVisit
from visits.openings import kept_units
from visits.plans.feed import SUBJECT, feed_lines, happening
from visits.plans.heat import LEGEND, heat_of
from visits.plans.openings import parents_of, plan_frame
from visits.plans.rows import RELATED, days_of
from visits.views.plans import unit_asked
from visits.views.visits import BRANCH


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
