"""Which facts belong to a unit: as the tree was on their day (`then`), or regrouped onto today's units (`now`)."""

from dataclasses import dataclass

from django.db.models import Q, Value

from core.errors import DomainError
from units.enums import Level
from units.models import Unit, UnitHeritage
from units.scoping import scope_of

THEN, NOW = "then", "now"
BOUNDARIES = {THEN: "theo đơn vị tại thời điểm", NOW: "quy đổi về đơn vị hiện hành"}
NOTHING = Q(pk__in=[])


@dataclass(frozen=True)
class Reach:
    """Conditions over the branch columns of fact rows; `own`: the unit and those it stands for.

    A village holds no meetings, it only raises opinions.
    """

    unit: Unit
    boundaries: str
    facts: Q
    opinions: Q
    own: frozenset = frozenset()

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
    seen = _seen_by(user) if user else Q()
    own, inside, heirless = ({unit.pk}, set(), set()) if boundaries == THEN else _regrouped(unit, today)
    if unit.level == Level.VILLAGE:
        return Reach(unit, boundaries, NOTHING, Q(village_id__in=own) & seen, frozenset(own))
    condition = Q(**{f"{unit.level}_id__in": own})
    if boundaries == NOW and unit.level != Level.COMMUNE:
        homeless = Q(commune_id=None) | Q(commune_id__in=heirless)
        condition = Q(commune_id__in=inside) | (condition & homeless)
    return Reach(unit, boundaries, condition & seen, condition & seen, frozenset(own))


def _seen_by(user):
    """The branches whose records the user sees, their archives and inheritances included."""
    condition = NOTHING
    for grant in scope_of(user).content_grants:
        condition |= Q(**{f"{grant.level}_id__in": grant.unit_ids})
    return condition


def _regrouped(unit, today):
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
