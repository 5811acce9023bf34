"""Monthly tallies of opinions, recomputed from the facts, never counted up: they cannot drift."""

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.db.models import Case, Count, F, Max, Q, When

from feedback.enums import OpinionStatus
from feedback.models import Opinion, OpinionMonth
from feedback.querysets import IS_CONFIRMED, closed_late_when, on_time_extended_when, on_time_when
from units.enums import Level
from units.models import Unit

KEY = ("tally_unit_id", "level", "year", "month")
BRANCH = ("province_id", "district_id", "commune_id")
_LOWEST = Case(
    When(commune__isnull=False, then=F("commune_id")),
    When(district__isnull=False, then=F("district_id")),
    default=F("province_id"),
)


def tally_key(opinion):
    """The unit-month an opinion is counted in: the lowest unit of its branch, its table's level, its month."""
    unit_id = opinion.commune_id or opinion.district_id or opinion.province_id
    return unit_id, str(opinion.level), opinion.year, opinion.month


def recompute_all(keys):
    """Recompute several unit-months, in one order for everybody so that two savings never block each other."""
    for key in sorted(set(keys)):
        recompute_opinion_month(*key)


def recompute_opinion_month(unit_id, level, year, month):
    """Bring one tally row up to the facts. Must run inside the transaction that changed them.

    The unit's row is locked meanwhile: of two savings of one unit, the second counts what the first wrote.
    """
    with transaction.atomic():
        unit = Unit.objects.select_for_update(no_key=True).get(pk=unit_id)
        opinions = Opinion.objects.filter(_counted_in(unit), level=level, year=year, month=month)
        counted = opinions.order_by().values("year").annotate(**_aggregates())
        row = next(iter(counted), None)
        key = {"unit_id": unit_id, "level": level, "year": year, "month": month}
        if row is None:
            OpinionMonth.objects.filter(**key).delete()
            return
        fields = {name.removeprefix("found_"): value for name, value in row.items() if name != "year"}
        OpinionMonth.objects.update_or_create(**key, defaults=fields)


def rebuild(province_ids=None):
    """All tallies (or those of some provinces) anew by one INSERT … SELECT; equal to recomputing each row."""
    opinions, tallies = Opinion.objects.all(), OpinionMonth.objects.all()
    if province_ids is not None:
        opinions = opinions.filter(province_id__in=province_ids)
        tallies = tallies.filter(province_id__in=province_ids)
    with transaction.atomic():
        tallies.delete()
        return _insert(opinions)


@transaction.atomic
def recount_units(unit_ids, years):
    """All months of some units and years anew. The caller has locked the units."""
    OpinionMonth.objects.filter(unit__in=unit_ids, year__in=years).delete()
    here = Q(commune__in=unit_ids) | Q(commune=None, district__in=unit_ids)
    here |= Q(commune=None, district=None, province__in=unit_ids)
    return _insert(Opinion.objects.filter(here, year__in=years))


def drifted(province_id, year):
    """The (unit id, level, month) of tallies that differ from what the opinions say."""
    here = {"province": province_id, "year": year}
    facts = set(_counted(Opinion.objects.filter(**here)))
    stored = set(OpinionMonth.objects.filter(**here).values_list(*_columns()))
    return {(unit_id, level, month) for unit_id, level, _, month, *_ in facts ^ stored}


def _insert(opinions):
    """One INSERT … SELECT over `opinions`; nothing when none can be meant."""
    try:
        select, params = _counted(opinions).query.sql_with_params()
    except EmptyResultSet:
        return 0
    quoted = ", ".join(connection.ops.quote_name(column) for column in _columns())
    table = connection.ops.quote_name(OpinionMonth._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} ({quoted}) {select}", params)
        return cursor.rowcount


def _counted(opinions):
    """Rows of the tally's columns."""
    counts = _aggregates()
    grouped = opinions.annotate(tally_unit_id=_LOWEST).values(*KEY).annotate(**counts).order_by()
    return grouped.values_list(*KEY, *counts)


def _columns():
    return ["unit_id", *KEY[1:], *(name.removeprefix("found_") for name in _aggregates())]


def _counted_in(unit):
    """The condition that an opinion's lowest branch unit is `unit`."""
    if unit.level == Level.COMMUNE:
        return Q(commune=unit)
    if unit.level == Level.DISTRICT:
        return Q(district=unit, commune=None)
    return Q(province=unit, district=None, commune=None)


def _aggregates():
    """Columns of the tally; the branch of a unit that moved within a month is the later of the two."""
    counts = {f"found_{column}": Max(column) for column in BRANCH}
    counts["found_received"] = Count("pk")
    for status in OpinionStatus:
        counts[f"found_{status.value}"] = Count("pk", filter=Q(status=status))
    counts["found_confirmed"] = Count("pk", filter=IS_CONFIRMED)
    counts["found_on_time"] = Count("pk", filter=on_time_when())
    counts["found_on_time_extended"] = Count("pk", filter=on_time_extended_when())
    counts["found_closed_late"] = Count("pk", filter=closed_late_when())
    return counts
