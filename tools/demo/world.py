"""The dated tree of a province in memory: which units there are on a day, their names, where each lies."""

from bisect import bisect_right
from collections import Counter, defaultdict
from datetime import timedelta
from itertools import groupby

from django.db.models import Q

from core.text import fold
from tools.demo.people import villages_of
from tools.demo.store import Shelf, reset_sequences
from units.enums import LEVEL_ORDER, Level
from units.loading import follow_parents
from units.models import Unit, UnitHeritage, UnitLineage, UnitVersion
from units.reads import Place
from units.rules import lineage_of


class DemoWorld:
    """Read once; `refresh` after the tree has changed. Unit ids throughout, keys only for the plans."""

    def __init__(self, province, today):
        self.province, self.today = province, today
        self.refresh()

    def refresh(self):
        units = Unit.objects.filter(lineage__ancestor=self.province).distinct()
        self.units = {unit.pk: unit for unit in units}
        self.id_of = {unit.key: unit.pk for unit in self.units.values()}
        self.lines, self.names, days = defaultdict(list), defaultdict(list), set()
        lines = UnitLineage.objects.filter(unit__in=units).order_by("valid_from")
        for unit_id, *line in lines.values_list("unit_id", "level", "ancestor_id", "valid_from", "valid_to"):
            self.lines[unit_id].append(line)
            days |= {line[2], line[3]} - {None}
        versions = UnitVersion.objects.filter(unit__in=units).order_by("valid_from")
        for unit_id, start, name in versions.values_list("unit_id", "valid_from", "name"):
            self.names[unit_id].append((start, name))
        self.days = sorted(days)
        self._places, self._trees, self._villages = {}, {}, {}
        self.heirs = dict(
            UnitHeritage.objects.filter(origin__in=units, heir__valid_to=None)
            .order_by("origin_id")
            .values_list("origin_id", "heir_id")
        )

    def era(self, day):
        """Equal for two days between which no unit began, ended or moved."""
        return bisect_right(self.days, day)

    def place(self, unit_id, day):
        key = unit_id, self.era(day)
        if key not in self._places:
            columns = {
                f"{level}_id": ancestor
                for level, ancestor, start, end in self.lines[unit_id]
                if start <= day and (end is None or day < end)
            }
            self._places[key] = Place(**columns)
        return self._places[key]

    def name(self, unit_id, day):
        names = self.names[unit_id]
        if len(names) == 1:
            return names[0][1]
        return next((name for start, name in reversed(names) if start <= day), names[0][1])

    def is_alive(self, unit_id, day):
        unit = self.units[unit_id]
        return unit.valid_from <= day and (unit.valid_to is None or day < unit.valid_to)

    def tree(self, day):
        """{district key, or the province's: {commune key: number of villages}} on a day."""
        era = self.era(day)
        if era not in self._trees:
            found = defaultdict(dict)
            for unit in self.units.values():
                if unit.level == Level.COMMUNE and self.is_alive(unit.pk, day):
                    place = self.place(unit.pk, day)
                    if place.province_id == self.province.pk:
                        above = self.units[place.district_id or place.province_id]
                        found[above.key][unit.key] = len(self.villages(unit.pk, day))
            self._trees[era] = dict(found)
        return self._trees[era]

    def villages(self, commune_id, day):
        """Ids of the villages of a commune on a day, in the order of their codes."""
        era = self.era(day)
        if era not in self._villages:
            found = defaultdict(list)
            for unit in sorted(self.units.values(), key=lambda unit: unit.key):
                if unit.level == Level.VILLAGE and self.is_alive(unit.pk, day):
                    found[self.place(unit.pk, day).commune_id].append(unit.pk)
            self._villages[era] = found
        return self._villages[era].get(commune_id, [])

    def on(self, level, day):
        """The units of a level on a day, by code."""
        alive = (unit for unit in self.units.values() if unit.level == level and self.is_alive(unit.pk, day))
        return sorted(alive, key=lambda unit: unit.key)


