"""The two-way ledger: what a meeting announced, which unit passed it on when, to how many, and what was asked back."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone

from core.errors import DomainError, NotAllowed
from core.merging import save_rows
from core.paging import keyset_page
from core.routing import act, form_page, page
from meetings.access import may_charge, may_report_tasking
from meetings.conclusions.forms import FinishForm, RelayForm, RelayManyForm, TaskingFilter, tasking_rows
from meetings.conclusions.forms import announcement_rows as grid_rows
from meetings.conclusions.reads import (
    ANNOUNCEMENT_COLUMNS,
    BELOW_WORDS,
    TASKING_COLUMNS,
    announcement_rows,
    announcements_to_pass_on,
    relay_lines,
    relay_matrix,
    tasking_state,
    tasking_story,
)
from meetings.conclusions.reads import tasking_rows as list_rows
from meetings.conclusions.services import (
    drop_tasking,
    finish_tasking,
    reopen_tasking,
    report_relay,
    report_relays,
    set_announcements,
    set_taskings,
)
from meetings.enums import MeetingStatus, TaskingStatus
from meetings.models import Announcement, Meeting, Tasking
from meetings.views import clashes_of, place_error, trail_of_meeting, trail_to, version_of


def _visible_meeting(request, pk):
    return get_object_or_404(Meeting.objects.visible_to(request.user).select_related("unit"), pk=pk)


@page()
def relay_matrix_page(request, pk):
    return _show_matrix(request, _visible_meeting(request, pk))


def _show_matrix(request, meeting, form=None, status=200):
    today = timezone.localdate()
    matrix = relay_matrix(meeting, request.user)
    context = {
        "trail": trail_of_meeting(meeting, "Truyền đạt"),
        "meeting": meeting,
        "below": BELOW_WORDS.get(meeting.level, "đơn vị"),
        "matrix": matrix,
        "form": form or RelayManyForm(initial={"relayed_on": today}),
        "today": today,
        "may_write": may_charge(request.user, meeting) and _is_open(meeting),
        "total": len(matrix["rows"]),
    }
    return TemplateResponse(request, "meetings/relay_matrix.html", context, status=status)


def _is_open(meeting):
    return not meeting.is_locked and meeting.status != MeetingStatus.CANCELLED


@act()
def relay_report_many(request, pk):
    """All announcements of the meeting: of one unit (`unit`), or of every unit that has not reported yet."""
    meeting, form = _visible_meeting(request, pk), RelayManyForm(request.POST)
    if not form.is_valid():
        return _show_matrix(request, meeting, form, 422)
    data = form.cleaned_data
    units = [data.pop("unit")] if data.get("unit") else None
    data.pop("unit", None)
    try:
        count = report_relays(pk, **data, actor=request.user, today=timezone.localdate(), unit_ids=units)
    except NotAllowed:
        raise
    except DomainError as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        return _show_matrix(request, meeting, form, refusal.status_code)
    messages.success(request, f"Đã ghi {count} lượt truyền đạt.")
    return redirect("relay_matrix", pk)


@form_page()
def announcement_edit(request, pk):
    """What the meeting announces; those who keep the meeting write it, before or after it was held."""
    meeting, today = _visible_meeting(request, pk), timezone.localdate()
    if not may_charge(request.user, meeting):
        raise NotAllowed("Chỉ đơn vị tổ chức hội nghị ghi nội dung truyền đạt.")
    if request.method != "POST":
        return _show_announcements(request, meeting, _announcement_grid(meeting))

    def save(rows):
        drafts = [form.draft() for form in rows if not form.is_blank]
        set_announcements(meeting.pk, drafts, actor=request.user, version=rows.saved_version, today=today)

    rows, refusal, status = save_rows(lambda data: _announcement_grid(meeting, data), save, request.POST)
    if status != 302:
        error = refusal and place_error([form for form in rows if not form.is_blank], refusal)
        return _show_announcements(request, meeting, rows, error, status)
    messages.success(request, "Đã lưu nội dung truyền đạt.")
    return redirect("relay_matrix", meeting.pk)


def _announcement_grid(meeting, data=None):
    return grid_rows(meeting, list(meeting.announced.order_by("number")), data)


def _show_announcements(request, meeting, rows, error=None, status=200):
    context = {
        "trail": trail_of_meeting(meeting, "Nội dung truyền đạt"),
        "meeting": meeting,
        "lines": rows.lines,
        "rows": rows,
        "is_open": _is_open(meeting),
        "is_first": not rows.lines and bool(meeting.announcements),
        "error": error,
    }
    context |= clashes_of(rows, rows.lines, request.user, "Nội dung")
    return TemplateResponse(request, "meetings/relay_edit.html", context, status=status)


@page()
def relay_list(request):
    """What is not yet passed on everywhere, the oldest meetings last."""
    today = timezone.localdate()
    found = announcements_to_pass_on(request.user, today)
    paged = keyset_page(found.values(*ANNOUNCEMENT_COLUMNS), ("-pk",), request.GET)
    context = {
        "trail": trail_to("Truyền đạt") if request.user.scope.content_grants else None,
        "total": found.count(),
        "paged": paged,
        "rows": list(announcement_rows(paged.rows, today)),
        "sees_meetings": bool(request.user.scope.content_grants),
    }
    return TemplateResponse(request, "meetings/relay_list.html", context)


def _visible_relay(request, pk):
    return get_object_or_404(Announcement.objects.visible_to(request.user).select_related("meeting__unit"), pk=pk)


@page()
def relay_detail(request, pk):
    return _show_relay(request, _visible_relay(request, pk))


def _show_relay(request, announcement, unit_id=None, form=None, status=200):
    """One announcement and the units that pass it on; `form` is a refused report of `unit_id`."""
    today, rows = timezone.localdate(), relay_lines(announcement, request.user)
    for row in rows:
        if row["may_relay"]:
            row["form"] = form if row["unit"].pk == unit_id else _report_form(row["relay"], row["unit"].pk, today)
            row["is_open"] = row["unit"].pk == unit_id
    meeting = announcement.meeting
    context = {
        "trail": _trail_of_relay(request.user, announcement),
        "announcement": announcement,
        "meeting": meeting,
        "below": BELOW_WORDS.get(meeting.level, "đơn vị"),
        "rows": rows,
        "total": len(rows),
        "told": sum(row["relay"] is not None for row in rows),
        "reach": sum(row["relay"].reach_count for row in rows if row["relay"]),
        "sees_meeting": request.user.scope.sees(meeting),
        "bad_form": form,
        "may_ask": may_charge(request.user, meeting),
    }
    return TemplateResponse(request, "meetings/relay_detail.html", context, status=status)


def _report_form(relay, unit_id, today):
    initial = {"relayed_on": today}
    if relay:
        initial = {"relayed_on": relay.relayed_on, "reach_count": relay.reach_count, "questions": relay.questions}
    return RelayForm(initial=initial, auto_id=f"id_{unit_id}_%s")


def _trail_of_relay(user, announcement):
    label, between = f"Nội dung số {announcement.number}", ("Truyền đạt", "relay_list")
    return trail_to(label, between) if user.scope.content_grants else None


@act()
def relay_report(request, pk, unit_pk):
    announcement, form = _visible_relay(request, pk), RelayForm(request.POST, auto_id=f"id_{unit_pk}_%s")
    if not form.is_valid():
        return _show_relay(request, announcement, unit_pk, form, 422)
    try:
        report_relay(pk, unit_pk, **form.cleaned_data, actor=request.user, today=timezone.localdate())
    except NotAllowed:
        raise
    except DomainError as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        return _show_relay(request, announcement, unit_pk, form, refusal.status_code)
    messages.success(request, "Đã ghi việc truyền đạt.")
    return redirect("relay_detail", pk)


@form_page()
def tasking_edit(request, pk):
    """The lines of one meeting's conclusion; those who keep the meeting write them."""
    meeting = get_object_or_404(Meeting.objects.visible_to(request.user).select_related("unit"), pk=pk)
    may_write = may_charge(request.user, meeting)
    if request.method != "POST":
        return _show_taskings(request, meeting, _tasking_grid(meeting) if may_write else None)
    if not may_write:
        raise NotAllowed("Chỉ đơn vị tổ chức hội nghị ghi kết luận và giao việc.")

    def save(rows):
        drafts = [form.draft() for form in rows if not form.is_blank]
        set_taskings(meeting.pk, drafts, actor=request.user, version=rows.saved_version, today=timezone.localdate())

    rows, refusal, status = save_rows(lambda data: _tasking_grid(meeting, data), save, request.POST)
    if status != 302:
        error = refusal and place_error([form for form in rows if not form.is_blank], refusal)
        return _show_taskings(request, meeting, rows, error, status)
    messages.success(request, "Đã lưu các dòng kết luận.")
    return redirect("tasking_edit", meeting.pk)


