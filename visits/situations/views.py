"""What the page of one situation shows: facts, who knew when, the steps, and the forms open to this user."""

import uuid

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from core.display import moment_text
from core.errors import DomainError, NotAllowed
from core.merging import refuse
from core.paging import keyset_page
from core.routing import act, form_page, page
from units.enums import Level
from units.reads import places_on
from visits.access import may_keep_assignments, may_visit
from visits.enums import Knower, SituationState
from visits.models import Situation
from visits.openings import knowers_offered, places_offered
from visits.situations.access import may_edit_situation, may_explain, may_handle_situation, may_review_explanation
from visits.situations.filters import SituationFilter, SituationReviewFilter
from visits.situations.forms import (
    CloseForm,
    ExplainForm,
    ExplanationReviewForm,
    HandleForm,
    ReopenForm,
    ResponsibleForm,
    SituationForm,
    parts_of,
)
from visits.situations.reads import (
    COLUMNS,
    TONES,
    assigned_at,
    level_words,
    levels_before,
    place_words,
    situation_rows,
    span_rows,
)
from visits.situations.rules import duration_words, spans_of
from visits.situations.services import (
    begin_handling,
    choose_responsible,
    close_situation,
    edit_situation,
    explain_situation,
    record_situation,
    reopen_situation,
    review_explanation,
)
from visits.views import BRANCH, VISITING


def explanation_of(situation):
    return getattr(situation, "explanation", None)


def shown_facts(situation):
    """The facts of a situation in words, for its page and beside a form that came second."""
    knowings = list(situation.knowings.all())
    known = {knowing.knower: knowing.known_at for knowing in knowings}
    levels, own = levels_before(situation, knowings), known.get(Knower.RESPONSIBLE)
    first = min(known.values(), default=None)
    spans = spans_of(first, situation.reported_at, situation.handling_at, situation.closed_at)
    return {
        "situation": situation,
        "place": place_words(situation.unit.name, situation.commune.name),
        "knowings": knowings,
        "levels": levels,
        "above": [level_words(knower, known[knower], own) for knower in levels],
        "own": moment_text(own),
        "steps": _steps(situation, spans),
    }


def _steps(situation, spans):
    """(label, moment, what it took, who) of every step that was taken."""
    rows = (
        ("Báo cáo", situation.reported_at, spans[0], "sau khi biết", situation.reported_to),
        ("Bắt đầu xử lý", situation.handling_at, spans[1], "sau bước trước", ""),
        ("Kết thúc", situation.closed_at, spans[2], "xử lý", ""),
    )
    return [
        {"label": label, "at": at, "took": f"{duration_words(span)} {words}" if span is not None else "", "who": who}
        for label, at, span, words, who in rows
        if at
    ]


def page_of(situation, user, now, sent=None):
    """The context of the page; a refused form of `sent` is shown even where the state has moved on."""
    facts, explanation = shown_facts(situation), explanation_of(situation)
    assigned = assigned_to(situation) if may_handle_situation(user, situation) else []
    forms = _forms(situation, explanation, facts["levels"], assigned, user, now) | (sent or {})
    return facts | {
        "shown": facts,
        "tone": TONES[situation.state],
        "explanation": explanation,
        "may_edit": may_edit_situation(user, situation),
        "forms": forms,
        "sent": next(iter((sent or {}).values()), None),
    }


def assigned_to(situation):
    day = timezone.localtime(situation.happened_at).date()
    place = places_on([situation.unit_id], day).get(situation.unit_id)
    return assigned_at(place, day) if place else []


