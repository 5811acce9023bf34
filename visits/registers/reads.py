"""Initiatives behind commendations: only what the user may read of them."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Q, Sum
from django.db.models.functions import Coalesce, ExtractYear

from core.text import place_sort_key
from feedback.enums import Visibility
from feedback.models import Initiative, Opinion
from people.enums import title_at
from people.models import Post
from units.enums import Level
from units.models import Unit, UnitLineage
from units.reads import places_on
from visits.models import Commendation, TrainingCourse, TrainingTurn
from visits.openings import kept_units
from visits.situations.reads import place_words


def readable_initiatives(user):
    """Initiatives of opinions the user sees; never restricted ones, nor those whose speaker is not to be named."""
    opinions = Opinion.objects.visible_to(user).exclude(visibility=Visibility.RESTRICTED).exclude(hides_speaker=True)
    return Initiative.objects.filter(opinion__in=opinions.values("pk"))


MOST_INITIATIVES = 100
RETIRED_DAYS = 366
"""Whoever left the post not longer ago than this may still be chosen."""


def course_units(user, today):
    """Choices of the units that hold courses: those the user keeps, the wide ones first."""
    units = Unit.objects.filter(pk__in=kept_units(user)).exclude(level=Level.VILLAGE).on(today)
    return list(units.order_by("code", "pk").values_list("pk", "name"))


def communes_below(unit, day):
    """The communes of a unit's branch on a day, by name; none where the unit is a commune itself."""
    if unit.level == Level.COMMUNE:
        return []
    return Unit.objects.filter(level=Level.COMMUNE).under(unit, day).order_by("sort_key", "pk")


def kept_communes(user, today):
    """The communes of the branches whose registers the user keeps."""
    below = UnitLineage.objects.filter(ancestor_id__in=kept_units(user)).on(today)
    return Unit.objects.filter(level=Level.COMMUNE, pk__in=below.values("unit_id")).on(today).order_by("sort_key", "pk")


def recipients(user, unit, today):
    """(choices of posts, choices of villages) of a commune, or of a higher unit's own posts."""
    places = Unit.objects.under(unit, today) if unit.level == Level.COMMUNE else Unit.objects.filter(pk=unit.pk)
    lasting = Q(valid_to__isnull=True) | Q(valid_to__gt=today - timedelta(days=RETIRED_DAYS))
    posts = Post.objects.visible_to(user).filter(lasting, unit__in=places.values("pk"), valid_from__lte=today)
    ordered = posts.select_related("person", "unit").order_by("unit__level", "unit__sort_key", "person__sort_key", "pk")
    villages = places.filter(level=Level.VILLAGE).on(today).order_by("sort_key", "pk")
    labels = [(pk, place_words(name, unit.name)) for pk, name in villages.values_list("pk", "name")]
    return [(post.pk, recipient_label(post, unit.name)) for post in ordered], labels


def recipient_label(post, commune):
    """'Châu Xuân Cường, Bí thư chi bộ Khu 1, Phường Hà Khánh'."""
    return f"{post.person.name}, {title_at(post.label, place_words(post.unit.name, commune))}"


def initiatives_offered(user, unit):
    """The newest initiatives of the unit's branch that the user may read."""
    rows = readable_initiatives(user).filter(**{f"opinion__{unit.level}_id": unit.pk})
    return rows.select_related("opinion").order_by("-pk")[:MOST_INITIATIVES]


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
    ordered = posts.select_related("person", "unit").order_by("unit__sort_key", "unit_id", "person__sort_key", "pk")
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
    return sorted(rows, key=lambda row: place_sort_key(row["place"]))


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
