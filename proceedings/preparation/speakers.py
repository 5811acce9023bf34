"""Who spoke at the last meetings of a unit and who did not: counted by place, asked as a question, never ranked.

Places are the villages of a commune, or the communes of a district. Restricted opinions are in the totals only.
"""

import re
from datetime import timedelta
from statistics import mean, median

from django.db.models import Avg, Count, Max, Q, Subquery

from core.display import group_digits
from core.text import fold, person_sort_key
from feedback.access import works_at
from feedback.enums import OpinionKind, Visibility
from feedback.models import Opinion
from meetings.enums import CADENCE_KINDS
from meetings.models import Meeting
from units.enums import Level
from units.models import Unit, UnitVersion
from units.reads import children_of, place_on

MEETINGS = 6
SILENT_FROM = 3
"""From how many meetings running without a word a place is asked about."""
LEAST_PEERS = 3
"""Below this many other units a median would point at one of them."""
MOST_NAMES = 200
IDEAS = (OpinionKind.INITIATIVE, OpinionKind.GOOD_PRACTICE)
PLACES = {
    Level.COMMUNE: (Level.VILLAGE, "village_id", "Thôn, khu"),
    Level.DISTRICT: (Level.COMMUNE, "commune_id", "Xã, phường, thị trấn"),
}
PEERS = {Level.COMMUNE: "xã, phường, thị trấn", Level.DISTRICT: "huyện, thị xã, thành phố"}


def _held(unit_id, user, today):
    held = Meeting.objects.visible_to(user).held().filter(unit=unit_id, kind__in=CADENCE_KINDS, held_on__lte=today)
    return held.order_by("-held_on", "-pk")


def last_meetings(unit_id, user, today):
    """The last cadence meetings of a unit that were held, oldest first."""
    return list(_held(unit_id, user, today)[:MEETINGS])[::-1]


def silent_run(cells):
    """How many of the last cells, newest last, are 0 without a break; None (not there yet) ends the run."""
    run = 0
    for cell in reversed(cells):
        if cell != 0:
            break
        run += 1
    return run


def speaking_of(unit, user, today):
    """Everything the page shows of one unit. Its number of queries does not depend on meetings or places."""
    day = min(today, unit.valid_to - timedelta(days=1)) if unit.valid_to else today
    meetings = last_meetings(unit.pk, user, today)
    table = _table(unit, meetings, user, day)
    is_own = works_at(user, unit.pk)
    return table | {
        "meetings": meetings,
        "place_word": PLACES[unit.level][2],
        "has_speakers": any(meeting.speaker_count is not None for meeting in meetings),
        "asks": [row for row in table["rows"] if row["silent"] >= SILENT_FROM],
        "may_gather": is_own and unit.level == Level.COMMUNE,
        "peers": _peers(unit, meetings, day),
        "year": today.year,
        **(_names(unit, user, today.year) if is_own else {}),
    }


def silent_count(user, today):
    """How many villages of the commune the user keeps have said nothing at the last SILENT_FROM meetings; one query.

    The same decision as `silent_run`: a village younger than those meetings is not asked about.
    """
    own = sorted(g.unit_id for g in user.scope.content_grants if g.writes and g.level == Level.COMMUNE)
    if not own:
        return 0
    held = _held(own[0], user, today)
    said = Opinion.objects.visible_to(user).filter(meeting__in=held.values("pk")[:SILENT_FROM], village__isnull=False)
    first_of_them = Subquery(held.values("held_on")[SILENT_FROM - 1 : SILENT_FROM])
    villages = UnitVersion.objects.filter(parent=own[0], unit__level=Level.VILLAGE).on(today)
    return villages.filter(unit__valid_from__lte=first_of_them).exclude(unit__in=said.values("village_id")).count()


def _places(unit_id, level, day):
    """The units below, 'Khu 2' before 'Khu 10'."""
    found = [child for child in children_of(unit_id, day) if child.level == level]
    return sorted(found, key=lambda child: _natural(child.name))


def _natural(name):
    return [(fold(word), int(number or 0)) for word, number in re.findall(r"(\D*)(\d*)", name)]


