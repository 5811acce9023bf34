"""What the level that orders the meetings keeps: cadence rules and clusters."""

from django.contrib import messages
from django.db.models import F
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from core.errors import DomainError
from core.paging import keyset_page
from core.periods import Period
from core.routing import act, form_page, page
from core.text import clean_text, place_sort_key
from meetings.access import RULE_KEEPERS, RULE_READERS, may_ask_exemption, may_keep_rules, may_plan
from meetings.cadence.forms import (
    REASON_HINT,
    AskForm,
    CadenceRuleForm,
    ClusterForm,
    DecideForm,
    EndRuleForm,
    GrantForm,
    GrantManyForm,
)
from meetings.cadence.reads import missing_units
from meetings.cadence.services import (
    MEMBERS,
    add_rule,
    create_cluster,
    end_cluster,
    end_rule,
    is_unused,
    preview_rule,
    preview_without,
    withdraw_rule,
)
from meetings.lists import (
    FIRST_YEAR,
    MEETING_COLUMNS,
    OCCURRENCE_COLUMNS,
    addresses,
    meeting_rows,
    occurrence_rows,
    period_choices,
    year_of,
)
from meetings.models import CadenceRule, Exemption, Meeting, Occurrence
from meetings.reads import in_sentence, own_unit_ids
from meetings.services.exemptions import ask_exemption, ask_to_end, decide_exemption, grant_many, may_decide
from meetings.timeliness import clock_table
from meetings.views import chosen_unit, districts_of, trail_to
from units.enums import Level
from units.models import Unit, UnitCluster
from units.naming import placed_names

KEEPERS = ("commune", "commune_leader", "district", "leader", "specialist")


def own_provinces(user, today):
    """Provinces at which the user holds a post (not those of which only a part is the user's)."""
    ids = {grant.unit_id for grant in user.scope.grants if grant.level == Level.PROVINCE and grant.writes}
    return Unit.objects.filter(pk__in=ids).on(today)


@page(roles=RULE_READERS)
def cadence_rules(request):
    today = timezone.localdate()
    provinces = list(own_provinces(request.user, today))
    rules = CadenceRule.objects.filter(province__in=provinces).select_related("province", "unit")
    context = {
        "trail": trail_to("Chế độ giao ban"),
        "rules": rules.order_by("province_id", "level", F("unit__sort_key").asc(nulls_first=True), "-valid_from"),
        "today": today,
        "may_add": any(may_keep_rules(request.user, province) for province in provinces),
    }
    return render(request, "meetings/cadence_rules.html", context)


def _rule(request, pk):
    rules = CadenceRule.objects.filter(province__in=own_provinces(request.user, timezone.localdate()))
    return get_object_or_404(rules.select_related("province", "unit"), pk=pk)


@form_page(roles=RULE_KEEPERS)
def cadence_rule_add(request):
    """A new dated rule, first shown period by period; the one before it ends, one that is replaced goes away."""
    today = timezone.localdate()
    provinces, replaced = own_provinces(request.user, today), request.GET.get("thay", "")
    replacing = _rule(request, int(replaced)) if replaced.isdecimal() and len(replaced) < 10 else None
    form = CadenceRuleForm(
        request.POST or None,
        provinces=provinces,
        units=_rule_units(provinces, today),
        initial=_as_typed(replacing) if replacing else {"province": provinces.first()},
    )
    changes = None
    if form.is_valid():
        words = {"actor": request.user, "today": today, "replacing": replacing}
        try:
            if request.POST.get("confirmed"):
                add_rule(form.rule(), **words)
                messages.success(request, "Đã lưu chế độ giao ban mới; các kỳ sắp tới đã được lập lại.")
                return redirect("cadence_rules")
            changes = change_rows(preview_rule(form.rule(), **words))
        except DomainError as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
    context = {"form": form, "trail": trail_to("Chế độ mới", ("Chế độ giao ban", "cadence_rules"))}
    context |= {"changes": changes, "replacing": replacing}
    status = 422 if form.is_bound and changes is None else 200
    return render(request, "meetings/cadence_rule_add.html", context, status=status)


def _rule_units(provinces, today):
    """{id: name with its place} of the units that a document may give a rule of their own."""
    below = Unit.objects.filter(lineage__ancestor__in=provinces, level__in=MEMBERS).on(today).distinct()
    names = placed_names(below.values_list("pk", flat=True), today)
    return dict(sorted(names.items(), key=lambda item: place_sort_key(item[1])))


def _as_typed(rule):
    names = [name for name in CadenceRuleForm.base_fields if name not in ("province", "unit")]
    return {name: getattr(rule, name) for name in names} | {"province": rule.province_id, "unit": rule.unit_id}


def change_rows(changes):
    """[{"period", "before", "after", "word", "tone"}] for the table of a preview."""
    tones = {"thêm kỳ": "progress", "không còn phải họp": "late", "đổi hạn": "soon", "giữ nguyên": "neutral"}
    return [
        {
            "period": Period.parse(change.code).label,
            "before": change.before and change.before.due_on,
            "after": change.after and change.after.due_on,
            "late_until": change.after and change.after.late_until,
            "word": change.word,
            "tone": tones[change.word],
        }
        for change in changes
    ]


