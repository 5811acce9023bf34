"""Who may assign cadres, log visits and review them. Buttons and services ask the same sentences."""

from people.enums import Role
from units.enums import Level
from units.scoping import CONTENT_ROLES

VISITORS = CONTENT_ROLES | {Role.CADRE}
"""Whoever works for a locality may go; visiting cadres have nothing else here."""

KEEPERS = {
    Level.COMMUNE: {Role.COMMUNE, Role.COMMUNE_LEADER},
    Level.DISTRICT: {Role.DISTRICT, Role.LEADER, Role.SPECIALIST},
    Level.PROVINCE: {Role.SPECIALIST, Role.PROVINCE, Role.PROVINCE_LEADER},
}
"""Those who write down the assignments and norms of their branch, and visits for others."""

REVIEWERS = {Role.COMMUNE, Role.COMMUNE_LEADER}
"""The commune that was visited; the village's own account answers for a visit to it, too."""


def keeps(actor, *places):
    """Does one duty of the actor, in force, contain all of these places?"""
    return any(
        grant.writes and grant.role in KEEPERS.get(grant.level, ()) and all(grant.covers(place) for place in places)
        for grant in actor.scope.grants
    )


def may_visit(actor):
    """May the actor log visits of their own at all?"""
    return any(grant.writes and grant.role in VISITORS for grant in actor.scope.grants)


def may_log_for(actor, person, place):
    """One's own visits; those of others: whoever keeps the assignments of the place."""
    return may_visit(actor) if actor.person_id == person.pk else keeps(actor, place)


def may_edit_visit(actor, visit):
    own = actor.person_id == visit.person_id and may_visit(actor)
    return visit.is_editable and (own or (visit.created_by_id == actor.pk and keeps(actor, visit)))


def may_review_visit(actor, visit):
    """The village or the commune that was visited; nobody confirms a visit of their own."""
    return visit.is_editable and bool(reviewing_level(actor, visit)) and actor.person_id != visit.person_id


def reviewing_level(actor, visit):
    """For which level the actor answers for a visit: the commune's officers, the village's account, or none."""
    if actor.scope.may(REVIEWERS, visit):
        return Level.COMMUNE
    return Level.VILLAGE if actor.scope.may({Role.VILLAGE}, visit) else ""


def may_raise_finding(actor, visit):
    """Whoever went, the commune that was visited, and those who keep the branch."""
    own = actor.person_id == visit.person_id and may_visit(actor)
    return visit.is_counted and (own or keeps(actor, visit))


def may_keep_assignments(actor):
    """Is there any branch for which the actor writes down assignments?"""
    return any(grant.writes and grant.role in KEEPERS.get(grant.level, ()) for grant in actor.scope.grants)


def may_plan_visits(actor, thing):
    """Draft, change and publish the month's plan of a unit: those who keep its assignments, at the unit itself.

    `thing` is a plan, or a unit as a thing (`unit_thing`).
    """
    roles = KEEPERS.get(thing.level, ())
    held = (grant for grant in actor.scope.grants if grant.writes and grant.level == thing.level)
    return any(grant.role in roles and grant.covers(thing) for grant in held)


def may_end_assignment(actor, assignment):
    return keeps(actor, assignment)


def may_keep_groups(actor, place):
    """Groups of a place: its commune's officers and leader, and those who keep the branch above."""
    return keeps(actor, place)


def may_report_check(actor, pair):
    """The checker; the unit that drew writes for one who has no account."""
    if actor.person_id == pair.checker_id:
        return may_visit(actor)
    return keeps(actor, pair.draw) and not pair.checker.users.filter(is_active=True).exists()


def may_keep_norms(actor, place):
    """Norms of a unit: those who keep the assignments of a branch that contains it."""
    return keeps(actor, place)


SIGNERS = {
    Level.COMMUNE: {Role.COMMUNE_LEADER},
    Level.DISTRICT: {Role.LEADER},
    Level.PROVINCE: {Role.PROVINCE, Role.PROVINCE_LEADER},
}
"""Who signs the yearly sheets of a unit's own cadres."""


def may_rate(actor, level, place):
    """Those who keep the branch rate its party cells; nobody rates the committee of their own commune."""
    return any(
        grant.writes
        and grant.role in KEEPERS.get(grant.level, ())
        and not level == grant.level == Level.COMMUNE
        and grant.covers(place)
        for grant in actor.scope.grants
    )


def may_keep_help(actor, helped):
    """Register, mend and end help: those who keep the assignments of the place."""
    return keeps(actor, helped)


def may_look_after_help(actor, helped):
    """The cadre or the body that helps, and those who keep the place."""
    helps = helped.helper_post_id in actor.scope.post_ids() or helped.helper_body_id in actor.scope.body_ids(
        writing=True
    )
    return helps or keeps(actor, helped)


def may_check_help(actor, helped):
    return helped.exited_on is None and may_look_after_help(actor, helped)


def may_write_own_words(actor, sheet):
    return sheet.is_draft and actor.person_id == sheet.person_id and may_visit(actor)


def may_sign_sheet(actor, sheet):
    """A leader of the very unit whose cadre it is; nobody signs a sheet of their own."""
    leads = any(
        grant.writes and grant.level == sheet.level and grant.role in SIGNERS.get(grant.level, ())
        for grant in actor.scope.grants
        if grant.covers(sheet)
    )
    return sheet.is_draft and leads and actor.person_id != sheet.person_id