def plant_villages(world, first, last):
    """Villages for every commune of the two days; in between they follow their communes to the heirs."""
    _make(world, world.on(Level.COMMUNE, first))
    follow_parents(world.today)
    settled = set(UnitVersion.objects.filter(unit__level=Level.VILLAGE, valid_to=None).values_list("parent", flat=True))
    _make(world, [unit for unit in world.on(Level.COMMUNE, last) if unit.pk not in settled])
    _tell_apart(world)
    _grow_tree(world)
    world.refresh()


def _grow_tree(world):
    """The lineage of the new villages, as `rebuild_tree` would make it, without touching the rest of the country."""
    ours = UnitVersion.objects.filter(Q(unit__in=list(world.units)) | Q(unit__level=Level.VILLAGE))
    rows = list(ours.values_list("unit_id", "parent_id", "valid_from", "valid_to", "unit__level"))
    rows.sort(key=lambda row: (LEVEL_ORDER.index(row[4]), row[2]))
    levels = {row[0]: row[4] for row in rows}
    shelf = Shelf(UnitLineage)
    for unit_id, spans in lineage_of(row[:4] for row in rows).items():
        for ancestor, start, end in spans if levels[unit_id] == Level.VILLAGE else ():
            shelf.add(unit_id=unit_id, ancestor_id=ancestor, level=levels[ancestor], valid_from=start, valid_to=end)
    shelf.save()
    reset_sequences([shelf])


def _make(world, communes):
    rows = []
    for commune in communes:
        for village in villages_of(commune.key, world.name(commune.pk, commune.valid_from)):
            unit = Unit(
                key=f"village-{village.code}-{commune.valid_from:%Y%m%d}",
                level=Level.VILLAGE,
                code=village.code,
                name=village.name,
                kind=village.kind,
                search_text=fold(village.name),
                valid_from=commune.valid_from,
                is_sample=True,
            )
            rows.append((unit, commune))
    Unit.objects.bulk_create([unit for unit, _ in rows], batch_size=1000)
    UnitVersion.objects.bulk_create(
        [
            UnitVersion(unit=unit, name=unit.name, kind=unit.kind, parent=commune, valid_from=unit.valid_from)
            for unit, commune in rows
        ],
        batch_size=1000,
    )


def _tell_apart(world):
    """Where communes with a "Khu 1" each were merged, the villages carry the old commune's name from then on."""
    versions = list(UnitVersion.objects.filter(unit__level=Level.VILLAGE).order_by("valid_from", "pk"))
    current, names, changed, renamed = {}, {}, [], {}
    for day, moved in groupby(versions, key=lambda version: version.valid_from):
        moved = list(moved)
        before = {version.unit_id: current.get(version.unit_id) for version in moved}
        current |= {version.unit_id: version.parent_id for version in moved}
        names |= {version.unit_id: names.get(version.unit_id, version.name) for version in moved}
        count = Counter((current[pk], name) for pk, name in names.items())
        for version in moved:
            name, former = names[version.unit_id], before[version.unit_id]
            if former and count[version.parent_id, name] > 1:
                name = f"{name} {_bare(world.name(former, day - timedelta(days=1)))}"
                names[version.unit_id] = renamed[version.unit_id] = name
            if version.name != name:
                version.name = name
                changed.append(version)
    UnitVersion.objects.bulk_update(changed, ["name"], batch_size=200)
    units = list(Unit.objects.filter(pk__in=renamed))
    for unit in units:
        unit.name, unit.search_text = renamed[unit.pk], fold(renamed[unit.pk])
    Unit.objects.bulk_update(units, ["name", "search_text"], batch_size=200)


def _bare(name):
    """'Phường Hà Phong' -> 'Hà Phong'."""
    for word in ("Thị trấn ", "Đặc khu ", "Phường ", "Xã "):
        if name.startswith(word):
            return name[len(word) :]
    return name
