"""Figures of visits by the words of the contract, and what became of findings."""

from collections import Counter, defaultdict

from django.db.models import Count, Sum
from django.db.models.functions import Coalesce

from feedback.enums import Visibility
from feedback.models import Opinion
from feedback.rows import tone_of
from units.enums import Level
from visits.enums import OPINION_ORIGIN
from visits.models import Assignment, CountedVisits, Visit
from visits.progress import dues_of, parts_of

PLACE = ("province_id", "district_id", "commune_id")
LEVELS = (Level.PROVINCE, Level.DISTRICT, Level.COMMUNE)


def visit_figures(place_filter, period, today=None):
    """The keys `<level>_visits`, `<level>_visits_expected`, `visits_members_due`, `visits_members_present`.

    `place_filter` is a Q over province/district/commune columns. Single visits count by their day (withdrawn ones
    do not), counted entries when their whole span lies inside the period. Expected: the turns that norms ask of
    assigned cadres in the months and quarters inside the period (with `today`: in those that have ended), exempt
    ones left out, each filed under one assignment, so that the parts of a branch add up to the whole.
    """
    figures = {f"{level}_visits": 0 for level in LEVELS} | {f"{level}_visits_expected": 0 for level in LEVELS}
    figures |= {"visits_members_due": 0, "visits_members_present": 0}
    for level, visits, due, present in _single(place_filter, period).union(_counted(place_filter, period), all=True):
        figures[f"{level}_visits"] += visits
        figures["visits_members_due"] += due
        figures["visits_members_present"] += present
    assignments = Assignment.objects.filter(place_filter).overlapping(period)
    for due in dues_of(assignments, parts_of(period, today)):
        figures[f"{due.level}_visits_expected"] += 0 if due.is_exempt else due.times
    return figures


def visit_figures_by_place(place_filter, period, today=None):
    """The same words for each (province, district, commune) that has any."""
    found = defaultdict(Counter)
    counted = _single(place_filter, period, *PLACE).union(_counted(place_filter, period, *PLACE), all=True)
    for level, *place, visits, due, present in counted:
        words = {f"{level}_visits": visits, "visits_members_due": due, "visits_members_present": present}
        found[tuple(place)].update(words)
    dues = dues_of(Assignment.objects.filter(place_filter).overlapping(period), parts_of(period, today))
    rows = Assignment.objects.filter(pk__in={due.duty_pk for due in dues}).order_by()
    places = {pk: tuple(place) for pk, *place in rows.values_list("pk", *PLACE)}
    for due in dues:
        found[places[due.duty_pk]][f"{due.level}_visits_expected"] += 0 if due.is_exempt else due.times
    return found


def _single(place_filter, period, *keys):
    rows = Visit.objects.counted().in_period(period).filter(place_filter).order_by().values_list("level", *keys)
    return rows.annotate(
        n=Count("pk"), due=Coalesce(Sum("members_due"), 0), present=Coalesce(Sum("members_present"), 0)
    )


def _counted(place_filter, period, *keys):
    rows = CountedVisits.objects.filter(place_filter, first_on__gte=period.first, last_on__lte=period.last)
    return (
        rows.order_by()
        .values_list("level", *keys)
        .annotate(n=Sum("visits"), due=Sum("members_due"), present=Sum("members_present"))
    )


def opinions_of(visit, user):
    """What became of the findings of a visit the user sees: what the user may read as an opinion anyway.

    The cadre who brought a matter up learns its state and answer here, though the desk is not theirs; of a restricted
    one nothing.
    """
    is_own = visit.person_id == user.person_id
    opinions = Opinion.objects.filter(origin=OPINION_ORIGIN, origin_id=visit.pk).order_by("pk")
    readable = {opinion.pk: opinion for opinion in opinions.visible_to(user)}
    return [
        {
            "pk": opinion.pk,
            "url": opinion.get_absolute_url() if opinion.pk in readable else "",
            "word": opinion.get_status_display(),
            "tone": tone_of(opinion.status),
            "text": opinion.text,
            "answer": opinion.answer,
        }
        for opinion in opinions
        if opinion.pk in readable or (is_own and opinion.visibility == Visibility.NORMAL)
    ]
