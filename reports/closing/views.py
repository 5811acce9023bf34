"""Closing of periods: where it stands, one closure with what changed since, and the acts on it."""

from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from core.display import day_text
from core.errors import DomainError, NotAllowed
from core.files import file_answer, kept_path
from core.periods import Period
from core.routing import act, page
from meetings.views import version_of
from reports.access import may_export
from reports.closing.access import may_accept, may_close, may_reopen
from reports.closing.differences import difference_table, figure_rows
from reports.closing.reads import LEGEND, TONES, heat_of, own_periods, waiting_closures
from reports.closing.services import accept_closure, close_period, reopen_closure, request_freeze
from reports.display import PageTable
from reports.enums import LIVE_CLOSURES, ClosureState
from reports.models import PeriodClosure
from reports.outputs import note_download
from reports.reach import THEN
from reports.selection import selection_of
from reports.workbook.freezing import digest_of
from units.enums import Level
from units.scoping import CONTENT_ROLES

ROLES = tuple(sorted(CONTENT_ROLES))
FIRST_YEAR = 2014
ALTERED = (
    "Tệp biểu đã chốt không còn đúng mã băm ghi lúc chốt: tệp đã bị sửa hoặc hỏng sau ngày chốt. "
    "Không tải xuống; báo quản trị khôi phục tệp từ bản sao lưu."
)


@page(roles=ROLES)
def closure_list(request):
    """The periods of a unit in a year and, of a district or province, how far the units below have come."""
    return _show_list(request, request.GET)


def _show_list(request, params, error=None, status=200):
    today, user = timezone.localdate(), request.user
    chosen = selection_of(user, {"don-vi": params.get("don-vi"), "ky": params.get("nam")}, today)
    unit, year = chosen.unit, chosen.period.last.year
    below = {Level.PROVINCE: (Level.DISTRICT, Level.COMMUNE), Level.DISTRICT: (Level.COMMUNE,)}.get(unit.level, ())
    tables = [(f"Cấp {'huyện' if level == Level.DISTRICT else 'xã'}", heat_of(user, unit, year, level, today))
              for level in below]  # fmt: skip
    own = own_periods(user, unit, year, today)
    context = {
        "chosen": chosen,
        "year": year,
        "years": range(today.year, FIRST_YEAR - 1, -1),
        "own": own,
        "total": len(own),
        "waiting": waiting_closures(user, unit, year),
        "tables": [(caption, table) for caption, table in tables if table["rows"]],
        "legend": LEGEND,
        "request_id": str(uuid4()),
        "error": error,
        "failed": params.get("ky", ""),
        "stray": error and params.get("ky") not in {row.period.code for row in own},
        "typed": params.get("reason", ""),
        "trail": _trail(),
    }
    return render(request, "reports/closure_list.html", context, status=status)


def _trail(*steps):
    """The way from the reports; without steps to the board itself."""
    first = {"label": "Báo cáo", "url": reverse("report_home")}
    return [first, *(steps or ({"label": "Khóa số liệu"},))]


@act(roles=ROLES)
def closure_close(request):
    """Close a month or quarter; a year is closed and its freezing queued."""
    today, now, period = timezone.localdate(), timezone.now(), Period.parse(request.POST.get("ky"))
    chosen = selection_of(request.user, {"don-vi": request.POST.get("don-vi"), "ky": period.code}, today)
    service = request_freeze if period.kind == "year" else close_period
    said = {"reason": " ".join(request.POST.get("reason", "").split())[:500]}
    said["request_id"] = request.POST.get("request_id", "")[:40] or None
    try:
        found = service(chosen.unit, period, actor=request.user, today=today, now=now, **said)
    except DomainError as error:
        return _refused_close(request, period, error)
    if period.kind == "year":
        return HttpResponseRedirect(reverse("job_detail", args=[found[1].pk]))
    messages.success(request, f"Đã khóa số liệu {period.label_inside}.")
    return HttpResponseRedirect(found.get_absolute_url())


