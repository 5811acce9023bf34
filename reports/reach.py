"""Which facts belong to a unit: as the tree was on their day (`then`), or regrouped onto today's units (`now`)."""

from dataclasses import dataclass

from django.db.models import Q

from core.errors import DomainError
from units.enums import Level
from units.models import Unit, UnitHeritage
from units.scoping import scope_of
from units.selectors import with_origins

THEN, NOW = "then", "now"
BOUNDARIES = {THEN: "theo đơn vị tại thời điểm", NOW: "quy đổi về đơn vị hiện hành"}
NOTHING = Q(pk__in=[])


@dataclass(frozen=True)
class Reach:
    """Conditions over the branch columns of fact rows. A village holds no meetings, it only raises opinions."""

    unit: Unit
    boundaries: str
    facts: Q
    opinions: Q

    @property
    def is_village(self):
        return self.unit.level == Level.VILLAGE


def reach_of(unit, boundaries, today, user=None):
    """The facts of a unit; those that `user` may count, when one asks (a unit may once have lain elsewhere).

    `then`: rows whose branch column at the unit's level is the unit. `now`: rows of the units in force today under
    it and of every unit whose records those inherited; rows without a commune, or of a commune that nobody
    inherited, stay with their district or province and its heir, so that a province keeps its total.
    """
    if boundaries not in BOUNDARIES:
        raise DomainError(
            "Chọn “then” (theo đơn vị tại thời điểm) hoặc “now” (quy đổi về đơn vị hiện hành).", "boundaries"
        )
    own = {unit.pk} if boundaries == THEN else with_origins([unit.pk])
    seen = _seen_by(user) if user else Q()
    if unit.level == Level.VILLAGE:
        return Reach(unit, boundaries, NOTHING, Q(village_id__in=own) & seen)
    column = f"{unit.level}_id"
    condition = Q(**{f"{column}__in": own})
    if boundaries == NOW and unit.level != Level.COMMUNE:
        homeless = Q(commune_id=None) | Q(commune_id__in=_without_heir(own, today))
        condition = Q(commune_id__in=communes_now(unit, today)) | (condition & homeless)
    return Reach(unit, boundaries, condition & seen, condition & seen)


def _seen_by(user):
    """The branches whose records the user sees, their archives and inheritances included."""
    condition = NOTHING
    for grant in scope_of(user).content_grants:
        condition |= Q(**{f"{grant.level}_id__in": grant.unit_ids})
    return condition


def communes_now(unit, today):
    """Ids of the communes under `unit` today and of every commune whose records they inherited."""
    living = Unit.objects.level(Level.COMMUNE).under(unit, today).on(today)
    return with_origins(set(living.values_list("pk", flat=True)))


def _without_heir(tops, today):
    """Communes once under `tops` that have ended and left their records to nobody in force today."""
    inherited = UnitHeritage.objects.exclude(heir__valid_to__lte=today).values("origin_id")
    ended = Unit.objects.filter(level=Level.COMMUNE, valid_to__lte=today, lineage__ancestor_id__in=tops)
    return set(ended.exclude(pk__in=inherited).values_list("pk", flat=True))
