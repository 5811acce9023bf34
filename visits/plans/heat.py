"""The heat table place × month: visits made, and published ones still to come, in words. A few queries a page."""

from collections import Counter

from django.db.models import Count
from django.db.models.functions import ExtractMonth
from django.urls import reverse

from core.periods import Period
from units.enums import Level
from units.models import Unit, UnitLineage
from visits.enums import PlanState
from visits.models import PlannedVisit, Visit

LEGEND = [
    {"class": "heat-held", "text": "số: lượt đã đi"},
    {"class": "heat-exempt", "text": "dự kiến: lượt trong kế hoạch đã công bố, chưa đi"},
    {"class": "heat-none", "text": "–: chưa có lượt nào"},
]
WHOLE = "Chung cả xã, không riêng thôn, khu nào"


def heat_of(unit, user, year, today):
    """{"columns", "rows", "made", "coming", "untouched"}: a row a village of a commune, else a row a commune.

    Rows are the places that lay in the unit in the year; a cell counts the visits the user sees.
    """
    level = Level.VILLAGE if unit.level == Level.COMMUNE else Level.COMMUNE
    places = _places(unit, level, year)
    made = _made(user, unit, level, year)
    coming = _coming(user, unit, level, year, today)
    months = [Period.month(year.last.year, month) for month in range(1, 13)]
    rows = [_row(place, level, months, made, coming) for place in places]
    if level == Level.VILLAGE and any(pk is None for pk, _ in (*made, *coming)):
        rows.insert(0, _whole(months, made, coming))
    known = {place.pk for place in places} | {None}
    return {
        "columns": [{"text": f"T{month.first.month}", "title": month.label} for month in months],
        "rows": rows,
        "made": sum(number for (pk, _), number in made.items() if pk in known),
        "coming": sum(number for (pk, _), number in coming.items() if pk in known),
        "untouched": len(known - {pk for pk, _ in (*made, *coming)} - {None}),
    }


def _places(unit, level, year):
    """Places of a level that lay in the unit on at least one day of the year."""
    below = UnitLineage.objects.filter(ancestor=unit, unit__level=level, valid_from__lte=year.last)
    below = below.exclude(valid_to__lte=year.first)
    return list(Unit.objects.filter(pk__in=below.values("unit_id")).order_by("code", "valid_from"))


def _made(user, unit, level, year):
    visits = Visit.objects.visible_to(user).counted().in_period(year).filter(**{f"{unit.level}_id": unit.pk})
    return _counts(visits, f"{level}_id", "visited_on")


def _coming(user, unit, level, year, today):
    lines = PlannedVisit.objects.visible_to(user).filter(plan__state=PlanState.PUBLISHED).coming(today)
    return _counts(lines.in_period(year).filter(**{f"{unit.level}_id": unit.pk}), f"{level}_id", "planned_on")


def _counts(rows, column, day):
    """{(place id, month): number}"""
    rows = rows.order_by().annotate(month=ExtractMonth(day)).values_list(column, "month")
    return Counter({(pk, month): number for pk, month, number in rows.annotate(Count("pk"))})


def _row(place, level, months, made, coming):
    down = "" if level == Level.VILLAGE else f"{reverse('visit_heat')}?don-vi={place.key}&ky={months[0].last.year}"
    cells = [
        _cell(place, month, made[place.pk, month.first.month], coming[place.pk, month.first.month]) for month in months
    ]
    return {"head": place.name, "url": down, "cells": cells}


def _whole(months, made, coming):
    """Visits to the commune itself, to none of its villages: a row without links, for no list holds these alone."""
    cells = [_words(made[None, month.first.month], coming[None, month.first.month]) for month in months]
    return {"head": WHOLE, "url": "", "cells": cells}


def _words(made, coming):
    if not made and not coming:
        return {"text": "–", "class": "heat-none"}
    words = [str(made)] * bool(made) + [f"dự kiến {coming}"] * bool(coming)
    return {"text": ", ".join(words), "class": "heat-held" if made else "heat-exempt"}


def _cell(place, month, made, coming):
    """Made ones lead to their list, else the coming ones to the schedule."""
    cell = _words(made, coming)
    if not made and not coming:
        return cell
    said = [f"{made} lượt đã đi"] * bool(made) + [f"{coming} lượt dự kiến"] * bool(coming)
    page = "visit_list" if made else "visit_schedule"
    return cell | {
        "title": f"{place.name}, {month.label_inside}: {', '.join(said)}",
        "url": f"{reverse(page)}?don-vi={place.key}&ky={month.code}",
    }
