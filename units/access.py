"""Who may change the tree and the bodies of a unit. `place`: where the thing lies on the day of the act."""

VILLAGE_EDITORS = ("commune", "commune_leader", "admin")
BODY_EDITORS = ("admin", "commune_leader", "leader", "province", "province_leader")


def may_edit_villages(actor, place):
    """A commune looks after its own villages; the administrator of the branch may, too."""
    return actor.scope.may(set(VILLAGE_EDITORS), place)


def may_edit_bodies(actor, place):
    return actor.scope.may(set(BODY_EDITORS), place)


def may_see_villages(user, place):
    """The tree down to the communes is public; the villages are for those who work in the branch."""
    return any(grant.covers(place) for grant in user.scope.grants)
