"""Delegates of a year by commune: turns and distinct persons, persons and the posts they fill; named seats only."""

from dataclasses import dataclass, field

from django.db.models import Count, Q, Sum

from meetings.enums import HELD_STATES, PRESENT_STATES, Presence
from meetings.models import Attendance, AttendancePost, CountedAttendance, Meeting
from people.enums import VILLAGE_POSITIONS
from units.enums import Level

PRESENT = Q(presence__in=PRESENT_STATES)
CALLED = Q(is_guest=False)


@dataclass
class Delegates:
    """One commune's year. `posts`: {position: (times called, times present)}; a post counts even beside another."""

    unit_id: int
    key: str
    name: str
    meetings: int = 0
    counted: int = 0
    turns: int = 0
    guests: int = 0
    substitutes: int = 0
    called: int = 0
    people: int = 0
    concurrent: int = 0
    posts: dict = field(default_factory=dict)

    @property
    def shares(self):
        """[(called, present)] of the three posts of a village, in their order."""
        return [self.posts.get(position, (0, 0)) for position in VILLAGE_POSITIONS]


def delegates_by_commune(user, year, commune=None):
    """[Delegates] of the communes that held meetings in `year`, by code; six queries whatever their number."""
    held = Meeting.objects.visible_to(user).filter(level=Level.COMMUNE, status__in=HELD_STATES, year=year)
    if commune is not None:
        held = held.filter(unit=commune)
    rows = {}
    grouped = held.order_by("unit__code").values_list("unit_id", "unit__key", "unit__name").annotate(n=Count("pk"))
    for unit_id, key, name, meetings in grouped:
        rows[unit_id] = Delegates(unit_id, key, name, meetings)
    for unit_id, counted in _by_unit(CountedAttendance.objects.filter(meeting__in=held)).annotate(n=Sum("number")):
        rows[unit_id].counted = counted
    _add_seats(rows, Attendance.objects.filter(meeting__in=held))
    _add_posts(rows, AttendancePost.objects.filter(attendance__meeting__in=held))
    return list(rows.values())


def _by_unit(rows, path="meeting__unit_id"):
    return rows.order_by().values_list(path)


def _add_seats(rows, seats):
    counts = _by_unit(seats).annotate(
        turns=Count("pk", filter=PRESENT),
        guests=Count("pk", filter=PRESENT & ~CALLED),
        substitutes=Count("pk", filter=Q(presence=Presence.SUBSTITUTED)),
        called=Count("person", filter=CALLED, distinct=True),
        people=Count("person", filter=PRESENT & CALLED & ~Q(presence=Presence.SUBSTITUTED), distinct=True),
    )
    for unit_id, *found in counts:
        row = rows[unit_id]
        row.turns, row.guests, row.substitutes, row.called, row.people = found
    several = seats.filter(CALLED, PRESENT).annotate(n=Count("posts")).filter(n__gt=1)
    pairs = several.order_by().values_list("meeting__unit_id", "person_id").distinct()
    for unit_id, _ in pairs:
        rows[unit_id].concurrent += 1


def _add_posts(rows, links):
    present = Q(attendance__presence__in=PRESENT_STATES)
    grouped = links.order_by().values_list("attendance__meeting__unit_id", "post__position")
    for unit_id, position, *found in grouped.annotate(called=Count("pk"), present=Count("pk", filter=present)):
        rows[unit_id].posts[position] = tuple(found)


def people_of_year(user, year, commune):
    """The persons called in one commune's year, by name: [{"person", "duties", "called", "present", "substituted",
    "is_concurrent"}]. Those with `present` are the commune's distinct persons. Two queries."""
    held = Meeting.objects.visible_to(user).filter(level=Level.COMMUNE, status__in=HELD_STATES, year=year, unit=commune)
    seats = Attendance.objects.filter(CALLED, meeting__in=held, person__isnull=False).annotate(filled=Count("posts"))
    rows = {}
    for seat in seats.select_related("person").order_by("person__sort_key", "person_id", "meeting__held_on", "pk"):
        row = rows.setdefault(
            seat.person_id, {"person": seat.person, "called": 0, "present": 0, "substituted": 0, "is_concurrent": False}
        )
        row["duties"] = seat.duties
        row["called"] += 1
        row["present"] += seat.presence == Presence.PRESENT
        row["substituted"] += seat.presence == Presence.SUBSTITUTED
        row["is_concurrent"] |= seat.filled > 1 and seat.presence in PRESENT_STATES
    return list(rows.values())


def totals_of(rows):
    """The sum row; persons are counted commune by commune."""
    total = Delegates(0, "", "Tổng cộng")
    for row in rows:
        for name in ("meetings", "counted", "turns", "guests", "substitutes", "called", "people", "concurrent"):
            setattr(total, name, getattr(total, name) + getattr(row, name))
        for position, (called, present) in row.posts.items():
            before = total.posts.get(position, (0, 0))
            total.posts[position] = (before[0] + called, before[1] + present)
    return total
