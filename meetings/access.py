"""Who may do what with meetings and expected meetings. `thing` has a level and the branch columns of its day."""

from dataclasses import dataclass

from meetings.enums import HostBody
from meetings.querysets import relaying_units
from people.enums import Role
from units.enums import Level
from units.reads import place_on

KEEPERS = {
    Level.COMMUNE: {Role.COMMUNE, Role.COMMUNE_LEADER},
    Level.DISTRICT: {Role.DISTRICT, Role.LEADER, Role.SPECIALIST},
}
"""Those who plan, log and close the meetings of their own unit."""

ISSUERS = KEEPERS | {Level.PROVINCE: {Role.SPECIALIST, Role.PROVINCE}}
"""Those who number the papers of their unit."""

LEADERS = {Level.COMMUNE: {Role.COMMUNE_LEADER}, Level.DISTRICT: {Role.LEADER}}
DECIDERS = {
    Level.DISTRICT: {Role.LEADER, Role.SPECIALIST},
    Level.PROVINCE: {Role.SPECIALIST, Role.PROVINCE},
}
"""Those who excuse units below: of the district, and of the province for all that lies in it."""

BOARD_STAFF = {Level.DISTRICT: {Role.SPECIALIST}, Level.PROVINCE: {Role.SPECIALIST, Role.PROVINCE}}
"""The Ban Dân vận itself: its papers are its own, not those of the committee's office."""

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


def may_issue(actor, thing):
    """Number and recall papers: those who log the unit's meetings; at the province, and its own, the Ban Dân vận."""
    issuers = BOARD_STAFF if getattr(thing, "host", "") == HostBody.BOARD else ISSUERS
    return _holds(actor, issuers.get(thing.level, ()), thing.level, thing)


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


def may_decide_late(actor, thing):
    """What was asked after the period and its grace: the level above the one that decides in time."""
    level, roles = late_deciders(thing)
    return _holds(actor, roles, level, thing)


def late_deciders(thing):
    """(level, roles): of a commune of a district the province; right under the province, its leaders."""
    if thing.level == Level.COMMUNE and thing.district_id:
        return Level.PROVINCE, DECIDERS[Level.PROVINCE]
    return Level.PROVINCE, {Role.PROVINCE_LEADER}


def may_credit(actor, thing):
    """Say that units met together: those who keep the unit's meetings, or the level above it."""
    return may_plan(actor, thing) or may_decide_exemption(actor, thing)


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


def may_charge(actor, meeting):
    """Write the lines of a conclusion and what is announced: those who keep the unit's meetings."""
    return may_log(actor, meeting)


def may_report_tasking(actor, tasking):
    """Say that a line is done: the keepers, the accounts of the charged body, the charged person."""
    scope = getattr(actor, "scope", None)
    if scope is None:
        return False
    is_charged = tasking.body_id is not None and tasking.body_id in scope.body_ids(writing=True)
    is_self = tasking.person_id is not None and any(
        grant.writes and grant.person_id == tasking.person_id for grant in scope.grants
    )
    return is_charged or is_self or may_charge(actor, tasking)


def may_relay(actor, meeting, unit_id):
    """Say that a unit passed an announcement on: the keepers of the meeting, or those of the unit itself."""
    scope = getattr(actor, "scope", None)
    return scope is not None and (may_charge(actor, meeting) or unit_id in relaying_units(scope, writing=True))
