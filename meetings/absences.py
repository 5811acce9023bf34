"""Village posts whose holders were away from the last meetings in a row: a question to ask, not a blame."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import Exists, F, OuterRef, Q, Window
from django.db.models.functions import RowNumber
from django.urls import reverse

from meetings.enums import HELD_STATES, Presence
from meetings.models import Attendance, AttendancePost, Meeting
from people.enums import VILLAGE_POSITIONS
from people.models import Person, Post
from units.enums import Level

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
