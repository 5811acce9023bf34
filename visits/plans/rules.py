"""Pure decisions about the month's plan of visits."""

from dataclasses import dataclass
from datetime import date

from core.display import clock_text, day_text
from core.errors import DomainError
from visits.enums import Rating, WeakReason
from visits.rules import same_time

FARTHEST_AHEAD = 12
"""A plan is made for this month or one of the next twelve."""


def check_plan_month(month, today):
    if month.kind != "month":
        raise DomainError("Chọn một tháng để lập kế hoạch, ví dụ 2026-12.", "month")
    if month.last < today:
        raise DomainError(f"{month.label} đã qua. Lập kế hoạch cho tháng này hoặc các tháng tới.", "month")
    ahead = (month.first.year - today.year) * 12 + month.first.month - today.month
    if ahead > FARTHEST_AHEAD:
        raise DomainError(f"Chỉ lập kế hoạch trước nhiều nhất {FARTHEST_AHEAD} tháng. Chọn tháng gần hơn.", "month")


def check_planned_day(day, month, today):
    """A planned visit lies inside the month of its plan, and not in the past."""
    if day not in month:
        raise DomainError(
            f"Ngày {day_text(day)} không thuộc {month.label_inside}. "
            f"Chọn ngày từ {day_text(month.first)} đến {day_text(month.last)}.",
            "planned_on",
        )
    if day < today:
        raise DomainError(f"Ngày {day_text(day)} đã qua. Chọn từ hôm nay ({day_text(today)}) trở đi.", "planned_on")


def check_clash(person, day, starts_at, others):
    """`others`: the person's other visits as (day, start, name of the place); an hour lies between two of them."""
    for other_day, other_start, place in others:
        if same_time((day, starts_at, None, 0), (other_day, other_start, None, 1)):
            raise DomainError(
                f"{person} đã có lượt {clock_text(other_start)} ngày {day_text(day)} tại {place}. "
                "Hai lượt phải cách nhau ít nhất một giờ: chọn giờ khác hoặc sửa lượt kia.",
                "starts_at",
            )


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


def waiting_in_round(places, turns):
    """The places that have not had their turn in the running round.

    `turns`: places as they were visited or planned, oldest first; a round ends when every place had a turn. What a
    cadre no longer covers does not count.
    """
    had = set()
    for place in turns:
        if place in places:
            had.add(place)
            if had >= set(places):
                had = set()
    return [place for place in places if place not in had]


def take_turns(places, turns, number, taken=()):
    """`number` places for one cadre: of those that wait in the round the first by the order of `places`.

    `places` come weakest first; what is already in the month's plan (`taken`) comes after what is not.
    """
    turns, chosen = list(turns), []
    for _ in range(number if places else 0):
        waiting = waiting_in_round(places, turns)
        place = min(waiting, key=lambda each: (each in taken or each in chosen, places.index(each)))
        chosen.append(place)
        turns.append(place)
    return chosen


def spread(days, number, shift=0):
    """At most `number` of the free `days`, evenly over them, moved by `shift` so that not everybody goes at once."""
    number = min(number, len(days))
    found = {(((2 * n + 1) * len(days)) // (2 * number) + shift) % len(days) for n in range(number)}
    return [days[n] for n in sorted(found)]


def still_to_plan(times, done, planned, months_left):
    """How many lines of this month a norm asks for: what is left, shared over the months of its period that are left.

    A norm of a month has one month left; of three turns a quarter with three months left one falls to this month.
    """
    left = max(0, times - done - planned)
    return -(-left // months_left)
