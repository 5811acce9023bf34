"""The calendar of one's own branch, and the secret address at which a unit's meetings can be subscribed to."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from core.routing import act, page, public
from meetings.calendar import WEEKDAYS, day_of, days_off, entries_of, month_of, weeks_of
from meetings.feeds import end_feed, feed_meetings, feed_of, feeds_of_units, renew_feed
from meetings.ical import calendar_file
from meetings.selectors import own_unit_ids
from meetings.views import trail_to, version_of
from units.enums import Level
from units.models import Unit

KEEPERS = ("commune", "commune_leader", "district", "leader", "specialist")
LIST = "danh-sach"
VIEWS = {"lich": "Lịch tháng", LIST: "Danh sách"}


@page()
def meeting_calendar(request):
    """A month as a sheet (`dang=lich`) or as a list, of the whole branch or of one unit; `ngay` lists one day."""
    today, user = timezone.localdate(), request.user
    month = month_of(request.GET.get("thang"), today)
    day = day_of(request.GET.get("ngay"), month)
    view = LIST if day or request.GET.get("dang") == LIST else "lich"
    key = request.GET.get("don-vi")
    unit = get_object_or_404(Unit.objects.visible_to(user), key=key) if key else None
    place = {f"{unit.level}_id": unit.pk} if unit else {}
    entries = [each for each in entries_of(user, month, place, today) if not day or each.day == day]
    marked = days_off(user, unit, month)
    to = _addresses(month, unit, view)
    context = {"trail": trail_to("Lịch"), "month": month, "day": day, "view": view, "unit": unit, "entries": entries}
    context |= {"units": _choosable(user, today), "weekdays": WEEKDAYS, "total": len(entries), "today": today}
    context |= {"tabs": [{"label": VIEWS[each], "url": to(dang=each), "active": view == each} for each in VIEWS]}
    context |= {"previous": to(thang=month.previous().code), "following": to(thang=month.next().code)}
    if view != LIST:
        context["weeks"] = weeks_of(month, entries, marked, today, lambda day: to(dang=LIST, ngay=f"{day}"))
    context["marked"] = sorted(marked.values(), key=lambda each: each.day)
    context["feeds"] = _feeds(request, today)
    return render(request, "meetings/calendar.html", context)


def _addresses(month, unit, view):
    """A function that gives this page's address with some words of it changed."""
    words = {"thang": month.code, "don-vi": unit.key if unit else "", "dang": view}
    return lambda **changed: f"?{urlencode({k: v for k, v in (words | changed).items() if v})}"


def _choosable(user, today):
    """Units above the villages that hold meetings, to look at one by one."""
    units = Unit.objects.visible_to(user).filter(level__in=(Level.DISTRICT, Level.COMMUNE)).on(today)
    return list(units.order_by("-level", "code").values_list("key", "name"))


def _feeds(request, today):
    own = own_unit_ids(request.user)
    rows = feeds_of_units(own, today) if own else []
    for row in rows:
        feed = row["feed"]
        row["version"] = feed.pk if feed else 0
        row["address"] = request.build_absolute_uri(reverse("calendar_feed", args=[feed.token])) if feed else ""
    return rows


def _own_unit(request, key):
    return get_object_or_404(Unit.objects.filter(pk__in=own_unit_ids(request.user)), key=key)


@act(roles=KEEPERS)
def feed_renew(request, key):
    unit = _own_unit(request, key)
    renew_feed(unit, actor=request.user, now=timezone.now(), version=version_of(request))
    messages.success(request, f"Đã tạo địa chỉ lịch mới của {unit.name}. Địa chỉ cũ (nếu có) không còn dùng được.")
    return redirect(f"{reverse('meeting_calendar')}#dia-chi")


@act(roles=KEEPERS)
def feed_end(request, key):
    unit = _own_unit(request, key)
    end_feed(unit, actor=request.user, now=timezone.now(), version=version_of(request))
    messages.success(request, f"Đã bỏ địa chỉ lịch của {unit.name}.")
    return redirect(f"{reverse('meeting_calendar')}#dia-chi")


@public("calendar programs sign in nowhere: the long secret address itself is the key, and holds no names or opinions")
def calendar_feed(request, token):
    now = timezone.now()
    today = timezone.localtime(now).date()
    feed = feed_of(token, today)
    if feed is None:
        raise Http404
    url_of = lambda pk: request.build_absolute_uri(reverse("meeting_detail", args=[pk]))  # noqa: E731
    content = calendar_file(
        feed_meetings(feed.unit, today), now=now, name=f"Hội nghị giao ban {feed.unit.name}", url_of=url_of
    )
    answer = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = 'inline; filename="lich-hoi-nghi.ics"'
    answer["X-Robots-Tag"] = "noindex"
    return answer
