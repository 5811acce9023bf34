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
from core.paper import GOV, PARTY
from core.routing import act, form_page, page
from core.word import write_docx
from feedback.desk.reads import Desk
from feedback.models import Opinion
from feedback.page.views import MOST_AT_ONCE, STAFF_ROLES, ticked_ids, visible_opinion
from meetings.access import RULE_KEEPERS, RULE_READERS, may_issue, may_keep_rules, may_log
from meetings.cadence.views import own_provinces
from meetings.enums import HostBody, PaperKind
from meetings.models import PaperStyle
from meetings.views import trail_to
from papers.forms import LetterForm, PaperRegisterFilter, PaperStyleForm, SigningForm
from papers.frame import look_of, propose_signing
from papers.issuing import BY_SLUG, KINDS, draft_of, issue_meeting_paper, readable_papers, recall_paper, why_not
from papers.lettering import LETTER_BY_SLUG, about_many, about_one, draft_letter, issue_letter, propose, why_no_letter
from papers.register import SIZES, add_style, default_style, paper_of, style_on
from proceedings.views import HOSTS, visible_meeting
from units.reads import place_on

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
    form = PaperRegisterFilter(request.GET, years=years)
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


ACTS = ("draft", "issue", "download")


class Desktop:
    """One letter being written: what it is about, and where its three buttons lead."""

    def __init__(self, request, slug, pk=None):
        self.request, self.kind, self.today = request, LETTER_BY_SLUG.get(slug), timezone.localdate()
        if self.kind is None or not (self.kind.for_one if pk else self.kind.for_many):
            raise Http404
        self.pks = [] if pk else ticked_ids(request)[:MOST_AT_ONCE]
        args, prefix = ([pk, slug], "letter") if pk else ([slug], "letters")
        self.tail = f"?{request.GET.urlencode()}" if request.GET and not pk else ""
        self.urls = {
            name: reverse(f"{prefix}_{name}", args=args) + self.tail for name in ("draft", "issue", "download")
        }
        self.back_url = reverse("opinion_detail", args=[pk]) if pk else reverse("opinion_list") + self.tail
        self.subject = about_one(visible_opinion(request, pk), request.user) if pk else self._listed()
        hosts = [host.value for host, _ in self.kind.hosts]
        self.host = HostBody(request.POST["host"] if request.POST.get("host") in hosts else hosts[0])
        self.signing, self.addressees = propose(self.kind, self.subject, self.host, self.today)

    def _listed(self):
        """The ticked rows; when none is ticked, every row of the filter."""
        late_on = self.today if self.kind.kind == PaperKind.REMINDER else None
        is_open = self.kind.kind in (PaperKind.FORWARDING, PaperKind.ADVICE)
        if self.pks:
            rows = Opinion.objects.visible_to(self.request.user).filter(pk__in=self.pks)
            rows = rows.unresolved() if is_open else rows
            return about_many(rows, self.request.user, kind=self.kind, late_on=late_on)
        desk = Desk(self.request.GET, self.request.user, self.today)
        hidden = 0 if late_on else desk.hidden_count()
        rows = desk.rows.unresolved() if is_open else desk.rows
        facts = {"kind": self.kind, "late_on": late_on, "restricted": hidden, "period": _period(desk)}
        return about_many(rows, self.request.user, **facts)

    def form(self):
        """What was typed; None on the first sight of the draft, and when another issuer asks for another signer."""
        data = self.request.POST
        is_typed = "signed_on" in data and data.get("host_was", self.host) == self.host
        return LetterForm(data, kind=self.kind) if is_typed else None

    def paper(self, form):
        signing, to = (form.signing(), form.sent_to()) if form else (self.signing, self.addressees)
        return draft_letter(self.kind, self.subject, signing, host=self.host, addressees=to, today=self.today)

    def style(self, paper):
        place = place_on(self.subject.unit, self.today)
        return style_on(paper.regime, place.province_id, paper.signed_on)


@form_page(roles=STAFF_ROLES)
def letter_draft(request, slug, pk=None):
    desktop = Desktop(request, slug, pk)
    return _show(request, desktop, desktop.form())


