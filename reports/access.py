"""Who reads which reports, and who may take them away as a file."""

from people.enums import Role
from units.enums import Level
from units.models import UnitLineage
from units.scoping import scope_of

EXPORTERS = {
    Level.PROVINCE: {Role.SPECIALIST, Role.PROVINCE, Role.PROVINCE_LEADER},
    Level.DISTRICT: {Role.DISTRICT, Role.LEADER, Role.SPECIALIST},
    Level.COMMUNE: {Role.COMMUNE, Role.COMMUNE_LEADER},
}
"""By the level of the actor's own post; each exports its branch, a former unit's holder its archive."""


def may_read_report(actor, unit):
    """A unit of the actor's branches, of today or of the past; what is counted is limited again by the rows."""
    return _within(unit, {pk for grant in scope_of(actor).content_grants for pk in grant.unit_ids})


def may_export(actor, unit):
    grants = [grant for grant in scope_of(actor).grants if grant.role in EXPORTERS.get(grant.level, ())]
    return unit.level != Level.VILLAGE and _within(unit, {pk for grant in grants for pk in grant.unit_ids})


def _within(unit, tops):
    return unit.pk in tops or (bool(tops) and UnitLineage.objects.filter(unit=unit, ancestor_id__in=tops).exists())
