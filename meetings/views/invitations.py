"""Inviting by e-mail: who can be reached, who was, and sending."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from core.errors import DomainError, NotAllowed
from core.models import Job
from core.routing import act, page
from meetings.access import may_log
from meetings.invitations import (
    JOB,
    check_can_invite,
    invitation_rows,
    is_mail_ready,
    queue_invitations,
    revision_now,
)
from meetings.models import Meeting
from meetings.views import trail_of_meeting

KEEPERS = ("commune", "commune_leader", "district", "leader", "specialist")


def _meeting(request, pk):
    return get_object_or_404(Meeting.objects.visible_to(request.user).select_related("unit"), pk=pk)


@page(roles=KEEPERS)
def invitation_list(request, pk):
    meeting, today = _meeting(request, pk), timezone.localdate()
    if not may_log(request.user, meeting):
        raise NotAllowed("Chỉ đơn vị triệu tập hội nghị xem và gửi giấy mời.")
    rows = invitation_rows(meeting) if meeting.planned_on else []
    reached = [row for row in rows if row["address"]]
    context = {"trail": trail_of_meeting(meeting, "Giấy mời qua thư"), "meeting": meeting, "rows": rows}
    context |= {"total": len(rows), "reached": len(reached), "unreached": len(rows) - len(reached)}
    context |= {"is_ready": is_mail_ready(), "refusal": _refusal(meeting, today), "revision": revision_now(meeting)}
    context["job"] = Job.objects.filter(kind=JOB, owner_id=request.user.pk, params__meeting_id=pk).first()
    return render(request, "meetings/invitation_list.html", context)


def _refusal(meeting, today):
    """Why nothing can be sent now; '' when it can."""
    try:
        check_can_invite(meeting, today)
    except DomainError as refusal:
        return refusal.message
    return ""


@act(roles=KEEPERS)
def invitation_send(request, pk):
    job = queue_invitations(_meeting(request, pk).pk, actor=request.user, now=timezone.now())
    if job:
        messages.success(request, "Đã nhận việc gửi giấy mời; thư được gửi dần trong ít phút.")
    else:
        messages.info(request, "Mọi người có địa chỉ thư đã được gửi giấy mời này; không gửi lại.")
    return redirect("invitation_list", pk)
