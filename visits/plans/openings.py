"""What the pages of plans offer: units that plan, cadres and places of a plan, the form of a planned visit."""

from datetime import timedelta

from django.urls import reverse

from units.enums import LEVEL_ORDER, Level
from units.models import Unit
from units.scoping import CONTENT_ROLES
from units.selectors import trail_of
from visits.access import VISITORS, may_keep_assignments
from visits.models import PlannedVisit
from visits.openings import NO_CHOICE, kept_units
from visits.plans.proposing import assignments_of, places_day
from visits.plans.weakest import villages_below


def planning_units(user, today):
    """Units whose plan the user makes today."""
    return Unit.objects.filter(pk__in=kept_units(user)).on(today).order_by("level", "code")


def widest_unit(user):
    """The unit a page begins with: the widest one above the villages the user works for, or None."""
    ids = {grant.unit_id for grant in user.scope.content_grants}
    own = Unit.objects.filter(pk__in=ids).exclude(level=Level.VILLAGE)
    return min(own, key=lambda unit: (LEVEL_ORDER.index(unit.level), unit.pk), default=None)


def line_choices(plan, today):
    """(people, grouped places) of a plan: its cadres, and all that their assignments lead to; two queries."""
    held = list(assignments_of(plan.unit_id, plan.period))
    people = {each.person_id: f"{each.person.name} – {each.post.label}" for each in held}
    assigned = {each.unit_id: each.unit for each in held}
    groups = {unit.name: [(pk, f"{unit.name} (cả xã)")] for pk, unit in assigned.items() if unit.level == Level.COMMUNE}
    for each in villages_below(assigned, places_day(plan.period, today)):
        groups.setdefault(each.commune, []).append((each.pk, f"{each.name} – {each.commune}"))
    return sorted(people.items(), key=lambda pair: pair[1]), [NO_CHOICE, *sorted(groups.items())]


def line_initial(user, word):
    """What the form of a visit begins with when it comes from a planned visit the user sees."""
    if not (word.isascii() and word.isdigit() and len(word) < 19):
        return {}
    line = PlannedVisit.objects.visible_to(user).unmade().filter(pk=int(word)).first()
    if line is None:
        return {}
    names = {"unit": line.unit_id, "group": line.group, "local_group": line.local_group_id}
    return names | {"person": line.person_id, "started_at": line.starts_at, "line": line.pk}


def parents_of(user, unit, today):
    """The units above that lie in the user's own branch, from the top down."""
    above = trail_of(unit, min(today, unit.valid_to - timedelta(days=1)) if unit.valid_to else today)
    own = {grant.unit_id for grant in user.scope.content_grants}
    first = next((number for number, each in enumerate(above) if each.pk in own), len(above))
    return [each for each in above[first:] if each.pk != unit.pk]


def plan_frame(user, here):
    """The menus of the pages of plans: a village's account has the plans and the schedule alone."""
    roles = user.scope.roles
    tabs = [("visit_plan_list", "Kế hoạch tháng", True), ("visit_schedule", "Lịch theo ngày", True)]
    tabs += [("visit_plan_mine", "Lịch đi của tôi", bool(roles & VISITORS))]
    tabs += [("visit_weakest", "Nơi cần đến trước", bool(roles & CONTENT_ROLES))]
    tabs += [("visit_heat", "Bảng theo tháng", bool(roles & CONTENT_ROLES))]
    return {
        "has_menu": bool(roles & VISITORS),
        "may_keep": may_keep_assignments(user),
        "plan_tabs": [
            {"label": label, "url": reverse(name), "active": name == here}
            for name, label, is_theirs in tabs
            if is_theirs
        ],
    }
