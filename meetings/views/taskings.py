"""Lines of a conclusion: the grid of a meeting, the list of what is owed, one line and its acts."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone

from core.conflicts import save_rows
from core.errors import DomainError, NotAllowed
from core.paging import keyset_page
from core.routing import act, form_page, page
from meetings.access import may_charge, may_report_tasking
from meetings.business import TASKING_COLUMNS, tasking_state, tasking_story
from meetings.business import tasking_rows as list_rows
from meetings.business_forms import FinishForm, TaskingFilter, tasking_rows
from meetings.enums import TaskingStatus
from meetings.models import Meeting, Tasking
from meetings.services.taskings import (
    drop_tasking,
    finish_tasking,
    reopen_tasking,
    set_taskings,
)
from meetings.views import clashes_of, place_error, trail_of_meeting, trail_to, version_of


@form_page()
def tasking_edit(request, pk):
    """The lines of one meeting's conclusion; those who keep the meeting write them."""
    meeting = get_object_or_404(Meeting.objects.visible_to(request.user).select_related("unit"), pk=pk)
    may_write = may_charge(request.user, meeting)
    if request.method != "POST":
        return _show_grid(request, meeting, _grid(meeting) if may_write else None)
    if not may_write:
        raise NotAllowed("Chỉ đơn vị tổ chức hội nghị ghi kết luận và giao việc.")

    def save(rows):
        drafts = [form.draft() for form in rows if not form.is_blank]
        set_taskings(meeting.pk, drafts, actor=request.user, version=rows.saved_version, today=timezone.localdate())

    rows, refusal, status = save_rows(lambda data: _grid(meeting, data), save, request.POST)
    if status != 302:
        error = refusal and place_error([form for form in rows if not form.is_blank], refusal)
        return _show_grid(request, meeting, rows, error, status)
    messages.success(request, "Đã lưu các dòng kết luận.")
    return redirect("tasking_edit", meeting.pk)


def _lines(meeting):
    return list(meeting.taskings.select_related("body", "person").order_by("number"))


def _grid(meeting, data=None):
    return tasking_rows(meeting, _lines(meeting), timezone.localdate(), data)


def _show_grid(request, meeting, rows, error=None, status=200):
    today, lines = timezone.localdate(), rows.lines if rows else _lines(meeting)
    for line in lines:
        line.word, line.tone = tasking_state(line.status, line.due_on, line.done_on, today)
    context = {
        "trail": trail_of_meeting(meeting, "Kết luận, giao việc"),
        "meeting": meeting,
        "lines": lines,
        "rows": rows,
        "may_write": rows is not None and meeting.is_held and not meeting.is_locked,
        "error": error,
        "total": len(lines),
    }
    context |= clashes_of(rows, lines, request.user)
    return TemplateResponse(request, "meetings/tasking_edit.html", context, status=status)


@page()
def tasking_list(request):
    """What is owed, the most overdue first."""
    today = timezone.localdate()
    form = TaskingFilter(request.GET, user=request.user, today=today)
    found = Tasking.objects.visible_to(request.user)
    found = form.apply(found) if form.is_valid() else found.none()
    paged = keyset_page(found.values(*TASKING_COLUMNS), ("due_on", "pk"), request.GET)
    context = {
        "trail": trail_to("Việc giao") if request.user.scope.content_grants else None,
        "form": form,
        "total": found.count(),
        "paged": paged,
        "rows": list(list_rows(paged.rows, today)),
    }
    return TemplateResponse(request, "meetings/tasking_list.html", context)


def _visible(request, pk):
    visible = Tasking.objects.visible_to(request.user).select_related("meeting", "unit", "body", "person")
    return get_object_or_404(visible, pk=pk)


@page()
def tasking_detail(request, pk):
    return _show(request, _visible(request, pk))


def _show(request, line, form=None, refusal=None, status=200):
    user, today = request.user, timezone.localdate()
    keeps, is_open = may_charge(user, line), line.status == TaskingStatus.OPEN
    line.word, line.tone = tasking_state(line.status, line.due_on, line.done_on, today)
    may_report = is_open and may_report_tasking(user, line)
    context = {
        "trail": _trail(user, line),
        "line": line,
        "story": tasking_story(line),
        "form": form or (FinishForm(initial={"done_on": today}) if may_report else None),
        "may_report": may_report,
        "may_drop": keeps and is_open,
        "may_reopen": keeps and not is_open,
        "sees_meeting": Meeting.objects.visible_to(user).filter(pk=line.meeting_id).exists(),
        "refusal": refusal,
        "typed": request.POST.get("reason", ""),
    }
    return TemplateResponse(request, "meetings/tasking_detail.html", context, status=status)


def _trail(user, line):
    label = f"Việc số {line.number}"
    between = ("Việc giao", "tasking_list")
    return trail_to(label, between) if user.scope.content_grants else None


@act()
def tasking_finish(request, pk):
    line, form, today = _visible(request, pk), FinishForm(request.POST), timezone.localdate()
    if not form.is_valid():
        return _show(request, line, form, status=422)
    try:
        finish_tasking(pk, **form.cleaned_data, actor=request.user, version=version_of(request), today=today)
    except NotAllowed:
        raise
    except DomainError as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        return _show(request, _visible(request, pk), form, status=refusal.status_code)
    messages.success(request, "Đã ghi việc hoàn thành.")
    return redirect("tasking_detail", pk)


@act()
def tasking_reopen(request, pk):
    return _with_reason(request, pk, "reopen", reopen_tasking, "Đã mở lại việc giao.")


@act()
def tasking_drop(request, pk):
    return _with_reason(request, pk, "drop", drop_tasking, "Đã ghi không thực hiện nữa.")


def _with_reason(request, pk, name, service, done):
    _visible(request, pk)
    reason = request.POST.get("reason", "").strip()[:500]
    try:
        service(pk, reason, actor=request.user, version=version_of(request), today=timezone.localdate())
    except NotAllowed:
        raise
    except DomainError as refusal:
        told = {"act": name, "error": refusal.message}
        return _show(request, _visible(request, pk), refusal=told, status=refusal.status_code)
    messages.success(request, done)
    return redirect("tasking_detail", pk)
