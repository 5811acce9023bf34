"""The people of the demo and their posts: village cadres, leaders of communes, districts and the province."""

from collections import defaultdict
from datetime import date
from typing import NamedTuple

from core.text import person_sort_key
from giaoban.demo.material import fold_words
from giaoban.demo.names import person_name, phone_number
from giaoban.demo.places import terrain
from giaoban.demo.store import Shelf
from people.enums import VILLAGE_POSITIONS, Position
from people.models import Person, Post
from units.enums import Level

TERMS = {
    Level.VILLAGE: (date(2020, 7, 1), date(2022, 12, 1), date(2023, 6, 1), date(2024, 1, 1)),
    Level.COMMUNE: (date(2020, 6, 1), date(2021, 7, 1), date(2023, 3, 1)),
    Level.DISTRICT: (date(2020, 8, 1), date(2021, 7, 1)),
    Level.PROVINCE: (date(2020, 10, 1), date(2021, 7, 1)),
}
_P = Position
_MASS = (_P.FRONT_CHAIR, _P.WOMEN, _P.YOUTH, _P.FARMERS, _P.VETERANS)
POSITIONS = {
    Level.COMMUNE: (
        *(_P.PARTY_SECRETARY, _P.PARTY_STANDING_DEPUTY, _P.PARTY_DEPUTY_GOV, _P.GOV_VICE, _P.PARTY_OFFICE),
        *(*_MASS, _P.POLICE_CHIEF, _P.MILITARY_CHIEF),
    ),
    Level.DISTRICT: (
        *(_P.PARTY_SECRETARY, _P.PARTY_STANDING_DEPUTY, _P.GOV_CHAIR, _P.MMD_HEAD, _P.INSPECTION, _P.PARTY_OFFICE),
        *(*_MASS, _P.POLICE_CHIEF, _P.MILITARY_CHIEF),
    ),
    Level.PROVINCE: (_P.PARTY_STANDING_DEPUTY, _P.MMD_HEAD, *_MASS),
}
WOMEN = {_P.WOMEN}
SHARE_TWO_POSTS, SHARE_CHANGED, SHARE_VACANT = 0.14, 0.05, 0.02
NOT_CALLED = {_P.OFFICER, _P.UPPER_MEMBER, _P.MMD_SPECIALIST, _P.SYSTEM_ADMIN, _P.DEPT_HEAD}


class Someone(NamedTuple):
    person_id: int
    name: str
    sort_key: str


class Holding(NamedTuple):
    """A term of a post; half-open, `end` None while it lasts."""

    someone: Someone
    post_id: int
    position: str
    unit_id: int
    start: date
    end: date | None


class Seat(NamedTuple):
    """One person at the table with all duties; `unit_id` is the village of a village cadre."""

    someone: Someone
    unit_id: int
    duties: str
    position: str
    post_ids: tuple


