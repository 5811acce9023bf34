"""What may not be saved as sittings: strangers to the unit, one commune twice a day, people at two meetings at once."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Q, Sum

from core.errors import DomainError
from core.text import person_sort_key
from meetings.cadence.reads import member_spans, members_on, refresh_occurrence
from meetings.enums import HEAD_WORDS, HELD_STATES, PRESENT_STATES, SEVERAL_SITTINGS, ChairPresence, ChairSeat, Presence
from meetings.models import Attendance, AttendancePost, CountedAttendance, Meeting, MeetingChair, Sitting
from meetings.rules import check_roster, times_overlap
from meetings.tallies import recompute_meeting_month
from people.enums import Position
from people.models import Post
from units.reads import names_on


def check_sittings(meeting, plans):
    """Each sitting's units lie in the meeting's unit (or in one that met with it) on its day, once a day."""
    if not plans:
        return
    joint = meeting.joint_occurrences.values_list("unit_id", flat=True)
    spans = member_spans([meeting.unit_id, *joint], meeting.level)
    sat = set()
    for plan in plans:
        strangers = set(plan.commune_ids) - members_on(spans, plan.held_on)
        if strangers:
            raise DomainError(
                f"{_names(strangers, plan.held_on)} không thuộc {meeting.unit.name} vào ngày {plan.held_on:%d/%m/%Y}. "
                "Sửa ngày, hoặc chọn lại cụm, đơn vị dự.",
                "sittings",
            )
        again = {unit_id for unit_id in plan.commune_ids if (plan.held_on, unit_id) in sat}
        if again:
            raise DomainError(
                f"{_names(again, plan.held_on)} được ghi hai cuộc trong ngày {plan.held_on:%d/%m/%Y}. "
                "Gộp làm một cuộc, hoặc sửa ngày.",
                "sittings",
            )
        sat |= {(plan.held_on, unit_id) for unit_id in plan.commune_ids}


def check_clashes(meeting, facts, plans):
    """Nobody sits at two meetings of a unit at the same hours; unknown hours are not asked about."""
    if facts.started_at is None:
        return
    ours = _by_day(facts.held_on, [(plan.held_on, plan.commune_ids) for plan in plans])
    others = (
        Meeting.objects.filter(unit=meeting.unit_id, status__in=HELD_STATES, started_at__isnull=False)
        .exclude(pk=meeting.pk)
        .filter(Q(held_on__in=ours) | Q(sittings__held_on__in=ours))
        .distinct()
        .prefetch_related("sittings__communes")
    )
    for other in others:
        if times_overlap((facts.started_at, facts.ended_at), (other.started_at, other.ended_at)):
            _refuse_shared(ours, _days_of(other), other)


def _days_of(meeting):
    sittings = meeting.sittings.all() if meeting.form in SEVERAL_SITTINGS else ()
    return _by_day(meeting.held_on, [(each.held_on, [unit.pk for unit in each.communes.all()]) for each in sittings])


def _by_day(held_on, sittings):
    """{day: ids of the units that sat}; None stands for everybody."""
    days = defaultdict(set)
    for day, ids in sittings:
        days[day] |= set(ids)
    return dict(days) or {held_on: None}


def _refuse_shared(ours, theirs, other):
    for day in sorted(ours.keys() & theirs.keys()):
        if ours[day] is not None and theirs[day] is not None and not ours[day] & theirs[day]:
            continue
        shared = [ids for ids in (ours[day], theirs[day]) if ids is not None]
        who = f" với {_names(set.intersection(*shared), day)}" if shared else ""
        raise DomainError(
            f"Ngày {day:%d/%m/%Y} đã ghi “{other.title}” lúc {other.started_at:%H:%M}{who}, trùng giờ. "
            "Sửa ngày, giờ của hội nghị này hoặc hội nghị kia.",
            "started_at",
        )


def _names(ids, day):
    return ", ".join(sorted(names_on(ids, day).values()))


STAFF = (Position.SYSTEM_ADMIN, Position.OFFICER, Position.UPPER_MEMBER, Position.MMD_SPECIALIST)
"""Posts that give an account its duty but are not called to the meeting as delegates."""

HEADS = {
    ChairSeat.PARTY: (Position.PARTY_SECRETARY,),
    ChairSeat.GOV: (Position.PARTY_DEPUTY_GOV, Position.GOV_CHAIR),
    ChairSeat.FRONT: (Position.FRONT_CHAIR,),
}
"""The posts that head each of them."""

DEPUTIES = {
    ChairSeat.PARTY: (Position.PARTY_STANDING_DEPUTY, Position.PARTY_DEPUTY_GOV),
    ChairSeat.GOV: (Position.GOV_VICE,),
    ChairSeat.FRONT: (),
}


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


def chair_posts(unit, day):
    """{seat: posts of the day that may chair for it, its head first}; one query."""
    wanted = {seat: [*HEADS[seat], *DEPUTIES[seat]] for seat in ChairSeat}
    every = {position for positions in wanted.values() for position in positions}
    posts = list(Post.objects.on(day).filter(unit=unit, position__in=every).select_related("person").order_by("pk"))
    return {
        seat: sorted((p for p in posts if p.position in order), key=lambda post: order.index(post.position))
        for seat, order in wanted.items()
    }


def chair_choices(unit, day):
    """{seat: [(value, label)]} of the entry form: a post, else a bare word; the head by the word where none is known.

    Nothing is chosen until somebody chooses it.
    """
    found = {}
    for seat, posts in chair_posts(unit, day).items():
        rows = [(str(post.pk), f"{post.person.name}, {post.label}") for post in posts]
        if not any(post.position in HEADS[seat] for post in posts):
            rows.insert(0, (ChairPresence.HEAD.value, f"{HEAD_WORDS[seat]} chủ trì (danh bạ chưa có tên)"))
        rows += [(ChairPresence.DEPUTY.value, "Cấp phó khác chủ trì thay"), (ChairPresence.AWAY.value, "Vắng")]
        found[seat] = [("", "Chưa ghi"), *rows]
    return found


def save_chairs(meeting, values, day):
    """Replace what is said of the three bodies by `values` {seat: post id, word or ""}."""
    known, rows = chair_posts(meeting.unit, day), []
    for seat, value in values.items():
        if not value:
            continue
        if value in ChairPresence.values:
            rows.append(MeetingChair(meeting=meeting, seat=seat, presence=value))
            continue
        post = next((post for post in known[ChairSeat(seat)] if str(post.pk) == value), None)
        if post is None:
            words = f"Chọn lại người chủ trì của {ChairSeat(seat).label} trong danh sách ngày {day:%d/%m/%Y}."
            raise DomainError(words, f"chair_{seat}")
        presence = ChairPresence.HEAD if post.position in HEADS[ChairSeat(seat)] else ChairPresence.DEPUTY
        facts = {"name": post.person.name, "title": post.label[:120], "presence": presence}
        rows.append(MeetingChair(meeting=meeting, seat=seat, post=post, **facts))
    meeting.heads.all().delete()
    MeetingChair.objects.bulk_create(rows)


def set_opinion_count(meeting):
    """Count the meeting's opinions anew (every status and visibility) and the tally of its month."""
    meeting.opinion_count = meeting.opinions.count()
    meeting.save(update_fields=["opinion_count"])
    recompute_meeting_month(meeting.unit_id, meeting.level, meeting.year, meeting.month)


def set_attendance_count(meeting):
    """Turns: persons present (roster, substitutes, guests) plus counted numbers, once a sitting. Not saved here."""
    seated = meeting.attendances.filter(presence__in=PRESENT_STATES).count()
    counted = meeting.counts.filter(sitting=None).aggregate(n=Sum("number"))["n"] or 0
    at_sittings = meeting.sittings.aggregate(n=Sum("attendance_count"))["n"] or 0
    meeting.invited_count = meeting.attendances.filter(is_guest=False).count()
    meeting.attendance_count = seated + counted + at_sittings
    meeting.sitting_count = max(1, meeting.sittings.count())


def refresh(meeting, former=None):
    """Bring in line the occurrences (its own, and those of units that met with it) and the monthly tallies.

    `former` is (occurrence, year, month) before the change.
    """
    own = {occurrence for occurrence in (meeting.occurrence, former and former[0]) if occurrence}
    for occurrence in sorted(own | set(meeting.joint_occurrences.all()), key=lambda each: each.pk):
        refresh_occurrence(occurrence)
    months = {(meeting.year, meeting.month)} | ({former[1:]} if former else set())
    for year, month in months:
        recompute_meeting_month(meeting.unit_id, meeting.level, year, month)
