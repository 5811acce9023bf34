"""What the level that orders the meetings keeps: cadence rules and clusters."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from core.errors import DomainError
from core.routing import act, form_page, page
from meetings.access import RULE_KEEPERS, RULE_READERS, may_keep_rules
from meetings.cadence import MEMBERS, add_rule, create_cluster, end_cluster
from meetings.forms import CadenceRuleForm, ClusterForm
from meetings.models import CadenceRule
from meetings.selectors import own_unit_ids
from meetings.views import trail_to
from units.enums import Level
from units.models import Unit, UnitCluster

KEEPERS = ("commune", "commune_leader", "district", "leader", "specialist")


def own_provinces(user, today):
    """Provinces at which the user holds a post (not those of which only a part is the user's)."""
    ids = {grant.unit_id for grant in user.scope.grants if grant.level == Level.PROVINCE and grant.writes}
    return Unit.objects.filter(pk__in=ids).on(today)


@page(roles=RULE_READERS)
def cadence_rules(request):
    today = timezone.localdate()
    provinces = list(own_provinces(request.user, today))
    rules = CadenceRule.objects.filter(province__in=provinces).select_related("province")
    context = {
        "trail": trail_to("Chế độ giao ban"),
        "rules": rules.order_by("province_id", "level", "-valid_from"),
        "today": today,
        "may_add": any(may_keep_rules(request.user, province) for province in provinces),
    }
    return render(request, "meetings/cadence_rules.html", context)


@form_page(roles=RULE_KEEPERS)
def cadence_rule_add(request):
    """A new dated rule; the one before it ends."""
    today = timezone.localdate()
    provinces = own_provinces(request.user, today)
    form = CadenceRuleForm(request.POST or None, provinces=provinces, initial={"province": provinces.first()})
    if form.is_valid():
        try:
            add_rule(form.rule(), actor=request.user, today=today)
        except DomainError as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        else:
            messages.success(request, "Đã lưu chế độ giao ban mới; các kỳ sắp tới đã được lập lại.")
            return redirect("cadence_rules")
    context = {"form": form, "trail": trail_to("Chế độ mới", ("Chế độ giao ban", "cadence_rules"))}
    return render(request, "meetings/cadence_rule_add.html", context, status=422 if form.is_bound else 200)


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
