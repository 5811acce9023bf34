"""Writing the expected meetings, the meetings and what was raised at them.

A meeting of an earlier year is locked, as of the day it is loaded: that year has been reported and is not to be
changed by mistake (its leader may reopen it). A meeting of the current year is held and open to further work.
"""

from datetime import date

from django.db.models import OuterRef, Subquery

from core.text import fold
from feedback.clocks import ClocksOverTime
from feedback.enums import Competence, OpinionStatus, Verb, Visibility
from feedback.models import Opinion, OpinionMove, Topic
from giaoban.scenario.tree import columns_of
from meetings.enums import MeetingStatus
from meetings.models import CountedAttendance, Meeting, Occurrence
from meetings.planning import ensure_default_rules, plan_occurrences
from units.enums import Level
from units.models import Unit

BATCH = 1000
GROUP = "Đại biểu"
SOURCE = "Nạp từ tệp"
ANSWER = "Đã trả lời tại hội nghị."
COMPETENCES = {Level.COMMUNE: Competence.COMMUNE, Level.DISTRICT: Competence.DISTRICT}


def write_meetings(rows, today):
    """Rules and expected meetings of the years that have meetings, then the meetings with their attendance.

    Returns {row: Meeting}. Every meeting of a unit and period belongs to its expected meeting, which was met on the
    day of the first; a period on whose last day the unit was not in force expects none.
    """
    provinces = list(Unit.objects.level(Level.PROVINCE))
    for province in provinces:
        ensure_default_rules(province)
    rows = sorted(rows, key=lambda row: row.held_at)
    if rows:
        years = {row.period.last.year for row in rows}
        until = date(max(years), 12, 31)
        plan_occurrences(until, today, [unit.pk for unit in provinces], since=date(min(years), 1, 1))
    occurrences = {(row.unit_id, row.period): row for row in Occurrence.objects.all()}
    meetings = [_meeting(row, occurrences.get((row.unit.pk, row.period.code)), today) for row in rows]
    Meeting.objects.bulk_create(meetings, batch_size=BATCH)
    CountedAttendance.objects.bulk_create(
        [CountedAttendance(meeting=meeting, group=GROUP, number=meeting.attendance_count) for meeting in meetings],
        batch_size=BATCH,
    )
    _meet()
    return dict(zip(rows, meetings, strict=True))


def _meet():
    """The first day of the meetings of a round makes it held and complete; everybody met at once."""
    first = Meeting.objects.filter(occurrence=OuterRef("pk")).order_by("held_on").values("held_on")[:1]
    Occurrence.objects.update(begun_on=Subquery(first), met_on=Subquery(first))


def _meeting(row, occurrence, today):
    title = row.title or f"Hội nghị giao ban {row.period.label_inside} {row.unit.name}"
    is_reported = row.held_on.year < today.year
    return Meeting(
        unit_id=row.unit.pk,
        level=row.level,
        occurrence=occurrence,
        title=title,
        search_text=fold(title),
        status=MeetingStatus.LOCKED if is_reported else MeetingStatus.HELD,
        held_on=row.held_on,
        started_at=row.held_at.time(),
        logged_at=row.held_at,
        locked_on=today if is_reported else None,
        attendance_count=row.attended,
        opinion_count=len(row.opinions),
        source_key=f"scenario:{row.id}",
        **_period_of(row),
        **columns_of(row.unit, row.held_on),
    )


def _period_of(row):
    first, last = row.period.first, row.period.last
    return {"period_first": first, "period_last": last, "year": last.year, "month": last.month}


def write_opinions(meetings):
    """The opinions of {row: Meeting} with one move each."""
    topic, clocks = Topic.objects.get(code="OTHER"), ClocksOverTime()
    pairs = [
        (row, opinion, _opinion(row, opinion, number, meeting, topic, clocks))
        for row, meeting in meetings.items()
        for number, opinion in enumerate(row.opinions, 1)
    ]
    Opinion.objects.bulk_create([opinion for _, _, opinion in pairs], batch_size=BATCH)
    OpinionMove.objects.bulk_create([_move(row.held_at, opinion) for row, _, opinion in pairs], batch_size=BATCH)


def _opinion(row, opinion, number, meeting, topic, clocks):
    competence, day = COMPETENCES[row.level], row.held_on
    columns = columns_of(opinion.village or row.unit, day)
    answered = {
        "status": OpinionStatus.ANSWERED_ON_SPOT,
        "is_open": False,
        "answer": ANSWER,
        "settled_on": day,
        "first_settled_on": day,
    }
    return Opinion(
        meeting=meeting,
        origin_id=meeting.pk,
        unit_id=row.unit.pk,
        level=row.level,
        number=number,
        village_id=opinion.village.pk if opinion.village else None,
        topic=topic,
        competence=competence,
        visibility=Visibility.RESTRICTED if opinion.is_restricted else Visibility.NORMAL,
        text=opinion.text,
        search_text=fold(opinion.text),
        holder_id=row.unit.pk,
        raised_on=day,
        received_on=day,
        due_on=clocks.of(columns["province_id"], day).due_on(day, competence, topic.pk),
        source_key=f"scenario:{opinion.id}",
        **(answered if opinion.is_answered else {}),
        **_period_of(row),
        **columns,
    )


def _move(held_at, opinion):
    return OpinionMove(
        opinion=opinion,
        verb=Verb.RECORD if opinion.is_open else Verb.ANSWER_ON_SPOT,
        after=opinion.status,
        at=held_at,
        actor_name=SOURCE,
        holder_id=opinion.holder_id,
        due_on=opinion.due_on,
        note=opinion.answer,
    )
