"""The page of the three clocks: held, logged, conclusion issued."""

from django.shortcuts import render
from django.utils import timezone

from core.routing import page
from meetings.clocks import clock_table
from meetings.filters import FIRST_YEAR, year_of
from meetings.views import trail_to
from meetings.views.lists import chosen_unit, districts_of
from units.enums import Level

CAPTIONS = {Level.COMMUNE: "Cấp xã", Level.DISTRICT: "Cấp huyện"}


@page()
def clock_rates(request):
    today = timezone.localdate()
    year, unit = year_of(request.GET.get("nam"), today), chosen_unit(request)
    tables = clock_table(request.user, year, today, {f"{unit.level}_id": unit.pk} if unit else {})
    context = {
        "trail": trail_to("Ba mốc thời gian"),
        "year": year,
        "years": range(today.year, FIRST_YEAR - 1, -1),
        "unit": unit,
        "units": districts_of(request.user, today),
        "tables": [(CAPTIONS[level], table) for level, table in tables.items()],
        "total": sum(len(table["rows"]) for table in tables.values()),
    }
    return render(request, "meetings/clock_rates.html", context)
