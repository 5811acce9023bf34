"""Village posts whose holders were away from the last meetings in a row: a question to ask, not a blame."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import Count, Exists, F, OuterRef, Q, Sum, Window
from django.db.models.functions import RowNumber
from django.urls import reverse

from core.text import place_sort_key
from meetings.enums import HEAD_WORDS, HELD_STATES, PRESENT_STATES, ChairPresence, ChairSeat, Presence
from meetings.models import Attendance, AttendancePost, CountedAttendance, Meeting, MeetingChair
from people.enums import VILLAGE_POSITIONS
from people.models import Person, Post
from units.enums import LEVEL_ORDER, Level
from units.models import Unit
from units.naming import placed_names

LOOK_BACK = timedelta(days=400)
MEETINGS = 12
"""How far back a run of absences is followed."""

AWAY = (Presence.EXCUSED, Presence.ABSENT)
SHORTEST = 2


@dataclass
class Absence:
    """A person who was away from the last `count` meetings to which the village posts were called."""

    person: Person
    commune_id: int
    commune: str
    count: int
    since: date
    posts: list = field(default_factory=list)
    reasons: list = field(default_factory=list)


def repeated_absences(user, today, shortest=SHORTEST, commune=None):
    """[Absence] of the holders of today in the communes the user sees, longest first, in four queries.

    A substitute counts as present. Whoever takes over a post begins anew.
    """
    ranked = _last_meetings(user, today, commune)
    runs = {post_id: run for post_id, run in _runs(ranked, today).items() if len(run) >= shortest}
    posts = Post.objects.filter(pk__in=runs).select_related("person", "unit")
    found = {}
    for post in sorted(posts, key=lambda post: (post.unit.code, post.pk)):
        run = runs[post.pk]
        commune_id, commune_name, since = ranked[run[-1][0]][1:]
        absence = found.setdefault(post.person_id, Absence(post.person, commune_id, commune_name, len(run), since))
        absence.posts.append(post)
        if len(run) >= absence.count:
            absence.count, absence.since = len(run), since
            absence.reasons = list(dict.fromkeys(reason for _, reason in run if reason))
    return sorted(found.values(), key=lambda row: (-row.count, row.commune, row.person.sort_key))


def absence_tasks(user, today):
    """The row of Việc cần làm for those who keep a commune's meetings; none when nobody was away twice running."""
    count = len(repeated_absences(user, today))
    if not count:
        return []
    return [
        {
            "title": f"{count} đồng chí vắng từ {SHORTEST} kỳ liền",
            "url": reverse("absence_list"),
            "hint": "Có cần gọi điện hỏi thăm, đề nghị cử người dự thay, hoặc cập nhật người giữ chức danh?",
            "action_label": "Xem",
        }
    ]


def _last_meetings(user, today, commune):
    """{meeting id: (rank, commune id, commune name, day)}: the last named meetings of each commune, 1 the latest."""
    named = Attendance.objects.filter(meeting=OuterRef("pk"), is_guest=False)
    held = Meeting.objects.visible_to(user).filter(
        Exists(named), level=Level.COMMUNE, status__in=HELD_STATES, held_on__lte=today, held_on__gt=today - LOOK_BACK
    )
    held = held.filter(Q(unit__valid_to=None) | Q(unit__valid_to__gt=today))
    if commune is not None:
        held = held.filter(unit=commune)
    order = Window(RowNumber(), partition_by=F("unit_id"), order_by=[F("held_on").desc(), F("pk").desc()])
    ranked = held.annotate(rank=order).filter(rank__lte=MEETINGS)
    rows = ranked.values_list("pk", "rank", "unit_id", "unit__name", "held_on")
    return {pk: row for pk, *row in rows}


def _runs(ranked, today):
    """{post id: [(meeting id, reason)], latest first} of the posts held today that were away at the latest meeting."""
    latest = [pk for pk, row in ranked.items() if row[0] == 1]
    current = Post.objects.on(today).filter(position__in=VILLAGE_POSITIONS)
    away = AttendancePost.objects.filter(attendance__meeting__in=latest, attendance__presence__in=AWAY)
    suspects = list(away.filter(post__in=current.values("pk")).values_list("post_id", flat=True))
    seats = defaultdict(list)
    rows = AttendancePost.objects.filter(post__in=suspects, attendance__meeting__in=list(ranked))
    for post_id, meeting_id, presence, reason in rows.values_list(
        "post_id", "attendance__meeting_id", "attendance__presence", "attendance__reason"
    ):
        seats[post_id].append((ranked[meeting_id][0], meeting_id, presence, reason))
    return {post_id: _run_of(sorted(found)) for post_id, found in seats.items()}


def _run_of(seats):
    """The absences from the latest meeting back to the first one attended."""
    run = []
    for _, meeting_id, presence, reason in seats:
        if presence not in AWAY:
            break
        run.append((meeting_id, reason))
    return run


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


def heads_of_year(user, year, day):
    """Per unit that met in a year: how often each of the three heads chaired, a deputy did, or nobody; the rest unsaid.

    Sorted by level and name, never by a figure: it gives an account and ranks nobody. Three queries and the names'.
    """
    held = Meeting.objects.visible_to(user).held().filter(year=year)
    counts = dict(held.order_by().values_list("unit_id").annotate(Count("pk")))
    said = MeetingChair.objects.filter(meeting__in=held).order_by().values_list("meeting__unit_id", "seat", "presence")
    cells = {(unit_id, seat, presence): number for unit_id, seat, presence, number in said.annotate(Count("pk"))}
    names = placed_names(counts, day)
    units = Unit.objects.in_bulk(counts)
    rows = [
        {
            "key": units[unit_id].key,
            "level": units[unit_id].level,
            "name": names.get(unit_id, units[unit_id].name),
            "held": number,
            "seats": [_head_cell(seat, unit_id, number, cells) for seat in ChairSeat],
        }
        for unit_id, number in counts.items()
    ]
    return sorted(rows, key=lambda row: (LEVEL_ORDER.index(row["level"]), place_sort_key(row["name"]), row["key"]))


def _head_cell(seat, unit_id, held, cells):
    found = {presence.value: cells.get((unit_id, seat.value, presence.value), 0) for presence in ChairPresence}
    return found | {"label": HEAD_WORDS[seat], "unsaid": held - sum(found.values())}
