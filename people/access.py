"""Who may change posts and accounts. `place`: where the post's unit lies on the day in question."""

from types import SimpleNamespace

from people.enums import POST_EDITORS, ROLE_LEVELS
from units.scoping import Scope


class _EveryScope(Scope):
    def may(self, roles, place):
        return True


SYSTEM = SimpleNamespace(pk=None, scope=_EveryScope())
"""The actor of commands run on the server itself; never a default: whoever acts is named."""


def may_manage_posts(actor, place):
    """Those who prepare or chair the meetings of a branch keep its posts up to date."""
    return actor.scope.may(set(POST_EDITORS), place)


def may_administer(actor, place):
    """Accounts, and posts that carry rights, are the administrator's of the branch."""
    return actor.scope.may({"admin"}, place)


def may_manage_account(actor, places):
    """Nobody takes over an account whose rights reach beyond the own branch: every place must be administered."""
    return bool(places) and all(may_administer(actor, place) for place in places)


def may_give_role(actor, role, level, place):
    return level in ROLE_LEVELS.get(role, ()) and may_administer(actor, place)


def may_read_phone(user, unit_id, place):
    """Phone numbers stay inside one's own unit; a commune's villages belong to it."""
    for grant in user.scope.grants:
        inside = unit_id in grant.unit_ids or (grant.level == "commune" and place and grant.covers(place))
        if grant.role not in ("agency", "cadre") and inside:
            return True
    return False
