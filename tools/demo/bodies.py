"""The bodies that answer opinions at each level, under the names they had on a day."""

from collections import defaultdict
from datetime import date
from functools import cache
from typing import NamedTuple

from feedback.models import RoutingRule, Topic
from tools.demo.material import commune_word, lower_first, word_list
from tools.demo.plan import FORM_BY_DISTRICT, clusters_of
from tools.demo.store import Shelf
from units.enums import BodyKind, Level
from units.models import Body, BodyName, UnitCluster


class BodySpec(NamedTuple):
    """`code` stays the same when the name changes; `since`/`until` are half-open, None where open-ended."""

    code: str
    kind: str
    name: str
    topics: tuple
    since: date | None
    until: date | None


def committee_of(unit_name):
    """'Huyện Tiên Yên' -> 'Huyện ủy', 'Tỉnh Quảng Ninh' -> 'Tỉnh ủy', a commune -> 'Đảng ủy'."""
    words = {"huyện": "Huyện ủy", "thị xã": "Thị ủy", "thành phố": "Thành ủy", "tỉnh": "Tỉnh ủy"}
    lower = unit_name.lower()
    return next((committee for word, committee in words.items() if lower.startswith(word)), "Đảng ủy")


def unit_word(unit_name):
    """The kind of unit as it stands before its name, in small letters."""
    lower = unit_name.lower()
    return next((w for w in ("tỉnh", "thành phố", "thị xã", "huyện") if lower.startswith(w)), commune_word(unit_name))


def all_bodies(level, unit_name):
    """Every name of every body of a unit, oldest first within a body."""
    return [_spec(row, unit_name) for row in word_list("bodies")[level]]


def bodies_on(level, unit_name, day):
    """The bodies of a unit on a day."""
    return [
        body
        for body in all_bodies(level, unit_name)
        if (body.since is None or body.since <= day) and (body.until is None or day < body.until)
    ]


def body_for(level, unit_name, day, topic):
    """Who answers a topic; where nobody names it, the body for everything else."""
    bodies = bodies_on(level, unit_name, day)
    return next((b for b in bodies if topic in b.topics), next((b for b in bodies if "OTHER" in b.topics), bodies[0]))


def _spec(row, unit_name):
    name = row["name"].format(kind=unit_word(unit_name), committee=committee_of(unit_name))
    since, until = (date.fromisoformat(row[end]) if end in row else None for end in ("since", "until"))
    return BodySpec(row["code"], row["kind"], name, tuple(row["topics"]), since, until)


LEVELS = (Level.PROVINCE, Level.DISTRICT, Level.COMMUNE)


class Offices:
    """Makes the bodies of the given units; afterwards tells who answers a topic."""

    def __init__(self, world, unit_ids, last_day):
        """`last_day`: the day whose names stay in force, or None where history goes on."""
        self.world, self.last_day = world, last_day
        self.bodies, self.names = Shelf(Body), Shelf(BodyName)
        self.ids, self.of_unit, self._answers = {}, defaultdict(list), {}
        for unit_id in sorted(unit_ids):
            self._open(world.units[unit_id])

    def _open(self, unit):
        if unit.level not in LEVELS:
            return
        specs = defaultdict(list)
        for spec in _all_bodies(unit.level, _sort_of(unit)):
            start = max(unit.valid_from, spec.since) if spec.since else unit.valid_from
            end = min(filter(None, (spec.until, unit.valid_to)), default=None)
            if self.last_day:
                end = None if end and end > self.last_day else end
                start = start if start <= self.last_day else None
            if start and (end is None or start < end):
                specs[spec.code].append((spec.name, spec.kind, start, end))
        specs["gov"] = [(f"UBND {lower_first(unit.name)}", BodyKind.GOV, unit.valid_from, unit.valid_to)]
        for code, rows in specs.items():
            name, kind, _, end = rows[-1]
            body_id = self.bodies.add(unit_id=unit.pk, kind=kind, name=name, valid_from=rows[0][2], valid_to=end)
            self.ids[unit.pk, code] = body_id
            self.of_unit[unit.pk].append((body_id, kind, name, rows[0][2], end))
            for name, _, start, end in rows:
                self.names.add(body_id=body_id, name=name, valid_from=start, valid_to=end)

    def answering(self, unit_id, day, topic):
        """(body id, its name) of whoever answers a topic at a unit on a day."""
        unit = self.world.units[unit_id]
        day = max(unit.valid_from, min(day, self.last_day)) if self.last_day else day
        key = unit_id, sum(change <= day for change in _changes(unit.level)), topic
        if key not in self._answers:
            code, name = _answer(unit.level, _sort_of(unit), day, topic)
            self._answers[key] = self.ids[unit_id, code], name
        return self._answers[key]

    def save(self):
        return self.bodies.save() + self.names.save()


def _sort_of(unit):
    """All that the names of its bodies take from a unit: 'Phường', 'Thị xã'."""
    return unit_word(unit.name).capitalize()


_all_bodies = cache(all_bodies)


@cache
def _changes(level):
    """The days on which bodies of a level were renamed or reorganised."""
    return sorted({day for spec in all_bodies(level, level) for day in (spec.since, spec.until) if day})


@cache
def _answer(level, sort, day, topic):
    spec = body_for(level, sort, day, topic)
    return spec.code, spec.name


def route_topics(offices, world):
    """Which body of each unit of today usually takes a topic."""
    shelf = Shelf(RoutingRule)
    for topic_id, code in Topic.objects.order_by("pk").values_list("pk", "code"):
        for unit_id in sorted(offices.of_unit):
            if world.is_alive(unit_id, world.today):
                body_id, _ = offices.answering(unit_id, world.today, code)
                shelf.add(unit_id=unit_id, topic_id=topic_id, body_id=body_id)
    return shelf


def form_clusters(world, spans):
    """Invented clusters of communes where districts meet by cluster: {(district id, commune ids): cluster id}.

    `spans`: (a day of the span, its first day, the day it ends or None), oldest first.
    """
    shelf, members = Shelf(UnitCluster), Shelf(UnitCluster.members.through)
    known, rows = {}, {}
    for day, start, end in spans:
        for district_key, communes in world.tree(day).items():
            district = world.units[world.id_of[district_key]]
            if FORM_BY_DISTRICT.get(district.code) != "cluster":
                continue
            closing = min(filter(None, (end, district.valid_to)), default=None)
            for name, keys in clusters_of(communes):
                ids = tuple(world.id_of[key] for key in keys)
                if (district.pk, ids) in known:
                    rows[district.pk, ids]["valid_to"] = closing
                    continue
                known[district.pk, ids] = shelf.add(
                    unit_id=district.pk, name=f"{name} (minh họa)", valid_from=start, valid_to=closing, is_sample=True
                )
                rows[district.pk, ids] = shelf.rows[-1]
                for commune_id in ids:
                    members.add(unitcluster_id=known[district.pk, ids], unit_id=commune_id)
    shelf.save()
    members.save()
    return known, (shelf, members)
