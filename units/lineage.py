"""Keeping lineage and heritage true after one unit changed, without rebuilding the tree of the country."""

from units.models import UnitHeritage, UnitLineage, UnitVersion
from units.rules import lineage_of
from units.selectors import with_origins


def refresh_lineage(unit):
    """Rewrite the ancestors of one unit that has nothing below it."""
    versions = _versions_up_from(unit.pk)
    levels = dict(UnitVersion.objects.filter(unit_id__in=versions).values_list("unit_id", "unit__level"))
    rows = [row for unit_id in reversed(versions) for row in versions[unit_id]]
    UnitLineage.objects.filter(unit=unit).delete()
    UnitLineage.objects.bulk_create(
        UnitLineage(unit=unit, ancestor_id=ancestor, level=levels[ancestor], valid_from=start, valid_to=end)
        for ancestor, start, end in lineage_of(rows)[unit.pk]
    )


def _versions_up_from(unit_id):
    """{unit: its versions}, the unit first, the province last; one query a level."""
    found, wanted = {}, {unit_id}
    while wanted:
        level = {}
        rows = UnitVersion.objects.filter(unit_id__in=wanted).order_by("valid_from")
        for row in rows.values_list("unit_id", "parent_id", "valid_from", "valid_to"):
            level.setdefault(row[0], []).append(row)
        found = {key: value for key, value in found.items() if key not in level} | level
        wanted = {row[1] for rows in level.values() for row in rows if row[1]}
    return found


def inherit(heir, origin):
    """From now on `heir` carries the records of `origin` and of all that `origin` had inherited."""
    UnitHeritage.objects.bulk_create(
        [UnitHeritage(heir=heir, origin_id=pk) for pk in sorted(with_origins([origin.pk]))], ignore_conflicts=True
    )
