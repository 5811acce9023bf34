"""The working-day calendar of a province: what is off, what is worked instead, and by whose word."""

from datetime import date

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from core.errors import DomainError, NotAllowed
from core.routing import act, page
from meetings.access import RULE_KEEPERS, RULE_READERS, may_keep_rules
from meetings.filters import FIRST_YEAR, year_of
from meetings.forms import SpecialDayForm
from meetings.models import SpecialDay
from meetings.views import trail_to
from meetings.views.keeping import own_provinces
from meetings.workdays import add_special_day, marked_days, remove_special_day

WEEKDAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")


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
            "weekday": WEEKDAYS[row.day.weekday()],
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
