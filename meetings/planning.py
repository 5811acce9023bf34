"""What the clock does: make the rows of expected meetings ahead of time. Running twice, or at once, changes nothing."""

from collections import defaultdict
from datetime import date, timedelta

from django.db import connection, transaction
from django.db.models import Exists, ExpressionWrapper, F, Max, OuterRef, Q, Subquery, Value

from core.periods import Period
from meetings.enums import PeriodKind
from meetings.models import CadenceRule, Exemption, Meeting, Occurrence
from meetings.rules import expected_periods, window
from meetings.workdays import calendar_for
from units.enums import Level
from units.models import UnitLineage
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
