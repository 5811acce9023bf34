"""What an administrator may read of the activity log: who did what and when, never what was written."""

from django.db.models import Exists, OuterRef, Q

from core.models import Activity
from people.enums import Role
from people.models import User
from units.models import UnitLineage


def activity_visible_to(user):
    """Lines about the administered branch, and what its accounts did that concerns no unit (signing in and out)."""
    branch = user.scope.unit_ids({Role.ADMIN})
    inside = Exists(UnitLineage.objects.filter(ancestor_id__in=branch, unit=OuterRef("unit_id")))
    own_people = User.objects.visible_to(user).values("pk")
    placeless = Q(unit_id=None, province_id=None, actor_id__in=own_people)
    return Activity.objects.filter(Q(province_id__in=branch) | inside | placeless)
