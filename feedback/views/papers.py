"""The papers of a meeting: list, draft, issuing, the printed page and the Word file; and the register."""

import uuid
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header

from core.errors import Conflict, DomainError
from core.files import FILE_POLICY, safe_name
from core.paging import keyset_page
from core.routing import act, form_page, page
from core.word import write_docx
from feedback.forms.papers import RegisterFilter, SigningForm
from feedback.papers.issuing import (
    BY_SLUG,
    KINDS,
    draft_of,
    issue_meeting_paper,
    readable_papers,
    recall_paper,
    why_not,
)
from feedback.papers.looks import look_of
from feedback.papers.signing import propose_signing
from feedback.views.meetings import HOSTS, visible_meeting
from meetings.access import RULE_READERS, may_issue, may_log
from meetings.enums import PaperKind
from meetings.paper_styles import style_on
from meetings.papers import paper_of
from meetings.views import trail_to

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ISSUERS = (*HOSTS, "province")
COLUMNS = ("pk", "symbol", "kind", "subject", "signed_on", "signer_name", "cancelled_on", "unit__name", "meeting_id")


@page()
def paper_list(request, pk):
    return _show_list(request, visible_meeting(request, pk))


def _show_list(request, meeting, refusal=None, status=200):
    """Papers of a meeting; `refusal` {pk, error, reason}: a recall that was refused, with what was typed."""
    rows = list(readable_papers(request.user).filter(meeting=meeting).order_by("-pk"))
    for row in rows:
        row.may_cancel = not row.cancelled_on and may_issue(request.user, row)
        row.refusal = refusal if refusal and refusal["pk"] == row.pk else None
    context = {
        "meeting": meeting,
        "rows": rows,
        "kinds": [(kind, why_not(meeting, kind)) for kind in KINDS] if may_log(request.user, meeting) else [],
        "trail": _trail(meeting),
    }
    return TemplateResponse(request, "feedback/paper_list.html", context, status=status)


@form_page(roles=HOSTS)
def paper_draft(request, pk, slug):
    """The draft with the form to sign it; sending the form shows the draft again and keeps nothing."""
    meeting, kind = visible_meeting(request, pk), _kind(slug)
    form = SigningForm(request.POST, kind=kind.kind) if request.method == "POST" else None
    return _show_draft(request, meeting, kind, form)


@act(roles=HOSTS)
def paper_issue(request, pk, slug):
    meeting, kind, form = visible_meeting(request, pk), _kind(slug), SigningForm(request.POST, kind=_kind(slug).kind)
    if not form.is_valid():
        return _show_draft(request, meeting, kind, form)
    word = request.POST.get("request_id", "")[:36]
    token = f"{request.user.pk}-{word}" if word else None
    try:
        today = timezone.localdate()
        row = issue_meeting_paper(meeting, kind, form.signing(), actor=request.user, today=today, request_id=token)
    except DomainError as error:
        field = "signed_on" if error.field == "unit" else error.field
        if field not in form.fields:
            raise
        form.add_error(field, error.message)
        return _show_draft(request, meeting, kind, form)
    messages.success(request, f"Đã ban hành văn bản số {row.symbol}.")
    return redirect("paper_list", meeting.pk)


def _show_draft(request, meeting, kind, form):
    proposed = propose_signing(meeting, kind.kind, timezone.localdate())
    shown = form or SigningForm.from_signing(proposed, kind.kind)
    paper = _typed_draft(request, meeting, kind, form) or draft_of(meeting, kind, proposed, user=request.user)
    token = request.POST.get("request_id") or str(uuid.uuid4())
    context = {
        "meeting": meeting,
        "kind": kind,
        "form": shown,
        "paper": paper,
        "look": look_of(_style(paper, meeting)),
        "request_id": token,
        "download_url": f"{reverse('paper_draft_download', args=[meeting.pk, kind.slug])}?{_query(form)}",
        "trail": _trail(meeting, kind.label),
    }
    status = 422 if form and form.errors else 200
    return TemplateResponse(request, "feedback/paper_draft.html", context, status=status)


