"""Pure decisions about norms, assignments and visits. Spans of duty are half-open, leaves include both days."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from core.errors import DomainError
from core.periods import Period
from visits.enums import NormBasis, VisitStatus

NEXT = {
    VisitStatus.LOGGED: {VisitStatus.CONFIRMED, VisitStatus.QUESTIONED, VisitStatus.WITHDRAWN},
    VisitStatus.QUESTIONED: {VisitStatus.LOGGED, VisitStatus.CONFIRMED, VisitStatus.WITHDRAWN},
    VisitStatus.CONFIRMED: set(),
    VisitStatus.WITHDRAWN: set(),
}
"""Allowed moves; QUESTIONED → LOGGED is a mended record that waits for confirmation again."""

NEEDS_NOTE = {VisitStatus.QUESTIONED, VisitStatus.WITHDRAWN}
USUAL_LENGTH = timedelta(hours=1)
FARTHEST = date.max


@dataclass(frozen=True)
class Norm:
    """`times` visits a `period_kind` for cadres of a level below the norm's unit, from-to (half-open)."""

    unit_id: int
    level: str
    basis: str
    period_kind: str
    times: int
    valid_from: date
    valid_to: date | None = None


@dataclass(frozen=True)
class Duty:
    """An assignment as the norms see it: who, at which level, where (unit ids from the lowest up), from-to."""

    pk: int
    person_id: int
    level: str
    places: tuple
    start: date
    end: date | None = None
    is_deputy: bool = False

    def touches(self, period):
        return self.start <= period.last and (self.end is None or self.end > period.first)


@dataclass(frozen=True)
class Due:
    """What a norm asks of a person in a period, filed under one assignment (the main and oldest one)."""

    person_id: int
    level: str
    basis: str
    period: Period
    times: int
    is_exempt: bool
    duty_pk: int


def norm_for(norms, duty, day):
    """The norm in force on `day` for a duty: that of the nearest unit above wins; None when nobody ordered one."""
    for unit_id in duty.places:
        for norm in norms:
            in_force = norm.valid_from <= day and (norm.valid_to is None or day < norm.valid_to)
            if norm.unit_id == unit_id and norm.level == duty.level and in_force:
                return norm
    return None


def asked(spans, leaves, period):
    """`"due"`, `"exempt"` or None: a norm asks when the duty covers at least half of the period's days.

    `spans` are half-open (None: open), `leaves` (first, last) both included; leave that takes the rest below half
    exempts.
    """
    half = ((period.last - period.first).days + 2) // 2
    covered = set()
    for start, end in spans:
        covered |= _days(start, (end or FARTHEST) - timedelta(days=1), period)
    if len(covered) < half:
        return None
    for first, last in leaves:
        covered -= _days(first, last, period)
    return "due" if len(covered) >= half else "exempt"


def _days(first, last, period):
    first, last = max(first, period.first), min(last, period.last)
    return {first + timedelta(days=n) for n in range((last - first).days + 1)}


def dues(duties, norms, leaves, parts):
    """Every Due of the periods `parts` (months and quarters); `leaves`: {person id: [(first, last)]}.

    A norm per person asks once, however many assignments; a norm per place asks for each of them.
    """
    found = []
    for period in parts:
        groups = {}
        for duty in duties:
            norm = norm_for(norms, duty, period.last) if duty.touches(period) else None
            if norm and norm.period_kind == period.kind:
                place = duty.pk if norm.basis == NormBasis.PLACE else None
                groups.setdefault((duty.person_id, norm, place), []).append(duty)
        for (person_id, norm, _), held in groups.items():
            answer = asked([(duty.start, duty.end) for duty in held], leaves.get(person_id, ()), period)
            if answer:
                first = min(held, key=lambda duty: (duty.is_deputy, duty.start, duty.pk))
                exempt = answer == "exempt"
                found.append(Due(person_id, norm.level, norm.basis, period, norm.times, exempt, first.pk))
    return found


