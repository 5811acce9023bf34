"""The words of `figures` of every unit of a branch at once, as the units were: one query for each kind of fact."""

from collections import Counter, defaultdict

from django.db.models import Count, Sum
from django.db.models.functions import Coalesce

from feedback.models import Opinion, OpinionMonth
from meetings.models import MeetingMonth, Occurrence
from reports.figures import (
    MEETING_LEVELS,
    MEETING_WORDS,
    NOTHING_COUNTED,
    OPINION_COLUMNS,
    grouped,
    occurrence_counts,
    opinion_counts,
    opinions_in,
    summed,
    tallies_in,
    timely,
    waiting_counts,
    without_district,
)
from visits.models import Commendation, TrainingCourse, TrainingTurn
from visits.selectors import visit_figures_by_place

PLACE = ("province_id", "district_id", "commune_id")


def figures_by_unit(facts, period, today):
    """{unit id: every word}; `facts`: a condition over the branch columns. Units without any fact are not there."""
    found = defaultdict(Counter)
    for place, words in _counted(facts, period, today):
        for unit_id in filter(None, place):
            found[unit_id].update(words)
    for unit_id, number in _trained_persons(facts, period):
        found[unit_id]["training_persons"] = number
    return {unit_id: NOTHING_COUNTED | dict(words) for unit_id, words in found.items()}


def _counted(facts, period, today):
    """((province, district, commune), words) of everything that counts."""
    tallies = MeetingMonth.objects.filter(facts & tallies_in(period), level__in=MEETING_LEVELS)
    for row in _by_place(tallies, "level", **summed(MEETING_WORDS)):
        yield _place(row), {f"{row['level']}_{word}": row[f"sum_{word}"] for word in MEETING_WORDS}
    due = Occurrence.objects.filter(facts & without_district(period), level__in=MEETING_LEVELS).in_period(period)
    counts = occurrence_counts(today)
    for row in _by_place(due, "level", **counts):
        yield _place(row), {f"{row['level']}_{word}": row[word] for word in counts}
    for row, words in _opinions(facts, period):
        yield _place(row), {f"opinions_{word}": number for word, number in words.items()}
    waiting, waits = Opinion.objects.filter(facts & opinions_in(period)).unresolved(), waiting_counts(today)
    for row in _by_place(waiting, **waits):
        yield _place(row), {f"opinions_{word}": row[word] for word in waits}
    yield from visit_figures_by_place(facts, period, today).items()
    yield from _registered(facts, period)


def _opinions(facts, period):
    """As for one unit: a month from the opinions themselves, longer periods from their tallies."""
    if period.kind == "month":
        counts = opinion_counts()
        rows = _by_place(Opinion.objects.filter(facts & opinions_in(period)), **counts)
        return [(row, {word: row[word] for word in counts}) for row in rows]
    rows = _by_place(OpinionMonth.objects.filter(facts & tallies_in(period)), **summed(OPINION_COLUMNS))
    return [(row, grouped(row) | timely(row)) for row in rows]


def _registered(facts, period):
    """Courses, their turns and commendations."""
    courses = TrainingCourse.objects.filter(facts).in_period(period)
    for row in _by_place(courses, number=Count("pk"), counted=Coalesce(Sum("counted_turns"), 0)):
        yield _place(row), {"training_courses": row["number"], "training_turns": row["counted"]}
    turns = _turns(courses).values_list(*(f"course__{name}" for name in PLACE))
    for *place, number in turns.annotate(number=Count("pk")):
        yield tuple(place), {"training_turns": number}
    for row in _by_place(Commendation.objects.filter(facts).in_period(period), number=Count("pk")):
        yield _place(row), {"commendations": row["number"]}


def _trained_persons(facts, period):
    """(unit, distinct persons): who was trained in two communes is one person of their district."""
    turns = _turns(TrainingCourse.objects.filter(facts).in_period(period))
    for name in PLACE:
        named = turns.filter(**{f"course__{name}__isnull": False}).values_list(f"course__{name}")
        yield from named.annotate(number=Count("person", distinct=True))


def _turns(courses):
    return TrainingTurn.objects.filter(course__in=courses.order_by().values("pk")).order_by()


def _by_place(rows, *keys, **counts):
    return rows.order_by().values(*PLACE, *keys).annotate(**counts)


def _place(row):
    return tuple(row[name] for name in PLACE)
