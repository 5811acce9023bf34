"""Who is to pass on what a meeting announced, and how far that has come."""

from datetime import timedelta

from django.db.models import Count, Exists, OuterRef, Subquery, Sum

from meetings.access import may_charge, may_relay
from meetings.models import Announcement, Relay
from meetings.querysets import addressed_lines, relaying_units
from units.enums import Level
from units.models import Unit, UnitLineage

BELOW = {Level.COMMUNE: Level.VILLAGE, Level.DISTRICT: Level.COMMUNE}
"""A commune's meeting speaks to its villages, a district's to its communes."""

BELOW_WORDS = {Level.COMMUNE: "thôn, khu", Level.DISTRICT: "xã, phường"}
LOOK_BACK = timedelta(days=366)
"""How long it is asked for that something was passed on."""


def relay_targets(meeting):
    """The units one level below the meeting's unit on its day, by code."""
    day, level = meeting.held_on or meeting.planned_on, BELOW.get(meeting.level)
    if day is None or level is None:
        return []
    lineage = UnitLineage.objects.filter(ancestor_id=meeting.unit_id, unit=OuterRef("pk")).on(day)
    return list(Unit.objects.filter(Exists(lineage), level=level).order_by("code", "pk"))


def progress_of(ids):
    """{announcement id: (units that passed it on, units to do so, persons reached)}, in two queries for all."""
    counted = addressed_lines().order_by().values("ancestor").annotate(n=Count("pk")).values("n")
    wanted = Announcement.objects.filter(pk__in=ids).order_by().annotate(wanted=Subquery(counted[:1]))
    told = Relay.objects.filter(announcement_id__in=ids).order_by().values("announcement_id")
    told = told.annotate(units=Count("pk"), reach=Sum("reach_count"))
    done = {row["announcement_id"]: (row["units"], row["reach"]) for row in told}
    return {
        pk: (done.get(pk, (0, 0))[0], count or 0, done.get(pk, (0, 0))[1])
        for pk, count in wanted.values_list("pk", "wanted")
    }


def relay_matrix(meeting, user):
    """Announcements × units of one meeting: {"lines", "rows", "told", "wanted", "reach"}; every cell prepared."""
    lines, units = list(meeting.announced.order_by("number")), _shown_to(user, meeting)
    relays = {(r.announcement_id, r.unit_id): r for r in Relay.objects.filter(announcement__in=lines)}
    rows = [_row(unit, lines, relays) for unit in units]
    writes_all, own = may_charge(user, meeting), relaying_units(user.scope, writing=True)
    for row in rows:
        row["may_relay"] = bool(row["missing"]) and (writes_all or row["unit"].pk in own)
    return {
        "lines": [_head(line, relays) for line in lines],
        "rows": rows,
        "told": sum(bool(lines) and not row["missing"] for row in rows),
        "wanted": len(units),
        "reach": sum(relay.reach_count for relay in relays.values()),
        "may_relay_all": writes_all and any(row["missing"] for row in rows),
    }


def _shown_to(user, meeting):
    """All targets for those who see the meeting's branch, one's own for the others."""
    units = relay_targets(meeting)
    if user.scope.sees(meeting):
        return units
    own = relaying_units(user.scope)
    return [unit for unit in units if unit.pk in own]


def _head(line, relays):
    told = sum(announcement_id == line.pk for announcement_id, _ in relays)
    return {"pk": line.pk, "number": line.number, "text": line.text, "due_on": line.due_on, "told": told}


def _row(unit, lines, relays):
    cells = [{"line": line, "relay": relays.get((line.pk, unit.pk))} for line in lines]
    return {
        "unit": unit,
        "cells": cells,
        "missing": sum(cell["relay"] is None for cell in cells),
        "reach": sum(cell["relay"].reach_count for cell in cells if cell["relay"]),
    }


def relay_lines(announcement, user):
    """The units one announcement is addressed to, each with its report."""
    meeting = announcement.meeting
    units = _shown_to(user, meeting)
    relays = {relay.unit_id: relay for relay in announcement.relays.all()}
    return [
        {"unit": unit, "relay": relays.get(unit.pk), "may_relay": may_relay(user, meeting, unit.pk)} for unit in units
    ]
