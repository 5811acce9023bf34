"""What the page of one situation shows: facts, who knew when, the steps, and the forms open to this user."""

from django.utils import timezone

from core.display import moment_text
from units.selectors import places_on
from visits.enums import Knower, SituationState
from visits.situations.access import (
    may_edit_situation,
    may_explain,
    may_handle_situation,
    may_review_explanation,
)
from visits.situations.forms import (
    CloseForm,
    ExplainForm,
    HandleForm,
    ReopenForm,
    ResponsibleForm,
    ReviewForm,
    parts_of,
)
from visits.situations.responsible import assigned_at, levels_before
from visits.situations.rows import TONES, level_words, place_words
from visits.situations.rules import duration_words, spans_of


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
        forms["review"] = ReviewForm(initial=initial, auto_id="review-%s")
    return forms
