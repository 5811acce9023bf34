"""What units and bodies are called where several places are read side by side: with the parents it takes."""

from collections.abc import Collection, Iterable
from datetime import date

from django.db.models import Count

from core.text import fold
from units.enums import Level
from units.models import Body, BodyName, UnitLineage, UnitVersion
from units.selectors import names_on


def placed_names(unit_ids: Iterable[int], day: date) -> dict[int, str]:
    """{unit id: "Khu 1, Phường Hà Khánh"}: a village always with its commune.

    A commune takes its district only where its province has another of that name on `day`. Four queries; six then.
    """
    unit_ids = set(unit_ids)
    rows = UnitLineage.objects.filter(unit_id__in=unit_ids).on(day).values_list("unit_id", "level", "ancestor_id")
    above: dict[int, dict[str, int]] = {}
    for unit_id, level, ancestor_id in rows:
        above.setdefault(unit_id, {})[level] = ancestor_id
    names = names_on(unit_ids | {pk for line in above.values() for pk in line.values()}, day)
    communes = {line[Level.COMMUNE] for line in above.values() if Level.COMMUNE in line}
    doubles = _doubles({names[pk] for pk in communes}, day)
    return {pk: ", ".join(_parts(pk, above.get(pk, {}), names, doubles)) for pk in unit_ids if pk in names}


def _parts(pk, line, names, doubles):
    """The unit's name and those of the parents it takes, the nearest first."""
    yield names[pk]
    commune, district = line.get(Level.COMMUNE), line.get(Level.DISTRICT)
    if commune and commune != pk:
        yield names[commune]
    if commune and district and (names[commune], line.get(Level.PROVINCE)) in doubles:
        yield names[district]


def _doubles(names, day):
    """(name, province id) of the communes that share their name with another of the province on `day`."""
    twins = UnitVersion.objects.on(day).filter(unit__level=Level.COMMUNE, name__in=names)
    twice = twins.values_list("name").annotate(count=Count("unit_id", distinct=True)).filter(count__gt=1)
    versions = twins.filter(name__in=[name for name, _ in twice.order_by()]).values_list("unit_id", "name")
    called = dict(versions)
    places = UnitLineage.objects.filter(unit_id__in=called, level=Level.PROVINCE).on(day)
    seen, doubles = set(), set()
    for unit_id, province_id in places.values_list("unit_id", "ancestor_id"):
        place = called[unit_id], province_id
        (doubles if place in seen else seen).add(place)
    return doubles


def bodies_on(bodies: Iterable[Body], day: date) -> list[Body]:
    """The same bodies with `name_then`, what each was called on `day`; two queries."""
    bodies = list(bodies)
    names = BodyName.objects.filter(body__in=bodies).on(day).values_list("body_id", "name")
    called = dict(names)
    for body in bodies:
        body.name_then = called.get(body.pk, body.name)
    return bodies


def placed_bodies(bodies: Iterable[Body], day: date) -> dict[int, str]:
    """{body id: "Phòng Nội vụ – Huyện Tiên Yên"}: the place is added where the body's own name does not say it."""
    bodies = bodies_on(bodies, day)
    places = placed_names({body.unit_id for body in bodies}, day)
    return {body.pk: _placed_body(body.name_then, places.get(body.unit_id, "")) for body in bodies}


def body_choices(bodies: Iterable[Body], day: date, elsewhere: Collection[int] = ()) -> list[tuple]:
    """Options of a picker of bodies, with their places if there are two; ids in `elsewhere` in a group of their own."""
    bodies = list(bodies)
    is_one_place = len({body.unit_id for body in bodies}) < 2
    labels = {body.pk: body.name for body in bodies} if is_one_place else placed_bodies(bodies, day)
    near = [(body.pk, labels[body.pk]) for body in bodies if body.pk not in elsewhere]
    far = [(body.pk, labels[body.pk]) for body in bodies if body.pk in elsewhere]
    return [*near, ("Khác địa bàn", far)] if far else near


def _placed_body(name, place):
    said, _, more = place.partition(", ")
    missing = more if fold(said) in fold(name) else place
    return f"{name} – {missing}" if missing else name
