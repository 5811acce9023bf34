"""Plans of the last, the running and the coming month for units with an account: made, missed, called off, to come."""

import random
from datetime import timedelta

from django.db import transaction

from core.periods import Period
from giaoban.demo.tables import moment
from giaoban.demo.workdays import working_days
from people.models import User
from people.selectors import title_of
from visits.access import KEEPERS
from visits.enums import PlanState
from visits.models import PlannedVisit, Visit, VisitPlan
from visits.plans.proposing import assignments_of
from visits.services.plan_lines import LineDraft, change_line
from visits.services.plans import propose_plan, publish_plan

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
