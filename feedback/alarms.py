"""When the same field keeps coming up, a thematic meeting (giao ban chuyên đề) is proposed with its material.

Our own thresholds, no rule was found: three villages of a commune, or two villages that raise it two months running,
or three communes of a district; unresolved, raised in the last three months. Restricted opinions are neither counted
nor named; what asks for nothing (initiatives, good practices, comments) alarms nobody.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlencode

from django.db.models import Count, Max, Min, Q
from django.urls import reverse

from feedback.access import works_at
from feedback.enums import OpinionKind, Visibility
from feedback.models import Opinion
from units.enums import Level
from units.models import Unit

WINDOW = timedelta(days=92)
VILLAGES, COMMUNES = 3, 3
AGAIN = 2
"""Villages that raised the same field in two months running."""

MOST_SHOWN, MOST_NAMED = 100, 8
NOTHING_ASKED = (OpinionKind.INITIATIVE, OpinionKind.GOOD_PRACTICE, OpinionKind.COMMENT)
GROUPED = ("district_id", "commune_id", "village_id", "topic__code", "topic__name", "year", "month")


@dataclass
class Alarm:
    """One field in one unit: how many opinions of how many places, and what set the alarm off."""

    unit_id: int
    level: str
    topic: tuple
    count: int = 0
    places: set = field(default_factory=set)
    months: dict = field(default_factory=lambda: defaultdict(set))
    first_on: object = None
    last_on: object = None

    def add(self, row, place):
        self.count += row["n"]
        if place:
            self.places.add(place)
            self.months[place].add(row["year"] * 12 + row["month"])
        self.first_on = min(filter(None, (self.first_on, row["first"])))
        self.last_on = max(filter(None, (self.last_on, row["last"])))

    @property
    def again(self):
        """Places that raised it in two months running."""
        return {place for place, months in self.months.items() if any(month + 1 in months for month in months)}

    @property
    def is_due(self):
        if self.level == Level.DISTRICT:
            return len(self.places) >= COMMUNES
        return len(self.places) >= VILLAGES or len(self.again) >= AGAIN


def collected(today):
    """The condition of the opinions that are counted."""
    recent = Q(is_open=True, raised_on__range=(today - WINDOW, today))
    return recent & ~Q(visibility=Visibility.RESTRICTED) & ~Q(kind__in=NOTHING_ASKED)


def alarms_for(user, today):
    """Every alarm of the user's branches, the widest first; one statement for all units and fields."""
    opinions = Opinion.objects.visible_to(user).filter(collected(today)).order_by()
    counts = {"n": Count("pk"), "first": Min("raised_on"), "last": Max("raised_on")}
    own = {grant.level for grant in user.scope.content_grants}
    found = {}
    for row in opinions.values(*GROUPED).annotate(**counts):
        if row["commune_id"]:
            _into(found, row, Level.COMMUNE, row["village_id"])
        if row["district_id"] and own != {Level.COMMUNE}:
            _into(found, row, Level.DISTRICT, row["commune_id"])
    due = [alarm for alarm in found.values() if alarm.is_due]
    return sorted(due, key=lambda alarm: (-len(alarm.places), -alarm.count, alarm.unit_id, alarm.topic))


def _into(found, row, level, place):
    unit_id, topic = row[f"{level.value}_id"], (row["topic__code"], row["topic__name"])
    alarm = found.setdefault((level, unit_id, topic), Alarm(unit_id, level, topic))
    alarm.add(row, place)


def alarm_rows(alarms, user):
    """Prepared rows: names of the places, why, the list, the material, and where a meeting would be planned."""
    ids = {pk for alarm in alarms for pk in (alarm.unit_id, *alarm.places)}
    units = Unit.objects.in_bulk(ids)
    return [_row(alarm, units, user) for alarm in alarms]


def _row(alarm, units, user):
    unit, (code, topic) = units[alarm.unit_id], alarm.topic
    names = sorted(units[pk].name for pk in alarm.places)
    tail = urlencode({"don-vi": unit.key, "ranh-gioi": "then", "linh-vuc": code, "chuyen-de": "on"})
    plan = {"don-vi": unit.pk, "loai": "thematic", "ten": f"Giao ban chuyên đề: {topic}"}
    return {
        "key": f"{unit.key}-{code}",
        "unit": unit.name,
        "topic": topic,
        "level": alarm.level,
        "count": alarm.count,
        "places": len(names),
        "names": names[:MOST_NAMED],
        "more": max(len(names) - MOST_NAMED, 0),
        "again": len(alarm.again) if alarm.level == Level.COMMUNE else 0,
        "first_on": alarm.first_on,
        "last_on": alarm.last_on,
        "list_url": f"{reverse('opinion_list')}?{tail}",
        "material_url": f"{reverse('alarm_material')}?{tail}",
        "plan_url": f"{reverse('meeting_create')}?{urlencode(plan)}" if works_at(user, unit.pk) else "",
    }
