"""What the level that orders the meetings keeps: the dated rules, and the groups of units that meet together."""

from copy import copy
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from core.activity import record
from core.errors import DomainError, NotAllowed
from core.periods import Period
from core.text import clean_name
from meetings.access import may_keep_clusters, may_keep_rules, unit_thing
from meetings.models import CadenceRule, Exemption, Meeting
from meetings.planning import end_of_next_month, plan_occurrences
from meetings.rules import Window, is_period_start, rule_changes
from units.enums import Level
from units.models import Unit, UnitCluster

MEMBERS = {Level.DISTRICT: Level.COMMUNE, Level.COMMUNE: Level.VILLAGE}


AHEAD = timedelta(days=400)
"""How far a preview looks beyond the day on which a rule begins."""

USED = "Đã có hội nghị, đề nghị miễn hoặc số liệu khóa của kỳ thuộc chế độ này nên không rút lại được; kết thúc chế độ."


@dataclass(frozen=True)
class Change:
    """What happens to one period: ordered before and after, or not (None)."""

    code: str
    before: Window | None
    after: Window | None

    @property
    def word(self):
        if self.before is None:
            return "thêm kỳ"
        if self.after is None:
            return "không còn phải họp"
        return "giữ nguyên" if self.before == self.after else "đổi hạn"


def preview_rule(rule, *, actor, today, replacing=None):
    """[Change] of the coming periods if `rule` were saved in place of `replacing`; refuses what saving would."""
    _check_may(actor, rule)
    if replacing is not None:
        _check_unused(replacing)
    _check_start(rule, today, replacing)
    before = _chain(rule)
    after = [*_without(before, replacing), rule]
    _cut(after, rule)
    return _changes(before, after, min(each.valid_from for each in (rule, replacing) if each))


@transaction.atomic
def add_rule(rule, *, actor, today, replacing=None):
    """Save a new dated rule; it ends the one in force before it, and the coming periods are planned anew.

    `replacing`: a rule of the same units none of whose periods has a meeting; it goes away first.
    """
    Unit.objects.select_for_update(no_key=True).get(pk=rule.province_id)
    _check_may(actor, rule)
    replayed = _same(rule).filter(valid_from=rule.valid_from, period_kind=rule.period_kind, document=rule.document)
    if replacing is None and replayed.exists():
        return replayed.first()
    if replacing is not None:
        _take_back(replacing, actor)
    _check_start(rule, today, replacing)
    before = {}
    previous = _same(rule).filter(valid_from__lt=rule.valid_from).order_by("-valid_from").first()
    if previous and (previous.valid_to is None or previous.valid_to > rule.valid_from):
        before = {"previous": previous.pk, "valid_to": str(previous.valid_to)}
        previous.valid_to = rule.valid_from
        previous.save(update_fields=["valid_to"])
    rule.save()
    after = {"level": rule.level, "kind": rule.period_kind, "from": str(rule.valid_from), "document": rule.document}
    record(actor.pk, "cadence.add", rule, before, after | ({"unit": rule.unit_id} if rule.unit_id else {}))
    _plan_anew(rule, today)
    return rule


@transaction.atomic
def withdraw_rule(rule, *, actor, today):
    """As if the rule had never been: its expected meetings go, the rule it had ended is in force again."""
    Unit.objects.select_for_update(no_key=True).get(pk=rule.province_id)
    _check_may(actor, rule)
    _take_back(rule, actor)
    _plan_anew(rule, today)


@transaction.atomic
def end_rule(rule, *, valid_to, actor, today):
    """No longer in force from the first day of a coming period; what has been held under it stays."""
    Unit.objects.select_for_update(no_key=True).get(pk=rule.province_id)
    rule.refresh_from_db()
    _check_may(actor, rule)
    if not is_period_start(valid_to, rule.period_kind) or valid_to <= max(today, rule.valid_from):
        raise DomainError(f"Kết thúc từ ngày đầu một kỳ sắp tới ({_first_days(rule.period_kind)}).", "valid_to")
    if rule.valid_to is not None and rule.valid_to <= valid_to:
        raise DomainError(f"Chế độ này đã kết thúc từ ngày {rule.valid_to:%d/%m/%Y}.", "valid_to")
    before, rule.valid_to = str(rule.valid_to), valid_to
    rule.save(update_fields=["valid_to"])
    record(actor.pk, "cadence.end", rule, {"valid_to": before}, {"valid_to": str(valid_to)})
    _plan_anew(rule, today)
    return rule


