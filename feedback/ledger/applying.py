"""The whole book or nothing: the plan is made again under lock and written in bulk."""

from datetime import datetime, time, timedelta

from django.db import transaction
from django.utils import timezone

from core.activity import record
from core.errors import Conflict, DomainError
from core.text import fold
from feedback import tallies as opinion_tallies
from feedback.clocks.reads import ClocksOverTime
from feedback.enums import UNRESOLVED, LedgerState, OpinionStatus, Verb
from feedback.ledger.planning import LedgerPlanner, read_world
from feedback.models import LedgerImport, Opinion, OpinionMove
from feedback.rules import TARGET
from intake.submissions import check_answers
from meetings import tallies as meeting_tallies
from meetings.cadence.reads import refresh_occurrences
from meetings.cadence.services import ensure_default_rules, plan_occurrences
from meetings.enums import MeetingKind, MeetingStatus
from meetings.models import CountedAttendance, Meeting, Occurrence
from units.enums import Level
from units.loading import tell_planner
from units.models import Unit

BATCH = 500
WRITTEN = (Meeting, Occurrence, CountedAttendance, Opinion, OpinionMove)
SOURCE = "Nhập từ sổ cũ"
NO_ANSWER = "Sổ cũ không ghi kết quả."
_SKIPPED = (Verb.RETURN, Verb.UNASSIGN, Verb.DISCLAIM, Verb.REOPEN, Verb.UNMERGE)
VERB_TO = {status: verb for verb, status in TARGET.items() if verb not in _SKIPPED}
VERB_TO[OpinionStatus.RECORDED] = Verb.RECORD


def plan_ledger(drafts, unit):
    """What the rows would become; writes nothing."""
    return LedgerPlanner(read_world(unit, drafts), drafts).plan()


def known_import(drafts):
    """The import that wrote this very book, if it was not taken back."""
    return LedgerImport.objects.filter(digest=drafts.digest, state=LedgerState.APPLIED).first()


@transaction.atomic
def apply_ledger(item, drafts, *, actor, today, now, accepted=()):
    """Write the rows of `item`, a locked import. A book that is there already changes nothing: the answer is None.
    `accepted`: the questions of the book that a person has agreed to.

    One line in the activity log; meetings of years that are over come in locked, as those years have been reported.
    """
    if item.digest and item.digest != drafts.digest:
        raise Conflict("Tệp đã khác bản xem trước. Hãy gửi lại tệp để kiểm tra.")
    _lock(item.unit, drafts)
    if known_import(drafts):
        return None
    plan = plan_ledger(drafts, item.unit)
    if plan.faults:
        raise DomainError(f"Tệp còn {len(plan.faults)} lỗi nên chưa ghi gì. Sửa các dòng có lỗi rồi gửi lại.", "file")
    check_answers(plan.questions, accepted)
    item.planned = _expect(plan, today)
    meetings = _write_meetings(item, plan, today, now)
    opinions = _write_opinions(item, meetings, today)
    refresh_occurrences({meeting.occurrence_id for _, meeting in meetings if meeting.occurrence_id})
    recount(opinions, meetings)
    item.digest, item.state, item.applied_at = drafts.digest, LedgerState.APPLIED, now
    item.message = item.path = ""
    item.save(update_fields=["planned", "digest", "state", "applied_at", "message", "path"])
    record(actor.pk, "ledger.import", item, after={"meetings": len(meetings), "opinions": len(opinions)})
    transaction.on_commit(lambda: tell_planner(*WRITTEN))
    return plan


def _lock(unit, drafts):
    """Expected meetings before units, as a saving does; whoever saves there meanwhile waits."""
    world = read_world(unit, drafts)
    ids = [pk for pk, level in world.levels.items() if level in (Level.COMMUNE, Level.DISTRICT)]
    years = {row["held_on"].year for row in drafts.meetings}
    rows = Occurrence.objects.filter(unit__in=ids, year__in=years | {year + 1 for year in years})
    list(rows.select_for_update(of=("self",)).order_by("pk").values_list("pk"))
    meeting_tallies.lock_units(ids)


def _expect(plan, today):
    """Plan the expected meetings of the book's units in its years; the ids of those that were not there before."""
    before = set(_expected(plan).values_list("pk", flat=True))
    provinces = {meeting.place[Level.PROVINCE] for meeting in plan.meetings}
    for province in Unit.objects.filter(pk__in=provinces):
        ensure_default_rules(province)
    for year in plan.years:
        since, until = datetime(year, 1, 1).date(), datetime(year, 12, 31).date()
        units = {meeting.unit_id for meeting in plan.meetings if meeting.last.year == year}
        plan_occurrences(until, today, provinces, since=since, units=units)
    made = sorted(set(_expected(plan).values_list("pk", flat=True)) - before)
    Occurrence.objects.filter(pk__in=made, late_until__lt=today).update(flagged_on=today - timedelta(days=1))
    return made


