"""The year's table of cadres × months: asked, done, missing. Cells are prepared here, words beside colours."""

from collections import defaultdict
from dataclasses import dataclass

from django.urls import reverse

from core.periods import Period
from visits.progress import standings

SHOWN = 200
LEGEND = [
    {"class": "heat-held", "text": "Đủ lượt"},
    {"class": "heat-missing", "text": "Hết kỳ, còn thiếu"},
    {"class": "heat-coming", "text": "Trong kỳ, chưa đủ"},
    {"class": "heat-exempt", "text": "Miễn"},
]


@dataclass(frozen=True)
class Board:
    """What the page shows; totals are of turns asked in periods that have ended, and of turns done for them."""

    columns: list
    rows: list
    people: int
    expected: int
    done: int
    overdue: int
    legend: tuple = tuple(LEGEND)

    @property
    def is_cut(self):
        return self.people > len(self.rows)


def board_of(assignments, year, today):
    """The Board of a year for the cadres whose assignments are given; a quarter is shown in its last month."""
    found = standings(assignments.overlapping(year), year, today)
    cells, people = defaultdict(lambda: defaultdict(list)), {}
    for standing in found:
        cells[standing.person.pk][standing.due.period.last.month].append(standing)
        people[standing.person.pk] = standing.person
    ordered = sorted(people.values(), key=lambda person: (person.sort_key, person.pk))
    closed = [each for each in found if each.is_closed and not each.due.is_exempt]
    return Board(
        columns=[{"text": f"T{month}", "title": f"Tháng {month}/{year.last.year}"} for month in range(1, 13)],
        rows=[_row(person, cells[person.pk], year.last.year, today) for person in ordered[:SHOWN]],
        people=len(ordered),
        expected=sum(each.due.times for each in closed),
        done=sum(min(each.done, each.due.times) for each in closed),
        overdue=sum(each.is_overdue for each in closed),
    )


def _row(person, months, year, today):
    cells = [_cell(months.get(month, []), person, Period.month(year, month), today) for month in range(1, 13)]
    return {"head": person.name, "url": f"{reverse('visit_list')}?nguoi={person.pk}&ky={year}", "cells": cells}


def _cell(held, person, month, today):
    if not held:
        return {"text": "", "class": "heat-none"}
    period = held[0].due.period if len({each.due.period for each in held}) == 1 else month
    asked = [each for each in held if not each.due.is_exempt]
    if not asked:
        return {"text": "Miễn", "class": "heat-exempt"}
    done, times, extra = sum(each.done for each in asked), sum(each.due.times for each in asked), asked[0].extra
    if all(each.is_met for each in asked):
        css = "heat-held"
    else:
        css = "heat-missing" if any(each.is_overdue for each in asked) else "heat-coming"
    text = f"{done}/{times}" + (f" +{extra}" if extra else "")
    title = f"{person.name}, {period.label_inside}: đã đi {done} trên {times} lượt"
    title += f", thêm {extra} lượt ngoài phân công" if extra else ""
    url = f"{reverse('visit_list')}?nguoi={person.pk}&ky={period.code}"
    return {"text": text, "class": css, "title": title, "url": url}
