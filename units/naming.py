"""What units and bodies are called where several places are read side by side: with the parents it takes."""

import re
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date

from django.db.models import Count

from core.errors import DomainError
from core.text import clean_name, fold, place_sort_key
from units.enums import Level
from units.models import Body, UnitLineage, UnitVersion
from units.reads import body_names_on, names_on
from units.scoping import scope_of


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


def names_for(user, unit_ids: Iterable[int], day: date) -> dict[int, str]:
    """What the units are called before this reader: whoever sees no more than one commune needs no parents."""
    levels = {(grant.level, grant.unit_id) for grant in scope_of(user).grants}
    communes = {pk for level, pk in levels if level == Level.COMMUNE}
    is_one_commune = len(communes) < 2 and all(level in (Level.COMMUNE, Level.VILLAGE) for level, _ in levels)
    return names_on(set(unit_ids), day) if communes and is_one_commune else placed_names(unit_ids, day)


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
    """The same bodies with `name_then`, what each was called on `day`; `body_names_on` for those that are rows."""
    bodies = list(bodies)
    called = body_names_on({body.pk for body in bodies}, day)
    for body in bodies:
        body.name_then = called[body.pk]
    return bodies


def placed_bodies(bodies: Iterable[Body], day: date) -> dict[int, str]:
    """{body id: "Phòng Nội vụ – Huyện Tiên Yên"}: the place is added where the body's own name does not say it."""
    bodies = bodies_on(bodies, day)
    places = placed_names({body.unit_id for body in bodies}, day)
    return {body.pk: placed_body(body.name_then, places.get(body.unit_id, "")) for body in bodies}


def body_choices(bodies: Iterable[Body], day: date, elsewhere: Collection[int] = ()) -> list[tuple]:
    """Options of a picker of bodies, with their places if there are two; ids in `elsewhere` in a group of their own."""
    bodies = list(bodies)
    is_one_place = len({body.unit_id for body in bodies}) < 2
    labels = {body.pk: body.name for body in bodies} if is_one_place else placed_bodies(bodies, day)
    near = [(body.pk, labels[body.pk]) for body in bodies if body.pk not in elsewhere]
    far = [(body.pk, labels[body.pk]) for body in bodies if body.pk in elsewhere]
    return [*near, ("Khác địa bàn", far)] if far else near


def placed_body(name: str, place: str) -> str:
    """("Công an phường", "Phường Hà Tu") -> "Công an phường – Phường Hà Tu"; nothing is said twice."""
    said, _, more = place.partition(", ")
    missing = more if fold(said) in fold(name) else place
    return f"{name} – {missing}" if missing else name


SHORT_WORDS = {"p": "phuong", "x": "xa", "tt": "thi tran", "tp": "thanh pho", "tx": "thi xa", "h": "huyen"}
MOST_CANDIDATES = 5


@dataclass(frozen=True)
class NamedPlace:
    """`name` as of the day; `parent`: the name it is told apart by, said after a comma."""

    pk: int
    level: str
    code: str
    name: str
    parent: str = ""

    @property
    def label(self) -> str:
        return f"{self.name}, {self.parent}" if self.parent else self.name


class PlaceBook:
    """Places below a unit, found by what people type: "khu 1 ha khanh" is Khu 1, Phường Hà Khánh."""

    def __init__(self, places: Iterable[NamedPlace], within: str):
        self.within = within
        self.places = sorted(places, key=_order)
        self.labels = {str(place.pk): place.label for place in self.places}
        self._words = [(place, _words(place.name), _words(place.label)) for place in self.places]
        self._by_code = {place.code: place for place in self.places}

    def find(self, typed: str) -> NamedPlace:
        """The one place that was meant; DomainError (field "village") with the candidates where it is not one."""
        found = self.candidates(typed)
        if len(found) == 1:
            return found[0]
        if found:
            raise DomainError(f"{several(found, typed)}.", "village")
        example = self.places[-1].label if self.places else "Khu 1, Phường Hà Khánh"
        raise DomainError(
            f"{self.within} không có “{clean_name(typed)[:80]}”. Ghi tên thôn, khu kèm tên xã, phường, ví dụ: "
            f"{example}; hoặc để trống.",
            "village",
        )

    def candidates(self, typed: str) -> list[NamedPlace]:
        """What may be meant: the places of that very label, code or name, else those that have every word of it."""
        asked = _words(typed)
        return self._whole(typed, asked) or self._partly(asked)

    def _whole(self, typed, asked):
        """Places whose label, code or name is what was typed, the label first; a name may lack its kind."""
        if whole := [place for place, _, label in self._words if label == asked]:
            return whole
        if place := self._by_code.get(typed.strip()):
            return [place]
        return [place for place, name, _ in self._words if name == asked or (asked and name == _kind(name) + asked)]

    def _partly(self, asked):
        """Places whose label has every word that was typed."""
        wanted = Counter(asked)
        return [place for place, _, label in self._words if asked and not wanted - Counter(label)]


