"""Made-up people, telephone numbers and villages that read as real ones of Quảng Ninh."""

import json
import random
from collections import defaultdict
from datetime import date
from functools import cache
from itertools import accumulate
from typing import NamedTuple

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from core.text import fold, person_sort_key
from people.enums import POSITION_OF_ROLE, VILLAGE_POSITIONS, Position, Role
from people.models import Person, Post, User
from tools.demo.material import commune_word, fold_words, terrain, word_list
from tools.demo.store import Shelf
from units.enums import Level

FEWEST_VILLAGES, MOST_VILLAGES = 5, 12


class SampleVillage(NamedTuple):
    """A village of the demo; `code` is `<commune code>-<nn>`, `kind` a code of units.enums.UnitKind."""

    code: str
    name: str
    kind: str


@cache
def _weighted(name):
    table = word_list("names")[name]
    return list(table), list(accumulate(table.values()))


def _pick(rng, name):
    words, weights = _weighted(name)
    return rng.choices(words, cum_weights=weights)[0]


def person_name(rng, *, female=None, highland=False):
    """Family, middle and given name with realistic frequencies; two fifths women unless said."""
    if female is None:
        female = rng.random() < 0.4
    family = _pick(rng, "family_highland" if highland and rng.random() < 0.75 else "family")
    sex = "female" if female else "male"
    middle = _pick(rng, f"middle_{sex}")
    if highland and not female and rng.random() < 0.3:
        middle = rng.choice(word_list("names")["middle_highland"])
    given = _pick(rng, f"given_{sex}")
    while given in (family, middle.split()[-1]):
        given = _pick(rng, f"given_{sex}")
    return f"{family} {middle} {given}"


def phone_number(rng):
    """Ten digits that begin with 0000: no network has such numbers."""
    return f"0000{rng.randrange(1_000_000):06d}"


def villages_of(commune_key, commune_name):
    """The 5–12 villages of a commune, always the same for the same key (`commune-06862-20140101`) and name."""
    code = commune_key.split("-")[1]
    rng = random.Random(f"thôn của {commune_key}")
    count = rng.randint(FEWEST_VILLAGES, MOST_VILLAGES)
    names = _urban(rng, count, commune_name) if "urban" in terrain(commune_name) else _rural(rng, count, commune_name)
    return [SampleVillage(f"{code}-{i:02d}", name, kind) for i, (name, kind) in enumerate(names, 1)]


def _urban(rng, count, commune_name):
    """Khu 1, Khu 2 … in half the wards, khu phố with names in some, names alone in others."""
    style = rng.random()
    if style < 0.55 or commune_word(commune_name) == "thị trấn":
        return [(f"Khu {number}", "khu_pho") for number in range(1, count + 1)]
    word = "Khu phố" if style < 0.7 else "Khu"
    return [(f"{word} {name}", "khu_pho") for name in rng.sample(word_list("villages")["urban_named"], count)]


def _rural(rng, count, commune_name):
    """Thôn with the names of the area; in the highlands some are bản; some communes only number them."""
    tags, lists = terrain(commune_name), word_list("villages")
    if not tags & {"highland", "coastal"} and rng.random() < 0.25:
        return [(f"Thôn {number}", "thon") for number in range(1, count + 1)]
    pool = lists["highland"] if "highland" in tags else lists["coastal"] if "coastal" in tags else lists["lowland"]
    rows = []
    for name in rng.sample(pool, count):
        if name.startswith("Bản "):
            rows.append((name, "ban"))
        elif "highland" in tags and rng.random() < 0.4:
            rows.append((f"Bản {name}", "ban"))
        else:
            rows.append((f"Thôn {name}", "thon"))
    return rows


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


class SampleSeat(NamedTuple):
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
                    found[term.someone.person_id] = SampleSeat(
                        term.someone, unit_id, duty, term.position, (term.post_id,)
                    )
        return list(found.values())

    def save(self):
        return self.people.save() + self.posts.save()


VILLAGE_LABELS = {position.value: position.label for position in VILLAGE_POSITIONS}


PASSWORD = "Dan-van-kheo-2026"  # noqa: S105
DISTRICTS = ("193", "199")
VILLAGES = 2
SINCE = date(2021, 7, 1)
BARE_AFTER = ("thanh pho ", "thi xa ", "thi tran ", "dac khu ", "huyen ", "phuong ", "xa ", "tinh ")


class Account(NamedTuple):
    username: str
    role: str
    unit: object
    user_id: int
    term: object


