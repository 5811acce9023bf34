"""Booking a meeting to the period before or after: held on 31/10 for November, or on 3/11 for October."""

from datetime import timedelta

from django.db import transaction

from core.activity import record
from core.errors import DomainError
from core.text import fold
from meetings.access import may_plan
from meetings.enums import CADENCE_KINDS, MeetingStatus
from meetings.models import Occurrence
from meetings.rounds import last_day
from meetings.rules import needs_timing_reason
from meetings.services.counters import refresh
from meetings.services.guard import lock
from meetings.services.scheduling import default_title, set_period

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
    _check(meeting, target, reason, is_extra)
    months = (former, meeting.year, meeting.month)
    _move(meeting, former, target, reason)
    meeting.version += 1
    meeting.save()
    refresh(meeting, months)
    record(actor.pk, "meeting.rebook", meeting, {"period": former.period}, {"period": target.period, "on": str(today)})
    return meeting


def _check(meeting, target, reason, is_extra):
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
