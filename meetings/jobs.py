"""The sentences of the daily digest."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Q
from django.urls import reverse

from core.activity import record_system
from core.periods import Period
from journal.models import Notice
from journal.services import notify_many
from meetings.cadence.reads import begun_count
from meetings.enums import CADENCE_KINDS, MeetingStatus, ReminderStage
from meetings.models import Meeting, Occurrence, Tasking
from meetings.reads import in_sentence
from meetings.rules import stage_to_tell
from people.enums import Role
from people.reads import users_of_bodies, users_with_roles

SHORT = 90


def own_line(matters):
    """[(sentence, address)] for those who keep the unit's meetings; several overdue periods are one sentence."""
    late = [matter for matter in matters if matter.stage == ReminderStage.GRACE]
    lines = [(_own_words(matter), matter.url) for matter in matters if matter.stage != ReminderStage.GRACE]
    if len(late) == 1:
        lines.append((_own_words(late[0]), late[0].url))
    elif late:
        lines.append((f"{late[0].row.unit__name} còn {_many(late)}.", f"{reverse('meeting_list')}?muc=thieu"))
    return lines


def _own_words(matter):
    row, what = matter.row, f"hội nghị giao ban {in_sentence(matter.row.period)}"
    if row.begun_on:
        day = f"{row.due_on:%d/%m/%Y}"
        words = f"đã quá hạn {what}" if matter.stage == ReminderStage.GRACE else f"{what} hạn họp {day}"
        return f"{row.unit__name}: {words}, mới họp {begun_count(row)}. Họp tiếp các đơn vị còn lại."
    if matter.stage == ReminderStage.GRACE:
        return f"{row.unit__name} đã quá hạn {what}. Ghi hội nghị, hoặc xin miễn nếu có lý do."
    if matter.planned_on:
        day = f"{matter.planned_on:%d/%m/%Y}"
        return {
            ReminderStage.WEEK: f"{row.unit__name}: {what} đã lên lịch ngày {day}.",
            ReminderStage.EVE: f"{row.unit__name}: {what} sắp họp, ngày {day}.",
            ReminderStage.AFTER: f"{row.unit__name}: đã qua ngày dự kiến {day} của {what}. Ghi hội nghị nếu đã họp.",
        }[matter.stage]
    day = f"{row.due_on:%d/%m/%Y}"
    return {
        ReminderStage.WEEK: f"{row.unit__name}: {what} hạn họp {day}, chưa lên lịch.",
        ReminderStage.EVE: f"{row.unit__name}: {what} đến hạn họp {day}, chưa lên lịch.",
        ReminderStage.AFTER: f"{row.unit__name}: {what} đã qua hạn họp {day}; "
        f"họp đến {row.late_until:%d/%m/%Y} tính là họp muộn.",
    }[matter.stage]


def above_line(matters):
    """[(sentence, address)]: one line a unit, for those who watch over it; nothing when nothing is late."""
    if not matters:
        return []
    name = matters[0].row.unit__name
    if len(matters) > 1:
        return [(f"{name}: {_many(matters)}.", f"{reverse('meeting_list')}?muc=thieu")]
    matter = matters[0]
    what, words = f"hội nghị giao ban {in_sentence(matter.row.period)}", "đã qua hạn họp"
    if matter.stage == ReminderStage.GRACE:
        words = "đã quá hạn"
    elif matter.planned_on:
        return [(f"{name}: {what} dự kiến ngày {matter.planned_on:%d/%m/%Y}, chưa ghi kết quả.", matter.url)]
    how = f"mới họp {begun_count(matter.row)}" if matter.row.begun_on else "chưa họp"
    return [(f"{name}: {what} {words}, {how}.", matter.url)]


def _many(matters):
    first, last = (in_sentence(matter.row.period) for matter in (matters[0], matters[-1]))
    return f"{len(matters)} kỳ giao ban quá hạn chưa họp, từ {first} đến {last}"


def tasking_line(row, stage):
    """(sentence, address) of a line of a conclusion."""
    text = row.text if len(row.text) <= SHORT else f"{row.text[:SHORT].rstrip()}…"
    words = "đã qua hạn" if stage == ReminderStage.AFTER else "đến hạn"
    return f"Việc giao {words} {row.due_on:%d/%m/%Y}: {' '.join(text.split())}", _tasking_url(row)


def _tasking_url(row):
    return reverse("tasking_detail", args=[row.pk])


