"""The statistics of one unit and period as one flat dict: the words of `figures` and of `data-measure`.

What is counted, for commune and district level apart:
- meetings count from the state held; the day held does not matter, the period they were held for does;
- expected are the occurrences of the period that were due before today and are not exempt. Held, on time, late,
  made up, missing and ended incomplete are counted on these same rows, so held + missing + incomplete = expected and
  no rate passes 100 %; a round of several sittings is held on the day it is complete;
- extra are the meetings that did not make an occurrence held, thematic ones among them;
- district figures exist by quarter and year: in a month they are 0, and so are opinions of district tables;
- opinions are those about the place, of every status and visibility.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass

from django.db.models import Count, Q, Sum
from django.db.models.functions import Coalesce

from feedback.enums import GROUP_OF, GROUPS, ReportGroup
from feedback.models import Opinion, OpinionMonth
from feedback.querysets import (
    IS_ANSWERED,
    IS_OPEN,
    WITH_DEADLINE,
    answered_when,
    closed_late_when,
    in_group,
    on_time_extended_when,
    on_time_when,
    open_late_when,
    outcome_counts,
    overdue_when,
    was_late_when,
)
from meetings.models import MeetingMonth, Occurrence
from meetings.querysets import round_words
from reports.frozen import frozen_figures
from reports.reach import reach_of
from units.enums import Level
from visits.models import Commendation, TrainingCourse, TrainingTurn
from visits.reads import visit_figures, visit_figures_by_place
from visits.registers.reads import commendation_figures, training_figures

MEETING_LEVELS = (Level.COMMUNE, Level.DISTRICT)
MEETING_WORDS = ("meetings", "sittings", "thematic", "extra", "attendance", "opinions")
OCCURRENCE_WORDS = (
    *("expected", "exempt", "exempt_late", "occurrences_held", "on_time", "late", "made_up"),
    *("missing", "incomplete"),
)
TIMELY_WORDS = {"on_time": "on_time", "on_time_extended": "on_time_extended", "was_late": "closed_late"}
"""Words of timeliness and the columns of OpinionMonth they begin with; what is open adds to `was_late` day by day."""

OPINION_COLUMNS = ("received", "confirmed", *(status.value for status in GROUP_OF), *TIMELY_WORDS.values())
VISIT_WORDS = (
    *(f"{level}_visits{end}" for level in (Level.PROVINCE, Level.DISTRICT, Level.COMMUNE) for end in ("", "_expected")),
    *("visits_members_due", "visits_members_present"),
)
TRAINING_WORDS = ("training_courses", "training_turns", "training_persons", "commendations")
NOTHING_COUNTED = dict.fromkeys(
    (
        *(f"{level}_{word}" for level in MEETING_LEVELS for word in (*MEETING_WORDS, *OCCURRENCE_WORDS)),
        *(f"opinions_{word}" for word in ("received", *(group.value for group in GROUPS), "confirmed", "overdue")),
        *(f"opinions_{word}" for word in TIMELY_WORDS),
        *VISIT_WORDS,
        *TRAINING_WORDS,
    ),
    0,
)


def figures(unit, period, boundaries, today, user=None):
    """Every word of the contract, 0 when there is nothing; of a closed period as they were frozen."""
    row = frozen_figures(unit, period, boundaries, user)
    if row and row.values.keys() >= NOTHING_COUNTED.keys():
        return frozen_words(row)
    live = live_figures(unit, period, boundaries, today, user)
    return frozen_words(row, live) if row else live


def frozen_words(row, live=NOTHING_COUNTED):
    """What a frozen row holds; words that came after it was frozen as they are counted now."""
    return live | row.values


def live_figures(unit, period, boundaries, today, user=None):
    """The same words counted from the rows of today."""
    return figures_and_months(reach_of(unit, boundaries, today, user), period, today)[0]


def figures_and_months(reach, period, today):
    """The figures, and the rows of `meeting_months` they were made from (for the line through the year)."""
    months = meeting_months(reach, period)
    waiting = Opinion.objects.filter(reach.opinions & opinions_in(period)).unresolved().order_by()
    waits, opinions = waiting.aggregate(**waiting_counts(today)), opinion_figures(reach, period)
    found = {
        **meeting_figures(months, period),
        **occurrence_figures(reach, period, today),
        **opinions,
        "opinions_overdue": waits["overdue"],
        "opinions_was_late": opinions["opinions_was_late"] + waits["was_late"],
        **visit_figures(reach.facts, period, today),
        **training_figures(reach.facts, period),
        **commendation_figures(reach.facts, period),
    }
    return found, months


def tallies_in(period):
    """The monthly tallies of a period; a quarter's meeting of a district is filed under its last month."""
    months = Q(year__gte=period.first.year, year__lte=period.last.year)
    if period.kind in ("month", "quarter"):
        months &= Q(month__gte=period.first.month, month__lte=period.last.month)
    return months & without_district(period)


def opinions_in(period):
    """Opinions whose own period lies inside; those of district tables have a quarter at least.

    The year, which is that of the last day, says nothing more; it lets the rows be found by their branch and year.
    """
    inside = Q(period_first__gte=period.first, period_last__lte=period.last)
    inside &= Q(year__gte=period.first.year, year__lte=period.last.year)
    return inside & ~Q(level=Level.DISTRICT, origin="meeting") if period.kind == "month" else inside


def without_district(period):
    return ~Q(level=Level.DISTRICT) if period.kind == "month" else Q()