@act(roles=STAFF_ROLES)
def letter_issue(request, slug, pk=None):
    desktop = Desktop(request, slug, pk)
    form = desktop.form()
    if not (form and form.is_valid()):
        return _show(request, desktop, form)
    word = request.POST.get("request_id", "")[:36]
    token = f"{request.user.pk}-{word}" if word else None
    facts = {"host": desktop.host, "addressees": form.sent_to(), "actor": request.user, "request_id": token}
    try:
        row = issue_letter(desktop.kind, desktop.subject, form.signing(), today=desktop.today, **facts)
    except DomainError as refusal:
        field = "signed_on" if refusal.field == "unit" else refusal.field
        if field not in form.fields:
            raise
        form.add_error(field, refusal.message)
        return _show(request, desktop, form)
    messages.success(request, f"Đã ban hành văn bản số {row.symbol}.")
    return redirect("board_detail" if row.kind == PaperKind.ADVICE else "paper_detail", row.pk)


@act(roles=STAFF_ROLES)
def letter_download(request, slug, pk=None):
    """The Word file of the draft as it was typed; nothing is kept."""
    desktop = Desktop(request, slug, pk)
    form = desktop.form()
    if form and not form.is_valid():
        return _show(request, desktop, form)
    paper = desktop.paper(form)
    return word_file(paper, desktop.style(paper), f"{desktop.kind.label} (dự thảo)")


def _show(request, desktop, form):
    reason, status = why_no_letter(desktop.kind, desktop.subject, desktop.today), 200
    paper = None
    if not reason:
        paper = desktop.paper(form if form and form.is_valid() else None)
    if form and form.errors:
        status = 422
    shown = form or LetterForm.proposed(desktop.kind, desktop.signing, desktop.host, desktop.addressees)
    context = {
        "desktop": desktop,
        "kind": desktop.kind,
        "form": shown,
        "reason": reason,
        "paper": paper,
        "look": look_of(desktop.style(paper)) if paper else "",
        "request_id": request.POST.get("request_id") or str(uuid.uuid4()),
        "count": len(desktop.subject.rows),
        "trail": _trail_of_letter(desktop),
    }
    return TemplateResponse(request, "feedback/letter_draft.html", context, status=status)


def _trail_of_letter(desktop):
    steps = [{"label": "Ý kiến", "url": reverse("opinion_list")}]
    if desktop.subject.opinion:
        steps.append({"label": str(desktop.subject.opinion), "url": desktop.back_url})
    return [*steps, {"label": desktop.kind.label}]


def _period(desk):
    """The words of the period that the filter names: 'tháng 11/2026'."""
    word = desk.form.cleaned_data.get("ky") if desk.is_valid else ""
    label = dict(desk.form.fields["ky"].choices).get(word, "") if word else ""
    return label[:1].lower() + label[1:]


REGISTER = ("Sổ văn bản", "paper_register")


@page(roles=RULE_READERS)
def paper_styles(request):
    provinces = list(own_provinces(request.user, timezone.localdate()))
    rows = list(PaperStyle.objects.filter(province__in=provinces).select_related("province").order_by("-valid_from"))
    context = {
        "rows": [*rows, *(default_style(regime) for regime in (PARTY, GOV))],
        "total": len(rows) + 2,
        "may_add": any(may_keep_rules(request.user, province) for province in provinces),
        "trail": trail_to("Thể thức văn bản", REGISTER),
    }
    return TemplateResponse(request, "feedback/paper_styles.html", context)


@form_page(roles=RULE_KEEPERS)
def paper_style_add(request):
    """A new dated row, begun with the values in force; the one before it ends."""
    today = timezone.localdate()
    provinces = own_provinces(request.user, today)
    form = PaperStyleForm(request.POST or None, provinces=provinces, initial=_initial(request, provinces, today))
    if request.method == "POST" and form.is_valid():
        try:
            add_style(form.style(), actor=request.user, today=today)
        except DomainError as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        else:
            messages.success(request, "Đã lưu thể thức văn bản mới.")
            return redirect("paper_styles")
    context = {"form": form, "trail": trail_to("Thể thức mới", REGISTER, ("Thể thức văn bản", "paper_styles"))}
    return TemplateResponse(request, "feedback/paper_style_add.html", context, status=422 if form.is_bound else 200)


def _initial(request, provinces, today):
    regime = GOV if request.GET.get("loai") == GOV else PARTY
    province = provinces.first()
    style = style_on(regime, province.pk if province else None, today)
    sizes = {name: getattr(style, name) for name in SIZES}
    return sizes | {"province": province, "regime": regime, "document": style.document, "valid_from": today}
