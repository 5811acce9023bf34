"""Going to the grassroots: norms, who is assigned where, the visits of the last months, and Trà Vinh's counted ones."""

from datetime import date, time, timedelta
from typing import NamedTuple

from core.periods import Period
from giaoban.demo.cross_checks import CrossChecks, told_of
from giaoban.demo.local_groups import LocalGroups
from giaoban.demo.material import fold_words, word_list
from giaoban.demo.published import TRA_VINH_2013_2015, TRA_VINH_CODE, TRA_VINH_VISITS
from giaoban.demo.store import Shelf
from giaoban.demo.tables import moment
from giaoban.demo.workdays import working_days
from people.enums import Position, Role
from units.enums import Level
from units.models import Unit
from visits.enums import VisitStatus
from visits.models import Assignment, CountedVisits, Visit, VisitExemption, VisitNorm

MONTHS = 6
GROUP_OF = {
    Position.FRONT_CHAIR: "front_board",
    Position.WOMEN: "women",
    Position.FARMERS: "farmers",
    Position.YOUTH: "youth",
    Position.VETERANS: "veterans",
}
CADRES_OF_COMMUNE, CADRES_OF_DISTRICT, CADRES_OF_PROVINCE = 2, 3, 4
SHARE_GOING, SHARE_FINDING, SHARE_RAISED = 0.86, 0.35, 0.12
SINCE_OF_CADRES = date(2023, 1, 1)
NORM_DOCUMENT = "Quy định đi cơ sở (minh họa)"
TRA_VINH_DOCUMENT, TRA_VINH_DOCUMENT_ON = "243-CV/TU", date(2012, 8, 17)
TRA_VINH_SPAN = date(2013, 1, 1), date(2015, 12, 31)
ONLY_RATE = "Nguồn chỉ nêu tỷ lệ hội viên thường xuyên sinh hoạt 65,7 %, ghi quy ước 657 trên 1.000."
ONLY_LEVEL = "Nguồn chỉ nêu tổng số lượt của cấp này."
TEXTS = ("content", "conduct", "findings", "help_given")


class Cadre(NamedTuple):
    """Somebody who goes, to the places of one decision."""

    term: object
    level: str
    places: tuple
    start: date
    end: date | None


