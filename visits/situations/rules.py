"""Pure decisions about situations: the order of times, who knew before whom, how long each step took."""

from datetime import timedelta
from statistics import median

from core.display import moment_text
from core.errors import DomainError
from visits.enums import KNOWERS_ABOVE, Knower, SituationState

NEXT = {
    SituationState.OPEN: {SituationState.HANDLING},
    SituationState.HANDLING: {SituationState.CLOSED},
    SituationState.CLOSED: {SituationState.HANDLING},
}
"""Allowed moves; CLOSED → HANDLING is a reopening, which needs its reason."""

FEWEST = 5
"""A median of fewer situations than this would say more about one of them than about the unit."""


def check_move(before, after):
    before, after = SituationState(before), SituationState(after)
    if after not in NEXT[before]:
        raise DomainError(
            f"Sự việc đang ở trạng thái “{before.label}” nên không chuyển sang “{after.label}” được. "
            "Tải lại trang để xem trạng thái mới nhất."
        )


def check_knowings(knowings, happened_at, now):
    """`knowings`: {knower: moment}. Somebody knew, nobody before it happened, nobody in the future."""
    if not knowings:
        raise DomainError("Ghi ít nhất một nơi đã biết sự việc: ai biết, lúc nào, từ nguồn nào.", "village_on")
    if happened_at > now:
        raise DomainError("Thời điểm xảy ra ở tương lai. Nhập ngày giờ đã xảy ra.", "happened_on")
    for knower, known_at in knowings.items():
        label = Knower(knower).label
        _check_not_ahead(known_at, now, f"{label} biết", f"{knower}_on")
        if known_at < happened_at:
            raise DomainError(
                f"{label} biết lúc {moment_text(known_at)}, trước khi sự việc xảy ra ({moment_text(happened_at)}). "
                "Sửa lại một trong hai thời điểm.",
                f"{knower}_on",
            )


def check_steps(first_known, reported_at, handling_at, closed_at, now):
    """Reported and handled not before somebody knew; closed not before it was handled; nothing in the future."""
    steps = (
        ("reported_on", "Báo cáo", reported_at, "nơi đầu tiên biết", first_known),
        ("handling_on", "Bắt đầu xử lý", handling_at, "nơi đầu tiên biết", first_known),
        ("closed_on", "Kết thúc", closed_at, "bắt đầu xử lý", handling_at),
    )
    for field, label, at, before_label, before in steps:
        if at is None:
            continue
        _check_not_ahead(at, now, label, field)
        if before is None or at < before:
            when = moment_text(before) or "chưa ghi"
            raise DomainError(
                f"{label} lúc {moment_text(at)}, trước khi {before_label} ({when}). Sửa lại thời điểm.", field
            )


def _check_not_ahead(at, now, label, field):
    if at > now:
        raise DomainError(f"{label} lúc {moment_text(at)} là ở tương lai. Nhập thời điểm đã diễn ra.", field)


def known_above_first(knowings, level):
    """The levels that knew before the responsible cadre of `level` (or while the cadre never knew), earliest first.

    Gia Lộc's rule: the cadre's own committee should not hear of a place before the cadre who answers for it. The same
    minute is not before.
    """
    own = knowings.get(Knower.RESPONSIBLE)
    above = [knower for knower in KNOWERS_ABOVE.get(level, ()) if knower in knowings]
    earlier = [knower for knower in above if own is None or knowings[knower] < own]
    return sorted(earlier, key=lambda knower: (knowings[knower], KNOWERS_ABOVE[level].index(knower)))


def spans_of(first_known, reported_at, handling_at, closed_at):
    """How long from known to reported, reported to handling (known to handling if unreported), handling to closed."""
    begun = reported_at or first_known
    pairs = ((first_known, reported_at), (begun, handling_at), (handling_at, closed_at))
    return tuple(end - start if start and end and end >= start else None for start, end in pairs)


def duration_words(span):
    """'2 ngày 5 giờ', '3 giờ 20 phút', 'ngay lúc đó'; nothing for None."""
    if span is None:
        return ""
    minutes = int(span / timedelta(minutes=1))
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    parts = [(days, "ngày"), (hours, "giờ"), (0 if days else minutes, "phút")]
    return " ".join(f"{number} {word}" for number, word in parts if number) or "ngay lúc đó"


def median_span(spans):
    """The median of the known spans, or None when there are too few."""
    known = [span for span in spans if span is not None]
    return median(known) if len(known) >= FEWEST else None
