"""Acts on a meeting: each one URL and one service call; a refusal shows the page again with what was typed."""

from django.contrib import messages
from django.shortcuts import redirect
from django.utils import timezone

from core.errors import DomainError, NotAllowed
from core.routing import act
from feedback.checking import must_fill
from feedback.views.meetings import HOSTS, show_meeting, visible_meeting
from meetings.files import attach
from meetings.services import cancel_meeting, finish_minutes, lock_meeting, postpone_meeting, reopen_meeting

DONE = {
    "attach": "Đã thêm tệp.",
    "minute": "Đã ghi xong biên bản.",
    "lock": "Đã chốt hội nghị.",
    "reopen": "Đã mở lại hội nghị. Sửa xong thì chốt lại.",
    "postpone": "Đã hoãn hội nghị.",
    "cancel": "Đã hủy hội nghị.",
}


@act(roles=HOSTS)
def meeting_attach(request, pk):
    def add(meeting):
        if "file" not in request.FILES:
            raise DomainError("Chọn một tệp rồi bấm Gửi tệp.", "file")
        attach(meeting, request.FILES["file"], actor=request.user)

    return _done_or_told(request, pk, "attach", add)


@act(roles=HOSTS)
def meeting_minute(request, pk):
    return _dated(request, pk, "minute", finish_minutes)


@act(roles=HOSTS)
def meeting_lock(request, pk):
    def lock(meeting_id, **facts):
        if rows := must_fill(visible_meeting(request, meeting_id)):
            raise DomainError("Chưa chốt được. " + " ".join(text for text, _ in rows))
        return lock_meeting(meeting_id, **facts)

    return _dated(request, pk, "lock", lock)


@act(roles=HOSTS)
def meeting_reopen(request, pk):
    return _with_reason(request, pk, "reopen", reopen_meeting)


@act(roles=HOSTS)
def meeting_postpone(request, pk):
    return _with_reason(request, pk, "postpone", postpone_meeting)


@act(roles=HOSTS)
def meeting_cancel(request, pk):
    return _with_reason(request, pk, "cancel", cancel_meeting)


def _dated(request, pk, name, service):
    today, version = timezone.localdate(), _version(request)
    return _done_or_told(
        request, pk, name, lambda meeting: service(meeting.pk, actor=request.user, version=version, today=today)
    )


def _with_reason(request, pk, name, service):
    reason, version = request.POST.get("reason", "").strip()[:500], _version(request)
    return _done_or_told(
        request, pk, name, lambda meeting: service(meeting.pk, actor=request.user, version=version, reason=reason)
    )


def _done_or_told(request, pk, name, act_on):
    """Do it and go back to the meeting; a refusal is told on the meeting's page, at the act it belongs to."""
    meeting = visible_meeting(request, pk)
    try:
        act_on(meeting)
    except NotAllowed:
        raise
    except DomainError as error:
        refusal = {"act": name, "error": error.message, "reason": request.POST.get("reason", "")}
        return show_meeting(request, visible_meeting(request, pk), refusal, error.status_code)
    messages.success(request, DONE[name])
    return redirect(meeting)


def _version(request):
    """The version the actor saw; something unreadable agrees with none."""
    word = request.POST.get("version", "")
    return int(word) if word.isascii() and word.isdigit() and len(word) < 10 else 0
