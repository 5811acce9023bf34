"""Whose accounts keep the meetings of a unit: they hear what comes back from below."""

from meetings.access import KEEPERS
from people.selectors import users_with_roles
from units.models import UnitHeritage


def keepers_of(unit_id, level, today):
    """User ids of those who keep the unit's meetings today, or those of the unit that inherited its records."""
    heirs = UnitHeritage.objects.filter(origin_id=unit_id).values_list("heir_id", flat=True)
    found = users_with_roles({unit_id, *heirs}, KEEPERS.get(level, ()), today)
    return {user_id for users in found.values() for user_id in users}
