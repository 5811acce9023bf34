"""Who sits at a meeting: the roster of a day, and saving who came."""

from dataclasses import dataclass, field
from datetime import date

from core.errors import DomainError
from core.text import person_sort_key
from meetings.enums import PRESENT_STATES, Presence
from meetings.models import Attendance, AttendancePost, CountedAttendance, Sitting
from meetings.rules import check_roster
from people.enums import Position
from people.models import Post

STAFF = (Position.SYSTEM_ADMIN, Position.OFFICER, Position.UPPER_MEMBER, Position.MMD_SPECIALIST)
"""Posts that give an account its duty but are not called to the meeting as delegates."""


@dataclass
class Seat:
    """One person at the meeting. `person_id` None: a guest written by name."""

    name: str
    person_id: int | None = None
    unit_id: int | None = None
    duties: str = ""
    post_ids: list = field(default_factory=list)
    presence: str = Presence.PRESENT
    reason: str = ""
    substitute: str = ""
    is_guest: bool = False


@dataclass(frozen=True)
class CountedGroup:
    """Persons present of a group, where no names were kept; of one village or commune when that is known."""

    group: str
    number: int
    unit_id: int | None = None


@dataclass(frozen=True)
class SittingPlan:
    """One gathering of a meeting held per commune or cluster; `attendance` in persons present."""

    held_on: date
    place: str
    commune_ids: tuple
    attendance: int
    cluster_id: int | None = None


def roster_on(unit, day):
    """The seats called to a meeting of `unit` on `day`: leaders and bodies of the unit, and its villages' three posts.

    One seat a person, however many posts; sorted as people sort names, leaders first.
    """
    posts = Post.objects.on(day).under(unit, day).select_related("person", "unit")
    own = posts.filter(unit=unit).exclude(position__in=STAFF)
    villages = posts.of_villages().filter(unit__level="village").exclude(unit=unit)
    seats = {}
    for post in (own | villages).order_by("person__sort_key", "person_id", "id"):
        seat = seats.get(post.person_id)
        if seat is None:
            seat = seats[post.person_id] = Seat(post.person.name, post.person_id, post.unit_id)
        seat.post_ids.append(post.pk)
        seat.duties = "; ".join(filter(None, [seat.duties, _duty(post, unit)]))
    return sorted(seats.values(), key=lambda seat: seat.unit_id != unit.pk)


def _duty(post, unit):
    return post.label if post.unit_id == unit.pk else post.unit_title


def saved_seats(meeting):
    """The seats of a logged meeting: (called, guests)."""
    called, guests = [], []
    for row in meeting.attendances.filter(sitting=None).prefetch_related("posts"):
        seat = Seat(row.name, row.person_id, row.unit_id, row.duties)
        seat.post_ids = [link.post_id for link in row.posts.all()]
        seat.presence, seat.reason, seat.substitute, seat.is_guest = (
            row.presence,
            row.reason,
            row.substitute,
            row.is_guest,
        )
        (guests if row.is_guest else called).append(seat)
    return called, guests


def save_seats(meeting, seats, counts):
    """Replace the attendance of a meeting by these seats and counted groups."""
    seats = _checked(seats)
    meeting.attendances.filter(sitting=None).delete()
    meeting.counts.filter(sitting=None).delete()
    saved = Attendance.objects.bulk_create([_row(meeting, seat) for seat in seats])
    AttendancePost.objects.bulk_create(
        AttendancePost(attendance=row, post_id=pk)
        for row, seat in zip(saved, seats, strict=True)
        for pk in seat.post_ids
    )
    CountedAttendance.objects.bulk_create(
        CountedAttendance(meeting=meeting, group=count.group, number=count.number, unit_id=count.unit_id)
        for count in counts
    )


def _checked(seats):
    called = [seat for seat in seats if not seat.is_guest]
    check_roster(sum(seat.presence in PRESENT_STATES for seat in called), len(called))
    people = [seat.person_id for seat in called if seat.person_id]
    if len(people) != len(set(people)):
        raise DomainError("Một người chỉ ghi một lần trong danh sách. Bỏ dòng trùng rồi lưu lại.", "attendance")
    return seats


def _row(meeting, seat):
    return Attendance(
        meeting=meeting,
        person_id=seat.person_id,
        unit_id=seat.unit_id,
        name=seat.name,
        duties=seat.duties[:300],
        presence=seat.presence,
        reason=seat.reason if seat.presence in (Presence.EXCUSED, Presence.ABSENT) else "",
        substitute=seat.substitute if seat.presence == Presence.SUBSTITUTED else "",
        is_guest=seat.is_guest,
        sort_key=person_sort_key(seat.name),
    )


def save_sittings(meeting, plans):
    """Replace the sittings of a meeting held per commune or per cluster."""
    meeting.sittings.all().delete()
    for plan in sorted(plans, key=lambda plan: plan.held_on):
        sitting = Sitting.objects.create(
            meeting=meeting,
            cluster_id=plan.cluster_id,
            held_on=plan.held_on,
            place=plan.place,
            attendance_count=plan.attendance,
        )
        sitting.communes.set(plan.commune_ids)
