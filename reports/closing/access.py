"""Who closes, accepts, freezes and opens again. `thing`: a unit or closure with its level and branch."""

from people.access import SYSTEM
from people.enums import Role
from reports.enums import ClosureState
from units.enums import Level

CLOSERS = {
    Level.COMMUNE: {Role.COMMUNE, Role.COMMUNE_LEADER},
    Level.DISTRICT: {Role.DISTRICT, Role.LEADER, Role.SPECIALIST},
    Level.PROVINCE: {Role.PROVINCE, Role.PROVINCE_LEADER},
}
ACCEPTERS = {
    Level.DISTRICT: {Role.DISTRICT, Role.LEADER, Role.SPECIALIST},
    Level.PROVINCE: {Role.SPECIALIST, Role.PROVINCE, Role.PROVINCE_LEADER},
}
LEADERS = {Level.COMMUNE: {Role.COMMUNE_LEADER}, Level.DISTRICT: {Role.LEADER}}


def _holds(actor, roles, level, thing):
    """Is one of `roles` held, in force, at a unit of `level` that contains `thing`?"""
    scope = getattr(actor, "scope", None)
    return scope is not None and any(
        grant.writes and grant.level == level and grant.role in roles and grant.covers(thing) for grant in scope.grants
    )


def may_override(actor, thing):
    """The heads of the province close what is half closed below, and what nobody below can close any more."""
    return actor is SYSTEM or _holds(actor, CLOSERS[Level.PROVINCE], Level.PROVINCE, thing)


def may_close(actor, thing):
    return may_override(actor, thing) or _holds(actor, CLOSERS.get(thing.level, ()), thing.level, thing)


def may_accept(actor, thing):
    """The level above; a year is accepted by nobody, it is frozen."""
    above = {Level.COMMUNE: (Level.DISTRICT, Level.PROVINCE), Level.DISTRICT: (Level.PROVINCE,)}.get(thing.level, ())
    return any(_holds(actor, ACCEPTERS[level], level, thing) for level in above)


def may_reopen(actor, closure):
    """Closed only: also the unit's own leader; accepted: the level above; a frozen year: the heads of the province."""
    if closure.state == ClosureState.FROZEN:
        return may_override(actor, closure)
    is_own = closure.state == ClosureState.CLOSED and _holds(
        actor, LEADERS.get(closure.level, ()), closure.level, closure
    )
    return is_own or may_override(actor, closure) or may_accept(actor, closure)