def several(found: list[NamedPlace], typed: str) -> str:
    """The sentence that names the candidates of what was typed, without its end."""
    names = "; ".join(place.label for place in found[:MOST_CANDIDATES])
    more = f" và {len(found) - MOST_CANDIDATES} nơi khác" if len(found) > MOST_CANDIDATES else ""
    return f"Có {len(found)} nơi tên “{clean_name(typed)[:80]}”: {names}{more}. Ghi thêm tên xã, phường"


def _order(place):
    """A commune, then its villages, "Khu 2" before "Khu 10"."""
    is_village = place.level == Level.VILLAGE
    return place_sort_key(place.parent if is_village else place.label), is_village, place_sort_key(place.name)


def _words(text):
    """'Khu 1, P. Hà Khánh' -> ['khu', '1', 'phuong', 'ha', 'khanh']"""
    found = re.findall(r"[^\W_]+", fold(text))
    return [word for each in found for word in SHORT_WORDS.get(each, each).split()]


def _kind(words):
    """The words of a kind before a name: ['phuong'], ['thi', 'tran']."""
    return words[:2] if words[:2] in (["thi", "tran"], ["thi", "xa"], ["thanh", "pho"], ["dac", "khu"]) else words[:1]


def place_book(unit, day: date, kept: Collection[int] = ()) -> PlaceBook:
    """The places below a unit on `day`, each with the parents that tell it apart; one query, whatever their number.

    `kept`: ids that stay to be chosen though they lie elsewhere on that day, by what they are called then.
    """
    below = UnitLineage.objects.filter(ancestor=unit).on(day).values("unit_id")
    versions = UnitVersion.objects.on(day).filter(unit__in=below).exclude(unit=unit)
    rows = list(versions.values_list("unit_id", "unit__level", "unit__code", "name", "parent_id"))
    book = PlaceBook(named_places(rows), unit.name)
    if missing := set(kept) - {row[0] for row in rows}:
        book.labels |= {str(pk): name for pk, name in placed_names(missing, day).items()}
    return book


def labels_of(unit_ids: Collection[int], day: date) -> dict[int, str]:
    """{unit id: label} of a list of choices: parents are said where it has more than one commune; one query."""
    versions = UnitVersion.objects.on(day).filter(unit__in=unit_ids)
    rows = list(versions.values_list("unit_id", "unit__level", "unit__code", "name", "parent_id"))
    if sum(level == Level.COMMUNE for _, level, _, _, _ in rows) < 2:
        return {pk: name for pk, _, _, name, _ in rows}
    return {place.pk: place.label for place in named_places(rows)}


def named_places(rows) -> list[NamedPlace]:
    """Of (id, level, code, name, parent id): a village takes its commune, a commune its district if two share a name.

    What still reads the same takes its code.
    """
    known = {pk: (level, name, parent) for pk, level, _, name, parent in rows}
    communes = Counter(fold(name) for _, level, _, name, _ in rows if level == Level.COMMUNE)

    def above(level, name, parent):
        if parent not in known or (level == Level.COMMUNE and communes[fold(name)] < 2):
            return ""
        upper_level, upper, grand = known[parent]
        if level == Level.VILLAGE and upper_level == Level.COMMUNE:
            return f"{upper}, {more}" if (more := above(upper_level, upper, grand)) else upper
        return upper

    found = [NamedPlace(pk, level, code, name, above(level, name, parent)) for pk, level, code, name, parent in rows]
    labels = Counter(fold(place.label) for place in found)
    return [
        place if labels[fold(place.label)] == 1 else replace(place, name=f"{place.name} ({place.code})")
        for place in found
    ]
