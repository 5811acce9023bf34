"""Who may do what with meetings and expected meetings. `thing` has a level and the branch columns of its day."""

from dataclasses import dataclass

from people.enums import Role
from units.enums import Level
from units.selectors import place_on

KEEPERS = {
    Level.COMMUNE: {Role.COMMUNE, Role.COMMUNE_LEADER},
    Level.DISTRICT: {Role.DISTRICT, Role.LEADER, Role.SPECIALIST},
}
"""Those who plan, log and close the meetings of their own unit."""

LEADERS = {Level.COMMUNE: {Role.COMMUNE_LEADER}, Level.DISTRICT: {Role.LEADER}}
DECIDERS = {
    Level.DISTRICT: {Role.LEADER, Role.SPECIALIST},
    Level.PROVINCE: {Role.SPECIALIST, Role.PROVINCE},
}
"""Those who excuse units below: of the district, and of the province for all that lies in it."""

RULE_KEEPERS = (Role.SPECIALIST, Role.PROVINCE, Role.ADMIN)
RULE_READERS = (*RULE_KEEPERS, Role.PROVINCE_LEADER)


@dataclass(frozen=True)
class UnitThing:
    """A unit as a thing that rights are asked about: its level and its branch on a day."""

    level: str
    province_id: int | None
    district_id: int | None
    commune_id: int | None


def unit_thing(unit, day):
    return UnitThing(unit.level, **place_on(unit, day).columns)


def _holds(actor, roles, level, place):
    """Is one of `roles` held, in force, at a unit of `level` that contains `place`?"""
    scope = getattr(actor, "scope", None)
    return scope is not None and any(
        grant.writes and grant.level == level and grant.role in roles and grant.covers(place) for grant in scope.grants
    )


def may_plan(actor, thing):
    return _holds(actor, KEEPERS.get(thing.level, ()), thing.level, thing)


def may_log(actor, thing):
    return may_plan(actor, thing)


def may_lock(actor, thing):
    return may_plan(actor, thing)


def may_reopen(actor, thing):
    return _holds(actor, LEADERS.get(thing.level, ()), thing.level, thing)


def may_ask_exemption(actor, thing):
    return may_plan(actor, thing)


def may_decide_exemption(actor, thing):
    """The level above: a commune's by district or province, a district's by the province."""
    above = [Level.PROVINCE] if thing.level == Level.DISTRICT else [Level.DISTRICT, Level.PROVINCE]
    return any(_holds(actor, DECIDERS[level], level, thing) for level in above)


def may_attach(actor, meeting):
    return may_log(actor, meeting)


def may_keep_clusters(actor, thing):
    """Groups of communes of a district, or of villages of a commune: those who keep the unit's meetings."""
    return may_plan(actor, thing)


def may_keep_rules(actor, province):
    """`province` is the unit itself: the head and the specialist of the province, or its administrator."""
    scope = getattr(actor, "scope", None)
    return scope is not None and any(
        grant.writes and grant.level == Level.PROVINCE and grant.role in RULE_KEEPERS and province.pk in grant.unit_ids
        for grant in scope.grants
    )
