"""The ratings of a year at one unit as a table: a line a place below it, with what lies under each."""

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Count

from units.enums import Level
from units.models import UnitLineage
from units.selectors import children_of, places_on
from visits.access import may_rate
from visits.enums import Rating
from visits.helped.rules import rated_on
from visits.models import CellRating

RATED_LEVELS = (Level.COMMUNE, Level.VILLAGE)


@dataclass(frozen=True)
class RatingTable:
    """`units` may be rated by the user; `saved` {unit id: CellRating of the year}; `lines` are what the page shows."""

    units: list
    saved: dict
    lines: list

    @property
    def has_villages_below(self):
        return any(line["unit"].level != Level.VILLAGE for line in self.lines)

    @property
    def has_rated(self):
        """Are the places themselves rated (communes and villages are, districts are not)?"""
        return any(line["unit"].level in RATED_LEVELS for line in self.lines)

    @property
    def counts(self):
        """[(what is rated, how many of it have a rating, how many there are, which ratings in words)]."""
        groups = []
        if self.has_villages_below:
            wide = [line for line in self.lines if "villages" in line]
            parts = {rating.label: sum(line["numbers"][rating] for line in wide) for rating in Rating}
            groups.append(("Chi bộ thôn, khu", sum(line["villages"] for line in wide), parts))
        own = [line["current"] for line in self.lines if line["unit"].level in RATED_LEVELS]
        if own:
            given = [row.rating for row in own if row]
            title = "Đảng bộ cấp xã" if self.has_villages_below else "Chi bộ thôn, khu"
            groups.append((title, len(own), {rating.label: given.count(rating) for rating in Rating}))
        return [(title, sum(parts.values()), whole, _listed(parts)) for title, whole, parts in groups]


def _listed(parts):
    return "; ".join(f"{label} {number}" for label, number in parts.items() if number)


def rating_table(unit, user, year, today):
    """The places directly below `unit` when the year was rated; five queries whatever their number."""
    day = rated_on(year, today)
    children = children_of(unit, day)
    places = places_on([child.pk for child in children], day)
    rows = CellRating.objects.visible_to(user).filter(unit__in=[child.pk for child in children])
    ratings = {(row.unit_id, row.year): row for row in rows.filter(year__in=(year - 1, year))}
    below = _below(children, user, year, day)
    lines = [
        {
            "unit": child,
            "current": ratings.get((child.pk, year)),
            "last": ratings.get((child.pk, year - 1)),
            "may_rate": child.level in RATED_LEVELS and may_rate(user, child.level, places[child.pk]),
            **below.get(child.pk, {}),
        }
        for child in children
    ]
    saved = {line["unit"].pk: line["current"] for line in lines if line["current"]}
    return RatingTable([line["unit"] for line in lines if line["may_rate"]], saved, lines)


def _below(children, user, year, day):
    """{child id: how many villages it has, how many are rated, and rated as what}; nothing for villages."""
    wide = [child for child in children if child.level != Level.VILLAGE]
    if not wide:
        return {}
    found = {child.pk: {"villages": 0, "rated": 0, "numbers": defaultdict(int)} for child in wide}
    lineage = UnitLineage.objects.filter(ancestor__in=found, unit__level=Level.VILLAGE).on(day)
    for pk, number in lineage.order_by().values_list("ancestor").annotate(Count("pk")):
        found[pk]["villages"] = number
    ratings = CellRating.objects.visible_to(user).filter(year=year, level=Level.VILLAGE)
    column = f"{wide[0].level}_id"
    grouped = ratings.filter(**{f"{column}__in": found}).order_by().values_list(column, "rating")
    for pk, rating, number in grouped.annotate(Count("pk")):
        found[pk]["rated"] += number
        found[pk]["numbers"][rating] += number
    for row in found.values():
        row["parts"] = [{"label": rating.label, "number": row["numbers"][rating]} for rating in Rating]
    return found