def _said(meetings, column, user):
    """{(meeting id, place id or None): number of opinions the user may read}."""
    readable = Opinion.objects.visible_to(user).filter(meeting__in=meetings)
    grouped = readable.order_by().values_list("meeting_id", column).annotate(Count("pk"))
    return {(meeting_id, place_id): number for meeting_id, place_id, number in grouped}


def _cells(place, meetings, said):
    return [None if place.valid_from > m.held_on else said.get((m.pk, place.pk), 0) for m in meetings]


def _table(unit, meetings, user, day):
    """Rows of the places, then what belongs to none of them, then the totals, restricted ones included."""
    level, column, _ = PLACES[unit.level]
    said = _said(meetings, column, user)
    places = _places(unit.pk, level, day)
    rows = [_row(place.name_then, place.key, _cells(place, meetings, said)) for place in places]
    known = {place.pk for place in places}
    general, gone = [[0] * len(meetings) for _ in range(2)]
    position = {meeting.pk: index for index, meeting in enumerate(meetings)}
    for (meeting_id, place_id), number in said.items():
        if place_id not in known:
            (general if place_id is None else gone)[position[meeting_id]] += number
    counted = Opinion.objects.counted_for(user).filter(meeting__in=meetings).order_by().values_list("meeting_id")
    totals = dict(counted.annotate(Count("pk")))
    readable = [sum(number for (pk, _), number in said.items() if pk == meeting.pk) for meeting in meetings]
    total = [totals.get(meeting.pk, 0) for meeting in meetings]
    hidden = [max(0, whole - part) for whole, part in zip(total, readable, strict=True)]
    others = (("Chung, không ghi rõ nơi nêu", general), ("Nơi nêu trước khi sắp xếp", gone), ("Hạn chế xem", hidden))
    return {
        "rows": rows,
        "others": [_row(name, "", cells) for name, cells in others if any(cells)],
        "total_row": _row("Cộng", "", total),
        "hidden": sum(hidden),
    }


def _row(name, key, cells):
    return {
        "name": name,
        "key": key,
        "cells": cells,
        "words": ["–" if not cell else group_digits(cell) for cell in cells],
        "sum": sum(cell or 0 for cell in cells),
        "silent": silent_run(cells),
    }


def _peers(unit, meetings, day):
    """Opinions a meeting beside the median of the other units of the same branch, or None when too few of them met."""
    if not meetings:
        return None
    place = place_on(unit, day)
    above = ("district_id" if place.district_id else "province_id") if unit.level == Level.COMMUNE else "province_id"
    others = Meeting.objects.held().filter(
        level=unit.level,
        kind__in=CADENCE_KINDS,
        held_on__range=(meetings[0].held_on, meetings[-1].held_on),
        **{above: getattr(place, above)},
    )
    rates = others.exclude(unit=unit).order_by().values_list("unit_id").annotate(Avg("opinion_count"))
    rates = [float(rate) for _, rate in rates]
    if len(rates) < LEAST_PEERS:
        return None
    return {
        "own": _one_digit(mean(meeting.opinion_count for meeting in meetings)),
        "median": _one_digit(median(rates)),
        "count": len(rates),
        "word": PEERS[unit.level],
        "above": Unit.objects.get(pk=getattr(place, above)).name,
    }


def _one_digit(number):
    return f"{number:.1f}".replace(".", ",")


def _names(unit, user, year):
    """Persons who raised opinions at the unit's own meetings in a year, as people sort names; for its keepers only."""
    raised = Opinion.objects.visible_to(user).filter(meeting__unit=unit, year=year)
    raised = raised.exclude(visibility=Visibility.RESTRICTED)
    grouped = raised.order_by().values("raised_by_id", "raised_by_name")
    found = grouped.annotate(
        title=Max("raised_by_title"), number=Count("pk"), ideas=Count("pk", filter=Q(kind__in=IDEAS))
    )
    rows = list(found[: MOST_NAMES + 1])
    named = [row for row in rows if row["raised_by_name"]]
    named.sort(key=lambda row: person_sort_key(row["raised_by_name"]))
    return {
        "names": named[:MOST_NAMES],
        "names_count": len(named),
        "unnamed": sum(row["number"] for row in rows if not row["raised_by_name"]),
        "ideas": sum(row["ideas"] for row in rows),
    }
