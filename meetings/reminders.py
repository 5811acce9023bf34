"""The daily digest about meetings: what comes near, what is due, what is overdue. One notice a person and day.

A matter is an expected meeting, or a line of a conclusion that is still open. Its day T is the planned day of the
meeting that is on the calendar, else the due day. It is told when it enters a stage (`rules.reminder_stage`): T-7,
T-1, T+1, and once more when its days of grace are over. Those who keep the unit's meetings get every stage; those
above get one line per unit, from T+1 on. What is held, excused or cancelled is not told.

The digest is also the one message about what is newly overdue: it claims those rows as `flag_overdue` does
(`flagged_on`), so whichever of the two runs first tells them and the other finds nothing. On the schedule the digest
runs first. No state but the notices themselves: `meeting-reminders:<day>` names the digest of a day, and the newest
earlier one is the day up to which everything has been told.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Q
from django.urls import reverse

from core.activity import record_system
from journal.models import Notice
from journal.services import notify_many
from meetings.enums import CADENCE_KINDS, MeetingStatus, ReminderStage
from meetings.models import Meeting, Occurrence, Tasking
from meetings.overdue import TOLD, claim_overdue
from meetings.reminder_words import above_line, own_line, summary, tasking_line
from meetings.rules import stage_to_tell
from people.selectors import users_of_bodies, users_with_roles

KEY = "meeting-reminders:"
AHEAD = timedelta(days=7)
LOOK_BACK = timedelta(days=31)
ABOVE_STAGES = (ReminderStage.AFTER, ReminderStage.GRACE)
TASKING_STAGES = (ReminderStage.EVE, ReminderStage.AFTER)


@dataclass(frozen=True)
class Told:
    """How many expected meetings were newly flagged as overdue, and how many digests were written."""

    flagged: int
    notices: int


@dataclass(frozen=True)
class Matter:
    """One expected meeting in a stage; `planned_on` and `meeting_id` when a meeting is on the calendar."""

    row: object
    stage: ReminderStage
    planned_on: date | None = None
    meeting_id: int | None = None

    @property
    def url(self):
        name, pk = ("meeting_detail", self.meeting_id) if self.meeting_id else ("occurrence_detail", self.row.pk)
        return reverse(name, args=[pk])


@transaction.atomic
def remind(today):
    """Write the digests of a day; a second run writes nothing, a missed day is caught up without its stale lines."""
    flagged = claim_overdue(today)
    told_on, told = _told_on(today), _told_today(today)
    late = _by_unit([Matter(row, ReminderStage.GRACE) for row in flagged])
    matters = _by_unit(_near(today, told_on))
    users = _users({*late, *matters}, [*late.values(), *matters.values()], today)
    digests = defaultdict(Digest)
    _add_meetings(digests, matters, users, skip=told)
    _add_meetings(digests, late, users, skip=())
    _add_taskings(digests, _near_taskings(today, told_on), today, skip=told)
    suffix = f":{flagged[0].pk}" if flagged else ""
    written = notify_many(
        (pk, f"{KEY}{today}{suffix if pk in told else ''}", *digest.notice()) for pk, digest in digests.items()
    )
    if written:
        record_system("meetings.remind", {"today": str(today), "count": written})
    return Told(len(flagged), written)


class Digest:
    """What one person is told on one day."""

    def __init__(self):
        self.own, self.above, self.urls = [], [], []

    def add(self, lines, text, url):
        lines.append(text)
        self.urls.append(url)

    def notice(self):
        """(text, url, lines)"""
        lines = [*self.own, *self.above]
        if len(lines) == 1:
            return lines[0], self.urls[0], ()
        return summary(len(self.own), len(self.above)), f"{reverse('meeting_list')}?muc=ky-nay", lines


def _told_on(today):
    """The day of the newest digest before today; None when there was none."""
    earlier = Notice.objects.filter(key__startswith=KEY, key__lt=f"{KEY}{today}").order_by("-key")
    key = earlier.values_list("key", flat=True).first()
    return date.fromisoformat(key.removeprefix(KEY)[:10]) if key else None


def _told_today(today):
    return set(Notice.objects.filter(key=f"{KEY}{today}").values_list("recipient_id", flat=True))


def _near(today, told_on):
    """Expected meetings that entered a stage since the last digest; overdue ones are told by their claim."""
    on_calendar = _on_calendar(today)
    soon = Q(due_on__lte=today + AHEAD, late_until__gte=today)
    rows = Occurrence.objects.to_hold().filter(soon | Q(pk__in=on_calendar))
    rows = rows.order_by("unit__code", "ends_on", "pk").values_list(
        *("pk", "unit_id", "unit__name", "level", "period", "ends_on", "begun_on", "due_on", "late_until"),
        *("district_id", "province_id"),
        named=True,
    )
    for row in rows:
        meeting_id, planned_on = on_calendar.get(row.pk, (None, None))
        stage = stage_to_tell(planned_on or row.due_on, today, row.late_until, told_on)
        if stage and stage != ReminderStage.GRACE:
            yield Matter(row, stage, planned_on, meeting_id)


def _on_calendar(today):
    """{occurrence id: (meeting id, planned day)} of the meetings that are to make their period held."""
    planned = Meeting.objects.filter(
        status=MeetingStatus.PLANNED,
        kind__in=CADENCE_KINDS,
        occurrence__isnull=False,
        planned_on__range=(today - LOOK_BACK, today + AHEAD * 6),
    )
    return {row[0]: row[1:] for row in planned.order_by("-pk").values_list("occurrence_id", "pk", "planned_on")}


def _by_unit(matters):
    units = defaultdict(list)
    for matter in matters:
        units[matter.row.unit_id].append(matter)
    return units


def _above(row):
    return {row.district_id, row.province_id} - {row.unit_id, None}


def _users(unit_ids, groups, today):
    """{unit id: user ids} for the units themselves and all above them, in one query."""
    wanted = unit_ids | {pk for group in groups for matter in group for pk in _above(matter.row)}
    return users_with_roles(wanted, TOLD, today) if wanted else {}


def _add_meetings(digests, units, users, skip):
    for unit_id, matters in units.items():
        for text, url in own_line(matters):
            for user_id in set(users.get(unit_id, ())) - set(skip):
                digests[user_id].add(digests[user_id].own, text, url)
        for text, url in above_line([matter for matter in matters if matter.stage in ABOVE_STAGES]):
            readers = {pk for above in _above(matters[0].row) for pk in users.get(above, ())}
            for user_id in readers - set(skip):
                digests[user_id].add(digests[user_id].above, text, url)


def _near_taskings(today, told_on):
    """(tasking row, stage) of open lines of conclusions whose day is tomorrow or has just passed."""
    rows = Tasking.objects.unfinished().filter(due_on__range=(today - AHEAD, today + timedelta(days=1)))
    rows = rows.order_by("due_on", "pk").values_list(
        *("pk", "unit_id", "body_id", "number", "text", "due_on", "meeting_id", "meeting__title"), named=True
    )
    for row in rows:
        stage = stage_to_tell(row.due_on, today, date.max, told_on)
        if stage in TASKING_STAGES:
            yield row, stage


def _add_taskings(digests, taskings, today, skip):
    taskings = list(taskings)
    if not taskings:
        return
    keepers = users_with_roles({row.unit_id for row, _ in taskings}, TOLD, today)
    bodies = users_of_bodies({row.body_id for row, _ in taskings} - {None}, today)
    for row, stage in taskings:
        text, url = tasking_line(row, stage)
        for user_id in {*keepers.get(row.unit_id, ()), *bodies.get(row.body_id, ())} - set(skip):
            digests[user_id].add(digests[user_id].own, text, url)
