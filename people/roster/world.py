"""What the directory holds below a unit, read in a fixed number of queries: the ground a plan is made on."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Exists, OuterRef

from core.text import fold
from people.models import Person, Post
from people.roster.words import OF_VILLAGES
from units.closed import closures_over
from units.enums import Level
from units.models import Unit, UnitLineage
from units.selectors import Place


@dataclass(frozen=True)
class Held:
    """A post in the directory."""

    pk: int
    person_id: int
    role: str
    start: date
    end: date | None

    def reaches(self, day):
        """Does the term last beyond the beginning of `day`, or begin later?"""
        return self.end is None or self.end > day


@dataclass(frozen=True)
class Known:
    """A person of the directory."""

    pk: int
    name: str
    phone: str
    email: str


@dataclass
class World:
    """Villages below a unit with their places over time, the people who hold or held posts there, and those posts."""

    names: dict = field(default_factory=dict)
    codes: dict = field(default_factory=dict)
    by_name: dict = field(default_factory=lambda: defaultdict(list))
    places: dict = field(default_factory=lambda: defaultdict(list))
    people: dict = field(default_factory=dict)
    namesakes: dict = field(default_factory=lambda: defaultdict(set))
    by_phone: dict = field(default_factory=lambda: defaultdict(set))
    posts: dict = field(default_factory=lambda: defaultdict(list))
    elsewhere: set = field(default_factory=set)
    closed: dict = field(default_factory=dict)

    def place_on(self, village_id, day):
        """The Place of a village on a day, None when it was not in force."""
        found = {
            f"{level}_id": ancestor
            for level, ancestor, start, end in self.places[village_id]
            if start <= day and (end is None or end > day)
        }
        return Place(**found) if found else None

    def villages_called(self, words):
        """Ids of the villages that a code or a name may mean; 'Đông Tiến' finds 'Thôn Đông Tiến'."""
        if words in self.codes:
            return [self.codes[words]]
        return self.by_name.get(fold(words), [])


def villages_below(unit, today):
    return Unit.objects.level(Level.VILLAGE).on(today).under(unit, today)


def read_world(unit, today):
    """Five queries, whatever the size."""
    world, villages = World(), villages_below(unit, today)
    for pk, key, code, name, kind in villages.values_list("pk", "key", "code", "name", "kind"):
        world.names[pk] = name
        for word in (code, key, f"{Level.VILLAGE}-{code}"):
            world.codes[word] = pk
        for word in _names_of(name, kind):
            world.by_name[word].append(pk)
    ids = villages.values("pk")
    lineage = UnitLineage.objects.filter(unit__in=ids)
    for unit_id, *row in lineage.values_list("unit_id", "level", "ancestor_id", "valid_from", "valid_to"):
        world.places[unit_id].append(row)
    _read_people(world, ids)
    _read_posts(world, ids, today)
    return world


def _names_of(name, kind):
    """The name in full and without its kind: {'thon dong tien', 'dong tien'}."""
    whole = fold(name)
    words = whole.split(" ")
    kind_words = kind.replace("_", " ").split(" ")
    bare = " ".join(words[len(kind_words) :]) if words[: len(kind_words)] == kind_words else ""
    return {whole, bare} - {""}


def _read_people(world, ids):
    there = Post.objects.filter(person=OuterRef("pk"), unit__in=ids)
    for row in Person.objects.filter(Exists(there)).order_by("pk").values_list("pk", "name", "phone", "email"):
        known = world.people[row[0]] = Known(*row)
        if known.phone:
            world.by_phone[(fold(known.name), known.phone)].add(known.pk)


def _read_posts(world, ids, today):
    world.closed = closures_over(ids)
    rows = Post.objects.filter(unit__in=ids).order_by("pk")
    for unit_id, position, *row in rows.values_list(
        "unit_id", "position", "pk", "person_id", "role", "valid_from", "valid_to"
    ):
        held = Held(*row)
        world.namesakes[(unit_id, fold(world.people[held.person_id].name))].add(held.person_id)
        if position in OF_VILLAGES:
            world.posts[(unit_id, position)].append(held)
    here = Post.objects.filter(person=OuterRef("person"), unit__in=ids)
    others = Post.objects.on(today).filter(Exists(here)).exclude(unit__in=ids)
    world.elsewhere = set(others.values_list("person_id", flat=True))
