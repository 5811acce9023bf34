"""The ground a plan is made on: units below a unit with their places and names over time, topics, what is there."""

from collections import defaultdict
from dataclasses import dataclass, field

from core.text import fold
from feedback.models import Topic
from meetings.closed import closed_spans
from meetings.models import CadenceRule, Meeting
from units.enums import LEVEL_ORDER, Level
from units.models import Unit, UnitLineage, UnitVersion
from units.naming import PlaceBook, named_places
from units.selectors import with_origins

OTHER = "OTHER"
TABLES = (Level.COMMUNE, Level.DISTRICT)
"""Levels that hold meetings."""


@dataclass
class World:
    """`spans[unit][level]`: (ancestor, from, to); `names[word]`: ids of the units that a name or code may mean."""

    tops: set = field(default_factory=set)
    levels: dict = field(default_factory=dict)
    titles: dict = field(default_factory=dict)
    codes: dict = field(default_factory=dict)
    code_of: dict = field(default_factory=dict)
    names: dict = field(default_factory=lambda: defaultdict(set))
    spans: dict = field(default_factory=lambda: defaultdict(lambda: defaultdict(list)))
    topics: dict = field(default_factory=dict)
    rules: list = field(default_factory=list)
    known: dict = field(default_factory=dict)
    closed: dict = field(default_factory=dict)
    called_then: dict = field(default_factory=lambda: defaultdict(list))
    books: dict = field(default_factory=dict)

    def place_on(self, unit_id, day):
        """{level: ancestor id} of a unit on a day; empty when it was not in force or lay outside the import's unit."""
        found = {}
        for level, spans in self.spans[unit_id].items():
            for ancestor, start, end in spans:
                if start <= day and (end is None or end > day):
                    found[level] = ancestor
        return found if self.tops & set(found.values()) else {}

    def called(self, word, levels):
        """Ids of the units of some levels that a key, a code or a name may mean."""
        found = self.codes.get(word) or self.names.get(fold(word), ())
        return sorted(pk for pk in found if self.levels[pk] in levels)

    def book_of(self, unit_id, level, day):
        """The PlaceBook of what lay below a unit on a day, as the log's form reads it."""
        if (unit_id, day) not in self.books:
            places = {pk: place for pk in self.levels if (place := self.place_on(pk, day)).get(level) == unit_id}
            rows = [
                (pk, self.levels[pk], self.code_of[pk], self._name_on(pk, day), _parent_of(place, self.levels[pk]))
                for pk, place in places.items()
                if pk != unit_id
            ]
            self.books[unit_id, day] = PlaceBook(named_places(rows), self.titles[unit_id])
        return self.books[unit_id, day]

    def _name_on(self, pk, day):
        spans = self.called_then[pk]
        return next((n for n, start, end in spans if start <= day and (end is None or end > day)), self.titles[pk])

    def closed_on(self, unit_id, day):
        """When the figures of a unit's period that ends on or holds a day were closed; None while it is open."""
        return next((on for first, last, on in self.closed.get(unit_id, ()) if first <= day <= last), None)

    def topic_of(self, words):
        """The id of a topic by its code, its name or a part of it; nothing written is "other"."""
        return self.topics.get(fold(words or OTHER))

    def rule_on(self, province_id, level, day):
        return next(
            (
                rule
                for rule in self.rules
                if (rule.province_id, rule.level) == (province_id, level)
                and rule.valid_from <= day
                and (rule.valid_to is None or rule.valid_to > day)
            ),
            None,
        )


def read_world(unit, drafts):
    """A fixed number of queries, whatever the size."""
    world = World(tops=with_origins([unit.pk]))
    below = UnitLineage.objects.filter(ancestor_id__in=world.tops).values("unit_id")
    for pk, key, code, level, name in Unit.objects.filter(pk__in=below).values_list(
        "pk", "key", "code", "level", "name"
    ):
        world.levels[pk], world.titles[pk], world.code_of[pk] = level, name, code
        for word in (key, code, f"{level}-{code}"):
            world.codes.setdefault(word, set()).add(pk)
        world.names[fold(name)].add(pk)
    versions = UnitVersion.objects.filter(unit__in=below)
    for pk, name, kind, *span in versions.values_list("unit_id", "name", "kind", "valid_from", "valid_to"):
        world.called_then[pk].append((name, *span))
        for word in _names_of(name, kind):
            world.names[word].add(pk)
    lineage = UnitLineage.objects.filter(unit__in=below)
    for pk, level, *span in lineage.values_list("unit_id", "level", "ancestor_id", "valid_from", "valid_to"):
        world.spans[pk][level].append(span)
    world.topics = _topics()
    world.rules = list(CadenceRule.objects.filter(unit=None).order_by("valid_from"))
    world.closed = closed_spans(below)
    _read_known(world, below, drafts)
    return world


def _read_known(world, below, drafts):
    """{(unit, kind, day): its source key or ""} of the meetings on the days of the drafts."""
    days = [row["held_on"] for row in drafts.meetings]
    if not days:
        return
    rows = Meeting.objects.held().filter(unit__in=below, held_on__range=(min(days), max(days)))
    for unit_id, kind, day, source in rows.values_list("unit_id", "kind", "held_on", "source_key"):
        world.known[unit_id, kind, day] = source or ""


def _names_of(name, kind):
    """The name in full and without its kind: {'thon dong tien', 'dong tien'}."""
    whole = fold(name)
    kind_word = kind.replace("_", " ")
    bare = whole.removeprefix(f"{kind_word} ").removeprefix("thanh pho ").removeprefix("thi xa ")
    return {whole, bare} - {""}


def _parent_of(place, level):
    """The id of the unit just above in a place, or None."""
    above = [each for each in LEVEL_ORDER[: LEVEL_ORDER.index(Level(level))] if place.get(each)]
    return place[above[-1]] if above else None


def _topics():
    """{word: ids} by code, by name, and by the parts of a name, where only one topic has them."""
    found, parts = {}, defaultdict(set)
    for pk, code, name in Topic.objects.values_list("pk", "code", "name"):
        found[fold(code)] = found[fold(name)] = pk
        for part in name.replace("–", ",").split(","):
            parts[fold(part)].add(pk)
    alone = {word: min(ids) for word, ids in parts.items() if len(ids) == 1 and word}
    return alone | found