def _forms(situation, explanation, levels, assigned, user, now):
    """The forms of what this user may do now, by name."""
    version, forms = {"version": situation.version}, {}
    if may_handle_situation(user, situation):
        if situation.state == SituationState.OPEN:
            forms["handle"] = HandleForm(initial=version | parts_of("handling", now), auto_id="handle-%s")
        elif situation.state == SituationState.HANDLING:
            initial = version | parts_of("closed", now) | {"outcome": situation.outcome}
            forms["close"] = CloseForm(initial=initial, auto_id="close-%s")
        else:
            forms["reopen"] = ReopenForm(initial=version, auto_id="reopen-%s")
        if explanation is None and any(each.person_id != situation.responsible_id for each in assigned):
            forms["responsible"] = ResponsibleForm(initial=version, assigned=assigned, auto_id="responsible-%s")
    if may_explain(user, situation, explanation, levels):
        initial = {"version": explanation.version, "text": explanation.text} if explanation else {"version": 0}
        forms["explain"] = ExplainForm(initial=initial, auto_id="explain-%s")
    if may_review_explanation(user, situation, explanation):
        initial = {"version": explanation.version, "review": explanation.review}
        forms["review"] = ExplanationReviewForm(initial=initial, auto_id="review-%s")
    return forms


NEWEST = ["-happened_at", "-pk"]


@page()
def situation_list(request):
    return _list(request, SituationFilter, "visits/situation_list.html")


@page()
def situation_review(request):
    """For review, never a verdict: what a level above knew before the responsible cadre."""
    return _list(request, SituationReviewFilter, "visits/situation_review.html")


def _filtered(request, filter_class):
    filters = filter_class(request.GET, user=request.user, today=timezone.localdate())
    if not filters.is_valid():
        raise DomainError("Bộ lọc có giá trị không đọc được. Mở lại danh sách từ đầu.")
    return filters, filters.apply(Situation.objects.visible_to(request.user))


def _list(request, filter_class, template):
    filters, situations = _filtered(request, filter_class)
    found = keyset_page(situations.values(*COLUMNS), NEWEST, request.GET)
    context = {
        "form": filters,
        "rows": situation_rows(found.rows),
        "total": situations.count(),
        "next_url": found.next_url,
        "prev_url": found.prev_url,
        "may_visit": may_visit(request.user),
        "may_keep": may_keep_assignments(request.user),
    }
    return TemplateResponse(request, template, context)


@page()
def situation_spans(request):
    filters, situations = _filtered(request, SituationFilter)
    levels = {grant.level for grant in request.user.scope.content_grants}
    rows, whole = span_rows(situations, Level.PROVINCE in levels and not filters.place())
    context = {"form": filters, "rows": rows, "whole": whole, "total": len(rows)}
    context["may_keep"] = may_keep_assignments(request.user)
    return TemplateResponse(request, "visits/situation_spans.html", context)


def _form(request, initial, situation=None):
    today = timezone.localdate()
    places = places_offered(request.user, today, with_villages=(Level.COMMUNE, Level.DISTRICT))
    knowers = knowers_offered(request.user, today)
    if situation:
        places.append(("Nơi đã ghi", [(situation.unit_id, place_words(situation.unit.name, situation.commune.name))]))
        knowers += [each.knower for each in situation.knowings.all() if each.knower not in knowers]
    return SituationForm(request.POST or None, initial=initial, places=places, knowers=knowers)


@form_page(roles=VISITING)
def situation_create(request):
    initial = {"request_id": uuid.uuid4(), "unit": request.GET.get("noi", "")}
    form = _form(request, initial)
    if request.method == "POST" and form.is_valid():
        word = form.cleaned_data["request_id"]
        request_id = f"{request.user.pk}-{word}" if word else None
        try:
            saved = record_situation(form.facts(), actor=request.user, request_id=request_id, now=timezone.now())
        except DomainError as error:
            refuse(form, error)
        else:
            messages.success(request, "Đã ghi sự việc.")
            return redirect(saved)
    status = 422 if form.is_bound else 200
    return TemplateResponse(request, "visits/situation_form.html", {"form": form}, status=status)


def _situation(request, pk):
    situations = Situation.objects.visible_to(request.user)
    related = ("unit", "commune", "village", "responsible", "responsible_post__unit", "explanation")
    return get_object_or_404(situations.select_related(*related), pk=pk)


