"""What the level that orders the meetings keeps: cadence rules and clusters."""

from django.contrib import messages
from django.db.models import F
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from core.errors import DomainError
from core.periods import Period
from core.routing import act, form_page, page
from core.text import collation_key
from meetings.access import RULE_KEEPERS, RULE_READERS, may_keep_rules
from meetings.cadence import (
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
from meetings.forms import CadenceRuleForm, ClusterForm, EndRuleForm
from meetings.models import CadenceRule
from meetings.selectors import own_unit_ids
from meetings.views import trail_to
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
        "rules": rules.order_by("province_id", "level", F("unit__name").asc(nulls_first=True), "-valid_from"),
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
    return dict(sorted(names.items(), key=lambda item: collation_key(item[1])))


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
