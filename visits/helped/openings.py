"""What the form of the register offers: places to help, bodies that may help."""

from units.enums import Level
from units.models import Body, UnitLineage
from visits.helped.register import named
from visits.openings import NO_CHOICE, kept_units


def places_helped(user, today):
    """Communes and villages of the branches that the user keeps, by commune."""
    below = UnitLineage.objects.filter(ancestor_id__in=kept_units(user)).on(today).values("unit_id")
    rows = UnitLineage.objects.filter(unit_id__in=below, level=Level.COMMUNE).on(today)
    rows = rows.order_by("ancestor__name", "unit__level", "unit__code")
    fields = ("unit_id", "unit__name", "ancestor__name")
    return [NO_CHOICE, *((pk, named(name, commune)) for pk, name, commune in rows.values_list(*fields))]


def bodies_helping(user, today):
    """(id, name) of the bodies of the units whose branch the user keeps."""
    return Body.objects.on(today).filter(unit_id__in=kept_units(user)).order_by("name").values_list("pk", "name")
