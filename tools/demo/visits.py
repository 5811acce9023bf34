"""The groups of the villages whose commune has an account: chi bộ, ban công tác mặt trận, chi hội, chi đoàn."""

import random
from datetime import date, time, timedelta
from typing import NamedTuple

from django.db import transaction

from core.periods import Period
from people.enums import Position, Role
from people.models import User
from people.reads import title_of
from tools.demo.checks import CrossChecks, told_of
from tools.demo.material import fold_words, word_list, working_days
from tools.demo.plan import TRA_VINH_2013_2015, TRA_VINH_CODE, TRA_VINH_VISITS
from tools.demo.store import Shelf
from tools.demo.tables import moment
from units.enums import Level
from units.models import Unit
from visits.access import KEEPERS
from visits.enums import USUAL_GROUPS, GroupKind, PlanState, VisitStatus
from visits.models import (
    Assignment,
    CountedVisits,
    LocalGroup,
    PlannedVisit,
    Visit,
    VisitExemption,
    VisitNorm,
    VisitPlan,
)
from visits.plans.proposing import assignments_of
from visits.plans.services import LineDraft, change_line, propose_plan, publish_plan

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


MOST_DAYS_OFF_PLAN = 2
CALLED_OFF = "Trùng hội nghị cấp trên triệu tập"


@transaction.atomic
def plan_visits(world, world_name, seed, accounts):
    """Returns how many plans there are: the coming month is published for every second unit, a draft for the rest."""
    rng = random.Random(f"visit plans {world_name} {seed}")
    today, month, plans = world.today, Period.of_day(world.today, "month"), []
    for number, (unit, actor) in enumerate(_planners(world, accounts)):
        for period in (month.previous(), month):
            plan = _begin(world, rng, unit, period)
            if period == month:
                propose_plan(unit, month, actor=actor, today=today)
            plans.append(_published_before(plan, actor))
        if number == 0:
            _move_one(plan, actor, today)
        plan, lines = propose_plan(unit, month.next(), actor=actor, today=today)
        plans.append(plan)
        if number % 2 == 0 and lines:
            plan.refresh_from_db()
            publish_plan(plan.pk, actor=actor, version=plan.version, now=moment(today, 8))
    ids = [plan.pk for plan in plans]
    VisitPlan.objects.filter(pk__in=ids).update(is_sample=True)
    PlannedVisit.objects.filter(plan__in=ids).update(is_sample=True)
    return len(plans)


def _planners(world, accounts):
    """(unit, who plans for it) of the units in force with an account that may."""
    found = {}
    for account in accounts.opened:
        if account.role in KEEPERS.get(account.unit.level, ()) and world.is_alive(account.unit.pk, world.today):
            found.setdefault(account.unit.pk, (account.unit, account.user_id))
    users = User.objects.in_bulk([user_id for _, user_id in found.values()])
    return [(unit, users[user_id]) for unit, user_id in found.values()]


def _begin(world, rng, unit, month):
    """A plan of a month that has begun: a line for each visit made, and once it is over for each that was not."""
    columns = world.place(unit.pk, world.today).columns
    plan = VisitPlan.objects.create(unit=unit, level=unit.level, month=month.first, **columns)
    held = [each for each in assignments_of(unit.pk, month) if each.valid_from <= month.first]
    visits = Visit.objects.counted().in_period(month).filter(post__unit=unit, assignment__in=held).order_by("pk")
    lines = [_line(world, rng, plan, visit.assignment, visit) for visit in visits.select_related("assignment")]
    gone = {visit.person_id for visit in visits}
    idle = {each.person_id: each for each in held if each.person_id not in gone}
    if month.last < world.today:
        lines += [
            _line(world, rng, plan, assignment, None, "" if number else CALLED_OFF)
            for number, assignment in enumerate(idle.values())
        ]
    PlannedVisit.objects.bulk_create(lines, batch_size=500)
    return plan


def _published_before(plan, actor):
    """As if it had been published some days before its month."""
    day = working_days(plan.month - timedelta(days=12), plan.month)[0]
    plan.state, plan.published_at, plan.published_by_id = PlanState.PUBLISHED, moment(day, 9), actor.pk
    plan.published_by_name = title_of(actor, day)[:200]
    plan.save(update_fields=["state", "published_at", "published_by_id", "published_by_name"])
    return plan


def _line(world, rng, plan, assignment, visit, note=""):
    """A line as it was planned, a few days off what came of it."""
    days = working_days(plan.period.first, plan.period.last)
    near = [day for day in days if visit and abs((day - visit.visited_on).days) <= MOST_DAYS_OFF_PLAN]
    unit_id = visit.unit_id if visit else assignment.unit_id
    day = rng.choice(near or days)
    place = world.place(unit_id, day)
    return PlannedVisit(
        plan=plan, unit_id=unit_id, village_id=place.village_id, level=assignment.level,
        person_id=assignment.person_id, post_id=assignment.post_id, assignment=assignment,
        group=visit.group if visit else assignment.group or "cell", planned_on=day, visit=visit,
        starts_at=visit.started_at if visit else None, is_cancelled=bool(note), note=note, **place.columns,
    )  # fmt: skip


def _move_one(plan, actor, today):
    """One line that was moved after the plan was published, as the page shows it."""
    line = plan.lines.coming(today).select_related("unit").order_by("pk").first()
    if line is None:
        return
    days = working_days(max(today, plan.period.first), plan.period.last)
    for day in reversed(days):
        if day != line.planned_on:
            draft = LineDraft(line.unit, line.group, day, line.starts_at, line.note)
            change_line(line.pk, draft, actor=actor, version=line.version, today=today)
            return
