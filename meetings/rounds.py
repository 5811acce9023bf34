"""Rounds held by sittings: which units a period must reach, which it has reached, who is still missing."""

from collections import defaultdict
from dataclasses import dataclass

from meetings.enums import CADENCE_KINDS, HELD_STATES, SEVERAL_SITTINGS
from meetings.models import Sitting
from meetings.occurrences import MEMBER_LEVEL
from meetings.rules import needs_timing_reason
from units.enums import Level
from units.models import Unit, UnitLineage, UnitVersion
from units.selectors import names_on

WORDS = {Level.DISTRICT: "xã", Level.COMMUNE: "thôn, khu"}
"""What the members of a round are called."""


@dataclass(frozen=True)
class Coverage:
    """Units of the level below that must have had a seat, and those that have."""

    members: frozenset
    reached: frozenset
    word: str

    @property
    def text(self):
        return f"đã họp {len(self.reached)}/{len(self.members)} {self.word}"

    @property
    def missing(self):
        return self.members - self.reached


def member_spans(unit_ids, level):
    """[(above, unit, valid_from, valid_to)] of the units one level below; dates half-open. One query."""
    lineage = UnitLineage.objects.filter(ancestor__in=unit_ids, level=level, unit__level=MEMBER_LEVEL.get(level, ""))
    return list(lineage.values_list("ancestor_id", "unit_id", "valid_from", "valid_to"))


def members_on(spans, day, above=None):
    """Ids of the units that lay below (one unit, or any) on a day."""
    return {
        unit_id
        for unit_above, unit_id, first, end in spans
        if above in (None, unit_above) and first <= day and (end is None or day < end)
    }


def coverages(occurrences):
    """{id: Coverage} of the occurrences that were held by sittings; `occurrences` have pk, unit_id, level, ends_on.

    Four queries at most, whatever the number.
    """
    rows = {row.pk: row for row in occurrences}
    visits = _visits(rows)
    found = {}
    for level in MEMBER_LEVEL:
        here = [row for row in rows.values() if row.level == level and row.pk in visits]
        spans = member_spans({row.unit_id for row in here}, level) if here else []
        for row in here:
            members = frozenset(members_on(spans, row.ends_on, row.unit_id))
            found[row.pk] = Coverage(members, members & visits[row.pk], WORDS[level])
    return found


def _visits(ids):
    """{occurrence id: ids of the units that sat}, of its own meetings and of joint ones."""
    held = {
        "sitting__meeting__kind__in": CADENCE_KINDS,
        "sitting__meeting__status__in": HELD_STATES,
        "sitting__meeting__form__in": SEVERAL_SITTINGS,
    }
    visits = defaultdict(set)
    for path in ("sitting__meeting__occurrence", "sitting__meeting__joint_occurrences"):
        seats = Sitting.communes.through.objects.filter(**held, **{f"{path}__in": list(ids)})
        for occurrence_id, unit_id in seats.values_list(path, "unit_id"):
            visits[occurrence_id].add(unit_id)
    return visits


def joint_places(meeting, day):
    """{id as text: name} of the units below those that met jointly with the host of a meeting."""
    joint = meeting.joint_occurrences.values("unit_id")
    below = (
        UnitVersion.objects.filter(parent__in=joint).on(day).select_related("parent").order_by("parent__name", "name")
    )
    return {str(version.unit_id): f"{version.name} ({version.parent.name})" for version in below}


def must_explain(meeting, held_on):
    """Does a meeting of its period, held on a day, owe the reason why it is late?"""
    period = meeting.occurrence
    if period is None or meeting.kind not in CADENCE_KINDS or held_on <= period.due_on:
        return False
    others = period.meetings.exclude(pk=meeting.pk).filter(kind__in=CADENCE_KINDS)
    met_on = others.held().order_by("held_on").values_list("held_on", flat=True).first()
    return needs_timing_reason(held_on, met_on, period.due_on)


def missing_units(occurrence):
    """[{"name", "url"}] of the units that a round held by sittings has not reached, by their names of the day."""
    coverage = coverages([occurrence]).get(occurrence.pk)
    if coverage is None or occurrence.completed_on:
        return []
    names = names_on(coverage.missing, occurrence.ends_on)
    units = Unit.objects.filter(pk__in=coverage.missing)
    return sorted(
        ({"name": names[unit.pk], "url": unit.get_absolute_url()} for unit in units), key=lambda each: each["name"]
    )
