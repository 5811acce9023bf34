"""What the clock does: make the rows of expected meetings ahead of time. Running twice, or at once, changes nothing."""

from collections import defaultdict
from copy import copy
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import connection, transaction
from django.db.models import Exists, ExpressionWrapper, F, Max, OuterRef, Q, Subquery, Value

from core.activity import record
from core.errors import DomainError, NotAllowed
from core.periods import Period
from core.text import clean_name
from meetings.access import may_keep_clusters, may_keep_rules, unit_thing
from meetings.cadence.workdays import calendar_for
from meetings.enums import PeriodKind
from meetings.models import CadenceRule, Exemption, Meeting, Occurrence
from meetings.rules import Window, expected_periods, is_period_start, rule_changes, window
from units.enums import Level
from units.models import Unit, UnitCluster, UnitLineage
from units.querysets import in_force_on

ALWAYS = (date.min, None)
DEFAULT_KINDS = ((Level.COMMUNE, PeriodKind.MONTH), (Level.DISTRICT, PeriodKind.QUARTER))
ORDERED_BY = {"22": ("1926-CV/TU", date(2014, 10, 27))}
"""The documents known to us, by the province's code; other provinces start with "mặc định"."""


def ensure_default_rules(province):
    """Communes every month, districts every quarter, unless the province already has rules of that level."""
    document, document_on = ORDERED_BY.get(province.code, ("mặc định", None))
    begins = max(province.valid_from, document_on) if document_on else province.valid_from
    known = set(CadenceRule.objects.filter(province=province, unit=None).values_list("level", flat=True))
    rules = [
        CadenceRule(
            province=province,
            level=level,
            period_kind=kind,
            valid_from=begins,
            document=document,
            document_on=document_on,
        )
        for level, kind in DEFAULT_KINDS
        if level not in known
    ]
    CadenceRule.objects.bulk_create(rules, ignore_conflicts=True)
    return CadenceRule.objects.filter(province=province)


def plan_occurrences(until, today, provinces=None, since=None, units=None):
    """Make the expected meetings of periods ending between `since` and `until`; returns how many were new.

    Only provinces that have a rule. Without `since`: from 1 January of the current year (of the year of `until` when
    that is earlier), or from where the planning of last year stopped. Older years are planned by asking for them,
    perhaps for some units (their ids) only.
    """
    rules = CadenceRule.objects.all()
    if provinces is not None:
        rules = rules.filter(province__in=provinces)
    rules = list(rules)
    starts = _starts({rule.province_id for rule in rules}, until, today, since)
    _withdraw(rules, today)
    groups = defaultdict(list)
    for rule in rules:
        rolls_in = rule.province_id if rule.rolls_forward else 0
        groups[rule.period_kind, rule.early_days, rule.grace_days, rolls_in].append(rule)
    first = min(starts.values(), default=until)
    return sum(
        _insert(
            period,
            window(period, early_days, grace_days, calendar),
            [r for r in group if starts[r.province_id] <= period.last],
            units,
        )
        for (kind, early_days, grace_days, rolls_in), group in sorted(groups.items())
        for calendar in [calendar_for(rolls_in, first, until) if rolls_in else None]
        for period in expected_periods(kind, ALWAYS, ALWAYS, first, until)
    )


def _starts(province_ids, until, today, since):
    """{province id: first day to plan}."""
    if since is not None:
        return dict.fromkeys(province_ids, since)
    january = date(min(today.year, until.year), 1, 1)
    planned = Occurrence.objects.filter(
        province__in=province_ids, ends_on__lt=january, ends_on__gte=january.replace(year=january.year - 1)
    )
    this_year = Occurrence.objects.filter(province=OuterRef("province"), ends_on__gte=january)
    stopped = dict(
        planned.filter(~Exists(this_year))
        .order_by()
        .values("province_id")
        .annotate(last=Max("ends_on"))
        .values_list("province_id", "last")
    )
    return {pk: stopped[pk] + timedelta(days=1) if pk in stopped else january for pk in province_ids}


