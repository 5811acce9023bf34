"""Which facts belong to a unit: as the tree was on their day (`then`), or regrouped onto today's units (`now`)."""

from dataclasses import dataclass

from django.db.models import Q

from core.errors import DomainError
from units.enums import Level
from units.models import Unit
from units.regrouping import regrouped
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


def naming_day(boundaries, period, today):
    """The day by whose names a report calls its units: the period's last, today's where history is restated."""
    return today if boundaries == NOW else min(period.last, today)


def reach_of(unit, boundaries, today, user=None):
    """The facts of a unit; those that `user` may count, when one asks (a unit may once have lain elsewhere).

    `then`: rows whose branch column at the unit's level is the unit. `now`: as `units.regrouping` has them today.
    """
    if boundaries not in BOUNDARIES:
        raise DomainError(
            "Chọn “then” (theo đơn vị tại thời điểm) hoặc “now” (quy đổi về đơn vị hiện hành).", "boundaries"
        )
    seen = _seen_by(user) if user else Q()
    if boundaries == THEN:
        condition, own = Q(**{f"{unit.level}_id": unit.pk}), {unit.pk}
    else:
        condition, own = regrouped(unit, today)
    facts = NOTHING if unit.level == Level.VILLAGE else condition & seen
    return Reach(unit, boundaries, facts, condition & seen, frozenset(own))


def _seen_by(user):
    """The branches whose records the user sees, their archives and inheritances included."""
    condition = NOTHING
    for grant in scope_of(user).content_grants:
        condition |= Q(**{f"{grant.level}_id__in": grant.unit_ids})
    return condition
