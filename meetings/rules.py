"""Pure decisions about cadence, timeliness and the life of a meeting (domain.md §3.5, §4)."""

from dataclasses import dataclass
from datetime import date, timedelta

from core.errors import DomainError
from core.periods import Period
from meetings.enums import CADENCE_KINDS, HELD_STATES, MeetingStatus, TaskingStatus, Timeliness

MOVES = {
    MeetingStatus.PLANNED: {MeetingStatus.HELD, MeetingStatus.POSTPONED, MeetingStatus.CANCELLED},
    MeetingStatus.POSTPONED: {MeetingStatus.PLANNED, MeetingStatus.HELD, MeetingStatus.CANCELLED},
    MeetingStatus.HELD: {MeetingStatus.MINUTED, MeetingStatus.LOCKED, MeetingStatus.CANCELLED},
    MeetingStatus.MINUTED: {MeetingStatus.LOCKED, MeetingStatus.HELD, MeetingStatus.CANCELLED},
    MeetingStatus.LOCKED: {MeetingStatus.HELD},
    MeetingStatus.CANCELLED: set(),
}
"""Allowed moves; LOCKED → HELD is reopening and asks for a reason, as do postponing and cancelling."""

NEEDS_REASON = {MeetingStatus.POSTPONED, MeetingStatus.CANCELLED}


@dataclass(frozen=True)
class Window:
    """The days of one expected meeting: may be held from `opens_on`, due on `due_on`, late until `late_until`."""

    opens_on: date
    due_on: date
    late_until: date


def window(period, early_days, grace_days):
    """on time from a−early to b, late to b+grace, made up afterwards ([a, b] the period; defaults 5 and 5 days)."""
    return Window(
        opens_on=period.first - timedelta(days=early_days),
        due_on=period.last,
        late_until=period.last + timedelta(days=grace_days),
    )


def expected_periods(kind, rule_span, unit_span, first, last):
    """Periods of a kind ending between two days, for which rule and unit were in force on the last day.

    Spans are half-open (valid_from, valid_to or None); `first` and `last` are included.
    """
    periods = []
    period = Period.of_day(first, kind)
    while period.last <= last:
        if period.last >= first and all(_in_force(span, period.last) for span in (rule_span, unit_span)):
            periods.append(period)
        period = period.next()
    return periods


def _in_force(span, day):
    return span[0] <= day and (span[1] is None or day < span[1])


def timeliness(met_on, is_exempt, days, today):
    """What an occurrence is on `today`; `days` is anything with due_on and late_until."""
    if met_on is not None:
        if met_on <= days.due_on:
            return Timeliness.ON_TIME
        return Timeliness.LATE if met_on <= days.late_until else Timeliness.MADE_UP
    if is_exempt:
        return Timeliness.EXEMPT
    if today <= days.due_on:
        return Timeliness.WAITING
    return Timeliness.GRACE if today <= days.late_until else Timeliness.MISSING


def is_overdue(met_on, is_exempt, late_until, today):
    """Not held, not exempt, and the days of grace are over."""
    return met_on is None and not is_exempt and today > late_until


def check_held_on(held_on, opens_on, today):
    """Refuse a meeting held in the future or before its period opens."""
    if held_on > today:
        raise DomainError(
            f"Ngày họp {held_on:%d/%m/%Y} ở tương lai. Nhập ngày đã họp, không sau hôm nay ({today:%d/%m/%Y}).",
            "held_on",
        )
    if opens_on and held_on < opens_on:
        raise DomainError(
            f"Ngày họp {held_on:%d/%m/%Y} quá sớm cho kỳ này; sớm nhất là {opens_on:%d/%m/%Y}. "
            "Sửa ngày họp hoặc chọn kỳ trước.",
            "held_on",
        )


def check_times(started_at, ended_at):
    if started_at and ended_at and ended_at <= started_at:
        raise DomainError("Giờ kết thúc phải sau giờ bắt đầu. Sửa lại một trong hai giờ.", "ended_at")


def check_move(before, after, reason):
    """Refuse a move that the map does not hold, or one that lacks its reason."""
    before, after = MeetingStatus(before), MeetingStatus(after)
    if after not in MOVES[before]:
        raise DomainError(f"Hội nghị đang ở trạng thái “{before.label}” nên không chuyển sang “{after.label}” được.")
    if not reason and (after in NEEDS_REASON or before == MeetingStatus.LOCKED):
        raise DomainError("Nhập lý do trước khi lưu.", "reason")


def satisfies_cadence(kind, status):
    """Does a meeting of this kind and state make its occurrence held?"""
    return kind in CADENCE_KINDS and status in HELD_STATES


def check_roster(present, invited):
    """Guests, substitutes and counted numbers are free; roster seats present cannot pass those invited."""
    if present > invited:
        raise DomainError(
            f"Số người trong danh sách có mặt ({present}) nhiều hơn số triệu tập ({invited}). "
            "Ghi người ngoài danh sách vào mục khách mời.",
            "attendance",
        )


def is_tasking_overdue(status, due_on, today):
    """A line of a conclusion is late when it is still open after its day."""
    return status == TaskingStatus.OPEN and due_on < today
