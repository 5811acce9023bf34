"""Answers to read out at a meeting: those given to its villages since last time, then what is still unconfirmed."""

from datetime import timedelta

from django.db.models import Exists, Max, OuterRef, Q

from feedback.access import may_confirm, works_at
from feedback.enums import OpinionStatus, Satisfaction, Visibility
from feedback.models import Opinion, ReadBack
from feedback.querysets import HAS_ANSWER
from feedback.reads import tone_of, word_of
from meetings.enums import MeetingStatus
from meetings.models import Meeting
from units.enums import Level
from units.reads import with_origins

KEPT = timedelta(days=366)
MOST = 200
SATISFACTION_TONES = {Satisfaction.SATISFIED: "done", Satisfaction.PARTLY: "soon", Satisfaction.NOT: "late"}


def answers_to_read(meeting):
    """Opinions about this unit's villages, or raised at its table, whose answer the room has not yet confirmed.

    Answers of the last twelve months up to the day of the meeting; those given on the spot have been heard. What was
    read at this very meeting stays. A matter that was merged into another is here with the answer to that one. Never
    restricted ones: these are answered in private.
    """
    units = with_origins([meeting.unit_id])
    about = Q(unit_id__in=units)
    if meeting.level == Level.COMMUNE:
        about |= Q(commune_id__in=units)
    day = _day_of(meeting)
    waiting = Q(satisfaction="", answered_on__gte=day - KEPT)
    waiting &= ~Q(status=OpinionStatus.ANSWERED_ON_SPOT)
    if meeting.is_held:
        waiting &= Q(answered_on__lte=meeting.held_on)
    read_here = Exists(ReadBack.objects.filter(meeting=meeting, opinion=OuterRef("pk")))
    found = Opinion.objects.filter(about).exclude(visibility=Visibility.RESTRICTED).with_answer_day()
    return found.filter(HAS_ANSWER & waiting | read_here).order_by("village__sort_key", "-answered_on", "pk")


def last_time(meeting):
    """The day of the unit's meeting before this one, or None."""
    others = Meeting.objects.held().filter(unit_id__in=with_origins([meeting.unit_id])).exclude(pk=meeting.pk)
    return others.filter(held_on__lt=_day_of(meeting)).aggregate(day=Max("held_on"))["day"]


def _day_of(meeting):
    return meeting.held_on or meeting.planned_on or meeting.period_last


def may_read_back(actor, meeting):
    """The keepers of the meeting, until it is locked."""
    closed = (MeetingStatus.LOCKED, MeetingStatus.CANCELLED)
    return meeting.status not in closed and works_at(actor, meeting.unit_id)


def read_back_rows(meeting, user, opinion_id=None):
    """Rows of the page, as the user sees them; `opinion_id`: of that one alone."""
    opinions = answers_to_read(meeting).visible_to(user).select_related("village", "commune", "master")
    if opinion_id is not None:
        opinions = opinions.filter(pk=opinion_id)
    said = {read.opinion_id: read for read in ReadBack.objects.filter(meeting=meeting)}
    since, may_read = last_time(meeting), may_read_back(user, meeting)
    return [_row(opinion, said.get(opinion.pk), since, user, may_read) for opinion in opinions[:MOST]]


def _row(opinion, read, since, user, may_read):
    satisfaction, answering = read.satisfaction if read else "", opinion.answering or opinion
    return {
        "opinion": opinion,
        "answer": answering.answer,
        "answered_on": answering.settled_on,
        "place": _place(opinion),
        "place_key": opinion.village.key if opinion.village else "",
        "is_older": bool(since and answering.settled_on and answering.settled_on < since and not read),
        "is_read": read is not None,
        "satisfaction": satisfaction,
        "said": Satisfaction(satisfaction).label if satisfaction else "",
        "said_tone": SATISFACTION_TONES.get(satisfaction, "neutral"),
        "note": read.note if read else "",
        "word": word_of(answering.status),
        "tone": tone_of(answering.status),
        "may_say": may_read and may_confirm(user, opinion),
        "is_refused": satisfaction == Satisfaction.NOT,
        "choices": [(word, label, word == satisfaction) for word, label in CHOICES],
    }


CHOICES = (
    (Satisfaction.SATISFIED.value, "Hài lòng"),
    (Satisfaction.PARTLY.value, "Một phần"),
)
"""What one tap says; "chưa hài lòng" asks why."""


def _place(opinion):
    if opinion.village:
        return f"{opinion.village.name}, {opinion.commune.name}" if opinion.level != "commune" else opinion.village.name
    return opinion.commune.name if opinion.commune else "Chung cả đơn vị"


def by_place(rows):
    """[{"place", "key", "rows"}] in the order of the rows."""
    groups = {}
    for row in rows:
        groups.setdefault((row["place"], row["place_key"]), []).append(row)
    return [{"place": place, "key": key, "rows": found} for (place, key), found in groups.items()]


def progress_of(rows):
    """How many of the answers were read out, and how many there are."""
    return {"read": sum(row["is_read"] for row in rows), "all": len(rows)}


def unheard_answers(user, today):
    """For a village's own account: answers it has not said anything of, newest first."""
    villages = user.scope.village_ids()
    answered = Opinion.objects.visible_to(user).filter(village_id__in=villages, satisfaction="").answered()
    answered = answered.exclude(status=OpinionStatus.ANSWERED_ON_SPOT).filter(answered_on__gte=today - KEPT)
    return answered.select_related("village", "master").order_by("-answered_on", "-pk")
