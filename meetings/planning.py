"""What the clock does: make the rows of expected meetings ahead of time. Running twice, or at once, changes nothing."""

from collections import defaultdict
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Exists, F, Max, OuterRef

from core.periods import Period
from meetings.enums import PeriodKind
from meetings.models import CadenceRule, Exemption, Meeting, Occurrence
from meetings.rules import expected_periods, window
from units.enums import Level
from units.models import Unit, UnitLineage
from units.querysets import in_force_on
from units.selectors import Place

BATCH = 1000
DEFAULT_KINDS = ((Level.COMMUNE, PeriodKind.MONTH), (Level.DISTRICT, PeriodKind.QUARTER))
ORDERED_BY = {"22": ("1926-CV/TU", date(2014, 10, 27))}
"""The documents known to us, by the province's code; other provinces start with "mặc định"."""


def ensure_default_rules(province):
    """Communes every month, districts every quarter, unless the province already has rules of that level."""
    document, document_on = ORDERED_BY.get(province.code, ("mặc định", None))
    begins = max(province.valid_from, document_on) if document_on else province.valid_from
    known = set(CadenceRule.objects.filter(province=province).values_list("level", flat=True))
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


def plan_occurrences(until, today, provinces=None, since=None):
    """Make the expected meetings of periods ending between `since` and `until`; returns how many were new.

    Only provinces that have a rule. Without `since`: from 1 January of the current year (of the year of `until` when
    that is earlier), or from where the planning of last year stopped. Older years are planned by asking for them.
    """
    rules = CadenceRule.objects.all()
    if provinces is not None:
        rules = rules.filter(province__in=provinces)
    rules = list(rules)
    starts = _starts({rule.province_id for rule in rules}, until, today, since)
    _withdraw(rules, today)
    spans = _spans(rules)
    rows = [row for rule in rules for row in _expected(rule, spans, starts[rule.province_id], until)]
    known = set(
        Occurrence.objects.filter(province__in=starts, ends_on__gte=min(starts.values(), default=until)).values_list(
            "unit_id", "level", "period"
        )
    )
    fresh = [row for row in rows if (row.unit_id, row.level, row.period) not in known]
    fresh.sort(key=lambda row: (row.province_id, row.ends_on, row.unit_id))
    with transaction.atomic():
        Occurrence.objects.bulk_create(fresh, batch_size=BATCH, ignore_conflicts=True)
    return len(fresh)


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
    untouched = Occurrence.objects.filter(rule__in=rules, ends_on__gte=today, met_on=None, flagged_on=None).filter(
        ~Exists(Meeting.objects.filter(occurrence=OuterRef("pk"))),
        ~Exists(Exemption.objects.filter(occurrence=OuterRef("pk"))),
    )
    untouched.exclude(in_force_on(F("ends_on"), "rule__"), in_force_on(F("ends_on"), "unit__")).delete()


def _spans(rules):
    """{unit id: (level, life, [(ancestor's level, ancestor, from, to)])} of the units the rules are about."""
    below = UnitLineage.objects.filter(ancestor__in={rule.province_id for rule in rules})
    units = Unit.objects.filter(level__in={rule.level for rule in rules}, pk__in=below.values("unit_id"))
    spans = {
        pk: (level, (start, end), [])
        for pk, level, start, end in units.values_list("pk", "level", "valid_from", "valid_to")
    }
    lines = UnitLineage.objects.filter(unit__in=units).values_list(
        "unit_id", "level", "ancestor_id", "valid_from", "valid_to"
    )
    for unit_id, *line in lines:
        spans[unit_id][2].append(line)
    return spans


def _expected(rule, spans, first, until):
    """The rows of one rule: units that lay in its province on the last day of a period."""
    by_period = defaultdict(list)
    for unit_id, (level, life, lines) in spans.items():
        if level == rule.level:
            for period in expected_periods(rule.period_kind, (rule.valid_from, rule.valid_to), life, first, until):
                by_period[period].append((unit_id, lines))
    for period, units in by_period.items():
        days = window(period, rule.early_days, rule.grace_days)
        for unit_id, lines in units:
            place = _place(lines, period.last)
            if place.province_id == rule.province_id:
                yield _row(rule, unit_id, place, period, days)


def _place(lines, day):
    return Place(
        **{f"{level}_id": pk for level, pk, start, end in lines if start <= day and (end is None or day < end)}
    )


def _row(rule, unit_id, place, period, days):
    return Occurrence(
        rule_id=rule.pk,
        unit_id=unit_id,
        level=rule.level,
        period=period.code,
        year=period.last.year,
        month=period.last.month,
        starts_on=period.first,
        ends_on=period.last,
        opens_on=days.opens_on,
        due_on=days.due_on,
        late_until=days.late_until,
        **place.columns,
    )


def end_of_next_month(today):
    """How far ahead the nightly task plans."""
    return Period.of_day(today, "month").next().last
