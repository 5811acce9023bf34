"""The states of a meeting: one map (rules.MOVES), one way through it, one verb per move."""

from datetime import timedelta

from django.db import transaction

from core.activity import record
from core.display import day_text
from core.errors import DomainError, NotAllowed
from core.jobs import create_job
from core.periods import Period
from core.text import clean_text, fold
from journal.services import notify_many
from meetings.access import may_credit, may_lock, may_log, may_plan, may_reopen
from meetings.cadence.reads import last_day, refresh_occurrence
from meetings.closed import check_open
from meetings.enums import CADENCE_KINDS, HELD_STATES, MeetingStatus
from meetings.models import Meeting, Occurrence
from meetings.rules import check_concluded_on, check_move, needs_timing_reason, satisfies_cadence
from meetings.services.attendance import refresh, roster_on
from meetings.services.scheduling import default_title, lock, set_period
from people.models import User

CALLED_OFF = "meetings.called_off"
"""The job that writes to those who were invited by letter (`invitations.send_called_off`)."""

PAPERWORK = (MeetingStatus.MINUTED, MeetingStatus.LOCKED)
"""Steps of a held meeting that change no figure."""


def move_to(meeting, status, reason=""):
    """Set a status the map allows. The caller holds the lock and saves."""
    check_move(meeting.status, status, reason)
    meeting.status = status


def finish_minutes(meeting_id, *, actor, version, today):
    """The minutes are written and read."""
    return _act(meeting_id, MeetingStatus.MINUTED, actor, may_log, version, "meeting.minute", minuted_on=today)


def lock_meeting(meeting_id, *, actor, version, today):
    """Close the record: no edit afterwards without reopening."""
    return _act(meeting_id, MeetingStatus.LOCKED, actor, may_lock, version, "meeting.lock", locked_on=today)


def reopen_meeting(meeting_id, *, actor, version, reason):
    return _act(
        meeting_id, MeetingStatus.HELD, actor, may_reopen, version, "meeting.reopen", reason=reason, locked_on=None
    )


def postpone_meeting(meeting_id, *, actor, version, reason):
    return _act(meeting_id, MeetingStatus.POSTPONED, actor, may_plan, version, "meeting.postpone", reason=reason)


@transaction.atomic
def cancel_meeting(meeting_id, *, actor, version, reason):
    """Take a meeting out of every count; the row and its history stay. Of a planned one, those invited are told."""
    was_held = Meeting.objects.filter(pk=meeting_id).held().exists()
    meeting = _act(meeting_id, MeetingStatus.CANCELLED, actor, may_plan, version, "meeting.cancel", reason=reason)
    if not was_held:
        tell_called_off(meeting, actor)
    return meeting


def call_off(occurrence_ids, *, actor, reason):
    """Cancel what is on the calendar for excused periods and tell those invited. The caller holds the occurrences."""
    waiting = (MeetingStatus.PLANNED, MeetingStatus.POSTPONED)
    rows = Meeting.objects.select_for_update(of=("self",)).select_related("unit")
    for meeting in rows.filter(occurrence__in=occurrence_ids, status__in=waiting, kind__in=CADENCE_KINDS).order_by(
        "pk"
    ):
        before = meeting.status
        move_to(meeting, MeetingStatus.CANCELLED, reason)
        meeting.reason = reason[:500]
        meeting.version += 1
        meeting.save()
        record(actor.pk, "meeting.cancel", meeting, {"status": before}, {"status": meeting.status, "reason": reason})
        tell_called_off(meeting, actor)


def tell_called_off(meeting, actor):
    """One notice an account of those called to a planned meeting, and a letter to whoever was invited by one."""
    people = [seat.person_id for seat in roster_on(meeting.unit, meeting.planned_on) if seat.person_id]
    users = User.objects.active().filter(person__in=people).values_list("pk", flat=True)
    when = f" ngày {day_text(meeting.planned_on)}" if meeting.planned_on else ""
    text = f"Không họp: {meeting.title}{when}. Lý do: {meeting.reason}"
    key = f"meeting-called-off:{meeting.pk}:{meeting.version}"
    notify_many((pk, key, text, meeting.get_absolute_url()) for pk in users)
    if meeting.invitation_mails.filter(sent_at__isnull=False, called_off_at=None).exists():
        title = f"Báo không họp – {meeting.title}"
        create_job(kind=CALLED_OFF, title=title, params={"meeting_id": meeting.pk}, owner_id=actor.pk)


