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

from django.db.models import Count, Q, Sum

from feedback.enums import GROUP_OF, GROUPS
from feedback.models import Opinion, OpinionMonth
from feedback.querysets import (
    closed_late_when,
    on_time_extended_when,
    on_time_when,
    open_late_when,
    outcome_counts,
    overdue_when,
)
from meetings.models import MeetingMonth, Occurrence
from meetings.querysets import round_words
from reports.frozen import frozen_figures
from reports.reach import reach_of
from units.enums import Level
from visits.registers.training import commendation_figures, training_figures
from visits.selectors import visit_figures

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