@page()
def situation_detail(request, pk):
    return _show(request, _situation(request, pk))


def _show(request, situation, status=200, **sent):
    """The page of one situation; `sent` holds the form that was refused, with what was typed."""
    context = page_of(situation, request.user, timezone.now(), sent)
    trail = [{"label": "Nắm tình hình", "url": reverse("situation_list")}, {"label": situation.title, "url": ""}]
    return TemplateResponse(request, "visits/situation_detail.html", context | {"trail": trail}, status=status)


@form_page(roles=VISITING)
def situation_edit(request, pk):
    situation, saved, status = _situation(request, pk), None, 200
    if not may_edit_situation(request.user, situation):
        return redirect(situation)
    form = _form(request, _initial(situation), situation)
    if request.method == "POST":
        status = 422
        try:
            if form.is_valid():
                version = form.cleaned_data["version"]
                return redirect(
                    edit_situation(pk, form.facts(), actor=request.user, version=version, now=timezone.now())
                )
        except DomainError as error:
            status, saved = error.status_code, refuse(form, error, lambda: _situation(request, pk))
    context = {"form": form, "situation": situation, "saved": saved and shown_facts(saved)}
    return TemplateResponse(request, "visits/situation_form.html", context, status=status)


def _initial(situation):
    names = ("title", "account", "reported_to", "version")
    initial = {name: getattr(situation, name) for name in names} | {"unit": situation.unit_id}
    initial |= parts_of("happened", situation.happened_at) | parts_of("reported", situation.reported_at)
    for knowing in situation.knowings.all():
        initial |= parts_of(knowing.knower, knowing.known_at) | {f"{knowing.knower}_from": knowing.from_whom}
    return initial


def _run(request, pk, name, form, service, sentence):
    """One act: not visible → 404, refused → the page again with what was typed, done → back to the situation."""
    try:
        if form.is_valid():
            service(pk, actor=request.user, now=timezone.now(), **form.values())
            messages.success(request, sentence)
            return redirect("situation_detail", pk)
        status = 422
    except NotAllowed:
        raise
    except DomainError as error:
        refuse(form, error, lambda: _versioned(request, pk, name))
        status = error.status_code
    return _show(request, _situation(request, pk), status, **{name: form})


def _versioned(request, pk, name):
    """What the version in the form of an act counts: the explanation for those about it, once there is one."""
    situation = _situation(request, pk)
    return (name in ("explain", "review") and explanation_of(situation)) or situation


@act(roles=BRANCH)
def situation_handle(request, pk):
    _situation(request, pk)
    return _run(request, pk, "handle", HandleForm(request.POST), begin_handling, "Đã ghi bắt đầu xử lý.")


@act(roles=BRANCH)
def situation_close(request, pk):
    _situation(request, pk)
    return _run(request, pk, "close", CloseForm(request.POST), close_situation, "Đã ghi kết thúc sự việc.")


@act(roles=BRANCH)
def situation_reopen(request, pk):
    _situation(request, pk)
    return _run(request, pk, "reopen", ReopenForm(request.POST), reopen_situation, "Đã mở lại sự việc.")


@act(roles=BRANCH)
def situation_responsible(request, pk):
    form = ResponsibleForm(request.POST, assigned=assigned_to(_situation(request, pk)))
    return _run(request, pk, "responsible", form, choose_responsible, "Đã ghi người phụ trách.")


@act(roles=VISITING)
def situation_explain(request, pk):
    _situation(request, pk)
    return _run(request, pk, "explain", ExplainForm(request.POST), explain_situation, "Đã gửi giải trình.")


@act(roles=BRANCH)
def situation_judge(request, pk):
    _situation(request, pk)
    return _run(
        request, pk, "review", ExplanationReviewForm(request.POST), review_explanation, "Đã ghi ý kiến của cấp trên."
    )
