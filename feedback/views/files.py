"""Files of an opinion: in through a check, out only to those who see the opinion."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone

from core.activity import record
from core.errors import DomainError, NotAllowed
from core.files import file_answer
from core.routing import ALL_ROLES, act, page
from feedback.files import visible_files
from feedback.services.files import attach_file, remove_file
from feedback.views.opinions import STAFF_ROLES, show_opinion, visible_opinion

SENDERS = (*STAFF_ROLES, "agency", "village")


@page(roles=ALL_ROLES)
def opinion_file(request, pk):
    """A restricted opinion's file is read like its page: somebody did, and when."""
    file = get_object_or_404(visible_files(request.user).select_related("opinion"), pk=pk)
    if file.opinion.is_restricted:
        record(request.user.pk, "opinion.read_restricted", file.opinion, after={"file": file.pk})
    return file_answer(file.path, file.name)


@act(roles=SENDERS)
def file_attach(request, pk):
    opinion = visible_opinion(request, pk)
    try:
        attach_file(pk, request.FILES.get("file"), actor=request.user, is_declared="no_secret" in request.POST)
    except NotAllowed:
        raise
    except DomainError as refusal:
        return show_opinion(request, opinion, status=refusal.status_code, refused={"files": refusal.message})
    messages.success(request, f"YK-{pk}: đã thêm tệp.")
    return redirect(opinion)


@act(roles=SENDERS)
def file_remove(request, pk):
    file = get_object_or_404(visible_files(request.user), pk=pk)
    opinion = remove_file(file, actor=request.user, now=timezone.now())
    messages.success(request, f"YK-{opinion.pk}: đã bỏ tệp.")
    return redirect(opinion)
