"""History regrouped onto the units in force today: whose rows a unit stands for."""

from django.db.models import Q, Value

from units.enums import Level
from units.models import Unit, UnitHeritage


def regrouped(unit, today):
    """(condition over the branch columns of fact rows, ids of the unit and of those whose records it inherited).

    Rows of the units in force today under it and of every unit whose records those inherited; rows without a commune,
    or of a commune that nobody inherited, stay with their district or province and its heir, so that a province keeps
    its total.
    """
    own, inside, heirless = _families(unit, today)
    condition = Q(**{f"{unit.level}_id__in": own})
    if unit.level in (Level.PROVINCE, Level.DISTRICT):
        homeless = Q(commune_id=None) | Q(commune_id__in=heirless)
        condition = Q(commune_id__in=inside) | (condition & homeless)
    return condition, own


def _families(unit, today):
    """In one query, what `unit` stands for today, as three sets of ids.

    The unit and those whose records it inherited; the communes under it today and those they inherited from; the
    communes once under it that have ended and left their records to nobody in force today.
    """
    origins = UnitHeritage.objects.filter(heir=unit).values("origin_id")
    living = Unit.objects.level(Level.COMMUNE).under(unit, today).on(today).order_by()
    inherited = UnitHeritage.objects.exclude(heir__valid_to__lte=today).values("origin_id")
    ended = Unit.objects.filter(level=Level.COMMUNE, valid_to__lte=today).order_by()
    once_below = Q(lineage__ancestor=unit) | Q(lineage__ancestor_id__in=origins)
    parts = [
        Unit.objects.filter(Q(pk=unit.pk) | Q(pk__in=origins)).order_by().values_list("pk", Value(0)),
        living.values_list("pk", Value(1)),
        UnitHeritage.objects.filter(heir__in=living.values("pk")).values_list("origin_id", Value(1)),
        ended.filter(once_below).exclude(pk__in=inherited).values_list("pk", Value(2)),
    ]
    sets = (set(), set(), set())
    for pk, which in parts[0].union(*parts[1:], all=True):
        sets[which].add(pk)
    return sets