def preview_without(rule):
    """[Change] of what withdrawing the rule does."""
    before = _chain(rule)
    return _changes(before, _without(before, rule), rule.valid_from)


def is_unused(rule):
    """Has none of its periods a meeting, an exemption asked for, or closed figures?"""
    met = Exists(Meeting.objects.filter(occurrence=OuterRef("pk")))
    asked = Exists(Exemption.objects.filter(occurrence=OuterRef("pk")))
    joint = Q(joint_meetings__isnull=False)
    return not rule.occurrences.filter(Q(met) | Q(asked) | joint | Q(closed_on__isnull=False)).exists()


def _same(rule):
    """The rules of the same units: of the level of the province, or of the one unit."""
    return CadenceRule.objects.filter(province=rule.province_id, level=rule.level, unit=rule.unit_id)


def _chain(rule):
    """All rules that order meetings of the units concerned: a unit's own, and those of its level."""
    whose = Q(unit=None) | Q(unit=rule.unit_id) if rule.unit_id else Q(unit=None)
    return list(CadenceRule.objects.filter(whose, province=rule.province_id, level=rule.level).order_by("valid_from"))


def _without(rules, gone):
    """The rules after `gone` is taken back: the one that it had ended lasts as long as `gone` did."""
    if gone is None:
        return [copy(rule) for rule in rules]
    rest = [copy(rule) for rule in rules if rule.pk != gone.pk]
    for rule in rest:
        if rule.unit_id == gone.unit_id and rule.valid_to == gone.valid_from:
            rule.valid_to = gone.valid_to
    return rest


def _cut(rules, new):
    for rule in rules:
        is_same = rule is not new and rule.unit_id == new.unit_id and rule.valid_from < new.valid_from
        if is_same and (rule.valid_to is None or rule.valid_to > new.valid_from):
            rule.valid_to = new.valid_from


def _changes(before, after, day):
    first = Period.of_day(day, "quarter").first
    return [Change(*row) for row in rule_changes(before, after, first, day + AHEAD)]


def _take_back(rule, actor):
    _check_unused(rule)
    ended = _same(rule).filter(valid_to=rule.valid_from).first()
    facts = {"from": str(rule.valid_from), "kind": rule.period_kind, "document": rule.document}
    record(actor.pk, "cadence.withdraw", rule, facts, {"in_force_again": ended.pk if ended else None})
    rule.occurrences.all().delete()
    valid_to = rule.valid_to
    CadenceRule.objects.filter(pk=rule.pk).delete()
    if ended:
        ended.valid_to = valid_to
        ended.save(update_fields=["valid_to"])


def _plan_anew(rule, today):
    """From the first day that the rule concerns, however long ago; what no rule orders any more is taken back."""
    january = today.replace(month=1, day=1)
    since = min(Period.of_day(rule.valid_from, "quarter").first, january)
    plan_occurrences(end_of_next_month(today), today, [rule.province_id], since=since)


def _check_may(actor, rule):
    if not may_keep_rules(actor, rule.province):
        raise NotAllowed("Đồng chí không có quyền sửa chế độ giao ban của tỉnh này.")


def _check_unused(rule):
    if not is_unused(rule):
        raise DomainError(USED)


def _check_start(rule, today, replacing):
    """What has been held under a rule stays under it, and no period is cut in two."""
    others = [each for each in _chain(rule) if replacing is None or each.pk != replacing.pk]
    latest = max((each.valid_from for each in others if each.unit_id == rule.unit_id), default=None)
    last = today.replace(day=1) if replacing is None else min(replacing.valid_from - timedelta(days=1), today)
    last = max(filter(None, (latest, last)))
    if rule.valid_from <= last:
        raise DomainError(f"Chế độ mới phải bắt đầu sau ngày {last:%d/%m/%Y}. Chọn ngày muộn hơn.", "valid_from")
    kinds = {rule.period_kind, *(each.period_kind for each in others if _is_on(each, rule.valid_from))}
    kind = "quarter" if "quarter" in kinds else "month"
    if not is_period_start(rule.valid_from, kind):
        raise DomainError(
            f"Chế độ bắt đầu từ ngày đầu một kỳ của cả chế độ cũ và mới ({_first_days(kind)}), "
            "để không có kỳ nào bị tính hai lần hoặc bị bỏ sót.",
            "valid_from",
        )


def _is_on(rule, day):
    return rule.valid_from <= day and (rule.valid_to is None or day < rule.valid_to)


def _first_days(kind):
    return "ngày 01/01, 01/04, 01/07 hoặc 01/10" if kind == "quarter" else "ngày 01 hằng tháng"


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
