"""Monthly tallies: the same SELECT recomputes one unit-month in a saving transaction and rebuilds whole provinces."""

from django.db import connection, transaction
from django.db.models import Count, F, Max, Q, Sum

from meetings.enums import CADENCE_KINDS, MeetingForm, MeetingKind
from meetings.models import Meeting, MeetingMonth
from units.models import Unit

FORM_COLUMNS = {form: form.value for form in MeetingForm}
"""Each form is counted in the column of its own name."""


@transaction.atomic
def recompute_meeting_month(unit_id, level, year, month):
    """Count one unit-month anew; without held meetings the row goes away. The unit's row is the lock."""
    key = {"unit_id": unit_id, "level": level, "year": year, "month": month}
    Unit.objects.select_for_update(no_key=True).filter(pk=unit_id).values_list("pk").first()
    MeetingMonth.objects.filter(**key).delete()
    return _insert(Meeting.objects.filter(**key))


@transaction.atomic
def rebuild(province_ids=None):
    """Count everything anew, or all months of some provinces; returns the number of rows."""
    meetings, months = Meeting.objects.all(), MeetingMonth.objects.all()
    if province_ids is not None:
        meetings, months = meetings.filter(province__in=province_ids), months.filter(province__in=province_ids)
    months.delete()
    return _insert(meetings)


@transaction.atomic
def recount_units(unit_ids, years):
    """Count all months of some units and years anew. The caller has locked the units, as `lock_units` does."""
    which = {"unit__in": unit_ids, "year__in": years}
    MeetingMonth.objects.filter(**which).delete()
    return _insert(Meeting.objects.filter(**which))


def drifted(province_id, year):
    """The (unit id, level, month) of tallies that differ from what the meetings say."""
    here = {"province": province_id, "year": year}
    facts = set(_counted(Meeting.objects.filter(**here)))
    stored = set(MeetingMonth.objects.filter(**here).values_list(*_columns()))
    return {(unit_id, level, month) for unit_id, level, _, month, *_ in facts ^ stored}


def lock_units(unit_ids):
    """Whoever counts these units meanwhile waits; in one order for everybody."""
    list(Unit.objects.select_for_update(no_key=True).filter(pk__in=unit_ids).order_by("pk").values_list("pk"))


def _insert(meetings):
    """One INSERT … SELECT over the held ones of `meetings`."""
    select = _counted(meetings)
    sql, params = select.query.sql_with_params()
    table, quote = MeetingMonth._meta.db_table, connection.ops.quote_name
    columns = ", ".join(quote(MeetingMonth._meta.get_field(name).column) for name in _columns())
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {quote(table)} ({columns}) {sql}", params)
        return cursor.rowcount


def _counted(meetings):
    """Extra meetings are those that are not the one making an occurrence held."""
    rounds = Count("occurrence", distinct=True, filter=Q(kind__in=CADENCE_KINDS))
    counts = {
        "province": Max("province_id"),
        "district": Max("district_id"),
        "commune": Max("commune_id"),
        "meetings": Count("pk"),
        "sittings": Sum("sitting_count"),
        "attendance": Sum("attendance_count"),
        "opinions": Sum("opinion_count"),
        "thematic": Count("pk", filter=Q(kind=MeetingKind.THEMATIC)),
        "extra": Count("pk") - rounds,
        **{column: Count("pk", filter=Q(form=form)) for form, column in FORM_COLUMNS.items()},
    }
    keys = ("unit_id", "level", "year", "month")
    grouped = meetings.held().order_by().values(*keys).annotate(**{f"{name}_": value for name, value in counts.items()})
    return grouped.values_list(*keys, *(F(f"{name}_") for name in counts))


def _columns():
    return (
        *("unit", "level", "year", "month", "province", "district", "commune"),
        *("meetings", "sittings", "attendance", "opinions", "thematic", "extra"),
        *FORM_COLUMNS.values(),
    )