def meeting_months(reach, period):
    """The sums of every level and month of the years that the period lies in."""
    rows = MeetingMonth.objects.filter(reach.facts, year__gte=period.first.year, year__lte=period.last.year)
    return list(rows.order_by().values("level", "year", "month").annotate(**summed(MEETING_WORDS)))


def meeting_figures(months, period):
    found = {f"{level}_{word}": 0 for level in MEETING_LEVELS for word in MEETING_WORDS}
    inside = set(period.months())
    for row in months:
        is_counted = row["level"] != Level.DISTRICT or period.kind != "month"
        if (row["year"], row["month"]) in inside and is_counted and row["level"] in MEETING_LEVELS:
            for word in MEETING_WORDS:
                found[f"{row['level']}_{word}"] += row[f"sum_{word}"]
    return found


def summed(columns):
    """{"sum_<column>": Sum} for tallies: an alias may not bear the name of the column it sums."""
    return {f"sum_{column}": Sum(column, default=0) for column in columns}


def occurrence_counts(today):
    """The aggregates of a set of occurrences; all but `exempt` are counted on the expected ones."""
    return {word: Count("pk", filter=condition) for word, condition in round_words(today).items()}


def occurrence_figures(reach, period, today):
    rows = Occurrence.objects.filter(reach.facts & without_district(period)).in_period(period)
    found = {row["level"]: row for row in rows.order_by().values("level").annotate(**occurrence_counts(today))}
    return {
        f"{level}_{word}": found.get(level, {}).get(word, 0) for level in MEETING_LEVELS for word in OCCURRENCE_WORDS
    }


def opinion_figures(reach, period):
    """From the tallies; a month or a village is small enough to be counted from the opinions themselves."""
    if reach.is_village or period.kind == "month":
        counts = Opinion.objects.filter(reach.opinions & opinions_in(period)).order_by().aggregate(**opinion_counts())
    else:
        sums = OpinionMonth.objects.filter(reach.facts & tallies_in(period)).aggregate(**summed(OPINION_COLUMNS))
        counts = grouped(sums) | timely(sums)
    return {f"opinions_{word}": number for word, number in counts.items()}


def opinion_counts():
    """Received, the report's groups, confirmed, and what is known of timeliness once closed; over rows of Opinion."""
    closed = {
        "on_time": Count("pk", filter=on_time_when()),
        "on_time_extended": Count("pk", filter=on_time_extended_when()),
        "was_late": Count("pk", filter=closed_late_when()),
    }
    return outcome_counts() | closed


def waiting_counts(today):
    """What of the open ones is late today, and what is or was; over rows of Opinion that are open."""
    return {
        "overdue": Count("pk", filter=overdue_when(today)),
        "was_late": Count("pk", filter=open_late_when(today)),
    }


def timely(sums):
    """The words of timeliness of what is closed, from the summed columns of OpinionMonth."""
    return {word: sums[f"sum_{column}"] for word, column in TIMELY_WORDS.items()}


def grouped(sums):
    """The same words from the summed columns of OpinionMonth, which has one for each status."""
    groups = {
        group.value: sum(sums[f"sum_{status.value}"] for status in statuses) for group, statuses in GROUPS.items()
    }
    return {"received": sums["sum_received"], **groups, "confirmed": sums["sum_confirmed"]}


def is_open(period, today):
    """May the figures of the period still grow by themselves?"""
    return today <= period.last


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


ENDED = (ReportGroup.SETTLED, ReportGroup.EXPLAINED, ReportGroup.EXCLUDED)


@dataclass(frozen=True)
class Balance:
    """Numbers of opinions. `opening + received = settled + explained + excluded + remaining`, if all is right.

    `answered = on_time + late + undated`, by the first promised day; `on_time_extended` by the last agreed one; undated
    are initiatives and good practices. `overdue` is a part of what remains, judged today. `judged` is what the rates of
    timeliness are taken of: answered, or late at some time.
    """

    opening: int
    received: int
    settled: int
    explained: int
    excluded: int
    remaining: int
    answered: int
    on_time: int
    on_time_extended: int
    late: int
    undated: int
    overdue: int
    judged: int


def balance_of(reach, period, today):
    """Each number counted by a condition of its own, in one query, by what is known today.

    Opened before: of earlier periods, and neither answered nor set aside when the period began (what was opened anew
    counts as open all along; what was set aside without a day, as set aside when it came). Left: open, or answered
    after the period's last day.
    """
    cut, came = min(period.last, today), opinions_in(period)
    before = Q(period_first__lt=period.first) & ~came & (IS_OPEN | Q(settled_on__gte=period.first))
    ended = (before | came) & ~IS_OPEN & (Q(settled_on=None) | Q(settled_on__lte=cut))
    found = (
        Opinion.objects.filter(reach.opinions)
        .order_by()
        .aggregate(
            opening=_count(before),
            received=_count(came),
            remaining=_count((before | came) & (IS_OPEN | Q(settled_on__gt=cut))),
            answered=_count(ended & IS_ANSWERED),
            on_time=_count(ended & on_time_when()),
            on_time_extended=_count(ended & on_time_extended_when()),
            late=_count(ended & answered_when() & ~on_time_when()),
            undated=_count(ended & IS_ANSWERED & ~WITH_DEADLINE),
            overdue=_count((before | came) & overdue_when(today)),
            judged=_count((ended & answered_when()) | ((before | came) & was_late_when(today))),
            **{group.value: _count(ended & in_group(group)) for group in ENDED},
        )
    )
    return Balance(**found)


def _count(condition):
    return Count("pk", filter=condition)
