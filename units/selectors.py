"""Reads over the tree: units by key, places of a day, names of a day, today's heirs of old units."""

from dataclasses import dataclass

from core.errors import DomainError
from units.enums import INHERITING, Level
from units.models import Body, BodyName, Unit, UnitHeritage, UnitLineage, UnitSuccession, UnitVersion


@dataclass(frozen=True)
class Place:
    """Where a unit lay on a day; levels that did not exist there are None."""

    province_id: int | None = None
    district_id: int | None = None
    commune_id: int | None = None
    village_id: int | None = None

    @property
    def columns(self):
        """The three columns every fact row copies."""
        return {"province_id": self.province_id, "district_id": self.district_id, "commune_id": self.commune_id}


def places_on(unit_ids, day):
    """{unit id: Place} of the units that were in force on `day`, in one query."""
    found = {}
    rows = UnitLineage.objects.filter(unit_id__in=unit_ids).on(day).values_list("unit_id", "level", "ancestor_id")
    for unit_id, level, ancestor_id in rows:
        found.setdefault(unit_id, {})[f"{level}_id"] = ancestor_id
    return {unit_id: Place(**columns) for unit_id, columns in found.items()}


def place_on(unit, day):
    """The Place of one unit; a unit not in force on `day` is refused with a sentence."""
    place = places_on([unit.pk], day).get(unit.pk)
    if place is None:
        raise DomainError(
            f"{unit.name} không hoạt động ngày {day:%d/%m/%Y}. Chọn đơn vị đang hoạt động vào ngày đó.", "unit"
        )
    return place


def ancestor_at(unit, level, day):
    """The unit's ancestor at a level on a day, or None (the level may not exist)."""
    return Unit.objects.filter(descent__in=UnitLineage.objects.filter(unit=unit, level=level).on(day)).first()


def names_on(unit_ids, day):
    """{unit id: name on that day}; a unit not in force then keeps the last name it had."""
    names = dict(Unit.objects.filter(pk__in=unit_ids).values_list("pk", "name"))
    names.update(UnitVersion.objects.filter(unit_id__in=unit_ids).on(day).values_list("unit_id", "name"))
    return names


def body_name_on(body, day):
    """The body's name on a day: documents carry the name of their signing day."""
    return body.names.on(day).values_list("name", flat=True).first() or body.name


def body_names_on(body_ids, day):
    """{body id: name on that day}, the plain name where none of the day is kept."""
    names = dict(Body.objects.filter(pk__in=body_ids).values_list("pk", "name"))
    names.update(BodyName.objects.filter(body_id__in=body_ids).on(day).values_list("body_id", "name"))
    return names


def unit_by_key(word, period=None, today=None):
    """The unit of a key (`province-22-20140101`) or bare level-code (`province-22`).

    A bare code means the unit in force on the last day of `period`, else the latest in force within it; without a
    period, today's. Unknown: DomainError.
    """
    exact = Unit.objects.filter(key=word).first()
    if exact:
        return exact
    level, _, code = (word or "").partition("-")
    candidates = Unit.objects.filter(level=level, code=code).order_by("-valid_from")
    last = period.last if period else today
    unit = candidates.on(last).first() if last else candidates.first()
    if unit is None and period is not None:
        unit = candidates.filter(valid_from__lte=period.last).exclude(valid_to__lte=period.first).first()
    if unit is None:
        raise DomainError(f"Không có đơn vị “{word}”. Nhập dạng province-22 hoặc commune-06652-20250701.", "unit")
    return unit


def children_of(unit, day):
    """The units whose parent was `unit` on `day`, named as of that day (`name_then`)."""
    versions = UnitVersion.objects.filter(parent=unit).on(day).select_related("unit").order_by("unit__level", "name")
    return _as_of(versions)


def roots_on(day):
    """The provinces of a day."""
    return _as_of(UnitVersion.objects.filter(parent=None).on(day).select_related("unit").order_by("unit__code"))


def _as_of(versions):
    units = []
    for version in versions:
        version.unit.name_then = version.name
        version.unit.kind_then = version.get_kind_display()
        units.append(version.unit)
    return units


def trail_of(unit, day):
    """The ancestors from the province down to the unit itself on a day."""
    order = {Level.PROVINCE: 0, Level.DISTRICT: 1, Level.COMMUNE: 2, Level.VILLAGE: 3}
    rows = UnitLineage.objects.filter(unit=unit).on(day).select_related("ancestor")
    return sorted((row.ancestor for row in rows), key=lambda ancestor: order[ancestor.level])


def with_origins(unit_ids):
    """The given unit ids and those of every unit whose records they inherited."""
    origins = UnitHeritage.objects.filter(heir_id__in=unit_ids).values_list("origin_id", flat=True)
    return set(unit_ids) | set(origins)


def heir_of(unit, day):
    """The unit that carries on `unit`'s records and open work on `day`; itself while in force, None if nobody."""
    seen = set()
    while unit and unit.valid_to and unit.valid_to <= day and unit.pk not in seen:
        seen.add(unit.pk)
        link = UnitSuccession.objects.filter(predecessor=unit, kind__in=INHERITING).select_related("successor").first()
        unit = link.successor if link else None
    return unit


def bodies_for(unit, day):
    """The bodies in force at a unit on a day, leading ones first."""
    return Body.objects.filter(unit=unit).on(day).order_by("kind", "name")