@page(roles=RULE_READERS)
def cadence_rule_detail(request, pk):
    return _show_rule(request, _rule(request, pk))


def _show_rule(request, rule, error="", status=200):
    today = timezone.localdate()
    may_keep = may_keep_rules(request.user, rule.province)
    unused = may_keep and is_unused(rule)
    context = {
        "trail": trail_to(str(rule), ("Chế độ giao ban", "cadence_rules")),
        "rule": rule,
        "error": error,
        "is_unused": unused,
        "may_end": may_keep and not unused and (rule.valid_to is None or rule.valid_to > today),
        "changes": change_rows(preview_without(rule)) if unused else [],
        "typed": request.POST.get("valid_to", ""),
    }
    return render(request, "meetings/cadence_rule_detail.html", context, status=status)


@act(roles=RULE_KEEPERS)
def cadence_rule_withdraw(request, pk):
    rule = _rule(request, pk)
    try:
        withdraw_rule(rule, actor=request.user, today=timezone.localdate())
    except DomainError as refusal:
        return _show_rule(request, rule, refusal.message, refusal.status_code)
    messages.success(request, "Đã rút chế độ giao ban; các kỳ đã được lập lại như trước khi có chế độ này.")
    return redirect("cadence_rules")


@act(roles=RULE_KEEPERS)
def cadence_rule_end(request, pk):
    rule, form = _rule(request, pk), EndRuleForm(request.POST)
    try:
        if not form.is_valid():
            return _show_rule(request, rule, form.errors["valid_to"][0], 422)
        end_rule(rule, actor=request.user, today=timezone.localdate(), **form.cleaned_data)
    except DomainError as refusal:
        return _show_rule(request, rule, refusal.message, refusal.status_code)
    messages.success(request, "Đã kết thúc chế độ giao ban.")
    return redirect("cadence_rules")


@page()
def cluster_list(request):
    today = timezone.localdate()
    own = own_unit_ids(request.user)
    clusters = UnitCluster.objects.filter(unit__in=Unit.objects.visible_to(request.user))
    clusters = clusters.select_related("unit").prefetch_related("members").order_by("unit__level", "unit__code", "name")
    rows = [
        {
            "cluster": cluster,
            "members": ", ".join(member.name for member in cluster.members.all()),
            "is_ended": cluster.valid_to is not None and cluster.valid_to <= today,
            "may_end": cluster.unit_id in own and cluster.valid_to is None,
        }
        for cluster in clusters[:300]
    ]
    context = {"trail": trail_to("Cụm"), "rows": rows, "total": clusters.count(), "may_create": bool(own)}
    return render(request, "meetings/cluster_list.html", context)


@form_page(roles=KEEPERS)
def cluster_create(request):
    today = timezone.localdate()
    units = list(Unit.objects.filter(pk__in=own_unit_ids(request.user), level__in=MEMBERS).on(today).order_by("code"))
    unit = next((each for each in units if each.key == request.GET.get("don-vi")), units[0] if units else None)
    if unit is None:
        raise DomainError("Đồng chí không phụ trách đơn vị nào có thể chia cụm. Báo quản trị nếu cần.")
    members = Unit.objects.under(unit, today).filter(level=MEMBERS[unit.level]).order_by("code")
    form = ClusterForm(request.POST or None, members=members, initial={"valid_from": today})
    if form.is_valid():
        try:
            create_cluster(actor=request.user, unit=unit, **form.cleaned_data)
        except DomainError as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        else:
            messages.success(request, "Đã lập cụm.")
            return redirect("cluster_list")
    context = {"form": form, "unit": unit, "units": units, "trail": trail_to("Lập cụm", ("Cụm", "cluster_list"))}
    return render(request, "meetings/cluster_create.html", context, status=422 if form.is_bound else 200)


@act(roles=KEEPERS)
def cluster_end(request, pk):
    visible = UnitCluster.objects.filter(unit__in=Unit.objects.visible_to(request.user))
    cluster = get_object_or_404(visible, pk=pk)
    end_cluster(cluster.pk, actor=request.user, today=timezone.localdate())
    messages.success(request, f"Đã kết thúc {cluster.name}.")
    return redirect("cluster_list")


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


CAPTIONS = {Level.COMMUNE: "Cấp xã", Level.DISTRICT: "Cấp huyện"}


@page()
def clock_rates(request):
    today = timezone.localdate()
    year, unit = year_of(request.GET.get("nam"), today), chosen_unit(request)
    tables = clock_table(request.user, year, today, {f"{unit.level}_id": unit.pk} if unit else {})
    context = {
        "trail": trail_to("Họp, nhập, kết luận đúng hạn"),
        "year": year,
        "years": range(today.year, FIRST_YEAR - 1, -1),
        "unit": unit,
        "units": districts_of(request.user, today),
        "tables": [(CAPTIONS[level], table) for level, table in tables.items()],
        "total": sum(len(table["rows"]) for table in tables.values()),
    }
    return render(request, "meetings/clock_rates.html", context)
