"""The groups of the villages whose commune has an account: chi bộ, ban công tác mặt trận, chi hội, chi đoàn."""

from datetime import date, timedelta

from giaoban.demo.store import Shelf
from people.enums import Role
from visits.enums import USUAL_GROUPS, GroupKind
from visits.models import LocalGroup

FOUNDED = date(2020, 1, 1)
SHARE_MISSING, SHARE_ENDED = 0.06, 0.02
ENDED_DAYS = 100
END_REASON = "Ghép sinh hoạt với tổ chức của thôn, khu liền kề."


class LocalGroups:
    """`found` once, then `at` says which group a visit of a day was with."""

    def __init__(self, world, chance):
        self.world, self.chance = world, chance
        self.shelf, self._at = Shelf(LocalGroup, is_sample=True), {}

    def found(self, accounts):
        officers = [account for account in accounts.opened if account.role == Role.COMMUNE]
        for officer in officers:
            if self.world.is_alive(officer.unit.pk, self.world.today):
                for village_id in self.world.villages(officer.unit.pk, self.world.today):
                    self._found_in(self.world.units[village_id], officer)

    def _found_in(self, village, officer):
        start = max(FOUNDED, village.valid_from, officer.unit.valid_from)
        name, columns = self.world.name(village.pk, self.world.today), self.world.place(village.pk, start).columns
        for kind in USUAL_GROUPS:
            dice = self.chance.random()
            if kind != GroupKind.CELL and dice < SHARE_MISSING:
                continue
            end = self.world.today - timedelta(days=ENDED_DAYS)
            has_ended = kind != GroupKind.CELL and dice > 1 - SHARE_ENDED and end > start
            end = end if has_ended else None
            group_id = self.shelf.add(
                unit_id=village.pk, level=village.level, kind=kind, name=f"{kind.label} {name}", valid_from=start,
                valid_to=end, end_reason=END_REASON if has_ended else "", member_count=self.chance.randint(12, 64),
                created_by_id=officer.user_id, **columns,
            )  # fmt: skip
            self._at[village.pk, kind] = (group_id, start, end)

    def at(self, unit_id, kind, day):
        """The id of the place's group of a kind on a day, or None."""
        group_id, start, end = self._at.get((unit_id, kind), (None, None, None))
        return group_id if group_id and start <= day and (end is None or day < end) else None
