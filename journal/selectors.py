"""What an administrator may read of the activity log: who did what and when, never what was written."""

from django.db.models import Exists, OuterRef, Q

from core.models import Activity
from people.enums import Role
from people.models import Person, User
from units.models import Body, Unit, UnitLineage


def activity_visible_to(user):
    """Lines about the administered branch, and what its accounts did that concerns no unit (signing in and out)."""
    branch = user.scope.unit_ids({Role.ADMIN})
    inside = Exists(UnitLineage.objects.filter(ancestor_id__in=branch, unit=OuterRef("unit_id")))
    own_people = User.objects.visible_to(user).values("pk")
    placeless = Q(unit_id=None, province_id=None, actor_id__in=own_people)
    return Activity.objects.filter(Q(province_id__in=branch) | inside | placeless)


NAMED = {"units.unit": (Unit, "name"), "units.body": (Body, "name"), "people.user": (User, "username")}
NAMED |= {"people.person": (Person, "name")}
"""Kinds that an administrator knows by name: what else a line is about is content."""


def names_of(rows):
    """{(kind, id): name} of what rows of the log are about, one query a kind."""
    names = {}
    for kind, (model, column) in NAMED.items():
        ids = {row["target_id"] for row in rows if row["target_kind"] == kind}
        found = model.objects.filter(pk__in=ids).values_list("pk", column) if ids else ()
        names |= {(kind, pk): name for pk, name in found}
    return names