def _refused_close(request, period, error):
    """The page again, with the refusal beside the period and what was typed."""
    if isinstance(error, NotAllowed):
        raise error
    params = request.POST.dict() | {"nam": f"{period.last.year}"}
    return _show_list(request, params, error.message, error.status_code)


@page(roles=ROLES)
def closure_detail(request, pk):
    return _show(request, _closure(request, pk))


def _closure(request, pk):
    return get_object_or_404(PeriodClosure.objects.visible_to(request.user).select_related("unit"), pk=pk)


def _show(request, closure, error=None, status=200):
    today, user, period = timezone.localdate(), request.user, Period.parse(closure.period)
    is_live = closure.state in LIVE_CLOSURES
    rows, others = figure_rows(closure, today)
    context = {
        "closure": closure,
        "period": period,
        "tone": TONES[closure.state],
        "rows": rows,
        "others": others,
        "changed": sum(1 for row in rows if row.change),
        "total": len(rows),
        "may_accept": closure.state == ClosureState.CLOSED and period.kind != "year" and may_accept(user, closure),
        "may_reopen": is_live and may_reopen(user, closure),
        "may_freeze": period.kind == "year" and closure.state == ClosureState.CLOSED and may_close(user, closure),
        "may_export": may_export(user, closure.unit),
        "query": f"don-vi={closure.unit.key}&ky={closure.period}",
        "request_id": str(uuid4()),
        "error": error,
        "typed": request.POST.get("reason", ""),
        "today": today,
        "trail": _trail({"label": "Khóa số liệu", "url": _board_of(closure)}, {"label": period.label}),
    }
    return render(request, "reports/closure_detail.html", context, status=status)


def _board_of(closure):
    return f"{reverse('closure_list')}?don-vi={closure.unit.key}&nam={closure.last_on.year}"


@page(roles=ROLES)
def closure_differences(request, pk):
    """Every cell of the kept tables that would read otherwise today."""
    closure, today = _closure(request, pk), timezone.localdate()
    table, period = difference_table(closure, today), Period.parse(closure.period)
    context = {"closure": closure, "table": table, "shown": PageTable(table, limit=1000), "period": period}
    steps = ({"label": period.label, "url": closure.get_absolute_url()}, {"label": "Chênh lệch"})
    context["trail"] = _trail({"label": "Khóa số liệu", "url": _board_of(closure)}, *steps)
    return render(request, "reports/closure_differences.html", context)


@act(roles=ROLES)
def closure_accept(request, pk):
    closure, today = _closure(request, pk), timezone.localdate()
    accept_closure(closure.pk, actor=request.user, version=version_of(request), today=today, now=timezone.now())
    messages.success(request, f"Đã nhận số liệu của {closure.unit.name}.")
    return HttpResponseRedirect(closure.get_absolute_url())


@act(roles=ROLES)
def closure_reopen(request, pk):
    closure, today, now = _closure(request, pk), timezone.localdate(), timezone.now()
    reason = request.POST.get("reason", "")
    try:
        reopen_closure(closure.pk, actor=request.user, version=version_of(request), reason=reason, today=today, now=now)
    except NotAllowed:
        raise
    except DomainError as error:
        return _show(request, closure, error.message, error.status_code)
    messages.success(request, "Đã mở lại kỳ. Sửa xong thì khóa lại.")
    return HttpResponseRedirect(closure.get_absolute_url())


@page(roles=ROLES)
def closure_file(request, pk):
    """The workbook that was frozen, as long as it is still the one whose hash was kept."""
    closure = _closure(request, pk)
    if not closure.workbook:
        raise Http404
    period = Period.parse(closure.period)
    if digest_of(kept_path(closure.workbook)) != closure.workbook_sha256:
        raise DomainError(ALTERED)
    note_download("workbook", "xlsx", closure.unit, period, THEN, actor=request.user)
    name = f"Giao ban {closure.period} - {closure.unit.name} - chốt {day_text(closure.as_of)}.xlsx"
    return file_answer(closure.workbook, name.replace("/", "-"))
