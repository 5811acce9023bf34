"""Training turns and distinct persons: of the statistics, of a list, of a course, by year and unit (reads only)."""

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Count, Q, Sum
from django.db.models.functions import Coalesce, ExtractYear

from core.text import collation_key
from people.models import Post
from units.enums import Level
from units.models import Unit
from units.selectors import places_on
from visits.models import Commendation, TrainingCourse, TrainingTurn


def training_figures(place_filter, period):
    """The keys `training_courses`, `training_turns`, `training_persons`; two queries.

    `place_filter` is a Q over province/district/commune columns, those of the unit that held the course. A course
    counts in the period of its last day. Turns are named turns plus the counted ones of courses without a list;
    persons are the distinct named ones, so a person at two courses is two turns and one person.
    """
    return turns_of(TrainingCourse.objects.filter(place_filter).in_period(period))


def commendation_figures(place_filter, period):
    """The key `commendations`, by the day of the decision and the place of whoever was commended; one query."""
    return {"commendations": Commendation.objects.filter(place_filter).in_period(period).count()}


def turns_of(courses):
    """The three keys over a queryset of courses."""
    courses = courses.order_by()
    found = courses.aggregate(n=Count("pk"), counted=Coalesce(Sum("counted_turns"), 0))
    named = TrainingTurn.objects.filter(course__in=courses.values("pk"))
    turns = named.aggregate(n=Count("pk"), persons=Count("person", distinct=True))
    return {
        "training_courses": found["n"],
        "training_turns": found["counted"] + turns["n"],
        "training_persons": turns["persons"],
    }


@dataclass
class YearOfUnit:
    """One unit's courses of one year. `counted` of the turns have no names."""

    year: int
    name: str
    courses: int = 0
    turns: int = 0
    counted: int = 0
    persons: int = 0


def training_by_year(courses):
    """[YearOfUnit] by year (newest first) and unit, each year followed by its sum; four queries.

    Persons of a sum are distinct over its units, so it may be less than what the lines add up to.
    """
    courses = courses.order_by().annotate(year=ExtractYear("ended_on"))
    rows, sums = {}, {}
    for unit_id, name, year, number, counted in courses.values_list("unit_id", "unit__name", "year").annotate(
        n=Count("pk"), counted=Coalesce(Sum("counted_turns"), 0)
    ):
        rows[year, unit_id] = YearOfUnit(year, name, number, counted, counted)
        total = sums.setdefault(year, YearOfUnit(year, ""))
        total.courses, total.turns, total.counted = (
            total.courses + number,
            total.turns + counted,
            total.counted + counted,
        )
    _add_named(rows, sums, courses)
    ordered = []
    for year in sorted(sums, reverse=True):
        lines = [row for (of_year, _), row in rows.items() if of_year == year]
        ordered += [*sorted(lines, key=lambda row: row.name), sums[year]]
    return ordered


def _add_named(rows, sums, courses):
    turns = TrainingTurn.objects.filter(course__in=courses.values("pk")).order_by()
    turns = turns.annotate(year=ExtractYear("course__ended_on"))
    numbers = {"n": Count("pk"), "persons": Count("person", distinct=True)}
    for year, unit_id, number, persons in turns.values_list("year", "course__unit_id").annotate(**numbers):
        rows[year, unit_id].turns += number
        rows[year, unit_id].persons = persons
    for year, number, persons in turns.values_list("year").annotate(**numbers):
        sums[year].turns += number
        sums[year].persons = persons


def persons_to_add(course, user, filters):
    """Posts of villages below the course's unit on its first day, of people who are not in it yet, as the user may
    see them; `filters`: commune (a unit), position, words.
    """
    posts = Post.objects.visible_to(user).on(course.started_on).filter(unit__level=Level.VILLAGE)
    posts = posts.under(filters["commune"] or course.unit, course.started_on).matching(filters["words"])
    if filters["position"]:
        posts = posts.filter(position=filters["position"])
    return posts.exclude(person__in=course.turns.values("person_id"))


def people_rows(course, posts, limit):
    """[{"post_id", "name", "duties", "place"}], one row a person by village and name; no more than `limit`."""
    ordered = posts.select_related("person", "unit").order_by("unit__name", "unit_id", "person__sort_key", "pk")
    found = list(ordered[: limit * 2])
    place_of, rows = _places(course, (post.unit for post in found)), {}
    for post in found:
        row = rows.setdefault(post.person_id, {"post_id": post.pk, "name": post.person.name, "duties": []})
        row.setdefault("place", place_of[post.unit_id])
        row["duties"].append(post.label)
    return [row | {"duties": ", ".join(row["duties"])} for row in list(rows.values())[:limit]]


def participants(course):
    """Rows of the course page and of its printed list, by place and name; three queries."""
    turns = list(course.turns.select_related("person", "post", "village").order_by("person__sort_key", "pk"))
    place_of = _places(course, (turn.village for turn in turns if turn.village))
    rows = [
        {
            "pk": turn.pk,
            "name": turn.person.name,
            "duty": turn.post.label if turn.post else "",
            "place": place_of.get(turn.village_id, ""),
        }
        for turn in turns
    ]
    return sorted(rows, key=lambda row: collation_key(row["place"]))


def _places(course, villages):
    """{village id: "Xã Đồng Tâm, Thôn 1"}; the name of the village alone where a commune held the course."""
    names = {village.pk: village.name for village in villages}
    if course.level == Level.COMMUNE or not names:
        return names
    communes = {pk: place.commune_id for pk, place in places_on(names, course.started_on).items()}
    commune_names = dict(Unit.objects.filter(pk__in=set(communes.values())).values_list("pk", "name"))
    return {pk: ", ".join(filter(None, (commune_names.get(communes.get(pk)), name))) for pk, name in names.items()}


def course_turns(ids):
    """{course id: named turns} of some courses, in one query."""
    found = defaultdict(int)
    rows = TrainingTurn.objects.filter(course__in=ids).order_by().values_list("course_id")
    found.update(rows.annotate(n=Count("pk")))
    return found


def repeated_persons(course, courses):
    """How many of the course's participants were also at another of `courses`."""
    others = TrainingTurn.objects.filter(~Q(course=course), course__in=courses.order_by().values("pk"))
    return course.turns.filter(person__in=others.values("person_id")).count()