@transaction.atomic
def _act(meeting_id, status, actor, may, version, verb, reason="", **columns):
    meeting = lock(meeting_id, actor=actor, may=may, version=version, counts=status not in PAPERWORK)
    before = meeting.status
    move_to(meeting, status, reason)
    for name, value in columns.items():
        setattr(meeting, name, value)
    meeting.reason = reason
    meeting.version += 1
    meeting.save()
    if status not in PAPERWORK:
        refresh(meeting)
    record(actor.pk, verb, meeting, {"status": before}, {"status": status, "reason": reason})
    return meeting


@transaction.atomic
def issue_conclusion(meeting_id, *, actor, on, version=None, today=None):
    """The thông báo kết luận of a held meeting was issued `on` a day; None takes it back. A locked meeting may too."""
    meeting = lock(meeting_id, actor=actor, may=may_log, version=version, counts=False)
    if not meeting.is_held:
        raise DomainError("Chỉ ra thông báo kết luận cho hội nghị đã họp. Ghi hội nghị trước.")
    if on is not None:
        check_concluded_on(on, meeting.held_on, today)
    if meeting.conclusion_on == on:
        return meeting
    before, meeting.conclusion_on = meeting.conclusion_on, on
    meeting.version += 1
    meeting.save(update_fields=["conclusion_on", "version"])
    record(actor.pk, "meeting.conclude", meeting, {"conclusion_on": str(before)}, {"conclusion_on": str(on)})
    return meeting


MOST_LETTERS = 20_000


@transaction.atomic
def write_agenda(meeting_id, text, *, actor, version):
    """Replace the agenda's text; what stood there is kept in the log."""
    meeting = lock(meeting_id, actor=actor, may=may_plan, version=version)
    if meeting.is_locked or meeting.status == MeetingStatus.CANCELLED:
        raise DomainError("Hội nghị đã chốt hoặc đã hủy. Mở lại hội nghị (có lý do) rồi mới sửa chương trình.")
    text = clean_text(text)
    if not text:
        raise DomainError("Nhập chương trình hội nghị.", "agenda")
    if len(text) > MOST_LETTERS:
        raise DomainError(f"Chương trình dài quá: viết trong {MOST_LETTERS:,} ký tự.".replace(",", "."), "agenda")
    if text == meeting.agenda:
        return meeting
    before, meeting.agenda = meeting.agenda, text
    meeting.version += 1
    meeting.save(update_fields=["agenda", "version"])
    record(actor.pk, "meeting.write_agenda", meeting, {"agenda": before}, {"agenda": text})
    return meeting


REACH = timedelta(days=190)
CLOSED = (MeetingStatus.LOCKED, MeetingStatus.CANCELLED)


def neighbours(occurrence):
    """The occurrences of the same unit just before and just after one, those that exist within half a year."""
    near = (occurrence.starts_on - REACH, occurrence.starts_on + REACH)
    same = Occurrence.objects.filter(unit=occurrence.unit_id, level=occurrence.level, starts_on__range=near)
    rows = list(same.order_by("starts_on"))
    place = next(number for number, row in enumerate(rows) if row.pk == occurrence.pk)
    return [*rows[:place][-1:], *rows[place + 1 :][:1]]


@transaction.atomic
def rebook_meeting(meeting_id, occurrence_id, *, actor, version, today, reason="", is_extra=False):
    """Move a planned or held meeting to a neighbouring period of its unit; both periods are counted anew.

    `reason` is needed where the meeting becomes late by it; `is_extra` where the period has a meeting already.
    """
    meeting = lock(meeting_id, actor=actor, may=may_plan, version=version)
    former = meeting.occurrence
    if meeting.status in CLOSED or former is None:
        raise DomainError("Chỉ chuyển kỳ được hội nghị định kỳ chưa chốt, chưa hủy. Mở lại hội nghị trước.")
    ids = sorted({former.pk, occurrence_id})
    locked = {row.pk: row for row in Occurrence.objects.select_for_update().filter(pk__in=ids).order_by("pk")}
    target = locked.get(occurrence_id)
    if target is None or target.pk not in {row.pk for row in neighbours(former)}:
        raise DomainError("Chỉ chuyển sang kỳ liền trước hoặc liền sau của cùng đơn vị. Chọn lại kỳ.", "occurrence")
    _check_period(meeting, target, reason, is_extra)
    months = (former, meeting.year, meeting.month)
    _move(meeting, former, target, reason)
    meeting.version += 1
    meeting.save()
    refresh(meeting, months)
    record(actor.pk, "meeting.rebook", meeting, {"period": former.period}, {"period": target.period, "on": str(today)})
    return meeting