def _typed_draft(request, meeting, kind, form):
    """The draft with what was typed; None when that is refused, which the form then says."""
    if not form or not form.is_valid():
        return None
    try:
        return draft_of(meeting, kind, form.signing(), user=request.user)
    except DomainError as error:
        if error.field not in form.fields:
            raise
        form.add_error(error.field, error.message)
        return None


def _query(form):
    """What was typed, for the address of the Word file of the draft."""
    return urlencode({name: form.data.get(name, "") for name in form.fields}) if form and form.is_valid() else ""


@page(roles=HOSTS)
def paper_draft_download(request, pk, slug):
    meeting, kind = visible_meeting(request, pk), _kind(slug)
    form = SigningForm(request.GET, kind=kind.kind)
    typed = form.signing() if request.GET and form.is_valid() else None
    signing = typed or propose_signing(meeting, kind.kind, timezone.localdate())
    paper = draft_of(meeting, kind, signing, user=request.user)
    return word_file(paper, _style(paper, meeting), f"{kind.label} (dự thảo)")


@page()
def paper_detail(request, pk):
    """The printed page of an issued paper."""
    row = _readable(request, pk)
    paper = paper_of(row)
    context = {
        "paper": paper,
        "look": look_of(_style(paper, row)),
        "back_url": reverse("paper_list", args=[row.meeting_id]) if row.meeting_id else reverse("paper_register"),
        "download_url": reverse("paper_download", args=[row.pk]),
    }
    return TemplateResponse(request, "core/paper.html", context)


@page()
def paper_download(request, pk):
    row = _readable(request, pk)
    paper = paper_of(row)
    return word_file(paper, _style(paper, row), f"{row.get_kind_display()} {row.symbol}")


@act(roles=ISSUERS)
def paper_cancel(request, pk):
    row = _readable(request, pk)
    reason = request.POST.get("reason", "")
    try:
        recall_paper(row, actor=request.user, reason=reason, today=timezone.localdate())
    except DomainError as error:
        if (error.field != "reason" and not isinstance(error, Conflict)) or row.meeting_id is None:
            raise
        refusal = {"pk": row.pk, "error": error.message, "reason": reason}
        return _show_list(request, visible_meeting(request, row.meeting_id), refusal, error.status_code)
    messages.success(request, f"Đã thu hồi văn bản số {row.symbol}; số văn bản vẫn giữ trong sổ.")
    return redirect("paper_list", row.meeting_id) if row.meeting_id else redirect("paper_register")


@page()
def paper_register(request):
    """The register of one's branch, the latest first."""
    papers = readable_papers(request.user)
    years = papers.order_by("-year").values_list("year", flat=True).distinct()
    form = RegisterFilter(request.GET, years=years)
    found = form.apply(papers) if form.is_valid() else papers.none()
    paged = keyset_page(found.values(*COLUMNS), ("-signed_on", "-pk"), request.GET)
    for row in paged.rows:
        row["kind"] = PaperKind(row["kind"]).label
    context = {
        "form": form,
        "paged": paged,
        "rows": paged.rows,
        "total": found.count(),
        "may_see_styles": bool(set(RULE_READERS) & request.user.roles),
        "trail": trail_to("Sổ văn bản"),
    }
    return TemplateResponse(request, "feedback/paper_register.html", context)


def _trail(meeting, label=""):
    steps = [*trail_to("")[:-1], {"label": meeting.title, "url": meeting.get_absolute_url()}, {"label": "Văn bản"}]
    if label:
        steps[-1]["url"] = reverse("paper_list", args=[meeting.pk])
        steps.append({"label": label})
    return steps


def _kind(slug):
    if slug not in BY_SLUG:
        raise Http404
    return BY_SLUG[slug]


def _readable(request, pk):
    return get_object_or_404(readable_papers(request.user).select_related("unit"), pk=pk)


def _style(paper, thing):
    return style_on(paper.regime, thing.province_id, paper.signed_on)


def word_file(paper, style, name):
    """A download that no browser opens as a page."""
    response = HttpResponse(write_docx(paper, style), content_type=WORD)
    response["Content-Disposition"] = content_disposition_header(True, safe_name(f"{name.replace('/', '-')}.docx"))
    response["Content-Security-Policy"] = FILE_POLICY
    response["X-Content-Type-Options"] = "nosniff"
    return response
