"""Who sees which rows. This floor knows no user: it only asks for `user.scope`."""

from dataclasses import dataclass, field

from django.db import models
from django.db.models import Q

CONTENT_ROLES = frozenset(
    {"commune", "commune_leader", "district", "leader", "specialist", "province", "province_leader"}
)
"""Roles that see the records of a whole branch; the others see single things (safety.md)."""


@dataclass(frozen=True)
class Grant:
    """One duty of a post: a role at a unit. `unit_ids` also holds the predecessors whose records were inherited.

    `writes` is False for the archive of a unit that has ended.
    """

    role: str
    level: str
    unit_id: int
    unit_ids: frozenset
    body_id: int | None = None
    person_id: int | None = None
    writes: bool = True
    post_id: int | None = None

    def covers(self, place):
        """Does `place` (anything with province_id, district_id, commune_id, perhaps village_id) lie in this branch?

        Most facts name no village, so a village's grant covers none of them.
        """
        return getattr(place, f"{self.level}_id", None) in self.unit_ids


@dataclass(frozen=True)
class Scope:
    """Everything a user may see or do comes from here. An empty scope sees nothing."""

    grants: tuple = field(default=())
    memo: dict = field(default_factory=dict, compare=False, repr=False)
    """What higher floors read once for this scope."""

    @property
    def roles(self):
        """Codes of the roles in force (an archive gives no role)."""
        return {grant.role for grant in self.grants if grant.writes}

    @property
    def content_grants(self):
        return [grant for grant in self.grants if grant.role in CONTENT_ROLES]

    def sees(self, place):
        return any(grant.covers(place) for grant in self.content_grants)

    def may(self, roles, place):
        """Does the user hold one of `roles`, in force, over a branch that contains `place`?"""
        return any(grant.writes and grant.role in roles and grant.covers(place) for grant in self.grants)

    def body_ids(self, writing=False):
        """Bodies the user answers for."""
        return {g.body_id for g in self.grants if g.role == "agency" and g.body_id and (g.writes or not writing)}

    def village_ids(self, writing=False):
        """Villages the user speaks for: of each, what it raised and what it was answered, and nothing beside."""
        spoken_for = (g for g in self.grants if g.role == "village" and (g.writes or not writing))
        return {pk for grant in spoken_for for pk in grant.unit_ids}

    def post_ids(self):
        """The posts the user holds in force; what was opened to a post ends with its term."""
        return {grant.post_id for grant in self.grants if grant.writes and grant.post_id}

    def unit_ids(self, roles=CONTENT_ROLES):
        """Ids of the units (and their predecessors) at which the user holds one of `roles`."""
        return {pk for grant in self.grants if grant.role in roles for pk in grant.unit_ids}


NOTHING = Scope()


def scope_of(user):
    """The scope of whoever asks; strangers see nothing."""
    return getattr(user, "scope", NOTHING)


class ScopedQuerySet(models.QuerySet):
    """Base of all querysets with rows of a place (province_id, district_id, commune_id as of the row's day)."""

    scope_prefix = ""

    def visible_to(self, user):
        """Only the rows the user may see; unknown users and roles see none."""
        return self.filter(self.scope_filter(scope_of(user)))

    def scope_filter(self, scope):
        condition = Q(pk__in=[])
        for grant in scope.content_grants:
            condition |= Q(**{f"{self.scope_prefix}{grant.level}_id__in": grant.unit_ids})
        return condition
