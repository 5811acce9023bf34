"""Loading the dated units from the three CSV files of `units/data` (their README tells where they come from)."""

import csv
from datetime import date
from pathlib import Path

from django.db import connection, transaction

from core.text import clean_name, fold
from units.enums import INHERITING, LEVEL_ORDER, Level
from units.models import Unit, UnitHeritage, UnitLineage, UnitSuccession, UnitVersion
from units.rules import heirs_of, lineage_of

DATA = Path(__file__).parent / "data"
BATCH = 2000


def load_units(directory=DATA, until=None):
    """Load or refresh the units; returns counts.

    `until` (a day): what begins after it is left out and what ends after it stays in force: the tree of that day.
    """
    units = [row for row in _read(directory, "units.csv") if not until or row["valid_from"] <= until]
    versions = [row for row in _read(directory, "unit_versions.csv") if not until or row["valid_from"] <= until]
    links = [row for row in _read(directory, "unit_successions.csv") if not until or row["effective_date"] <= until]
    for row in units + versions if until else ():
        row["valid_to"] = row["valid_to"] if row["valid_to"] and row["valid_to"] <= until else None
    with transaction.atomic():
        _save_units(units, versions)
        ids = dict(Unit.objects.values_list("key", "pk"))
        _save_versions(versions, ids)
        _save_links(links, ids)
        rebuild_tree()
        tell_planner(Unit, UnitVersion, UnitSuccession, UnitLineage, UnitHeritage)
    return {"units": len(units), "versions": len(versions), "successions": len(links)}


def tell_planner(*models):
    """After a bulk load PostgreSQL plans by the old statistics, and takes minutes for what needs milliseconds.
    Without names every table of the database is looked at."""
    if connection.vendor == "postgresql":
        tables = ", ".join(model._meta.db_table for model in models)
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {tables}")


def _read(directory, name):
    with open(Path(directory) / name, encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            yield {key: _value(key, value) for key, value in row.items()}


def _value(key, value):
    if key in {"valid_from", "valid_to", "effective_date"}:
        return date.fromisoformat(value) if value else None
    return clean_name(value)


def _save_units(units, versions):
    latest = {}
    for row in versions:
        if row["unit"] not in latest or row["valid_from"] > latest[row["unit"]]["valid_from"]:
            latest[row["unit"]] = row
    rows = [
        Unit(
            key=row["key"],
            level=row["level"],
            code=row["code"],
            valid_from=row["valid_from"],
            valid_to=row["valid_to"],
            name=latest[row["key"]]["name"],
            kind=latest[row["key"]]["kind"],
            search_text=fold(latest[row["key"]]["name"]),
        )
        for row in units
    ]
    Unit.objects.bulk_create(
        rows,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["key"],
        update_fields=["valid_to", "name", "kind", "search_text", "sort_key"],
    )


def _save_versions(versions, ids):
    rows = [
        UnitVersion(
            unit_id=ids[row["unit"]],
            name=row["name"],
            kind=row["kind"],
            parent_id=ids[row["parent"]] if row["parent"] else None,
            valid_from=row["valid_from"],
            valid_to=row["valid_to"],
            legal_basis=row["legal_basis"],
        )
        for row in versions
    ]
    UnitVersion.objects.bulk_create(
        rows,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["unit", "valid_from"],
        update_fields=["valid_to", "name", "kind", "parent", "legal_basis"],
    )


def _save_links(links, ids):
    rows = [
        UnitSuccession(
            predecessor_id=ids[row["predecessor"]],
            successor_id=ids[row["successor"]] if row["successor"] else None,
            kind=row["kind"],
            effective_on=row["effective_date"],
            legal_basis=row["legal_basis"],
        )
        for row in links
    ]
    abolished = [row for row in rows if row.successor_id is None]
    known = set(UnitSuccession.objects.filter(successor=None).values_list("predecessor_id", flat=True))
    UnitSuccession.objects.bulk_create([row for row in abolished if row.predecessor_id not in known], batch_size=BATCH)
    UnitSuccession.objects.bulk_create(
        [row for row in rows if row.successor_id],
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["predecessor", "successor"],
        update_fields=["kind", "effective_on", "legal_basis"],
    )


def follow_parents(today):
    """A unit whose parent closed moves to the parent's heir the next day, by a new version. Returns how many moved.

    Concerns units below commune level: the official files already say where everything else went.
    """
    heirs = dict(
        UnitSuccession.objects.filter(kind__in=INHERITING, effective_on__lte=today).values_list(
            "predecessor_id", "successor_id"
        )
    )
    stale = UnitVersion.objects.filter(
        valid_to=None, unit__level=Level.VILLAGE, parent__valid_to__isnull=False, parent__valid_to__lte=today
    ).select_related("parent")
    ended, begun = [], []
    for version in stale:
        heir = heirs.get(version.parent_id)
        if heir:
            version.valid_to = version.parent.valid_to
            ended.append(version)
            begun.append(_moved(version, heir))
    UnitVersion.objects.bulk_update(ended, ["valid_to"], batch_size=500)
    UnitVersion.objects.bulk_create(begun, batch_size=BATCH)
    return len(begun) + (follow_parents(today) if begun else 0)


def _moved(version, heir_id):
    return UnitVersion(
        unit_id=version.unit_id,
        name=version.name,
        kind=version.kind,
        parent_id=heir_id,
        valid_from=version.valid_to,
        legal_basis=version.legal_basis,
    )


def rebuild_tree():
    """Make lineage and heritage anew from versions and successions; equal input gives equal rows."""
    levels = dict(Unit.objects.values_list("pk", "level"))
    order = {level: number for number, level in enumerate(LEVEL_ORDER)}
    versions = list(UnitVersion.objects.values_list("unit_id", "parent_id", "valid_from", "valid_to"))
    versions.sort(key=lambda row: (order[levels[row[0]]], row[2]))
    rows = [
        UnitLineage(unit_id=unit, ancestor_id=ancestor, level=levels[ancestor], valid_from=start, valid_to=end)
        for unit, spans in lineage_of(versions).items()
        for ancestor, start, end in spans
    ]
    UnitLineage.objects.all().delete()
    UnitLineage.objects.bulk_create(rows, batch_size=BATCH)
    links = UnitSuccession.objects.filter(kind__in=INHERITING).values_list("predecessor_id", "successor_id")
    UnitHeritage.objects.all().delete()
    UnitHeritage.objects.bulk_create(
        [UnitHeritage(heir_id=heir, origin_id=origin) for heir, origin in heirs_of(links)], batch_size=BATCH
    )