def _check_period(meeting, target, reason, is_extra):
    day = meeting.held_on or meeting.planned_on
    if day and day < target.opens_on:
        raise DomainError(
            f"Ngày {day:%d/%m/%Y} quá sớm cho kỳ này; sớm nhất là {target.opens_on:%d/%m/%Y}.", "occurrence"
        )
    others = target.meetings.filter(kind__in=CADENCE_KINDS).exclude(status=MeetingStatus.CANCELLED)
    if not is_extra and meeting.kind in CADENCE_KINDS and (target.begun_on or others.exists()):
        raise DomainError("Kỳ này đã có hội nghị. Đánh dấu “hội nghị thêm trong kỳ” nếu đúng là họp thêm.", "is_extra")
    is_late = meeting.held_on and needs_timing_reason(last_day(meeting), target.met_on, target.due_on)
    if is_late and not (reason or meeting.timing_reason):
        raise DomainError("Chuyển sang kỳ này thì hội nghị thành họp muộn. Nhập lý do họp muộn, họp bù.", "reason")


def _move(meeting, former, target, reason):
    """The period, the title that names it, the reason it is late for it."""
    if meeting.title == default_title(meeting.unit, former, meeting.kind):
        meeting.title = default_title(meeting.unit, target, meeting.kind)
        meeting.search_text = fold(meeting.title)
    meeting.occurrence = target
    if meeting.held_on:
        is_late = needs_timing_reason(last_day(meeting), target.met_on, target.due_on)
        meeting.timing_reason = (reason or meeting.timing_reason)[:300] if is_late else ""
    set_period(meeting, meeting.held_on or meeting.planned_on)


@transaction.atomic
def join_meeting(meeting_id, occurrence_ids, *, actor, version, today):
    """Credit exactly these periods of other units with a held meeting; those left out lose the credit again.

    The keeper of every unit concerned, or the level above all of them. The meeting itself stays the host's and is
    counted once; each credited period counts as held on its day.
    """
    meeting = lock(meeting_id, actor=actor, may=may_credit, version=version)
    if not satisfies_cadence(meeting.kind, meeting.status):
        raise DomainError("Chỉ hội nghị định kỳ đã họp mới tính chung cho đơn vị khác. Ghi hội nghị trước.")
    former = set(meeting.joint_occurrences.values_list("pk", flat=True))
    changed = former ^ set(occurrence_ids)
    rows = list(
        Occurrence.objects.select_for_update(of=("self",)).select_related("unit").filter(pk__in=changed).order_by("pk")
    )
    if len(rows) != len(changed) or not all(may_credit(actor, row) for row in rows):
        raise NotAllowed("Chỉ cấp trên của các đơn vị mới ghi được hội nghị họp chung. Đề nghị cấp trên ghi giúp.")
    check_open(rows)
    for row in rows:
        if row.pk not in former:
            _check_units(meeting, row)
    if not rows:
        return meeting
    meeting.joint_occurrences.set(set(occurrence_ids))
    meeting.version += 1
    meeting.save(update_fields=["version"])
    for row in rows:
        refresh_occurrence(row)
    after = {"joint": sorted(set(occurrence_ids)), "on": str(today)}
    record(actor.pk, "meeting.join", meeting, {"joint": sorted(former)}, after)
    return meeting


def _check_units(meeting, row):
    """Another unit of the level and province, whose window was open on the day and which has not met."""
    name = f"{row.unit.name} kỳ {Period.parse(row.period).label_inside}"
    if (row.level, row.province_id) != (meeting.level, meeting.province_id) or row.unit_id == meeting.unit_id:
        raise DomainError(f"{name} không cùng cấp, cùng tỉnh với hội nghị này nên không họp chung được.", "occurrences")
    if meeting.held_on < row.opens_on:
        raise DomainError(
            f"{name} được họp sớm nhất ngày {row.opens_on:%d/%m/%Y}, sau ngày họp chung. Chọn kỳ khác.", "occurrences"
        )
    own = row.meetings.filter(status__in=HELD_STATES).exists()
    if row.begun_on is not None or own:
        raise DomainError(f"{name} đã có hội nghị nên không ghi họp chung nữa.", "occurrences")
