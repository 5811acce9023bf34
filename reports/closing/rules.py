"""Pure rules of closing: which period a unit closes, when, and through which states."""

from core.display import day_text
from core.errors import DomainError
from reports.enums import ClosureState

NEXT = {
    ClosureState.CLOSED: {ClosureState.ACCEPTED, ClosureState.FROZEN, ClosureState.REOPENED},
    ClosureState.ACCEPTED: {ClosureState.REOPENED},
    ClosureState.FROZEN: {ClosureState.REOPENED},
    ClosureState.REOPENED: set(),
}
KINDS = {"commune": "month", "district": "quarter", "province": "year"}
"""What people close at each level; the command on the server closes any."""

NAMES = {"month": "tháng", "quarter": "quý", "year": "năm"}
LEVELS = {"commune": "Cấp xã", "district": "Cấp huyện", "province": "Cấp tỉnh"}
NAMED, PARTS_NAMED = 8, 6
"""How many units, and how many groups of them, a sentence names before it only counts."""


def check_kind(level, kind):
    """People close the periods of their level."""
    if KINDS.get(level) != kind:
        own = NAMES.get(KINDS.get(level), "")
        words = f"{LEVELS[level]} khóa số liệu theo {own}. Chọn lại kỳ." if own else "Thôn, khu không khóa số liệu."
        raise DomainError(words, "ky")


def check_closable(period, today):
    """A month, a quarter or a year that is over."""
    if period.kind not in NAMES:
        raise DomainError("Chỉ khóa được một tháng, một quý hoặc một năm. Chọn lại kỳ.", "ky")
    if today <= period.last:
        raise DomainError(
            f"{period.label} chưa hết nên chưa khóa được. Khóa từ sau ngày {day_text(period.last)}.", "ky"
        )


def check_move(state, target, kind, reason=""):
    """A month or quarter is accepted, a year is frozen; opening again needs its reason."""
    fits = {ClosureState.ACCEPTED: kind != "year", ClosureState.FROZEN: kind == "year"}
    if target not in NEXT[ClosureState(state)] or not fits.get(target, True):
        words = ClosureState(state).label
        raise DomainError(
            f"Kỳ này đang ở trạng thái “{words}” nên không chuyển được sang “{ClosureState(target).label}”. "
            "Tải lại trang để xem trạng thái mới nhất."
        )
    if target == ClosureState.REOPENED and not reason:
        raise DomainError("Nhập lý do mở lại kỳ, ví dụ: bổ sung hội nghị ghi sót.", "reason")


def half_closed_words(missing):
    """'còn 3 đơn vị chưa khóa tháng 3/2016: A, B, C'; `missing`: [(period, names)] in order. "" when all are closed.

    Periods that lack the same units are named together.
    """
    found = {}
    for period, names in missing:
        found.setdefault(tuple(names), []).append(period.label_inside)
    parts = [f"{len(names)} đơn vị chưa khóa {_joined(labels)}: {_some(names)}" for names, labels in found.items()]
    if not parts:
        return ""
    more = f"; và {len(parts) - PARTS_NAMED} nhóm kỳ khác" if len(parts) > PARTS_NAMED else ""
    return f"còn {'; '.join(parts[:PARTS_NAMED])}{more}"


def check_whole(missing, reason, may_override):
    """What lies below is closed first, unless the province says why not."""
    words = half_closed_words(missing)
    if words and not may_override:
        raise DomainError(f"Chưa khóa được: {words}. Đôn đốc các đơn vị này khóa trước.", "ky")
    if words and not reason:
        raise DomainError(f"Kỳ mới khóa một phần: {words}. Nhập lý do nếu vẫn khóa.", "reason")


def _some(names):
    more = f" và {len(names) - NAMED} đơn vị nữa" if len(names) > NAMED else ""
    return f"{', '.join(names[:NAMED])}{more}"


def _joined(labels):
    return labels[0] if len(labels) == 1 else f"{', '.join(labels[:-1])} và {labels[-1]}"
