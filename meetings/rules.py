"""Pure decisions about cadence, timeliness and the life of a meeting (docs/sources.md §3.5, §4)."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from core.display import day_text
from core.errors import DomainError
from core.periods import Period
from core.text import fold
from meetings.enums import (
    CADENCE_KINDS,
    HELD_STATES,
    ClockState,
    MeetingStatus,
    ReminderStage,
    TaskingStatus,
    Timeliness,
)

MOVES = {
    MeetingStatus.PLANNED: {MeetingStatus.HELD, MeetingStatus.POSTPONED, MeetingStatus.CANCELLED},
    MeetingStatus.POSTPONED: {MeetingStatus.PLANNED, MeetingStatus.HELD, MeetingStatus.CANCELLED},
    MeetingStatus.HELD: {MeetingStatus.MINUTED, MeetingStatus.LOCKED, MeetingStatus.CANCELLED},
    MeetingStatus.MINUTED: {MeetingStatus.LOCKED, MeetingStatus.HELD, MeetingStatus.CANCELLED},
    MeetingStatus.LOCKED: {MeetingStatus.HELD},
    MeetingStatus.CANCELLED: set(),
}
"""Allowed moves; LOCKED → HELD is reopening and asks for a reason, as do postponing and cancelling."""

READ_BACK = "Đọc lại các trả lời từ kỳ trước để thôn, khu xác nhận"
"""What every agenda begins with."""

NUMBER = re.compile(r"^\s*(?:\d+|[IVX]+)\s*[.)]\s*")

NEEDS_REASON = {MeetingStatus.POSTPONED, MeetingStatus.CANCELLED}


@dataclass(frozen=True)
class Window:
    """The days of one expected meeting: may be held from `opens_on`, due on `due_on`, late until `late_until`."""

    opens_on: date
    due_on: date
    late_until: date


def window(period, early_days, grace_days, calendar=None):
    """on time from a−early to b, late to b+grace, made up afterwards ([a, b] the period; defaults 5 and 5 days).

    With a calendar of working days, both ends roll forward to the next working day.
    """
    due_on, late_until = period.last, period.last + timedelta(days=grace_days)
    if calendar:
        due_on, late_until = calendar.roll_forward(due_on), calendar.roll_forward(late_until)
    return Window(opens_on=period.first - timedelta(days=early_days), due_on=due_on, late_until=late_until)


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


def is_period_start(day, kind):
    """Rules begin and end on the first day of a period, else a part of one is ordered twice or dropped."""
    return Period.of_day(day, kind).first == day


def periods_under(rules, first, last):
    """{code: Window} of what rules order of one unit in periods ending between two days.

    Of those in force on the last day of a period a unit's own rule stands before that of its level.
    """
    found = {}
    for kind in ("month", "quarter"):
        for period in expected_periods(kind, (date.min, None), (date.min, None), first, last):
            here = [rule for rule in rules if _in_force((rule.valid_from, rule.valid_to), period.last)]
            rule = min(here, key=lambda rule: rule.unit_id is None, default=None)
            if rule is not None and rule.period_kind == kind:
                found[period.code] = window(period, rule.early_days, rule.grace_days)
    return found


def rule_changes(before, after, first, last):
    """[(code, Window before, Window after)] period by period, None where none is ordered."""
    then, now = (periods_under(rules, first, last) for rules in (before, after))
    codes = sorted({*then, *now}, key=lambda code: (Period.parse(code).last, Period.parse(code).first))
    return [(code, then.get(code), now.get(code)) for code in codes]


def _in_force(span, day):
    return span[0] <= day and (span[1] is None or day < span[1])


def timeliness(row, today):
    """What an occurrence is on `today`; `row` is anything with its days and marks. A begun round still waits."""
    if row.met_on is not None:
        return timeliness_of(row.met_on, row)
    if row.is_exempt:
        return Timeliness.EXEMPT
    if row.is_incomplete:
        return Timeliness.INCOMPLETE
    if today <= row.due_on:
        return Timeliness.WAITING
    return Timeliness.GRACE if today <= row.late_until else Timeliness.MISSING


def timeliness_of(held_on, days):
    """How a day of holding lies to the due day and to the end of the days of grace."""
    if held_on <= days.due_on:
        return Timeliness.ON_TIME
    return Timeliness.LATE if held_on <= days.late_until else Timeliness.MADE_UP


def is_late_exemption(day, late_until):
    """An exemption is asked for, and granted, within the period or its days of grace; afterwards it is late."""
    return day > late_until


def is_overdue(row, today):
    """Neither held, nor excused, nor ended incomplete, and the days of grace are over."""
    return timeliness(row, today) == Timeliness.MISSING


def clock_dues(held_on, last_on, log_days, conclusion_days, calendar):
    """(due day of logging, due day of the conclusion): working days after the last day held."""
    last_on = max(held_on, last_on)
    return calendar.add(last_on, log_days), calendar.add(last_on, conclusion_days)


def clock_state(due_on, done_on, today):
    """Where a clock stands on `today`; None where none runs (a meeting taken over from the books of old years)."""
    if due_on is None:
        return None
    if done_on is not None:
        return ClockState.ON_TIME if done_on <= due_on else ClockState.LATE
    return ClockState.WAITING if today <= due_on else ClockState.OVERDUE


def needs_timing_reason(held_on, met_on, due_on):
    """A meeting after its due day says why, unless the period was met in time before it."""
    return held_on > due_on and not (met_on is not None and met_on <= due_on)


def check_concluded_on(on, held_on, today):
    """A conclusion comes after the meeting, and not from the future."""
    if on < held_on:
        raise DomainError(
            f"Ngày ra thông báo kết luận phải từ ngày họp {held_on:%d/%m/%Y} trở đi. Sửa lại ngày.", "concluded_on"
        )
    if today is not None and on > today:
        raise DomainError(
            f"Ngày ra thông báo kết luận {on:%d/%m/%Y} ở tương lai. Nhập ngày đã ký, không sau hôm nay.",
            "concluded_on",
        )


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


def times_overlap(a, b):
    """Do two (start, end) spans of one day overlap? Without an end only the same start counts; unknown: no."""
    if a[0] is None or b[0] is None:
        return False
    if a[1] is None or b[1] is None:
        return a[0] == b[0]
    return a[0] < b[1] and b[0] < a[1]


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


def reminder_stage(day, today, late_until):
    """The stage a matter with the day T is in: from T-7, from T-1, from T+1, after the days of grace; None before."""
    if today > max(day, late_until):
        return ReminderStage.GRACE
    if today > day:
        return ReminderStage.AFTER
    if today >= day - timedelta(days=1):
        return ReminderStage.EVE
    return ReminderStage.WEEK if today >= day - timedelta(days=7) else None


def stage_to_tell(day, today, late_until, told_on):
    """The stage that began since the last digest (`told_on`, None: never), so that a missed day is caught up once.

    What a later stage has overtaken is not told any more.
    """
    stage = reminder_stage(day, today, late_until)
    before = reminder_stage(day, told_on, late_until) if told_on else None
    return stage if stage != before else None


MOST_REACHED = 100_000
TASKING_MOVES = {
    TaskingStatus.OPEN: {TaskingStatus.DONE, TaskingStatus.DROPPED},
    TaskingStatus.DONE: {TaskingStatus.OPEN},
    TaskingStatus.DROPPED: {TaskingStatus.OPEN},
}
"""A line that ended is reopened before anything else is done with it."""


def check_line(text, has_body, has_person, due_on, held_on):
    """A line of a conclusion says what, who and by when; nothing is due before it was said."""
    if not text:
        raise DomainError("Nhập nội dung giao.", "text")
    if not has_body and not has_person:
        raise DomainError("Chọn cơ quan chủ trì hoặc ghi người phụ trách.", "body")
    if due_on is None:
        raise DomainError("Nhập hạn hoàn thành dạng ngày/tháng/năm, ví dụ 25/11/2026.", "due_on")
    if due_on < held_on:
        raise DomainError(
            f"Hạn hoàn thành {day_text(due_on)} trước ngày họp {day_text(held_on)}. Nhập từ ngày họp trở đi.", "due_on"
        )


def check_tasking_move(before, after):
    before, after = TaskingStatus(before), TaskingStatus(after)
    if after not in TASKING_MOVES[before]:
        raise DomainError(f"Việc giao đang ở trạng thái “{before.label}” nên không chuyển sang “{after.label}” được.")


def check_finish(result, done_on, held_on, today):
    """Done on a day between the meeting and today, with a result in words."""
    if not result:
        raise DomainError("Ghi kết quả đã làm được.", "result")
    if done_on > today:
        raise DomainError(f"Ngày hoàn thành {day_text(done_on)} ở tương lai. Nhập ngày không sau hôm nay.", "done_on")
    if done_on < held_on:
        raise DomainError(f"Ngày hoàn thành trước ngày họp {day_text(held_on)}. Nhập từ ngày họp trở đi.", "done_on")


def check_relay(relayed_on, reach_count, held_on, today):
    if relayed_on > today:
        raise DomainError(
            f"Ngày truyền đạt {day_text(relayed_on)} ở tương lai. Nhập ngày không sau hôm nay.", "relayed_on"
        )
    if relayed_on < held_on:
        raise DomainError(f"Ngày truyền đạt trước ngày họp {day_text(held_on)}. Nhập từ ngày họp trở đi.", "relayed_on")
    if not 0 <= reach_count <= MOST_REACHED:
        raise DomainError("Số người được nghe phải từ 0 đến 100.000.", "reach_count")


def read_back_first(headings):
    """The headings of an agenda, numbered anew, with the read-back at the head of them; no agenda stays none."""
    titles = [NUMBER.sub("", heading) for heading in headings]
    is_read_back = [fold(title).startswith("doc lai") for title in titles]
    if titles and True not in is_read_back:
        titles, is_read_back = [f"{READ_BACK}.", *titles], [True, *([False] * len(titles))]
    first = [title for title, is_it in zip(titles, is_read_back, strict=True) if is_it]
    rest = [title for title, is_it in zip(titles, is_read_back, strict=True) if not is_it]
    return [f"{number}. {title}" for number, title in enumerate([*first, *rest], 1)]