def summary(own, above):
    """The one sentence over the lines of a digest."""
    parts = [f"{own} việc của đơn vị đồng chí" if own else "", f"{above} đơn vị cấp dưới chưa họp" if above else ""]
    return f"Nhắc việc giao ban: {', '.join(filter(None, parts))}."


TOLD = (Role.COMMUNE, Role.COMMUNE_LEADER, Role.DISTRICT, Role.LEADER, Role.SPECIALIST, Role.PROVINCE)
"""At a unit: those who keep or lead its meetings, and those who watch over the units below."""

NAMES_IN_LINE = 3
COLUMNS = (
    "pk",
    "unit_id",
    "unit__name",
    "level",
    "period",
    "ends_on",
    "begun_on",
    "due_on",
    "district_id",
    "province_id",
)


@transaction.atomic
def flag_overdue(today):
    """Claim every newly overdue occurrence and tell its unit and those above once; returns how many were claimed."""
    flagged = claim_overdue(today)
    notify_many(_notices(flagged, today))
    return len(flagged)


def claim_overdue(today):
    """The newly overdue occurrences, claimed by this call and no other; the caller tells in the same transaction."""
    new = Occurrence.objects.overdue(today).filter(flagged_on=None)
    rows = list(new.select_for_update(no_key=True).order_by("ends_on", "pk").values_list(*COLUMNS, named=True))
    if not rows:
        return []
    claimed = new.update(flagged_on=today)
    if claimed != len(rows):  # one more fell due in between: rather told twice than never
        flagged = Occurrence.objects.filter(flagged_on=today).order_by("ends_on", "pk")
        rows = list(flagged.values_list(*COLUMNS, named=True))
    record_system("meetings.flag_overdue", {"today": str(today), "count": claimed})
    return rows


def _notices(flagged, today):
    """(recipient, key, text, url) rows: one per unit, one line per unit above and level."""
    own, below = defaultdict(list), defaultdict(list)
    for row in flagged:
        own[row.unit_id].append(row)
        for above in {row.district_id, row.province_id} - {row.unit_id, None}:
            below[above, row.level].append(row)
    users = users_with_roles({*own, *(above for above, _ in below)}, TOLD, today)
    for unit_id, rows in own.items():
        for user_id in users.get(unit_id, ()):
            yield user_id, _key(unit_id, "own", rows), _own_text(rows), _own_url(rows)
    for (above, level), rows in below.items():
        for user_id in users.get(above, ()):
            yield (
                user_id,
                _key(above, level, rows),
                _below_text(rows),
                f"{reverse('meeting_list')}?muc=thieu&cap={level}",
            )


def _key(unit_id, about, rows):
    """The same news has the same key, also when a second run of the day reads the rows again."""
    return f"meeting-overdue:{unit_id}:{about}:{rows[0].pk}-{rows[-1].pk}-{len(rows)}"


def _label(row):
    return Period.parse(row.period).label_inside


def _own_text(rows):
    unit, last = rows[0].unit__name, _label(rows[-1])
    if len(rows) == 1 and rows[0].begun_on:
        return (
            f"{unit} đã quá hạn hội nghị giao ban {last}, mới họp {begun_count(rows[0])}. Họp tiếp các đơn vị còn lại."
        )
    if len(rows) == 1:
        return f"{unit} đã quá hạn hội nghị giao ban {last}. Ghi hội nghị, hoặc xin miễn nếu có lý do."
    return f"{unit} còn {len(rows)} kỳ giao ban quá hạn chưa họp, từ {_label(rows[0])} đến {last}."


def _own_url(rows):
    return reverse("occurrence_detail", args=[rows[0].pk]) if len(rows) == 1 else f"{reverse('meeting_list')}?muc=thieu"


def _below_text(rows):
    names = list(dict.fromkeys(row.unit__name for row in rows))
    shown = ", ".join(names[:NAMES_IN_LINE])
    more = f" và {len(names) - NAMES_IN_LINE} đơn vị khác" if len(names) > NAMES_IN_LINE else ""
    return f"{len(rows)} kỳ giao ban quá hạn chưa họp: {shown}{more}. Kỳ gần nhất: {_label(rows[-1])}."


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
class ReminderMatter:
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
    late = _by_unit([ReminderMatter(row, ReminderStage.GRACE) for row in flagged])
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
            yield ReminderMatter(row, stage, planned_on, meeting_id)


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
