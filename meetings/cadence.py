"""What the level that orders the meetings keeps: the dated rules, and the groups of units that meet together."""

from django.db import transaction
from django.db.models import Q

from core.activity import record
from core.errors import DomainError, NotAllowed
from core.text import clean_name
from meetings.access import may_keep_clusters, may_keep_rules, unit_thing
from meetings.models import CadenceRule
from meetings.planning import end_of_next_month, plan_occurrences
from units.enums import Level
from units.models import Unit, UnitCluster

MEMBERS = {Level.DISTRICT: Level.COMMUNE, Level.COMMUNE: Level.VILLAGE}


@transaction.atomic
def add_rule(rule, *, actor, today):
    """Save a new dated rule; it ends the one in force before it, and the coming periods are planned anew."""
    province = Unit.objects.select_for_update(no_key=True).get(pk=rule.province_id)
    if not may_keep_rules(actor, province):
        raise NotAllowed("Đồng chí không có quyền sửa chế độ giao ban của tỉnh này.")
    same = CadenceRule.objects.filter(province=province, level=rule.level)
    replayed = same.filter(valid_from=rule.valid_from, period_kind=rule.period_kind, document=rule.document).first()
    if replayed:
        return replayed
    previous = same.order_by("-valid_from").first()
    if previous:
        _check_start(rule.valid_from, max(previous.valid_from, today.replace(day=1)))
    before = {}
    if previous and (previous.valid_to is None or previous.valid_to > rule.valid_from):
        before = {"previous": previous.pk, "valid_to": str(previous.valid_to)}
        previous.valid_to = rule.valid_from
        previous.save(update_fields=["valid_to"])
    rule.save()
    after = {"level": rule.level, "kind": rule.period_kind, "from": str(rule.valid_from), "document": rule.document}
    record(actor.pk, "cadence.add", rule, before, after)
    plan_occurrences(end_of_next_month(today), today, [province.pk])
    return rule


def _check_start(valid_from, last):
    """What has been held under a rule stays under it."""
    if valid_from <= last:
        raise DomainError(f"Chế độ mới phải bắt đầu sau ngày {last:%d/%m/%Y}. Chọn ngày muộn hơn.", "valid_from")


@transaction.atomic
def create_cluster(*, actor, unit, name, members, valid_from):
    """A group of communes of a district (or villages of a commune). The same group again returns the first one."""
    Unit.objects.select_for_update(no_key=True).filter(pk=unit.pk).first()
    name = clean_name(name)
    _check_keeper(actor, unit, valid_from)
    if not members:
        raise DomainError("Chọn ít nhất một đơn vị của cụm.", "members")
    inside = set(Unit.objects.under(unit, valid_from).filter(level=MEMBERS[unit.level]).values_list("pk", flat=True))
    if not {member.pk for member in members} <= inside:
        raise DomainError(f"Chỉ chọn đơn vị thuộc {unit.name} vào ngày bắt đầu.", "members")
    existing = (
        UnitCluster.objects.filter(unit=unit, name=name).filter(Q(valid_to=None) | Q(valid_to__gt=valid_from)).first()
    )
    if existing and set(existing.members.values_list("pk", flat=True)) == {member.pk for member in members}:
        return existing
    if existing:
        raise DomainError(f"{unit.name} đã có “{name}”. Đặt tên khác, hoặc kết thúc cụm cũ trước.", "name")
    cluster = UnitCluster.objects.create(unit=unit, name=name, valid_from=valid_from)
    cluster.members.set(members)
    record(actor.pk, "cluster.create", cluster, after={"name": name, "members": [member.pk for member in members]})
    return cluster


@transaction.atomic
def end_cluster(cluster_id, *, actor, today):
    """No longer offered from `today` on; its past sittings keep it."""
    cluster = UnitCluster.objects.select_for_update(of=("self",)).select_related("unit").get(pk=cluster_id)
    _check_keeper(actor, cluster.unit, today)
    if cluster.valid_to and cluster.valid_to <= today:
        return cluster
    cluster.valid_to = max(today, cluster.valid_from)
    if cluster.valid_to == cluster.valid_from:
        raise DomainError("Cụm bắt đầu hôm nay hoặc sau này nên chưa kết thúc được. Thử lại từ ngày mai.")
    cluster.save(update_fields=["valid_to"])
    record(actor.pk, "cluster.end", cluster, after={"valid_to": str(today)})
    return cluster


def _check_keeper(actor, unit, day):
    if not may_keep_clusters(actor, unit_thing(unit, day)):
        raise NotAllowed("Đồng chí không có quyền lập cụm cho đơn vị này.")
