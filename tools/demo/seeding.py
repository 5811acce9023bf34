"""Builds a demo world from its seed: the tree, the people, what was held and said, and what waits today."""

import random
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction

from core.errors import DomainError
from core.models import Activity
from core.periods import Period
from feedback import jobs as late_opinions
from feedback import tallies as opinion_tallies
from feedback.jobs import escalate_overdue, hand_over
from feedback.matching.services import note_raised_since
from feedback.models import Opinion
from meetings import jobs as late_meetings
from meetings import tallies as meeting_tallies
from meetings.cadence.services import end_of_next_month, ensure_default_rules, plan_occurrences
from meetings.models import CadenceRule, Meeting, Occurrence
from people.models import Person, Post, User
from tools.demo.bodies import Offices, form_clusters, route_topics
from tools.demo.fates import shown_long_ago, turn_clocks
from tools.demo.helped import keep_registers, rate_and_help, report_situations
from tools.demo.matters import (
    gather_and_read_back,
    group_and_follow,
    issue_papers,
    pin_figures,
    read_old_notices,
    tell_long_ago,
    tell_of_moves,
)
from tools.demo.people import Accounts, Staff
from tools.demo.plan import PROVINCE_CODE, plan_history
from tools.demo.recent import Forthcoming, close_some_months, plan_recent, run_meeting_clocks
from tools.demo.store import reset_sequences, widen_cache
from tools.demo.tables import Business, DemoTables
from tools.demo.threads import Threads, ask_for_help
from tools.demo.visits import GoingOut, plan_visits
from tools.demo.world import DemoWorld, plant_villages
from units.enums import Level
from units.models import Body, Unit, UnitCluster
from visits.models import Assignment, CountedVisits, Visit, VisitNorm

FOUR_LEVEL, REFORM = "four-level", "reform"
WORLDS = (FOUR_LEVEL, REFORM)
LAST_FOUR_LEVEL_DAY = date(2025, 6, 30)
HISTORY = (2015, 2016)
NOTED = timedelta(days=150)
"""How far back opinions raised above are held against what their communes settled."""


@dataclass(frozen=True)
class DemoSize:
    """How much of the world is built: all of it, or some districts and months for a trial."""

    districts: frozenset = frozenset()
    months: int = 24
    has_history: bool = True


@transaction.atomic
def build_demo(world_name, seed, today, size=DemoSize()):
    """Everything of a world; returns its accounts. The units must be there."""
    widen_cache()
    rng = random.Random(f"{world_name} {seed}")
    province = Unit.objects.filter(level=Level.PROVINCE, code=PROVINCE_CODE).on(today).get()
    world = DemoWorld(province, today)
    months = recent_months(today, size.months)
    plant_villages(world, date(HISTORY[0], 1, 31), today)
    chosen = Chosen(world, size)
    makers = _people_and_places(world, rng, world_name, seed, months, chosen)
    _expect(world, months[0].first, size)
    facts = _facts(world, rng, makers, months, size, chosen)
    reset_sequences([*makers.shelves, *facts])
    gather_and_read_back(world, world_name, seed, makers.accounts)
    group_and_follow(world, world_name, seed, makers.accounts)
    ask_for_help(world, world_name, seed, makers.accounts)
    report_situations(world, world_name, seed, makers.accounts)
    keep_registers(world, world_name, seed, makers.accounts)
    rate_and_help(world, world_name, seed, makers.accounts)
    plan_visits(world, world_name, seed, makers.accounts)
    run_meeting_clocks(world, months[0].first, random.Random(f"meeting clocks {world_name} {seed}"))
    _finish(world, makers, random.Random(f"clocks {world_name} {seed}"))
    close_some_months(world, makers.accounts)
    pin_figures(world, world_name, seed, makers.accounts)
    return makers.accounts


class Chosen:
    """Which units a trial builds: those of some districts and their heirs; everything when none are named."""

    def __init__(self, world, size):
        self.world, self.districts = world, size.districts
        self.ids = {pk for pk in world.units if self._lies_inside(pk)}
        self.ids |= {world.heirs[pk] for pk in self.ids if pk in world.heirs}
        self.ids |= {pk for pk in world.units if any(line[1] in self.ids for line in world.lines[pk])}

    def _lies_inside(self, unit_id):
        if not self.districts:
            return True
        above = (self.world.units[line[1]] for line in self.world.lines[unit_id])
        return any(unit.level == Level.DISTRICT and unit.code in self.districts for unit in above)

    def __call__(self, unit_id):
        return unit_id in self.ids

    def tree(self, day):
        rows = {
            parent: {key: count for key, count in communes.items() if self(self.world.id_of[key])}
            for parent, communes in self.world.tree(day).items()
        }
        return {parent: communes for parent, communes in rows.items() if communes}


@dataclass
class Makers:
    staff: Staff
    offices: Offices
    accounts: Accounts
    going: GoingOut
    business: Business
    clusters: dict
    shelves: list


def recent_months(today, count):
    month, months = Period.of_day(today, "month"), []
    for _ in range(count):
        months.insert(0, month)
        month = month.previous()
    return months


