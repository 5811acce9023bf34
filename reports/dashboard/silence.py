"""Villages of which nothing was heard in a period: a question to ask, never a ranking.

Restricted opinions do not count as heard: whether a village raised one is nobody's business here.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass

from feedback.enums import Visibility
from feedback.models import Opinion
from reports.figures import opinions_in
from units.enums import Level
from units.models import UnitLineage

MOST_NAMES = 12


@dataclass(frozen=True)
class Silence:
    """`by_unit`: {unit id of a row: (silent, all)}; `names`: some of the silent ones."""

    silent: int
    villages: int
    by_unit: dict
    names: tuple = ()

    @property
    def unnamed(self):
        return self.silent - len(self.names)


def silence_of(reach, period, today, unit_ids):
    """Of the villages in force under these units at the end of the period (today, while it runs); two queries."""
    day = min(period.last, today)
    below = UnitLineage.objects.filter(ancestor_id__in=unit_ids, unit__level=Level.VILLAGE).on(day)
    villages = list(below.order_by("unit__code").values_list("unit_id", "ancestor_id", "unit__name"))
    heard = Opinion.objects.filter(reach.opinions & opinions_in(period), village__isnull=False)
    spoke = set(heard.exclude(visibility=Visibility.RESTRICTED).order_by().values_list("village_id", flat=True))
    counts, names = defaultdict(Counter), []
    for unit_id, ancestor_id, name in villages:
        counts[ancestor_id].update(all=1, silent=int(unit_id not in spoke))
        names += [name] if unit_id not in spoke else []
    total = sum(counts.values(), Counter())
    by_unit = {pk: (found["silent"], found["all"]) for pk, found in counts.items()}
    return Silence(total["silent"], total["all"], by_unit, tuple(names[:MOST_NAMES]))
