"""Opening a restricted opinion to a post by name, closing it, and keeping a speaker's name."""

from django.contrib import messages
from django.shortcuts import redirect
from django.utils import timezone

from core.errors import DomainError, NotAllowed
from core.routing import act
from feedback.services.readers import close_to_post, hide_speaker, open_to_post
from feedback.views.opinions import STAFF_ROLES, show_opinion, visible_opinion


def number_of(word):
    """A typed id, or None for anything else."""
    return int(word) if word.isascii() and word.isdecimal() and len(word) < 19 else None


@act(roles=STAFF_ROLES)
def reader_name(request, pk):
    opinion, today = visible_opinion(request, pk), timezone.localdate()
    try:
        open_to_post(pk, post_id=number_of(request.POST.get("post", "")), actor=request.user, today=today)
    except NotAllowed:
        raise
    except DomainError as refusal:
        return show_opinion(request, opinion, status=refusal.status_code, refused={"readers": refusal.message})
    messages.success(request, f"YK-{pk}: đã mở cho người được chọn xem.")
    return redirect(opinion)


@act(roles=STAFF_ROLES)
def reader_drop(request, pk):
    opinion, today = visible_opinion(request, pk), timezone.localdate()
    close_to_post(pk, post_id=number_of(request.POST.get("post", "")), actor=request.user, today=today)
    messages.success(request, f"YK-{pk}: đã thôi mở cho người này.")
    return redirect(opinion)


@act(roles=STAFF_ROLES)
def speaker_hide(request, pk):
    opinion = visible_opinion(request, pk)
    hides, version = request.POST.get("hides") == "on", number_of(request.POST.get("version", ""))
    if version is None:
        raise DomainError("Tải lại trang rồi thực hiện lại.")
    hide_speaker(pk, hides=hides, actor=request.user, version=version, today=timezone.localdate())
    messages.success(request, f"YK-{pk}: đã lưu lựa chọn về tên người nêu.")
    return redirect(opinion)
