"""Pure decisions of the cross-checks: what is worth a question to the cadre. Never a verdict."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from hashlib import blake2b, sha256

from core.errors import DomainError
from core.text import fold
from visits.rules import same_time

SHORTEST_COPY = 40
"""Letters from which the same words twice are worth a question; "Dự sinh hoạt chi bộ." is not."""

SILENT_RUN = 5
"""Visits of one person in a row without any finding."""

LATE_LOG = timedelta(days=15)
"""Written down longer after the visit than this: unusual."""

TRAVEL_NEAR, TRAVEL_FAR = timedelta(minutes=30), timedelta(minutes=60)
"""The least time on the road: to another commune of the district (or of a province without districts), and to
another district. No document names them; they are low on purpose, so that a question has a reason."""


@dataclass(frozen=True)
class Moment:
    """When and where a visit was: the ids of its unit and of the levels above, as of its day."""

    day: date
    start: time | None
    end: time | None
    unit_id: int
    commune_id: int
    district_id: int | None
    province_id: int


def content_key(content):
    """The same for contents that read the same, whatever the case, the tones and the blanks; "" for a few words."""
    words = fold(content)
    return blake2b(words.encode(), digest_size=16).hexdigest() if len(words) >= SHORTEST_COPY else ""


def at_once(first, second):
    """Do two visits of one person share an hour at two places?"""
    return same_time(
        (first.day, first.start, first.end, first.unit_id), (second.day, second.start, second.end, second.unit_id)
    )


def travel_between(first, second):
    """The least time on the road between two places: none inside a commune."""
    if first.commune_id == second.commune_id:
        return timedelta(0)
    is_near = first.district_id == second.district_id and first.province_id == second.province_id
    return TRAVEL_NEAR if is_near else TRAVEL_FAR


def gap_short(first, second):
    """(time between, time needed) when one person could hardly get from one visit to the next that day, else None.

    Visits that overlap are `at_once`. Of a visit without an end only its start is sure, so it is taken to end there.
    """
    if first.day != second.day or not first.start or not second.start or at_once(first, second):
        return None
    early, late = sorted((first, second), key=lambda moment: moment.start)
    gap = datetime.combine(early.day, late.start) - datetime.combine(early.day, early.end or early.start)
    needed = travel_between(first, second)
    return (gap, needed) if gap < needed else None


def is_late(visited_on, logged_on):
    return logged_on - visited_on > LATE_LOG


def lot_of(seed, word, pk):
    return sha256(f"{seed}:{word}:{pk}".encode()).hexdigest()


def draw_pairs(candidates, seed):
    """[(checker, checked)]: everybody once on each side, nobody with themselves."""
    ring = sorted(set(candidates), key=lambda pk: lot_of(seed, "can-bo", pk))
    if len(ring) < 2:
        raise DomainError(
            "Cần ít nhất hai cán bộ có lượt đi trong quý mới bốc thăm kiểm tra chéo được. Chọn quý khác.", "period"
        )
    return list(zip(ring, [*ring[1:], ring[0]], strict=True))


def draw_sample(visits, seed, size):
    """`size` visits of one person's, or all when there are fewer."""
    return sorted(set(visits), key=lambda pk: lot_of(seed, "luot-di", pk))[:size]
