"""The agenda that builds itself, written into the meeting with one button; questions that came back from below."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone

from core.errors import DomainError, NotAllowed
from core.routing import act, page
from feedback.agenda import agenda_text, build_agenda
from feedback.enums import OpinionKind
from feedback.services.basket import put_in
from feedback.views.meetings import HOSTS, visible_meeting
from meetings.access import may_charge, may_plan
from meetings.enums import MeetingStatus
from meetings.models import Announcement, Relay
from meetings.services.agenda import write_agenda
from meetings.views import trail_of_meeting, version_of
from units.enums import Level
from units.selectors import heir_of


@page()
def meeting_agenda(request, pk):
    return _show(request, visible_meeting(request, pk))


def _show(request, meeting, error=None, status=200):
    parts = build_agenda(meeting, request.user)
    closed = meeting.is_locked or meeting.status == MeetingStatus.CANCELLED
    context = {
        "trail": trail_of_meeting(meeting, "Chương trình"),
        "meeting": meeting,
        "parts": parts,
        "text": request.POST.get("agenda") or agenda_text(parts),
        "may_write": may_plan(request.user, meeting) and not closed,
        "error": error,
        "minutes": sum(part.minutes or 0 for part in parts),
    }
    return TemplateResponse(request, "feedback/agenda_detail.html", context, status=status)


@act(roles=HOSTS)
def agenda_write(request, pk):
    """The text, as mended by the officer, becomes the meeting's agenda."""
    meeting = visible_meeting(request, pk)
    try:
        write_agenda(pk, request.POST.get("agenda", ""), actor=request.user, version=version_of(request))
    except NotAllowed:
        raise
    except DomainError as refusal:
        return _show(request, visible_meeting(request, pk), refusal, refusal.status_code)
    messages.success(request, "Đã đưa vào chương trình hội nghị.")
    return redirect("meeting_agenda", meeting.pk)


@act(roles=HOSTS)
def relay_ask(request, pk):
    """A question that came back becomes an item of the unit's next meeting; asked twice, it is one item."""
    told = Relay.objects.filter(announcement__in=Announcement.objects.visible_to(request.user)).exclude(questions="")
    relay = get_object_or_404(told.select_related("announcement__meeting__unit", "unit"), pk=pk)
    meeting, today = relay.announcement.meeting, timezone.localdate()
    if not may_charge(request.user, meeting):
        raise NotAllowed("Chỉ đơn vị tổ chức hội nghị đưa câu hỏi vào giỏ ý kiến của mình.")
    is_village = relay.unit.level == Level.VILLAGE
    text = relay.questions if is_village else f"{relay.unit.name}: {relay.questions}"
    unit = heir_of(meeting.unit, today) or meeting.unit
    village = relay.unit if is_village else None
    put_in(unit, village, text, actor=request.user, today=today, kind=OpinionKind.QUESTION)
    messages.success(request, "Đã đưa câu hỏi vào giỏ ý kiến của hội nghị kế tiếp.")
    return redirect("relay_detail", relay.announcement_id)