def _withdraw(rules, today):
    """Take back what was planned ahead under a rule or for a unit that has since been given an end."""
    untouched = Occurrence.objects.filter(rule__in=rules, ends_on__gte=today, begun_on=None, flagged_on=None).filter(
        ~Exists(Meeting.objects.filter(occurrence=OuterRef("pk"))),
        ~Exists(Exemption.objects.filter(occurrence=OuterRef("pk"))),
    )
    own = CadenceRule.objects.filter(in_force_on(OuterRef("ends_on")), unit=OuterRef("unit"), level=OuterRef("level"))
    untouched.filter(Exists(own), rule__unit=None).delete()
    untouched.exclude(in_force_on(F("ends_on"), "rule__"), in_force_on(F("ends_on"), "unit__")).delete()


@transaction.atomic
def _insert(period, days, rules, units=None):
    """One INSERT … SELECT: units that, on the last day of the period, lay in the province of a rule then in force.

    The sorted rows keep processes that plan at the same time from waiting for each other in a circle.
    """
    expected = _expected(period, rules)
    if units is not None:
        expected = expected.filter(unit__in=units)
    units = expected.annotate(
        **{name: ExpressionWrapper(Value(value), output_field=field) for name, value, field in _constants(period, days)}
    )
    columns = ("unit_id", "rule_id", "level", "province_id", "district_id", "commune_id")
    names = [name for name, *_ in _constants(period, days)]
    sources = ("unit_id", "ruled_by", "unit__level", "ancestor_id", "in_district", "in_commune", *names)
    sql, params = units.order_by("unit_id").values_list(*sources).query.sql_with_params()
    quote = connection.ops.quote_name
    target = ", ".join(quote(name) for name in (*columns, *(name.removeprefix("at_") for name in names)))
    table = quote(Occurrence._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} ({target}) {sql} ON CONFLICT DO NOTHING", params)
        return cursor.rowcount


def _constants(period, days):
    """(alias, value, field) of the columns that are the same in every row of a period."""
    values = {
        "period": period.code,
        "year": period.last.year,
        "month": period.last.month,
        "starts_on": period.first,
        "ends_on": period.last,
        "opens_on": days.opens_on,
        "due_on": days.due_on,
        "late_until": days.late_until,
        "is_exempt": False,
        "is_incomplete": False,
        "is_exempt_late": False,
    }
    return [(f"at_{name}", value, Occurrence._meta.get_field(name)) for name, value in values.items()]


def _expected(period, rules):
    """Lineage rows (unit under its province) that have no occurrence of the period yet."""
    there = Occurrence.objects.filter(unit=OuterRef("unit"), level=OuterRef("unit__level"), period=period.code)
    above = UnitLineage.objects.filter(unit=OuterRef("unit")).on(period.last)
    own = CadenceRule.objects.on(period.last).filter(unit=OuterRef("unit"), level=OuterRef("unit__level"))
    whose = Q(ancestor__cadence_rules__unit=F("unit")) | (Q(ancestor__cadence_rules__unit=None) & ~Exists(own))
    return (
        UnitLineage.objects.on(period.last)
        .filter(
            in_force_on(period.last, "ancestor__cadence_rules__"),
            whose,
            ancestor__cadence_rules__in=[rule.pk for rule in rules],
            ancestor__cadence_rules__level=F("unit__level"),
        )
        .filter(~Exists(there))
        .annotate(
            ruled_by=F("ancestor__cadence_rules__pk"),
            in_district=Subquery(above.filter(level=Level.DISTRICT).values("ancestor_id")[:1]),
            in_commune=Subquery(above.filter(level=Level.COMMUNE).values("ancestor_id")[:1]),
        )
    )


def end_of_next_month(today):
    """How far ahead the nightly task plans."""
    return Period.of_day(today, "month").next().last


MEMBERS = {Level.DISTRICT: Level.COMMUNE, Level.COMMUNE: Level.VILLAGE}


AHEAD = timedelta(days=400)
"""How far a preview looks beyond the day on which a rule begins."""

USED = "Đã có hội nghị, đề nghị miễn hoặc số liệu khóa của kỳ thuộc chế độ này nên không rút lại được; kết thúc chế độ."


@dataclass(frozen=True)
class RuleChange:
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
    return [RuleChange(*row) for row in rule_changes(before, after, first, day + AHEAD)]


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
