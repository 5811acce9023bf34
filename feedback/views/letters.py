"""Letters about one opinion or about a list of them: the draft with its form, its Word file, its number."""

import uuid

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from core.errors import DomainError
from core.routing import act, form_page
from feedback.desk import Desk
from feedback.forms.letters import LetterForm
from feedback.models import Opinion
from feedback.papers.lettering import BY_SLUG, about_many, about_one, draft_letter, issue_letter, propose, why_not
from feedback.papers.looks import look_of
from feedback.views.opinions import MOST_AT_ONCE, STAFF_ROLES, ticked_ids, visible_opinion
from feedback.views.papers import word_file
from meetings.enums import HostBody, PaperKind
from meetings.paper_styles import style_on
from units.selectors import place_on

ACTS = ("draft", "issue", "download")


class Desktop:
    """One letter being written: what it is about, and where its three buttons lead."""

    def __init__(self, request, slug, pk=None):
        self.request, self.kind, self.today = request, BY_SLUG.get(slug), timezone.localdate()
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
    reason, status = why_not(desktop.kind, desktop.subject, desktop.today), 200
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
        "trail": _trail(desktop),
    }
    return TemplateResponse(request, "feedback/letter_draft.html", context, status=status)


def _trail(desktop):
    steps = [{"label": "Ý kiến", "url": reverse("opinion_list")}]
    if desktop.subject.opinion:
        steps.append({"label": str(desktop.subject.opinion), "url": desktop.back_url})
    return [*steps, {"label": desktop.kind.label}]


def _period(desk):
    """The words of the period that the filter names: 'tháng 11/2026'."""
    word = desk.form.cleaned_data.get("ky") if desk.is_valid else ""
    label = dict(desk.form.fields["ky"].choices).get(word, "") if word else ""
    return label[:1].lower() + label[1:]