class Staff:
    """Makes people and posts; `seats` then tells who is called to a meeting on a day."""

    def __init__(self, world, rng, first):
        self.world, self.rng, self.first = world, rng, first
        self.people, self.posts = Shelf(Person, is_sample=True), Shelf(Post)
        self.terms, self._seats = defaultdict(list), {}
        self.post_rows, self._nobodies = {}, {}

    def person(self, *, highland=False, female=None):
        name = person_name(self.rng, female=female, highland=highland)
        key = person_sort_key(name)
        person_id = self.people.add(name=name, sort_key=key, search_text=fold_words(name), phone=phone_number(self.rng))
        return Someone(person_id, name, key)

    def nobody(self):
        """A name for somebody without a post: a guest, a substitute."""
        name = person_name(self.rng)
        return Someone(None, name, person_sort_key(name))

    def nobody_again(self, village_id, duty):
        """The name an old ledger gives for a duty of a village: the same every time."""
        key = village_id, duty
        if key not in self._nobodies:
            self._nobodies[key] = person_name(self.rng)
        return self._nobodies[key]

    def appoint(self, unit_id, position, *, start=None, end=None, someone=None, role="", body_id=None, title=""):
        """A term from `start` (empty: as long as the unit, within the usual terms)."""
        unit = self.world.units[unit_id]
        start = start or max(unit.valid_from, self.rng.choice(TERMS[unit.level]))
        end = min(filter(None, (end, unit.valid_to)), default=None)
        someone = someone or self.person(highland=self._is_highland(unit), female=True if position in WOMEN else None)
        post_id = self.posts.add(
            person_id=someone.person_id, unit_id=unit_id, position=position, role=role, body_id=body_id, title=title,
            valid_from=start, valid_to=end,
        )  # fmt: skip
        self.post_rows[post_id] = self.posts.rows[-1]
        term = Holding(someone, post_id, position, unit_id, start, end)
        self.terms[unit_id].append(term)
        return term

    def fill(self, unit_ids, changes):
        """Everybody of the given units; `changes` are the days on which some posts change hands."""
        for unit_id in sorted(unit_ids, key=lambda pk: (self.world.units[pk].valid_from, pk)):
            if self.world.units[unit_id].level == Level.VILLAGE:
                self._fill_village(unit_id, changes)
            else:
                self._fill_leaders(unit_id)

    def _fill_village(self, unit_id, changes):
        """Three posts, sometimes two in one hand; now and then somebody new, or nobody yet."""
        secretary = self._term(unit_id, _P.CELL_SECRETARY, changes)
        two = self.rng.random() < SHARE_TWO_POSTS
        if two and secretary.end is None:
            self.appoint(unit_id, _P.VILLAGE_HEAD, someone=secretary.someone, start=secretary.start)
        else:
            self._term(unit_id, _P.VILLAGE_HEAD, changes)
        self._term(unit_id, _P.FRONT_BOARD_HEAD, changes)

    def _term(self, unit_id, position, changes):
        latest = max(self.world.units[unit_id].valid_from, *TERMS[Level.VILLAGE])
        changes = [day for day in changes if day > latest]
        dice = self.rng.random()
        if not changes or dice > SHARE_CHANGED + SHARE_VACANT:
            return self.appoint(unit_id, position)
        if dice > SHARE_CHANGED:
            return self.appoint(unit_id, position, end=self.rng.choice(changes[-3:]))
        day = self.rng.choice(changes)
        first = self.appoint(unit_id, position, end=day)
        self.appoint(unit_id, position, start=day)
        return first

    def _fill_leaders(self, unit_id):
        """Leaders; at a commune that succeeded others, mostly people who led one of these."""
        unit = self.world.units[unit_id]
        before = self._former(unit_id)
        for position in POSITIONS[unit.level]:
            known = before.get(position, [])
            someone = known.pop() if known and self.rng.random() < 0.8 else None
            start = unit.valid_from if unit.valid_from > self.first else None
            self.appoint(unit_id, position, someone=someone, start=start)

    def _former(self, unit_id):
        """{position: people who held it at the units this one succeeded}, shuffled."""
        found = defaultdict(list)
        for origin, heir in self.world.heirs.items():
            if heir == unit_id:
                for term in self.terms.get(origin, ()):
                    found[term.position].append(term.someone)
        for people in found.values():
            self.rng.shuffle(people)
        return found

    def _is_highland(self, unit):
        commune_id = unit.pk if unit.level == Level.COMMUNE else self._commune_of(unit)
        return bool(commune_id) and "highland" in terrain(self.world.units[commune_id].name)

    def _commune_of(self, unit):
        return self.world.place(unit.pk, unit.valid_from).commune_id if unit.level == Level.VILLAGE else None

    def holder(self, unit_id, position, day):
        """Who holds a post on a day, or None."""
        terms = (term for term in self.terms[unit_id] if term.position == position)
        return next((term for term in terms if term.start <= day and (term.end is None or day < term.end)), None)

    def seats(self, unit_id, day, village_ids):
        """(seats of the unit's own people, seats of village cadres): one seat a person, all duties together.

        Terms change on the first of a month only, so that a month's table is made once.
        """
        key = unit_id, self.world.era(day), day.year, day.month
        if key not in self._seats:
            self._seats[key] = self._table((unit_id,), day, own=True), self._table(village_ids, day, own=False)
        return self._seats[key]

    def _table(self, unit_ids, day, own):
        found = {}
        for unit_id in unit_ids:
            for term in self.terms[unit_id]:
                if term.position in NOT_CALLED or term.start > day or (term.end is not None and term.end <= day):
                    continue
                label = Position(term.position).label
                duty = label if own else f"{label} {self.world.name(unit_id, day)}"
                seat = found.get(term.someone.person_id)
                if seat:
                    both = f"{seat.duties}; {duty}"[:300]
                    found[term.someone.person_id] = seat._replace(duties=both, post_ids=(*seat.post_ids, term.post_id))
                else:
                    found[term.someone.person_id] = Seat(term.someone, unit_id, duty, term.position, (term.post_id,))
        return list(found.values())

    def save(self):
        return self.people.save() + self.posts.save()


VILLAGE_LABELS = {position.value: position.label for position in VILLAGE_POSITIONS}
