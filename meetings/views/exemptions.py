"""One expected meeting, and excusing units from it."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from core.errors import DomainError
from core.paging import keyset_page
from core.periods import Period
from core.routing import act, form_page, page
from core.text import clean_text
from meetings.access import may_ask_exemption, may_plan
from meetings.exemptions import ask_exemption, ask_to_end, decide_exemption, grant_many, may_decide
from meetings.filters import period_choices
from meetings.forms import REASON_HINT, AskForm, DecideForm, GrantForm, GrantManyForm
from meetings.models import Exemption, Meeting, Occurrence
from meetings.rounds import missing_units
from meetings.rows import MEETING_COLUMNS, OCCURRENCE_COLUMNS, addresses, meeting_rows, occurrence_rows
from meetings.selectors import in_sentence
from meetings.views import trail_to

KEEPERS = ("commune", "commune_leader", "district", "leader", "specialist")
DECIDERS = ("leader", "specialist", "province", "province_leader")
LATE_HINT = " Kỳ và thời gian họp muộn đã hết: cấp trên nữa quyết định, ghi là “miễn sau kỳ”."
EXEMPTION_TABS = {"": "Chờ quyết định", "da-quyet-dinh": "Đã quyết định"}


def _occurrence(request, pk):
    return get_object_or_404(Occurrence.objects.visible_to(request.user).select_related("unit", "rule"), pk=pk)


@page()
def occurrence_detail(request, pk):
    return _show(request, _occurrence(request, pk))


def _show(request, occurrence, error=None, status=200):
    """The page of one expected meeting; `error` is what was just refused, with the text that was typed."""
    today, user = timezone.localdate(), request.user
    names = (name for name in OCCURRENCE_COLUMNS if "__" not in name)
    columns = {name: getattr(occurrence, name) for name in names} | {"unit__name": occurrence.unit.name}
    shown = next(occurrence_rows([columns], today))
    found = Meeting.objects.visible_to(user).of_occurrence(occurrence).order_by("held_on", "pk")
    exemptions = list(occurrence.exemptions.prefetch_related("unreached__unit"))
    pending = next((each for each in exemptions if each.is_granted is None), None)
    is_free = not occurrence.begun_on and not occurrence.is_exempt
    missing = missing_units(occurrence)
    may_end = bool(missing) and not (pending or occurrence.is_incomplete) and occurrence.due_on < today
    rows = list(meeting_rows(found.values(*MEETING_COLUMNS)))
    context = {
        "trail": trail_to(f"Kỳ {in_sentence(occurrence.period)}"),
        "occurrence": occurrence,
        "missing": [each | {"typed": request.POST.get(f"ly-do-{each['pk']}", "")} for each in missing],
        "shown": shown,
        "rows": rows,
        "exemptions": exemptions,
        "pending": pending if pending and may_decide(user, occurrence, pending, today) else None,
        "is_late": occurrence.late_until < today,
        "may_ask": is_free and not pending and may_ask_exemption(user, occurrence),
        "may_end": may_end and may_ask_exemption(user, occurrence),
        "may_grant": is_free and not pending and may_decide(user, occurrence, None, today),
        "may_create": may_plan(user, occurrence) and occurrence.opens_on <= today and not rows,
        "what": in_sentence(occurrence.period),
        "error": error,
        "ask_hint": REASON_HINT + (LATE_HINT if occurrence.late_until < today else ""),
        "typed_document": request.POST.get("document", ""),
        "typed": request.POST.get("reason") or request.POST.get("note") or "",
        "today": today,
    }
    return render(request, "meetings/occurrence_detail.html", context, status=status)


@act(roles=KEEPERS)
def exemption_ask(request, pk):
    occurrence, form = _occurrence(request, pk), AskForm(request.POST)
    if not form.is_valid():
        return _show(request, occurrence, form.errors["reason"][0], 422)
    ask_exemption(occurrence.pk, actor=request.user, reason=form.cleaned_data["reason"], today=timezone.localdate())
    messages.success(request, "Đã gửi đề nghị miễn lên cấp trên.")
    return redirect(occurrence)


@act(roles=KEEPERS)
def round_end(request, pk):
    """Ask the level above to let a round end although some units were not reached."""
    occurrence = _occurrence(request, pk)
    reasons = {
        each["pk"]: clean_text(request.POST.get(f"ly-do-{each['pk']}", "")) for each in missing_units(occurrence)
    }
    try:
        ask_to_end(occurrence.pk, actor=request.user, reasons=reasons, today=timezone.localdate())
    except DomainError as refusal:
        return _show(request, occurrence, refusal.message, refusal.status_code)
    messages.success(request, "Đã gửi đề nghị kết thúc kỳ lên cấp trên.")
    return redirect(occurrence)


@act(roles=DECIDERS)
def exemption_grant(request, pk):
    """The level above excuses one unit without being asked."""
    occurrence, form = _occurrence(request, pk), GrantForm(request.POST)
    if not form.is_valid():
        return _show(request, occurrence, next(iter(form.errors.values()))[0], 422)
    done = grant_many([occurrence.pk], actor=request.user, today=timezone.localdate(), **form.cleaned_data)
    messages.success(request, "Đã miễn kỳ giao ban này." if done else "Kỳ này đã họp hoặc đã được miễn từ trước.")
    return redirect(occurrence)


@act(roles=DECIDERS)
def exemption_decide(request, pk):
    visible = Exemption.objects.filter(occurrence__in=Occurrence.objects.visible_to(request.user))
    exemption = get_object_or_404(visible, pk=pk)
    occurrence, form = _occurrence(request, exemption.occurrence_id), DecideForm(request.POST)
    if not form.is_valid():
        return _show(request, occurrence, next(iter(form.errors.values()))[0], 422)
    granted, today = form.cleaned_data["decision"] == "grant", timezone.localdate()
    words = {name: form.cleaned_data[name] for name in ("note", "document")}
    try:
        decide_exemption(pk, actor=request.user, is_granted=granted, today=today, **words)
    except DomainError as refusal:
        return _show(request, occurrence, refusal.message, refusal.status_code)
    messages.success(request, "Đã đồng ý với đề nghị." if granted else "Đã trả lời không đồng ý.")
    return redirect(occurrence)


@page()
def exemption_list(request):
    """Requests that wait, or (`muc=da-quyet-dinh`) those decided."""
    tab = request.GET.get("muc", "")
    tab = tab if tab in EXEMPTION_TABS else ""
    visible = Exemption.objects.filter(
        occurrence__in=Occurrence.objects.visible_to(request.user), is_granted__isnull=not tab
    )
    columns = ("pk", "occurrence_id", "occurrence__unit__name", "occurrence__period", "reason", "is_partial")
    answers = ("asked_at", "is_granted", "decision_note", "decided_at", "document", "is_late")
    paged = keyset_page(
        visible.values(*columns, *answers),
        ("-pk",),
        request.GET,
    )
    url_of = addresses("occurrence_detail")
    for row in paged.rows:
        row |= {"url": url_of(row["occurrence_id"]), "unit": row["occurrence__unit__name"]}
        row["period"] = in_sentence(row["occurrence__period"])
        row["done_word"] = "Đã đồng ý" if row["is_partial"] else "Miễn sau kỳ" if row["is_late"] else "Đã miễn"
    tabs = [
        {"label": label, "url": f"?muc={key}" if key else request.path, "active": key == tab}
        for key, label in EXEMPTION_TABS.items()
    ]
    context = {"tabs": tabs, "tab": tab, "rows": paged.rows, "paged": paged, "total": visible.count()}
    context["trail"] = trail_to("Miễn họp")
    context["may_grant"] = bool(set(DECIDERS) & request.user.roles)
    return render(request, "meetings/exemption_list.html", context)


@form_page(roles=DECIDERS)
def exemption_grant_many(request):
    """Choose a period, tick the units, give the reason once."""
    today = timezone.localdate()
    word = request.GET.get("ky") or Period.of_day(today, "month").code
    candidates = _candidates(request.user, word, today)
    form = GrantManyForm(request.POST or None, candidates=candidates)
    if form.is_valid():
        ids = [int(pk) for pk in form.cleaned_data["occurrences"]]
        words = {name: form.cleaned_data[name] for name in ("reason", "document")}
        done = grant_many(ids, actor=request.user, today=today, **words)
        messages.success(request, f"Đã miễn kỳ {in_sentence(word)} cho {done} đơn vị.")
        return redirect("exemption_list")
    choices = [(code, label) for code, label in period_choices(today, word) if code and len(code) > 4]
    context = {"form": form, "candidates": candidates, "word": word, "what": in_sentence(word), "choices": choices}
    context["trail"] = trail_to("Nhiều đơn vị", ("Miễn họp", "exemption_list"))
    context["ticked"] = set(request.POST.getlist("occurrences"))
    return render(request, "meetings/exemption_grant_many.html", context, status=422 if form.is_bound else 200)


def _candidates(user, word, today):
    """Expected meetings of a period that are neither held nor excused, of units the user is set above."""
    period = Period.parse(word).code
    rows = Occurrence.objects.visible_to(user).filter(period=period, begun_on=None, is_exempt=False)
    rows = rows.select_related("unit", "district").order_by("level", "district_id", "unit__code")
    return [row for row in rows if may_decide(user, row, None, today)]