def spans_overlap(first, second):
    """Do two half-open spans (None: open) share a day?"""
    return first[0] < (second[1] or FARTHEST) and second[0] < (first[1] or FARTHEST)


def same_time(first, second):
    """Do two visits (day, start, end, unit id) put one person at two places at once? A question, not a verdict.

    Without a start time nothing can be said; without an end a visit is taken to last an hour.
    """
    if first[0] != second[0] or first[3] == second[3] or not first[1] or not second[1]:
        return False
    (start, end), (other_start, other_end) = _hours(first), _hours(second)
    return start < other_end and other_start < end


def _hours(visit):
    start = datetime.combine(visit[0], visit[1])
    return start, datetime.combine(visit[0], visit[2]) if visit[2] else start + USUAL_LENGTH


def check_day(visited_on, today):
    if visited_on > today:
        raise DomainError(
            f"Ngày đi {visited_on:%d/%m/%Y} ở tương lai. Nhập ngày đã đi, không sau hôm nay ({today:%d/%m/%Y}).",
            "visited_on",
        )


def check_group(name, span, kind, wanted_kind, day):
    """Refuse a named group of another kind, or one that did not exist on the day. `span`: from-to, half-open."""
    start, end = span
    if kind != wanted_kind:
        raise DomainError(f"{name} không thuộc loại tổ chức đã chọn. Chọn lại loại, hoặc chọn tổ chức khác.", "group")
    if day < start:
        raise DomainError(
            f"{name} thành lập ngày {start:%d/%m/%Y}, sau ngày đã nhập. Sửa ngày, hoặc chọn tổ chức khác.",
            "local_group",
        )
    if end is not None and day >= end:
        raise DomainError(
            f"{name} đã kết thúc hoạt động, ngày cuối là {end - timedelta(days=1):%d/%m/%Y}. "
            "Sửa ngày, hoặc chọn tổ chức khác.",
            "local_group",
        )


def check_hours(started_at, ended_at):
    if ended_at and not started_at:
        raise DomainError("Có giờ kết thúc mà chưa có giờ bắt đầu. Nhập giờ bắt đầu.", "started_at")
    if started_at and ended_at and ended_at <= started_at:
        raise DomainError("Giờ kết thúc phải sau giờ bắt đầu. Sửa lại một trong hai giờ.", "ended_at")


def check_members(due, present):
    if present is not None and due is None:
        raise DomainError("Nhập số thành viên phải dự để tính được tỷ lệ có mặt.", "members_due")
    if due is not None and present is None:
        raise DomainError("Nhập số thành viên có mặt (0 nếu không có ai).", "members_present")
    if due is not None and present > due:
        raise DomainError(
            f"Số có mặt ({present}) nhiều hơn số phải dự ({due}). Sửa lại một trong hai số; khách mời không tính.",
            "members_present",
        )


def check_move(before, after, note):
    """Refuse a move that the map does not hold, or one that lacks its reason."""
    before, after = VisitStatus(before), VisitStatus(after)
    if after not in NEXT[before]:
        raise DomainError(
            f"Lượt đi đang ở trạng thái “{before.label}” nên không chuyển sang “{after.label}” được. "
            "Tải lại trang để xem trạng thái mới nhất."
        )
    if after in NEEDS_NOTE and not note:
        raise DomainError("Nhập lý do trước khi lưu.", "note")


def check_term(start, end, post_start, post_end, decided_on):
    """Refuse an assignment that ends before it begins, or that its post cannot carry."""
    if end is not None and end <= start:
        raise DomainError("Ngày kết thúc phân công phải không sớm hơn ngày bắt đầu.", "last_on")
    if start < post_start or (post_end is not None and start >= post_end):
        raise DomainError(
            f"Ngày {start:%d/%m/%Y} cán bộ không giữ chức danh này. Chọn chức danh khác hoặc sửa ngày bắt đầu.",
            "valid_from",
        )
    if decided_on > start:
        raise DomainError(
            f"Quyết định ký ngày {decided_on:%d/%m/%Y}, sau ngày bắt đầu phân công. Sửa một trong hai ngày.",
            "decided_on",
        )
