"""Pages of background jobs, and the answers when something goes wrong."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.urls import reverse

from core import drafts, jobs
from core.files import file_answer
from core.models import Draft, Job, JobStatus
from core.old_letters import LABELS, decode, detect
from core.routing import act, form_page, page, polling, unkept


@page()
def job_detail(request, pk):
    return render(request, "core/job_detail.html", _shown(_own_job(request, pk)))


@polling
@page()
def job_progress(request, pk):
    return render(request, "core/_job_progress.html", _shown(_own_job(request, pk)))


@polling
@page()
def job_state(request, pk):
    job = _own_job(request, pk)
    state = {"state": job.status, "done": job.done, "total": job.total, "runs": job.runs}
    return JsonResponse(state | {"file": _file_url(job)})


@page()
def job_file(request, pk):
    job = _own_job(request, pk)
    if job.status != JobStatus.DONE or not jobs.may_read(job, request.user):
        raise Http404
    return file_answer(job.file, job.file_name)


@act()
def session_keep(request):
    """A person is typing on a long form: the idle clock, which any such request renews, starts again."""
    return HttpResponse(status=204)


@unkept
@form_page()
def draft_keep(request):
    """GET: one's own drafts of the form `?form=` (or the one `?nhap=`); POST: keep what a page holds now."""
    if request.method == "POST":
        form, tabs = request.POST.get("draft_form", ""), request.POST.get("draft_tab", "").split()
        address = request.POST.get("draft_address", "")
        if not (form and tabs and drafts.is_local(address)):
            return JsonResponse({}, status=400)
        title, content = request.POST.get("draft_title", ""), drafts.typed_fields(request.POST)
        drafts.keep_draft(request.user.pk, form=form, tabs=tabs, title=title, address=address, content=content)
        return HttpResponse(status=204)
    asked = drafts.asked_draft(request)
    own = Draft.objects.filter(owner_id=request.user.pk, form=request.GET.get("form", "")).order_by("-saved_at")
    rows = [asked] if asked else own[: drafts.MOST_SHOWN]
    found = [
        {"tab": row.tab, "at": int(row.saved_at.timestamp() * 1000), "action": row.action, "values": row.content}
        for row in rows
    ]
    return JsonResponse({"drafts": found})


@unkept
@act()
def draft_drop(request):
    drafts.drop_drafts(request.user.pk, request.POST.get("draft_tab", "").split())
    return HttpResponse(status=204)


@unkept
@act()
def read_old_letters(request):
    """Pasted text that was typed for a TCVN3 or VNI font, in Unicode; nothing for any other. It is not kept."""
    text = request.POST.get("text", "").replace("\r\n", "\n")
    encoding = detect(text)
    found = {"label": LABELS[encoding], "text": decode(text, encoding)} if encoding else {}
    return JsonResponse(found)


def server_error(request):
    """The last resort: no session, no database. A database that restarts is told apart from an error of ours."""
    busy = isinstance(sys.exc_info()[1], (OperationalError, InterfaceError))
    if busy:
        answer = HttpResponse(render_to_string("503.html"), status=503)
        answer["Retry-After"] = "5"
        return answer
    return HttpResponse(render_to_string("500.html"), status=500)


def _own_job(request, pk):
    return get_object_or_404(Job, pk=pk, owner_id=request.user.pk)


def _file_url(job):
    return reverse("job_file", args=[job.pk]) if job.status == JobStatus.DONE and job.file else None


def _shown(job):
    return {
        "job": job,
        "file_url": _file_url(job),
        "is_finished": job.status in (JobStatus.DONE, JobStatus.FAILED),
        "is_failed": job.status == JobStatus.FAILED,
        "is_counted": job.total > 0,
        "percent": min(100, job.done * 100 // job.total) if job.total else 0,
    }