class GoingOut:
    """`call_up` before people and posts are saved, `go` afterwards, `save` last."""

    def __init__(self, world, rng, staff, accounts, chance):
        self.world, self.rng, self.staff, self.accounts = world, rng, staff, accounts
        self.groups, self.checks = LocalGroups(world, chance), CrossChecks(world, chance, accounts)
        self.norms, self.assignments = Shelf(VisitNorm), Shelf(Assignment, is_sample=True)
        self.visits, self.leaves = Shelf(Visit, is_sample=True), Shelf(VisitExemption)
        self.counted = Shelf(CountedVisits, is_sample=True)
        self.cadres, self.taken = [], set()

    @property
    def shelves(self):
        shelves = self.groups.shelf, self.norms, self.assignments, self.visits, self.leaves, self.counted
        return *shelves, *self.checks.shelves

    def call_up(self, is_chosen):
        """Who goes where: the province's and districts' cadres to communes, the communes' to their villages."""
        world, today = self.world, self.world.today
        communes = [unit for unit in world.on(Level.COMMUNE, today) if is_chosen(unit.pk)]
        self._send(world.province, CADRES_OF_PROVINCE, communes)
        for district in self._districts(is_chosen):
            day = _last_day(district, today)
            below = [u for u in world.on(Level.COMMUNE, day) if world.place(u.pk, day).district_id == district.pk]
            self._send(district, CADRES_OF_DISTRICT, below)
        for commune in communes:
            villages = [world.units[pk] for pk in world.villages(commune.pk, today)]
            self._send(commune, CADRES_OF_COMMUNE, villages)

    def _districts(self, is_chosen):
        """Those of today; where there are none any more, those whose people have an account."""
        living = self.world.on(Level.DISTRICT, self.world.today)
        ended = {account.unit for account in self.accounts.opened if account.unit.level == Level.DISTRICT}
        return [unit for unit in living or sorted(ended, key=lambda unit: unit.code) if is_chosen(unit.pk)]

    def _send(self, unit, count, places):
        day = _last_day(unit, self.world.today)
        start = max(_months_until(day)[0].first, unit.valid_from + timedelta(days=20))
        for term in self._terms(unit, count, day):
            most = 3 if unit.level == Level.COMMUNE else 4
            chosen = self.rng.sample(places, min(len(places), self.rng.randint(2, most)))
            if chosen:
                begins = max(start, term.start, *(place.valid_from for place in chosen))
                self.cadres.append(Cadre(term, unit.level, tuple(chosen), begins, unit.valid_to))

    def _terms(self, unit, count, day):
        """The account's holder first, then people of the Front and the mass organisations."""
        terms = [
            account.term for account in self.accounts.opened if account.role == Role.CADRE and account.unit == unit
        ]
        for position in self.rng.sample(sorted(GROUP_OF), len(GROUP_OF)):
            term = self.staff.holder(unit.pk, position, day)
            if term and len(terms) < count:
                self.staff.post_rows[term.post_id]["role"] = Role.CADRE
                terms.append(term)
        return terms

    def go(self, threads):
        """The rows of norms, assignments and visits; some findings become opinions of `threads`."""
        self._order()
        self.groups.found(self.accounts)
        for cadre in self.cadres:
            rows = [(unit, self._assign(cadre, unit, number)) for number, unit in enumerate(cadre.places)]
            last = _last_day(self.world.units[cadre.term.unit_id], self.world.today)
            for month in _months_until(last):
                if self.rng.random() < SHARE_GOING:
                    unit, assignment_id = self.rng.choice(rows)
                    self._visit(cadre, unit, assignment_id, month, threads)
        self.checks.look(self)
        self._excuse()
        self._count()

    def save(self):
        for shelf in self.shelves:
            shelf.save()

    def _order(self):
        province = self.world.province
        for level in (Level.PROVINCE, Level.DISTRICT, Level.COMMUNE):
            if self.world.on(level, self.world.today):
                self.norms.add(
                    unit_id=province.pk, level=level, basis="person", period_kind="month", times=1,
                    document=NORM_DOCUMENT, valid_from=date(2024, 1, 1),
                )  # fmt: skip

    def _assign(self, cadre, unit, number):
        home = self.world.units[cadre.term.unit_id]
        committee = "Ban Thường vụ Đảng ủy" if cadre.level == Level.COMMUNE else "Ban Dân vận"
        decided = max(cadre.start - timedelta(days=self.rng.randint(2, 9)), home.valid_from)
        group = GROUP_OF.get(Position(cadre.term.position), "")
        group_id = self.groups.at(unit.pk, group, cadre.start)
        return self.assignments.add(
            unit_id=unit.pk, level=cadre.level, person_id=cadre.term.someone.person_id, post_id=cadre.term.post_id,
            decision_number=f"{self.rng.randint(11, 98)}-QĐ/{'ĐU' if cadre.level == Level.COMMUNE else 'BDV'}",
            decided_on=decided, issuer=f"{committee} {home.name}", valid_from=cadre.start, valid_to=cadre.end,
            group=group if group_id else "", local_group_id=group_id, is_deputy=number > 2,
            **self.world.place(unit.pk, cadre.start).columns,
        )  # fmt: skip

    def _visit(self, cadre, unit, assignment_id, month, threads):
        days = working_days(max(month.first, cadre.start), min(month.last, self.world.today - timedelta(days=1)))
        if not days:
            return
        rng, words, day = self.rng, word_list("visits"), self.rng.choice(days)
        place = self.world.place(unit.pk, day)
        group = GROUP_OF.get(Position(cadre.term.position)) or rng.choice(sorted(words["content"]))
        due = rng.randint(18, 62)
        started = time(rng.choice((8, 14, 19)), rng.choice((0, 30)))
        texts = {
            "content": rng.choice(words["content"][group]),
            "conduct": rng.choice(words["conduct"]),
            "findings": rng.choice(words["findings"]) if rng.random() < SHARE_FINDING else "",
            "help_given": rng.choice(words["help"]) if rng.random() < 0.5 else "",
        }
        someone = cadre.term.someone
        if (someone.person_id, day) in self.taken:
            return
        present = round(due * rng.uniform(0.55, 0.95))
        texts["content"], key = told_of(texts["content"], day, unit.name, present, due)
        self.taken.add((someone.person_id, day))
        visit_id = self.visits.add(
            unit_id=unit.pk, level=cadre.level, person_id=someone.person_id, post_id=cadre.term.post_id,
            assignment_id=assignment_id, village_id=place.village_id, group=group, visited_on=day, started_at=started,
            ended_at=time(started.hour + 1, 30), members_due=due, members_present=present,
            content_key=key, local_group_id=self.groups.at(unit.pk, group, day),
            reported_to=rng.choice(words["reported"]) if texts["findings"] else "", **texts, **place.columns,
            search_text=fold_words(" ".join([someone.name, unit.name, *(texts[name] for name in TEXTS)])),
            logged_at=moment(day, 20), **self._review(place.commune_id, day, threads),
        )  # fmt: skip
        if texts["findings"] and place.village_id and rng.random() < SHARE_RAISED:
            threads.raise_on_visit(visit_id, place, day)

    def _review(self, commune_id, day, threads):
        """What the place that was visited says of it."""
        rng, words = self.rng, word_list("visits")
        dice, age = rng.random(), (self.world.today - day).days
        if dice < 0.03:
            return {"status": VisitStatus.WITHDRAWN, "note": rng.choice(words["withdrawn"])}
        if dice < (0.12 if age > 20 else 0.5) or age < 2:
            return {"status": VisitStatus.LOGGED}
        status = VisitStatus.QUESTIONED if dice > 0.95 else VisitStatus.CONFIRMED
        reviewed_on = min(day + timedelta(days=rng.randint(1, 4)), self.world.today)
        return {
            "status": status,
            "note": rng.choice(words["questioned"]) if status == VisitStatus.QUESTIONED else "",
            "reviewed_by_name": threads.clerk(commune_id, reviewed_on)[:200],
            "reviewed_level": Level.COMMUNE,
            "reviewed_at": moment(min(reviewed_on, self.world.today - timedelta(days=1)), 15),
        }

    def _excuse(self):
        """A few are away for weeks."""
        for cadre in self.cadres[:: max(1, len(self.cadres) // 5)][:5]:
            home = self.world.units[cadre.term.unit_id]
            first = _last_day(home, self.world.today) - timedelta(days=self.rng.randint(30, 90))
            first = max(first, home.valid_from)
            self.leaves.add(
                person_id=cadre.term.someone.person_id, first_on=first, last_on=first + timedelta(days=24),
                reason=self.rng.choice(word_list("visits")["leave"]), **self.world.place(home.pk, first).columns,
            )  # fmt: skip

    def _count(self):
        """Trà Vinh 2013–2015, as published: only sums are known."""
        first, last = TRA_VINH_SPAN
        province = Unit.objects.filter(level=Level.PROVINCE, code=TRA_VINH_CODE).on(last).first()
        if province is None:
            return
        for level in (Level.PROVINCE, Level.DISTRICT, Level.COMMUNE):
            is_lowest = level == Level.COMMUNE
            self.norms.add(
                unit_id=province.pk, level=level, basis="person", period_kind="month", times=1,
                document=TRA_VINH_DOCUMENT, document_on=TRA_VINH_DOCUMENT_ON, valid_from=province.valid_from,
                valid_to=province.valid_to,
            )  # fmt: skip
            self.counted.add(
                unit_id=province.pk, province_id=province.pk, level=level, first_on=first, last_on=last,
                visits=TRA_VINH_2013_2015[f"{level}_visits"].value, source=TRA_VINH_VISITS[:200],
                note=ONLY_RATE if is_lowest else ONLY_LEVEL, source_key=f"tra-vinh-2013-2015-{level}",
                members_due=1000 if is_lowest else 0, members_present=657 if is_lowest else 0,
            )  # fmt: skip


def _last_day(unit, today):
    return min(today, unit.valid_to - timedelta(days=1)) if unit.valid_to else today


def _months_until(day):
    month = Period.of_day(day, "month")
    months = [month]
    while len(months) < MONTHS:
        months.insert(0, months[0].previous())
    return months