def _lines(meeting):
    return list(meeting.taskings.select_related("body", "person").order_by("number"))


def _tasking_grid(meeting, data=None):
    return tasking_rows(meeting, _lines(meeting), timezone.localdate(), data)


def _show_taskings(request, meeting, rows, error=None, status=200):
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
    context |= clashes_of(rows, lines, request.user, "Việc")
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


def _visible_tasking(request, pk):
    visible = Tasking.objects.visible_to(request.user).select_related("meeting", "unit", "body", "person")
    return get_object_or_404(visible, pk=pk)


@page()
def tasking_detail(request, pk):
    return _show_tasking(request, _visible_tasking(request, pk))


def _show_tasking(request, line, form=None, refusal=None, status=200):
    user, today = request.user, timezone.localdate()
    keeps, is_open = may_charge(user, line), line.status == TaskingStatus.OPEN
    line.word, line.tone = tasking_state(line.status, line.due_on, line.done_on, today)
    may_report = is_open and may_report_tasking(user, line)
    context = {
        "trail": _trail_of_tasking(user, line),
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


def _trail_of_tasking(user, line):
    label = f"Việc số {line.number}"
    between = ("Việc giao", "tasking_list")
    return trail_to(label, between) if user.scope.content_grants else None


@act()
def tasking_finish(request, pk):
    line, form, today = _visible_tasking(request, pk), FinishForm(request.POST), timezone.localdate()
    if not form.is_valid():
        return _show_tasking(request, line, form, status=422)
    try:
        finish_tasking(pk, **form.cleaned_data, actor=request.user, version=version_of(request), today=today)
    except NotAllowed:
        raise
    except DomainError as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        return _show_tasking(request, _visible_tasking(request, pk), form, status=refusal.status_code)
    messages.success(request, "Đã ghi việc hoàn thành.")
    return redirect("tasking_detail", pk)


@act()
def tasking_reopen(request, pk):
    return _with_reason(request, pk, "reopen", reopen_tasking, "Đã mở lại việc giao.")


@act()
def tasking_drop(request, pk):
    return _with_reason(request, pk, "drop", drop_tasking, "Đã ghi không thực hiện nữa.")


def _with_reason(request, pk, name, service, done):
    _visible_tasking(request, pk)
    reason = request.POST.get("reason", "").strip()[:500]
    try:
        service(pk, reason, actor=request.user, version=version_of(request), today=timezone.localdate())
    except NotAllowed:
        raise
    except DomainError as refusal:
        told = {"act": name, "error": refusal.message}
        return _show_tasking(request, _visible_tasking(request, pk), refusal=told, status=refusal.status_code)
    messages.success(request, done)
    return redirect("tasking_detail", pk)
