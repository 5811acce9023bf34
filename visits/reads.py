"""Figures of visits by the words of the contract, and what became of findings."""

from collections import Counter, defaultdict

from django.db.models import Count, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from core.display import day_text
from feedback.enums import Visibility
from feedback.models import Opinion
from feedback.reads import tone_of
from units.enums import Level
from units.models import Unit
from visits.assignments.reads import dues_of, parts_of
from visits.enums import OPINION_ORIGIN
from visits.models import Assignment, Commendation, CountedVisits, Situation, TrainingTurn, Visit
from visits.querysets import keeps_words_from

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
    opinions = Opinion.objects.filter(origin=OPINION_ORIGIN, origin_id=visit.pk).select_related("master")
    opinions = opinions.order_by("pk")
    readable = {opinion.pk: opinion for opinion in opinions.visible_to(user)}
    return [
        {
            "pk": opinion.pk,
            "url": opinion.get_absolute_url() if opinion.pk in readable else "",
            "word": opinion.get_status_display(),
            "tone": tone_of(opinion.status),
            "text": opinion.text,
            "answer": opinion.answering.answer if opinion.answering else "",
        }
        for opinion in opinions
        if opinion.pk in readable or (is_own and opinion.visibility == Visibility.NORMAL)
    ]


def visited_later(thing, on):
    """("", day) of the visits to a village that count, on a day or later."""
    visits = Visit.objects.counted().filter(village=thing, visited_on__gte=on) if isinstance(thing, Unit) else None
    days = visits.order_by("visited_on").values_list("visited_on", flat=True).distinct()[:10] if visits else ()
    return (("", day) for day in days)


def trained_later(thing, on):
    """(title, first day) of the courses that somebody of a village attended on a day or later."""
    if not isinstance(thing, Unit):
        return ()
    turns = TrainingTurn.objects.filter(village=thing, course__started_on__gte=on).order_by("course__started_on")
    return turns.values_list("course__title", "course__started_on").distinct()[:10]


def commended_later(thing, on):
    """(decision, day) of the commendations in a village decided on a day or later."""
    if not isinstance(thing, Unit):
        return ()
    rows = Commendation.objects.filter(village=thing, decided_on__gte=on).order_by("decided_on", "pk")
    return rows.values_list("decision_number", "decided_on")[:10]


def happened_later(thing, on):
    """("", day) of what happened in a village on a day or later."""
    if not isinstance(thing, Unit):
        return ()
    rows = Situation.objects.filter(village=thing, happened_at__date__gte=on).order_by("happened_at")
    return (("", timezone.localtime(at).date()) for at in rows.values_list("happened_at", flat=True)[:10])


KEPT = "Nội dung hạn chế xem"
WORDS = ("findings", "help_given", "conduct")
"""What was found is what the opinion says; how it was helped and how the meeting was run may repeat it.

The content of the meeting stays: the whole place heard it.
"""


def kept_words(user, visit_ids):
    """{visit id: are its words kept from the user} of the visits whose whole record the user reads; one query."""
    whole = Visit.objects.read_whole_by(user).filter(pk__in=visit_ids)
    return dict(whole.annotate(is_kept=keeps_words_from(user)).order_by().values_list("pk", "is_kept"))


def shown_to(user, visit):
    """(does the user read the whole record, are its words kept): kept ones are replaced on `visit`, never saved."""
    is_kept = kept_words(user, [visit.pk]).get(visit.pk)
    if is_kept:
        for name in WORDS:
            setattr(visit, name, KEPT)
    return is_kept is not None, bool(is_kept)


def visit_origin(visit_id, user):
    """The visit, for those who read its whole record; a village's own account is not led from one to the other."""
    visit = Visit.objects.read_whole_by(user).filter(pk=visit_id).select_related("person").first()
    if visit is None:
        return None
    return {
        "label": f"Lượt đi cơ sở ngày {day_text(visit.visited_on)} của {visit.person.name}",
        "url": visit.get_absolute_url(),
    }
