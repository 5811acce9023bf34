"""Helping bodies and proposals of another owner: the acts beside an opinion's own verbs."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone

from core.errors import Conflict, DomainError
from core.routing import act
from feedback.models import Opinion, Support
from feedback.services.disclaiming import accept_proposal
from feedback.services.supporting import reply_support, withdraw_support
from feedback.views.opinions import STAFF_ROLES, show_opinion, visible_opinion


@act(roles=("agency",))
def support_reply(request, pk):
    return _answer(request, pk, reply_support, "đã gửi ý kiến phối hợp")


@act(roles=STAFF_ROLES)
def support_withdraw(request, pk):
    return _answer(request, pk, withdraw_support, "đã thôi đề nghị phối hợp")


def _answer(request, pk, service, done):
    """A refusal shows the opinion again with what was typed beside the request it belongs to."""
    asked = Support.objects.filter(withdrawn_on=None, opinion__in=Opinion.objects.visible_to(request.user))
    support = get_object_or_404(asked, pk=pk)
    note = request.POST.get("note", "")
    try:
        version = _version(request)
        service(pk, actor=request.user, version=version, today=timezone.localdate(), note=note)
    except DomainError as refusal:
        if refusal.field != "note" and not isinstance(refusal, Conflict):
            raise
        refused = {"pk": pk, "error": refusal.message, "note": note}
        opinion = visible_opinion(request, support.opinion_id)
        return show_opinion(request, opinion, status=refusal.status_code, refused_support=refused)
    messages.success(request, f"YK-{support.opinion_id}: {done}.")
    return redirect("opinion_detail", support.opinion_id)


@act(roles=STAFF_ROLES)
def proposal_accept(request, pk):
    """One button: do what the body proposed."""
    opinion = visible_opinion(request, pk)
    accept_proposal(opinion.pk, actor=request.user, version=_version(request), today=timezone.localdate())
    messages.success(request, f"YK-{pk}: đã thực hiện theo đề nghị.")
    is_visible = Opinion.objects.visible_to(request.user).filter(pk=pk).exists()
    return redirect(reverse("opinion_detail", args=[pk]) if is_visible else reverse("opinion_list"))


def _version(request):
    word = request.POST.get("version", "")
    if not (word.isascii() and word.isdecimal() and len(word) < 10):
        raise DomainError("Phiên bản của trang không hợp lệ. Tải lại trang rồi thực hiện lại.")
    return int(word)
