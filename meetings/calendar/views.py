"""The calendar of one's own branch, and the secret address at which a unit's meetings can be subscribed to."""

from datetime import date

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from core.errors import DomainError, NotAllowed
from core.routing import act, page, public
from meetings.access import RULE_KEEPERS, RULE_READERS, may_keep_rules
from meetings.cadence.forms import SpecialDayForm
from meetings.cadence.views import own_provinces
from meetings.cadence.workdays import add_special_day, marked_days, remove_special_day
from meetings.calendar.feeds import calendar_file, end_feed, feed_meetings, feed_of, feeds_of_units, renew_feed
from meetings.calendar.month import WEEKDAYS, day_of, days_off, entries_of, month_of, weeks_of
from meetings.lists import FIRST_YEAR, year_of
from meetings.models import SpecialDay
from meetings.reads import own_unit_ids
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


WEEKDAYS_IN_A_LINE = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")


@page(roles=RULE_READERS)
def workday_list(request):
    return _show(request)


@act(roles=RULE_KEEPERS)
def special_day_add(request):
    province, form = _province(request), SpecialDayForm(request.POST)
    if province is None:
        raise NotAllowed("Đồng chí không giữ chức vụ ở cấp tỉnh nên không sửa được lịch làm việc.")
    if not form.is_valid():
        return _show(request, form, 422)
    day = form.cleaned_data["day"]
    try:
        add_special_day(province.pk, day, actor=request.user, **form.facts())
    except DomainError as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        return _show(request, form, refusal.status_code)
    messages.success(request, f"Đã ghi ngày {day:%d/%m/%Y}; hạn nhập và hạn ra kết luận đã tính lại.")
    return _back(day.year)


@act(roles=RULE_KEEPERS)
def special_day_remove(request, pk):
    row = get_object_or_404(
        SpecialDay.objects.filter(province__in=own_provinces(request.user, timezone.localdate())), pk=pk
    )
    remove_special_day(row.pk, actor=request.user)
    messages.success(request, f"Đã bỏ ngày {row.day:%d/%m/%Y} khỏi lịch riêng của tỉnh.")
    return _back(row.day.year)


def _back(year):
    answer = redirect("workday_list")
    answer["Location"] += f"?nam={year}"
    return answer


def _province(request):
    """The province at which the user holds a post: the one the address names, else the first."""
    provinces = own_provinces(request.user, timezone.localdate()).order_by("code")
    word = request.GET.get("tinh")
    return get_object_or_404(provinces, key=word) if word else provinces.first()


def _show(request, form=None, status=200):
    today, province = timezone.localdate(), _province(request)
    year = year_of(request.GET.get("nam"), today)
    marked = marked_days(province.pk if province else None, date(year, 1, 1), date(year, 12, 31))
    may_edit = province is not None and may_keep_rules(request.user, province)
    rows = [
        {
            "row": row,
            "weekday": WEEKDAYS_IN_A_LINE[row.day.weekday()],
            "is_weekend": row.day.weekday() > 4 and not row.is_working,
            "may_remove": may_edit and row.pk is not None,
        }
        for _, row in sorted(marked.items())
    ]
    context = {
        "trail": trail_to("Lịch làm việc", ("Chế độ giao ban", "cadence_rules")),
        "province": province,
        "year": year,
        "years": range(today.year + 1, FIRST_YEAR - 1, -1),
        "rows": rows,
        "form": form or SpecialDayForm(),
        "may_edit": may_edit,
    }
    return render(request, "meetings/workday_list.html", context, status=status)
