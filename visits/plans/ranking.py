"""Where to go first: the reasons that make a village weak, and the order they give. Pure: facts in, order out.

After article 002 (Hòa Vang): cadres go first where the party cell is not "trong sạch, vững mạnh", where something is
burning, where nobody came the year before; then where meetings hear nothing and where matters are overdue.
"""

from dataclasses import dataclass
from datetime import date

from core.display import day_text
from visits.enums import Rating, WeakReason

NEVER = 10**6
"""Days since the last visit of a place where nobody has been: longer than any."""


@dataclass(frozen=True)
class Facts:
    """What is known of one village on a day. `rating` is the latest before the plan's year, with its year."""

    rating: str = ""
    rated_in: int | None = None
    pressing: int = 0
    overdue: int = 0
    silent: int = 0
    last_on: date | None = None


def reasons_of(facts, year):
    """[(WeakReason, sentence with the fact)] in the order of weight. An unrated cell is no reason.

    "Not visited": neither in the year before `year` nor since, so that a place where somebody has been meanwhile
    is not sent for again.
    """
    said = {
        WeakReason.RATING: facts.rating not in ("", Rating.STRONG) and _rated(facts),
        WeakReason.PRESSING: facts.pressing and f"{facts.pressing} vấn đề nổi cộm chưa giải quyết xong",
        WeakReason.UNVISITED: (facts.last_on is None or facts.last_on.year < year - 1) and _unvisited(facts, year),
        WeakReason.SILENT: facts.silent and f"Không nêu ý kiến tại {facts.silent} kỳ giao ban gần nhất của xã",
        WeakReason.OVERDUE: facts.overdue and f"{facts.overdue} ý kiến, kiến nghị quá hạn giải quyết",
    }
    return [(reason, said[reason]) for reason in WeakReason if said[reason]]


def _rated(facts):
    return f"Chi bộ xếp loại năm {facts.rated_in}: {Rating(facts.rating).label.lower()}"


def _unvisited(facts, year):
    last = f"lần gần nhất ngày {day_text(facts.last_on)}" if facts.last_on else "chưa ghi lượt nào"
    return f"Từ đầu năm {year - 1} chưa có ai đến dự ({last})"


def order_of(facts, year, day):
    """The key of a place: more reasons first, then the weightier ones, then the longest without a visit."""
    held = {reason for reason, _ in reasons_of(facts, year)}
    since = (day - facts.last_on).days if facts.last_on else NEVER
    return (-len(held), *(reason not in held for reason in WeakReason), -since)
