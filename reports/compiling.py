"""The nightly compilation: figures of each unit and year as rollup rows, made from tallies that were checked first.

A province and year is compiled again when something in it changed since, when a day that has passed changes it (a due
day), when its tallies had drifted, and when a run began and did not end. Running twice changes nothing.
"""

import logging
from collections import Counter, defaultdict
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from core.activity import record_system
from core.models import Activity
from core.periods import Period
from feedback import tallies as opinion_tallies
from feedback.models import Opinion, OpinionMonth
from meetings import tallies as meeting_tallies
from meetings.models import Meeting, MeetingMonth, Occurrence
from reports.figures import figures_by_unit
from reports.models import Compilation, YearRollup
from reports.services import SILENT
from units.models import UnitLineage
from visits.models import Commendation, CountedVisits, TrainingCourse, Visit

logger = logging.getLogger("giaoban.periodic")
MENDED = "figures.mend"
SLACK = timedelta(minutes=10)
"""A line of the log may be numbered before another and committed after it: what a run did not see of the minutes
before it, a later one looks at again."""

YEARS_OF = {
    "meetings.meeting": Meeting.objects,
    "meetings.occurrence": Occurrence.objects,
    "feedback.opinion": Opinion.objects,
}
"""What lies in a year of its own; a change may have brought it there from the year before or after."""

DAYS = {Visit: "visited_on", CountedVisits: "last_on", TrainingCourse: "ended_on", Commendation: "decided_on"}
"""Facts without a column for their year, and the day that says it."""


def compile_figures(today, now, full=False):
    """{"compiled", "units", "drift", "unchanged", "failed"}; each province and year in a transaction of its own."""
    counts, states = Counter(compiled=0, units=0, drift=0, unchanged=0, failed=0), _states()
    keys = sorted(_with_facts() | set(states))
    stale = set(keys) if full else _stale(keys, states, today, now)
    for key in keys:
        try:
            drift = mend_tallies(*key)
            counts["drift"] += drift
            if key in stale or drift:
                counts.update(compiled=1, units=_compile(*key, today, now, drift))
            else:
                counts["unchanged"] += 1
        except Exception:
            logger.exception("province %s, year %s was not compiled", *key)
            counts["failed"] += 1
    return dict(counts)


def mend_tallies(province_id, year):
    """Count the months anew of units whose tallies differ from their facts; how many rows were wrong."""
    drift = 0
    for tallies in (meeting_tallies, opinion_tallies):
        wrong = tallies.drifted(province_id, year)
        if wrong:
            units = {unit_id for unit_id, _, _ in wrong}
            with transaction.atomic():
                meeting_tallies.lock_units(units)
                tallies.recount_units(units, [year])
            drift += len(wrong)
    if drift:
        record_system(MENDED, after={"province": province_id, "year": year, "rows": drift})
    return drift


def rollups(unit_ids, year):
    """({unit id: words}, moment of the oldest of them): what the last compilation found, without any query of facts."""
    found = YearRollup.objects.filter(unit__in=unit_ids, year=year)
    rows = {row.unit_id: row for row in found}
    return {pk: row.values for pk, row in rows.items()}, min((row.compiled_at for row in rows.values()), default=None)


def _compile(province_id, year, today, now, drift):
    """Begun is written first, so that a run that dies here is done again."""
    key = {"province_id": province_id, "year": year}
    seen = Activity.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    Compilation.objects.update_or_create(**key, defaults={"begun_at": now, "done_at": None})
    with transaction.atomic():
        found = figures_by_unit(Q(province_id=province_id), Period.year(year), today)
        below = UnitLineage.objects.filter(ancestor_id=province_id).values("unit_id")
        YearRollup.objects.filter(Q(unit__in=below) | Q(unit=province_id), year=year).exclude(unit__in=found).delete()
        YearRollup.objects.bulk_create(
            [YearRollup(unit_id=pk, year=year, values=words, compiled_at=now) for pk, words in found.items()],
            update_conflicts=True,
            unique_fields=["unit", "year"],
            update_fields=["values", "compiled_at"],
            batch_size=500,
        )
        Compilation.objects.filter(**key).update(done_at=now, through_activity_id=seen, drift=drift)
    return len(found)


def _states():
    return {(state.province_id, state.year): state for state in Compilation.objects.all()}


def _with_facts():
    """Every (province, year) of which anything could be counted."""
    keys = set()
    for model in (MeetingMonth, OpinionMonth, Meeting, Occurrence, Opinion):
        keys |= set(model.objects.order_by().values_list("province_id", "year").distinct())
    for model, day in DAYS.items():
        keys |= set(model.objects.order_by().values_list("province_id", f"{day}__year").distinct())
    return {(province_id, year) for province_id, year in keys if province_id}


def _stale(keys, states, today, now):
    done = {key: state for key, state in states.items() if state.done_at}
    stale = set(keys) - set(done)
    changed = _changed(done.values())
    days = {key: timezone.localtime(state.done_at).date() for key, state in done.items()}
    passed = _passed(min(days.values(), default=today), today)
    for (province_id, year), state in done.items():
        day = days[province_id, year]
        places = [(where, when) for where in (province_id, None) for when in (year, None)]
        is_older = day < today and (year >= day.year or (province_id, year) in passed)
        if is_older or any(_is_news(changed[place], state, now) for place in places if place in changed):
            stale.add((province_id, year))
    return stale


def _is_news(last, state, now):
    """`last`: the number and moment of a line of the log."""
    number, at = last
    begun = state.begun_at
    return number > state.through_activity_id or (at > begun - SLACK and now > begun + SLACK)


def _passed(first, today):
    """The (province, year) of what falls due on one of the days from `first` to yesterday: it counts from then on."""
    days = (first, today - timedelta(days=1))
    due = [
        Occurrence.objects.filter(due_on__range=days),
        Opinion.objects.unresolved().filter(Q(due_on__range=days) | Q(planned_on__range=days)),
    ]
    return {key for rows in due for key in rows.order_by().values_list("province_id", "year").distinct()}


def _changed(states):
    """{(province or None, year, None for all): the last line of the log} of what the oldest run may not have seen."""
    since = min((state.through_activity_id for state in states), default=0)
    first = min((state.begun_at for state in states), default=None)
    unseen = Q(pk__gt=since) | Q(at__gt=first - SLACK) if first else Q(pk__gt=since)
    lines = Activity.objects.filter(unseen).exclude(verb__in=(*SILENT, MENDED)).order_by("pk")
    by_kind, changed = defaultdict(list), {}
    for pk, at, province_id, kind, target_id in lines.values_list(
        "pk", "at", "province_id", "target_kind", "target_id"
    ):
        by_kind[kind].append(((pk, at), province_id, target_id))
    for kind, found in by_kind.items():
        years = _years(kind, {target_id for _, _, target_id in found})
        for last, province_id, target_id in found:
            for year in years.get(target_id, (None,)):
                changed[province_id, year] = max(last, changed.get((province_id, year), last))
    return changed


def _years(kind, target_ids):
    """{id: the years that a change of it may touch}; what is not known here touches all."""
    if kind not in YEARS_OF:
        return {}
    ids, found = sorted(target_ids), {}
    for first in range(0, len(ids), 500):
        rows = YEARS_OF[kind].filter(pk__in=ids[first : first + 500]).values_list("pk", "year")
        found |= {pk: (year - 1, year, year + 1) for pk, year in rows}
    return found