class Accounts:
    """Opens the accounts; `rows` is what the accounts file says of them."""

    def __init__(self, world, staff, offices):
        self.world, self.staff, self.offices = world, staff, offices
        self.users = Shelf(User, is_sample=True, created_at=timezone.now(), password=make_password(PASSWORD))
        self.opened = []

    def open_all(self, is_chosen):
        province = self.world.province
        self.open("quantri", Role.ADMIN, province)
        self.open("chuyenvien", Role.SPECIALIST, province)
        self.open("truongban", Role.PROVINCE, province)
        self.open("lanhdaotinh", Role.PROVINCE_LEADER, province)
        self.open("so.nongnghiep", Role.AGENCY, province, topic="LAND")
        self.open("dicoso.tinh", Role.CADRE, province)
        for district in self._districts():
            if is_chosen(district.pk):
                self._open_district(district)

    def _districts(self):
        """The two districts as they stand, or as they last stood."""
        units = [u for u in self.world.units.values() if u.level == Level.DISTRICT and u.code in DISTRICTS]
        return sorted(units, key=lambda unit: unit.code)

    def _open_district(self, district):
        name = slug(district.name)
        self.open(f"lanhdao.{name}", Role.LEADER, district)
        self.open(f"danvan.{name}", Role.SPECIALIST, district)
        self.open(f"canbo.{name}", Role.DISTRICT, district)
        self.open(f"phong.{name}", Role.AGENCY, district, topic="LAND")
        self.open(f"dicoso.{name}", Role.CADRE, district)
        for number, commune in enumerate(self._communes(district)[:2]):
            name = f"{slug(commune.name)}.{commune.code}"
            self.open(f"xa.{name}", Role.COMMUNE, commune)
            if number == 0:
                self.open(f"bithu.{name}", Role.COMMUNE_LEADER, commune)
                self.open(f"chuyenmon.{name}", Role.AGENCY, commune, topic="LAND")
                self.open(f"dicoso.{name}", Role.CADRE, commune)
                self._open_villages(commune, name)

    def _open_villages(self, commune, name):
        """The heads of the first villages gather and pass on by themselves; the others through the officer."""
        for village_id in self.world.villages(commune.pk, self.world.today)[:VILLAGES]:
            village = self.world.units[village_id]
            self.open(f"{slug(village.name)}.{name}", Role.VILLAGE, village)

    def _communes(self, district):
        """Today's communes of the district, or the heirs of those it had."""
        world, found = self.world, set()
        for unit in world.units.values():
            if unit.level == Level.COMMUNE and any(line[1] == district.pk for line in world.lines[unit.pk]):
                found.add(unit.pk if world.is_alive(unit.pk, world.today) else world.heirs.get(unit.pk))
        communes = (world.units[pk] for pk in found - {None})
        return sorted((unit for unit in communes if self._is_home(unit, district)), key=lambda unit: unit.code)

    def _is_home(self, unit, district):
        place = self.world.place(unit.pk, self.world.today)
        return place.district_id in (None, district.pk)

    def open(self, username, role, unit, topic=""):
        """An account; where the duty is a seat at the table, its holder of today gets it."""
        position, today = POSITION_OF_ROLE[role], self.world.today
        day = min(today, unit.valid_to) if unit.valid_to else today
        known = self.staff.holder(unit.pk, position, day) if position != Position.DEPT_HEAD else None
        if known:
            self.staff.post_rows[known.post_id]["role"] = role
        body_id = self.offices.answering(unit.pk, day, topic)[0] if topic else None
        term = known or self.staff.appoint(
            unit.pk, position, start=max(unit.valid_from, SINCE), role=role, body_id=body_id
        )
        user_id = self.users.add(username=username, person_id=term.someone.person_id)
        self.opened.append(Account(username, role, unit, user_id, term))
        return user_id

    def of(self, unit_id, *roles):
        """The user id of an account of the unit with one of the roles, or None."""
        return next((a.user_id for a in self.opened if a.unit.pk == unit_id and a.role in roles), None)

    @property
    def rows(self):
        return [
            {
                "username": account.username,
                "password": PASSWORD,
                "role": str(account.role),
                "unit": account.unit.key,
                "unit_name": account.unit.name,
            }
            for account in self.opened
        ]

    def write(self, path):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(self.rows, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def slug(name):
    """'Thành phố Hạ Long' -> 'halong'."""
    word = fold(name)
    for kind in BARE_AFTER:
        word = word.removeprefix(kind)
    return "".join(letter for letter in word if letter.isalnum())
