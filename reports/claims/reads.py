"""The number of a claim, counted today, and the years that the system knows anything of."""

from dataclasses import dataclass
from functools import partial

from django.db.models import Q

from core.display import group_digits
from core.periods import Period
from feedback.models import OpinionMonth
from meetings.models import MeetingMonth
from reports.claims.rules import holds, value_from
from reports.enums import Comparison
from reports.figures import figures
from reports.measures import CLAIMABLE, SUMS, value_of
from reports.reach import reach_of
from visits.models import Commendation, CountedVisits, TrainingCourse, Visit


@dataclass(frozen=True)
class Count:
    part: int
    whole: int | None

    @property
    def value(self):
        return value_from(self.part, self.whole)


def count_in(found, claim):
    """Part and whole of a claim (or a draft of one) in the figures of its unit and period."""
    if not claim.over:
        return Count(value_of(found, claim.measure), None)
    excluded = value_of(found, claim.less) if claim.less else 0
    return Count(value_of(found, claim.measure), value_of(found, claim.over) - excluded)


def count_of(claim, today, user=None):
    return count_in(figures(claim.unit, Period.parse(claim.period), claim.boundaries, today, user), claim)


def claim_holds(claim, count, unknown):
    """`unknown`: years of the period without figures."""
    return holds(claim.comparison, claim.stated, count.part, count.whole, not unknown)


def unknown_years(claim, today):
    return known_years(claim.unit, Period.parse(claim.period), claim.boundaries, today, claim.measure)[1]


def known_years(unit, period, boundaries, today, word):
    """(years of the period with facts of the kind that `word` counts, years without), as lists of numbers."""
    facts = reach_of(unit, boundaries, today).facts
    found = set(_years_of(word)(facts, period))
    years = range(period.first.year, min(period.last.year, today.year) + 1)
    return [year for year in years if year in found], [year for year in years if year not in found]


def _years_of(word):
    if "visits" in word:
        return _visit_years
    if word.startswith("training_"):
        return partial(_register_years, TrainingCourse, "ended_on")
    return partial(_register_years, Commendation, "decided_on") if word == "commendations" else _meeting_years


def _register_years(model, field, facts, period):
    days = model.objects.filter(facts).in_period(period).order_by().dates(field, "year")
    return {day.year for day in days}


def _meeting_years(facts, period):
    inside = Q(year__gte=period.first.year, year__lte=period.last.year)
    held = MeetingMonth.objects.filter(facts & inside).order_by().values_list("year")
    return {year for (year,) in held.union(OpinionMonth.objects.filter(facts & inside).order_by().values_list("year"))}


def _visit_years(facts, period):
    days = Visit.objects.counted().in_period(period).filter(facts).dates("visited_on", "year")
    spans = CountedVisits.objects.filter(facts, first_on__gte=period.first, last_on__lte=period.last)
    counted = {
        year
        for first, last in spans.values_list("first_on", "last_on").distinct()
        for year in range(first.year, last.year + 1)
    }
    return {day.year for day in days} | counted


def years_text(years):
    """[2015, 2016, 2018] -> '2015–2016, 2018'."""
    spans = []
    for year in years:
        if spans and spans[-1][1] == year - 1:
            spans[-1][1] = year
        else:
            spans.append([year, year])
    return ", ".join(f"{first}" if first == last else f"{first}–{last}" for first, last in spans)


HOLDS, GONE = ("Số liệu đỡ câu này", "done"), ("Đã bỏ ghim", "neutral")
PARTLY = ("Chưa đủ dữ liệu", "soon")
BROKEN, NEVER = ("Số liệu không còn đỡ câu này", "late"), ("Số liệu chưa đỡ câu này", "soon")


def claim_row(claim):
    word, tone = verdict_of(claim)
    return {
        "pk": claim.pk,
        "url": claim.get_absolute_url(),
        "words": claim.words,
        "source": claim.source,
        "unit": claim.unit.name,
        "period": Period.parse(claim.period).label,
        "said": said_of(claim),
        "pinned": number_text(claim.pinned_part, claim.pinned_whole),
        "pinned_on": claim.pinned_on,
        "checked": number_text(claim.checked_part, claim.checked_whole),
        "checked_on": claim.checked_on,
        "verdict": word,
        "tone": tone,
    }


def verdict_of(claim):
    if claim.withdrawn_on:
        return GONE
    if claim.is_supported:
        return HOLDS
    if not claim.is_complete:
        return PARTLY
    return BROKEN if was_borne_out(claim) else NEVER


def was_borne_out(claim):
    """By the numbers of the day it was pinned."""
    return holds(claim.comparison, claim.stated, claim.pinned_part, claim.pinned_whole, claim.is_complete)


def said_of(claim):
    """'hơn 12.200 hội nghị', 'đúng bằng 98%'."""
    how = Comparison(claim.comparison).label.split(",")[0]
    unit = "%" if claim.over else f" {CLAIMABLE[claim.measure].unit}" if claim.measure in CLAIMABLE else ""
    return f"{how} {group_digits(claim.stated)}{unit}"


def number_text(part, whole):
    """'1.716', or '98,10% (7.954/9.164)'; a share of nothing says so."""
    if whole is None:
        return group_digits(part)
    share = value_from(part, whole)
    rate = f"{group_digits(round(share, 2))}%" if share is not None else "không có mẫu số"
    return f"{rate} ({group_digits(part)}/{group_digits(whole)})"


def parts_of(claim, links):
    """[(role, measure, address of its list)] of the words a claim is made of; a sum of words part by part."""
    roles = (
        ("Tử số" if claim.over else "Số đo", claim.measure),
        ("Mẫu số", claim.over),
        ("Trừ đi ở mẫu số", claim.less),
    )
    parts = [(role, part) for role, word in roles for part in SUMS.get(word, (word,)) if part in CLAIMABLE]
    return [(role, CLAIMABLE[part], links.get(part, "")) for role, part in parts]
