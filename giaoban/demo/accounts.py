"""The sample accounts: somebody of every role, with a person and a post that gives the right."""

import json
from datetime import date
from typing import NamedTuple

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from core.text import fold
from giaoban.demo.store import Shelf
from people.enums import POSITION_OF_ROLE, Position, Role
from people.models import User
from units.enums import Level

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
