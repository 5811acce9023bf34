"""Villages of a unit, weakest first: the facts are read for all of them at once, a fixed number of queries.

Restricted opinions are left out: the reasons travel with the published plan.
"""

from collections import defaultdict
from dataclasses import dataclass, replace

from django.db.models import Count, Max, Q, Window
from django.db.models.functions import RowNumber

from feedback.enums import Visibility
from feedback.models import Opinion
from feedback.querysets import overdue_when
from feedback.speakers import SILENT_FROM
from meetings.enums import CADENCE_KINDS
from meetings.models import Meeting
from units.enums import Level
from units.models import UnitHeritage, UnitLineage
from visits.models import CellRating, Visit
from visits.plans.ranking import Facts, order_of, reasons_of


@dataclass(frozen=True)
class Village:
    pk: int
    key: str
    name: str
    commune_id: int
    commune: str
    begun_on: object


@dataclass(frozen=True)
class Ranked:
    """One village with what is known of it; `reasons` are (WeakReason, sentence) pairs."""

    village: Village
    facts: Facts
    reasons: list

    @property
    def sentences(self):
        return [sentence for _, sentence in self.reasons]


def villages_below(unit_ids, day):
    """The villages that lie in one of the units on a day, each with its commune; one query."""
    below = UnitLineage.objects.filter(ancestor_id__in=unit_ids, unit__level=Level.VILLAGE).on(day).values("unit_id")
    rows = UnitLineage.objects.filter(unit_id__in=below, level=Level.COMMUNE).on(day)
    rows = rows.order_by("ancestor__name", "unit__code", "unit_id")
    fields = ("unit_id", "unit__key", "unit__name", "ancestor_id", "ancestor__name", "unit__valid_from")
    return [Village(*row) for row in rows.values_list(*fields)]


def ranked(villages, month, today):
    """A Ranked for every village, weakest first, for a plan of `month`; equal ones keep their order."""
    year, facts = month.last.year, facts_of(villages, month.last.year, today)
    rows = [Ranked(each, facts[each.pk], reasons_of(facts[each.pk], year)) for each in villages]
    return sorted(rows, key=lambda row: order_of(row.facts, year, today))


def facts_of(villages, year, today):
    """{village id: Facts}: what happened in a village that was merged counts for the one that carries it on."""
    ids = {each.pk: each.pk for each in villages}
    heirs = UnitHeritage.objects.filter(heir_id__in=ids).values_list("origin_id", "heir_id")
    heirs = {**dict(heirs), **ids}
    found = {pk: Facts() for pk in ids}
    for pk, values in _ratings(ids, year):
        found[pk] = replace(found[pk], **values)
    for pk, last_on in _last_visits(heirs):
        known = found[heirs[pk]].last_on
        found[heirs[pk]] = replace(found[heirs[pk]], last_on=max(last_on, known or last_on))
    for pk, pressing, overdue in _opinions(heirs, today):
        facts = found[heirs[pk]]
        found[heirs[pk]] = replace(facts, pressing=facts.pressing + pressing, overdue=facts.overdue + overdue)
    for pk in _silent(villages, today):
        found[pk] = replace(found[pk], silent=SILENT_FROM)
    return found


def _ratings(ids, year):
    """The latest rating before the year, rows in rising order so that the last one stays."""
    rows = CellRating.objects.filter(unit_id__in=ids, year__lt=year).order_by("year")
    for pk, rating, rated_in in rows.values_list("unit_id", "rating", "year"):
        yield pk, {"rating": rating, "rated_in": rated_in}


def _last_visits(ids):
    visits = Visit.objects.counted().filter(village_id__in=ids).order_by()
    return visits.values_list("village_id").annotate(Max("visited_on"))


def _opinions(ids, today):
    """(village id, open and pressing, overdue), without the restricted ones."""
    late = overdue_when(today)
    rows = Opinion.objects.unresolved().filter(village_id__in=ids).exclude(visibility=Visibility.RESTRICTED)
    rows = rows.filter(Q(is_pressing=True) | late).order_by().values_list("village_id")
    return rows.annotate(
        pressing=Count("pk", filter=Q(is_pressing=True)), overdue=Count("pk", filter=late)
    )  # fmt: skip


def _silent(villages, today):
    """Villages that raised nothing at the last SILENT_FROM meetings of their commune, all of which they lived through.

    The same decision as `feedback.speakers.silent_count`, for many communes in two queries.
    """
    last = defaultdict(list)
    held = Meeting.objects.held().filter(
        unit_id__in={each.commune_id for each in villages}, kind__in=CADENCE_KINDS, held_on__lte=today
    )
    turn = Window(RowNumber(), partition_by="unit_id", order_by=["-held_on", "-pk"])
    for pk, unit_id, held_on in (
        held.order_by().annotate(turn=turn).filter(turn__lte=SILENT_FROM).values_list("pk", "unit_id", "held_on")
    ):
        last[unit_id].append((held_on, pk))
    last = {unit_id: meetings for unit_id, meetings in last.items() if len(meetings) == SILENT_FROM}
    said = Opinion.objects.filter(meeting_id__in=[pk for meetings in last.values() for _, pk in meetings])
    said = said.exclude(visibility=Visibility.RESTRICTED).exclude(village=None).order_by()
    spoken = set(said.values_list("village_id", flat=True).distinct())
    for each in villages:
        meetings = last.get(each.commune_id)
        if meetings and each.pk not in spoken and each.begun_on <= min(meetings)[0]:
            yield each.pk