def _expected(plan):
    return Occurrence.objects.filter(unit__in=plan.unit_ids, year__in=plan.years)


def _write_meetings(item, plan, today, now):
    """[(MeetingPlan, Meeting)] with the counted attendance."""
    expected = {(unit, period): pk for pk, unit, period in _expected(plan).values_list("pk", "unit_id", "period")}
    pairs = [(each, _meeting(item, each, expected, today, now)) for each in plan.meetings]
    Meeting.objects.bulk_create([meeting for _, meeting in pairs], batch_size=BATCH)
    counts = [
        CountedAttendance(meeting=meeting, group=group, number=number)
        for each, meeting in pairs
        for group, number in each.counts
    ]
    CountedAttendance.objects.bulk_create(counts, batch_size=BATCH)
    return pairs


def _meeting(item, each, expected, today, now):
    occurrence = expected.get((each.unit_id, each.period.code)) if each.is_regular else None
    what = each.period.label_inside if each.period else MeetingKind(each.row["kind"]).label.lower()
    title = f"Hội nghị giao ban {what} {each.unit}"[:250]
    is_reported = each.held_on.year < today.year
    return Meeting(
        unit_id=each.unit_id,
        level=each.level,
        occurrence_id=occurrence,
        kind=each.row["kind"],
        form=each.row["form"],
        title=title,
        search_text=fold(title),
        status=MeetingStatus.LOCKED if is_reported else MeetingStatus.HELD,
        held_on=each.held_on,
        place=each.row["place"],
        minutes=each.row["note"],
        logged_at=now,
        locked_on=today if is_reported else None,
        attendance_count=each.attendance,
        sitting_count=each.row["sittings"] or 1,
        opinion_count=len(each.opinions),
        source_key=f"{item.prefix}h{each.line}",
        created_by_id=item.created_by_id,
        **_period_of(each),
        **_columns(each.place),
    )


def _period_of(each):
    return {"period_first": each.first, "period_last": each.last, "year": each.last.year, "month": each.last.month}


def _columns(place):
    return {f"{level}_id": place.get(level) for level in (Level.PROVINCE, Level.DISTRICT, Level.COMMUNE)}


def _write_opinions(item, meetings, today):
    """The opinions with one move each. What is long overdue counts as told: nobody gets a thousand notices."""
    clocks = ClocksOverTime()
    opinions = [
        _opinion(item, each, opinion, number, meeting, clocks)
        for each, meeting in meetings
        for number, opinion in enumerate(each.opinions, 1)
    ]
    told_on = today - timedelta(days=1)
    for opinion in opinions:
        if opinion.is_overdue(told_on):
            opinion.flagged_on = opinion.shown_above_on = told_on
    Opinion.objects.bulk_create(opinions, batch_size=BATCH)
    OpinionMove.objects.bulk_create([_move(opinion) for opinion in opinions], batch_size=BATCH)
    return opinions


def _opinion(item, each, planned, number, meeting, clocks):
    row, day, columns = planned.row, each.held_on, _columns(planned.place)
    is_open = row["status"] in UNRESOLVED
    settled_on = None if is_open else row["settled_on"] or day
    return Opinion(
        meeting=meeting,
        origin_id=meeting.pk,
        unit_id=each.unit_id,
        level=each.level,
        number=number,
        village_id=planned.place.get(Level.VILLAGE),
        kind=row["kind"],
        topic_id=planned.topic_id,
        competence=planned.competence,
        visibility=row["visibility"],
        text=row["text"],
        search_text=fold(row["text"]),
        status=row["status"],
        is_open=is_open,
        holder_id=planned.holder_id,
        raised_on=day,
        received_on=day,
        due_on=clocks.of(columns["province_id"], day).due_on(day, planned.competence, planned.topic_id),
        answer=row["answer"] or ("" if is_open else NO_ANSWER),
        settled_on=settled_on,
        first_settled_on=settled_on,
        source_key=f"{item.prefix}y{planned.line}",
        **_period_of(each),
        **columns,
    )


def _move(opinion):
    at = timezone.make_aware(datetime.combine(opinion.settled_on or opinion.raised_on, time(12)))
    return OpinionMove(
        opinion=opinion,
        verb=VERB_TO[OpinionStatus(opinion.status)],
        after=opinion.status,
        at=at,
        actor_name=SOURCE,
        holder_id=opinion.holder_id,
        due_on=opinion.due_on,
        note=opinion.answer,
    )


def recount(opinions, meetings):
    """The tallies of every unit and year that these rows count in."""
    years = {meeting.year for _, meeting in meetings}
    units = {meeting.unit_id for _, meeting in meetings}
    about = {opinion.commune_id or opinion.district_id or opinion.province_id for opinion in opinions}
    meeting_tallies.recount_units(units, years)
    opinion_tallies.recount_units(about, years)