def _people_and_places(world, rng, world_name, seed, months, chosen):
    """Bodies, clusters, people, posts and accounts of every unit that meets in either time."""
    first = months[0].first
    last_day = LAST_FOUR_LEVEL_DAY if world_name == FOUR_LEVEL else None
    levels = (Level.DISTRICT, Level.COMMUNE)
    units = [unit for unit in world.units.values() if unit.level in levels and chosen(unit.pk)]
    offices = Offices(world, [world.province.pk, *(unit.pk for unit in units)], last_day)
    offices.save()
    routes = route_topics(offices, world)
    routes.save()
    spans = [(date(2016, 12, 31), date(HISTORY[0], 1, 1), first), (first, first, None)]
    clusters, cluster_shelves = form_clusters(world, spans)
    staff = Staff(world, rng, first)
    lasting = [u.pk for u in world.units.values() if (u.valid_to is None or u.valid_to > first) and chosen(u.pk)]
    changes = [month.first for month in months[2:]]
    staff.fill({*lasting, world.province.pk}, changes)
    accounts = Accounts(world, staff, offices)
    accounts.open_all(chosen)
    going = GoingOut(world, rng, staff, accounts, random.Random(f"groups and checks {world_name} {seed}"))
    going.call_up(chosen)
    staff.save()
    accounts.users.save()
    shelves = [offices.bodies, offices.names, routes, *cluster_shelves, staff.people, staff.posts, accounts.users]
    business = Business(world, random.Random(f"business {world_name} {seed}"), staff, offices, accounts)
    return Makers(staff, offices, accounts, going, business, clusters, shelves)


def _expect(world, first, size):
    """The expected meetings of the years of the demo."""
    ensure_default_rules(world.province)
    provinces = [world.province]
    if size.has_history:
        last = Period.year(HISTORY[-1]).last
        plan_occurrences(last, world.today, provinces, since=Period.year(HISTORY[0]).first)
    plan_occurrences(end_of_next_month(world.today), world.today, provinces, since=first)


def _facts(world, rng, makers, months, size, chosen):
    """What was held and said, and what is on the calendar; returns the shelves."""
    rows = Occurrence.objects.filter(province=world.province).values_list("unit_id", "level", "period", "pk")
    occurrences = {(unit_id, level, period): pk for unit_id, level, period, pk in rows}
    tables = DemoTables(world, rng, makers.staff, makers.clusters, occurrences)
    threads = Threads(world, rng, makers.staff, makers.offices)
    if size.has_history:
        history = [period for year in HISTORY for period in Period.year(year).parts("month")]
        for plan in plan_history({period.code: world.tree(period.last) for period in history}, rng):
            if chosen(world.id_of[plan.unit]):
                threads.raise_at(tables.keep(plan, is_recent=False))
    trees = {period.code: chosen.tree(period.last) for period in months}
    recent = plan_recent(trees, list(trees), rng, world.today)
    for plan in recent.meetings:
        held = tables.keep(plan, is_recent=True)
        threads.raise_at(held)
        makers.business.leave(held)
    makers.going.go(threads)
    tables.save()
    threads.save()
    makers.business.save()
    makers.going.save()
    ahead = Forthcoming(world, rng, makers.accounts, occurrences, tables.met)
    ahead.excuse(recent.exemptions)
    ahead.look_ahead(chosen)
    ahead.save()
    return [*tables.shelves, *threads.shelves, *ahead.shelves, *makers.going.shelves, *makers.business.shelves]


def _finish(world, makers, rng):
    """Totals, and what the nightly jobs would have done by today."""
    hand_over(world.today)
    turn_clocks(world, rng)
    meeting_tallies.rebuild()
    opinion_tallies.rebuild()
    note_raised_since(world.today - NOTED)
    tell_long_ago(world)
    late_meetings.flag_overdue(world.today)
    late_opinions.flag_overdue(world.today)
    escalate_overdue(world.today)
    shown_long_ago(world)
    tell_of_moves(makers.accounts, world.today)
    read_old_notices()
    issue_papers(makers.accounts, world.today)


SEEDED = "demo.seed"
DOMAIN = (
    *(User, Person, Post, Body, UnitCluster, CadenceRule, Occurrence, Meeting, Opinion),
    *(Assignment, Visit, VisitNorm, CountedVisits),
)
"""Units above village level, code lists and the activity log do not count as data."""


def seeded_as(wanted):
    """Is the wanted demo here already? Another one is refused."""
    line = Activity.objects.filter(verb=SEEDED).order_by("-pk").first()
    if line is None:
        return False
    if line.after != wanted:
        raise DomainError(
            "Cơ sở dữ liệu đã có dữ liệu minh họa khác (--world {world} --seed {seed}). "
            "Dùng thư mục GIAOBAN_VAR hoặc cơ sở dữ liệu khác cho bản mới.".format(**line.after)
        )
    return True


def check_empty():
    """Refuse a database that holds anybody's data."""
    held = [model._meta.verbose_name for model in DOMAIN if model.objects.exists()]
    if held or Unit.objects.filter(level=Level.VILLAGE).exists():
        raise DomainError(
            "Cơ sở dữ liệu đã có dữ liệu nên không dựng dữ liệu minh họa vào đây. "
            "Dùng thư mục GIAOBAN_VAR hoặc cơ sở dữ liệu trống."
        )


def check_units(world):
    """The loaded tree must be the world's: with districts today, or without."""
    has_districts = Unit.objects.filter(level=Level.DISTRICT, valid_to=None).exists()
    if Unit.objects.exists() and has_districts != (world == FOUR_LEVEL):
        until = f" --until {LAST_FOUR_LEVEL_DAY}" if world == FOUR_LEVEL else ""
        raise DomainError(
            f"Danh mục đơn vị không khớp với “{world}”. Nạp lại vào cơ sở dữ liệu trống: load_units{until}."
        )
