"""What a meeting announces to the units below it, and their word that it was passed on."""

from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from django.db import transaction
from django.db.models import Count, Sum
from django.urls import reverse

from core.activity import record
from core.display import day_text
from core.errors import Conflict, DomainError, NotAllowed
from journal.services import notify, notify_many
from meetings.access import KEEPERS, may_charge, may_relay, may_report_tasking
from meetings.conclusions.reads import BELOW, relay_targets
from meetings.enums import MeetingStatus, TaskingStatus
from meetings.models import Announcement, Relay, Tasking
from meetings.rules import check_finish, check_line, check_relay, check_tasking_move
from meetings.services.scheduling import keepers_of, lock
from people.enums import Role
from people.reads import users_of_bodies, users_with_roles
from units.enums import Level
from units.reads import bodies_for

STALE_ANNOUNCEMENTS = (
    "Nội dung truyền đạt vừa được người khác lưu. Xem bản đã lưu rồi lưu lại; phần đồng chí nhập vẫn còn."
)
TOLD_ROLES = {Level.VILLAGE: (Role.VILLAGE,), Level.COMMUNE: KEEPERS[Level.COMMUNE]}
"""Who is told below that there is something to pass on."""


@dataclass(frozen=True)
class AnnouncementDraft:
    """One thing to pass on, as typed. `pk` None: new; an empty text takes a line away that nobody passed on yet."""

    text: str
    due_on: date | None = None
    pk: int | None = None


def announcements_version(meeting):
    """Grows with every line that is added or changed; the form of the whole list carries it."""
    counted = meeting.announced.aggregate(lines=Count("pk"), changes=Sum("version"))
    return counted["lines"] + (counted["changes"] or 0)


@transaction.atomic
def set_announcements(meeting_id, drafts, *, actor, version, today):
    """Save what the meeting announces. When it was held, the units below are told of what is new."""
    meeting = lock(meeting_id, actor=actor, may=may_charge, counts=False)
    if meeting.is_locked or meeting.status == MeetingStatus.CANCELLED:
        raise DomainError("Hội nghị đã chốt hoặc đã hủy. Mở lại hội nghị (có lý do) rồi mới sửa nội dung truyền đạt.")
    if version != announcements_version(meeting):
        raise Conflict(STALE_ANNOUNCEMENTS)
    known = {line.pk: line for line in meeting.announced.annotate(told=Count("relays"))}
    if {draft.pk for draft in drafts if draft.pk} - set(known):
        raise Conflict(STALE_ANNOUNCEMENTS)
    for index, draft in enumerate(drafts):
        _check_due(index, draft, meeting)
        if draft.pk:
            _change_announcements(known[draft.pk], draft, actor, index)
    added = _add_announcements(meeting, [draft for draft in drafts if draft.pk is None and draft.text], known, actor)
    if added and meeting.is_held:
        _tell_below(meeting, added, today)
    return list(meeting.announced.order_by("number"))


def _check_due(index, draft, meeting):
    day = meeting.held_on or meeting.planned_on
    if draft.due_on and day and draft.due_on < day:
        raise DomainError(
            f"Hạn truyền đạt {day_text(draft.due_on)} trước ngày họp {day_text(day)}. Nhập từ ngày họp trở đi.",
            f"{index}-due_on",
        )


def _change_announcements(line, draft, actor, index):
    before = {"text": line.text, "due_on": day_text(line.due_on)}
    if not draft.text:
        if line.told:
            raise DomainError("Nội dung này đã có nơi truyền đạt nên không bỏ được. Giữ lại nội dung.", f"{index}-text")
        record(actor.pk, "announcement.remove", line, before)
        line.delete()
    elif (line.text, line.due_on) != (draft.text, draft.due_on):
        line.text, line.due_on = draft.text, draft.due_on
        line.version += 1
        line.save(update_fields=["text", "due_on", "version"])
        record(actor.pk, "announcement.edit", line, before, {"text": line.text, "due_on": day_text(line.due_on)})


def _add_announcements(meeting, drafts, known, actor):
    last = max((line.number for line in known.values()), default=0)
    added = []
    for number, draft in enumerate(drafts, last + 1):
        line = Announcement.objects.create(meeting=meeting, number=number, text=draft.text, due_on=draft.due_on)
        record(actor.pk, "announcement.create", line, after={"text": line.text, "due_on": day_text(line.due_on)})
        added.append(line)
    return added


def _tell_below(meeting, added, today):
    targets = [unit.pk for unit in relay_targets(meeting)]
    found = users_with_roles(targets, TOLD_ROLES.get(BELOW.get(meeting.level), ()), today) if targets else {}
    told = sorted({user_id for users in found.values() for user_id in users})
    first = added[0]
    when = f"hội nghị {meeting.unit.name} ngày {day_text(meeting.held_on)}"
    text = f"Có {len(added)} nội dung cần truyền đạt từ {when}: {first.text}"
    notify(told, key=f"announcement-{first.pk}", text=text, url=reverse("relay_list"))


@transaction.atomic
def report_relay(announcement_id, unit_id, relayed_on, reach_count, questions, *, actor, today):
    """A unit passed an announcement on; said again, the report is replaced. Questions are told to the keepers."""
    announcement = (
        Announcement.objects.select_for_update(of=("self",)).select_related("meeting").get(pk=announcement_id)
    )
    meeting = announcement.meeting
    _check_report(actor, meeting, [unit_id])
    check_relay(relayed_on, reach_count, meeting.held_on, today)
    known = Relay.objects.filter(announcement=announcement, unit_id=unit_id).first()
    values = {"relayed_on": relayed_on, "reach_count": reach_count, "questions": questions}
    before = {name: getattr(known, name) for name in values} if known else {}
    if before == values:
        return known
    relay, _ = Relay.objects.update_or_create(
        announcement=announcement, unit_id=unit_id, defaults=values | {"reported_by_id": actor.pk}
    )
    record(actor.pk, "relay.report", relay, _plain_values(before), _plain_values(values))
    if questions and questions != before.get("questions"):
        _tell_keepers(relay, meeting, questions, actor, today)
    return relay


def _check_report(actor, meeting, unit_ids):
    if not all(may_relay(actor, meeting, unit_id) for unit_id in unit_ids):
        raise NotAllowed("Đồng chí không có quyền ghi việc truyền đạt của đơn vị này.")
    if not meeting.is_held:
        raise DomainError("Hội nghị chưa họp nên chưa có gì để truyền đạt.")
    if set(unit_ids) - {unit.pk for unit in relay_targets(meeting)}:
        raise DomainError("Đơn vị này không thuộc nơi phải truyền đạt của hội nghị. Mời chọn lại.", "unit")


def _tell_keepers(relay, meeting, questions, actor, today):
    digest = sha256(questions.encode()).hexdigest()[:12]
    told = keepers_of(meeting.unit_id, meeting.level, today) - {actor.pk}
    text = f"{relay.unit.name} gửi lại câu hỏi khi truyền đạt: {questions}"
    notify(sorted(told), key=f"relay-{relay.pk}-{digest}", text=text, url=relay.announcement.get_absolute_url())


@transaction.atomic
def report_relays(meeting_id, relayed_on, *, actor, today, unit_ids=None, reach_count=0):
    """Every announcement of the meeting was passed on by these units (None: all) on one day.

    What was reported before stays as it was. The answer is how many reports are new.
    """
    meeting = lock(meeting_id, actor=actor, may=lambda *_: True, counts=False)
    wanted = [unit.pk for unit in relay_targets(meeting)] if unit_ids is None else list(unit_ids)
    _check_report(actor, meeting, wanted)
    check_relay(relayed_on, reach_count, meeting.held_on, today)
    lines = list(meeting.announced.values_list("pk", flat=True))
    known = set(Relay.objects.filter(announcement_id__in=lines).values_list("announcement_id", "unit_id"))
    rows = [
        Relay(
            announcement_id=line, unit_id=unit_id, relayed_on=relayed_on, reach_count=reach_count,
            reported_by_id=actor.pk,
        )
        for line in lines
        for unit_id in wanted
        if (line, unit_id) not in known
    ]  # fmt: skip
    Relay.objects.bulk_create(rows, batch_size=500)
    if rows:
        record(actor.pk, "relay.report_many", meeting, after={"relayed_on": day_text(relayed_on), "rows": len(rows)})
    return len(rows)


def _plain_values(values):
    return {name: day_text(value) if isinstance(value, date) else value for name, value in values.items()}


STALE_TASKINGS = (
    "Các dòng kết luận vừa được người khác lưu. Xem bản đã lưu ở trên rồi lưu lại; phần đồng chí nhập vẫn còn."
)
STALE_ONE = "Việc này vừa được người khác cập nhật. Xem lại nội dung mới nhất rồi làm lại."
PLACE = ("unit_id", "level", "province_id", "district_id", "commune_id")
WRITTEN = ("text", "body_id", "person_id", "due_on", "version")


@dataclass(frozen=True)
class TaskingDraft:
    """A line as typed. `pk` None: a new one; `drop_reason`: no longer to be done, and why."""

    text: str
    due_on: date | None
    body_id: int | None = None
    person_id: int | None = None
    pk: int | None = None
    drop_reason: str = ""


def taskings_version(meeting):
    """Grows with every line that is added or changed; the form of the whole list carries it."""
    counted = meeting.taskings.aggregate(lines=Count("pk"), changes=Sum("version"))
    return counted["lines"] + (counted["changes"] or 0)


@transaction.atomic
def set_taskings(meeting_id, drafts, *, actor, version, today):
    """Save the lines of a meeting's conclusion: new ones, changed ones, dropped ones; none is ever deleted.

    Tells the accounts of newly charged bodies. A refusal names its line by `field` = "<index>-<name>".
    """
    meeting = lock(meeting_id, actor=actor, may=may_charge, counts=False)
    _check_open(meeting)
    if version != taskings_version(meeting):
        raise Conflict(STALE_TASKINGS)
    known = {line.pk: line for line in meeting.taskings.all()}
    if {draft.pk for draft in drafts if draft.pk} - set(known):
        raise Conflict(STALE_TASKINGS)
    allowed = set(bodies_for(meeting.unit, today).values_list("pk", flat=True)) | {t.body_id for t in known.values()}
    _check_lines(meeting, drafts, allowed)
    charged = [_change_taskings(known[d.pk], d, actor) for d in drafts if d.pk] + _add_taskings(
        meeting, drafts, known, actor
    )
    _tell([line for line in charged if line], actor, today)
    return list(meeting.taskings.order_by("number"))


def _check_open(meeting):
    if not meeting.is_held:
        raise DomainError("Hội nghị chưa họp nên chưa có kết luận. Ghi ngày họp trước rồi giao việc.")
    if meeting.is_locked:
        raise DomainError("Hội nghị đã chốt. Mở lại hội nghị (có lý do) rồi mới sửa các dòng kết luận.")


def _check_lines(meeting, drafts, allowed):
    for index, draft in enumerate(drafts):
        try:
            if not draft.drop_reason:
                check_line(draft.text, draft.body_id, draft.person_id, draft.due_on, meeting.held_on)
            if draft.body_id and draft.body_id not in allowed:
                raise DomainError("Cơ quan chủ trì phải thuộc đơn vị họp; mời chọn lại.", "body")
        except DomainError as refusal:
            raise DomainError(refusal.message, f"{index}-{refusal.field}") from refusal


def _change_taskings(line, draft, actor):
    """The line if it now charges another body, else None. Lines that ended stay as they are."""
    if line.status != TaskingStatus.OPEN:
        return None
    if draft.drop_reason:
        _move(line, TaskingStatus.DROPPED, actor, result=draft.drop_reason)
        return None
    typed = {name: getattr(draft, name) for name in WRITTEN[:-1]}
    before = {name: getattr(line, name) for name in typed}
    if typed == before:
        return None
    for name, value in typed.items():
        setattr(line, name, value)
    line.version += 1
    line.save(update_fields=[name.removesuffix("_id") for name in WRITTEN])
    record(actor.pk, "tasking.edit", line, _plain(before), _plain(typed))
    return line if line.body_id != before["body_id"] else None


def _add_taskings(meeting, drafts, known, actor):
    place = {name: getattr(meeting, name) for name in PLACE}
    number = max((line.number for line in known.values()), default=0)
    added = []
    for draft in drafts:
        if draft.pk is None:
            number += 1
            columns = {name: getattr(draft, name) for name in WRITTEN[:-1]}
            added.append(Tasking.objects.create(meeting=meeting, number=number, **columns, **place))
            record(actor.pk, "tasking.create", added[-1], after=_plain(columns))
    return added


def _plain(columns):
    return {name: day_text(value) if isinstance(value, date) else value for name, value in columns.items()}


def _tell(lines, actor, today):
    """The accounts of the charged bodies, in the same transaction."""
    bodies = {line.body_id for line in lines if line.body_id}
    accounts = users_of_bodies(bodies, today) if bodies else {}
    notify_many(
        (user_id, f"tasking-{line.pk}-{line.version}", _words(line), reverse("tasking_detail", args=[line.pk]))
        for line in lines
        for user_id in sorted(set(accounts.get(line.body_id, ())) - {actor.pk})
    )


def _words(line):
    return f"Việc giao tại hội nghị, hạn {day_text(line.due_on)}: {line.text}"


def finish_tasking(tasking_id, result, done_on, *, actor, version, today):
    """It is done, on a day and with a result. The other side is told."""

    def check(line):
        check_finish(result, done_on, line.meeting.held_on, today)

    moved = {"result": result, "done_on": done_on}
    return _act(tasking_id, TaskingStatus.DONE, actor, version, today, may_report_tasking, check=check, **moved)


def reopen_tasking(tasking_id, reason, *, actor, version, today):
    """Not done after all; what had been reported stays in the log."""
    if not reason:
        raise DomainError("Nhập lý do trước khi lưu.", "reason")
    moved = {"done_on": None, "result": ""}
    return _act(tasking_id, TaskingStatus.OPEN, actor, version, today, may_charge, reason=reason, **moved)


def drop_tasking(tasking_id, reason, *, actor, version, today):
    """No longer to be done; the reason is kept as its result."""
    if not reason:
        raise DomainError("Nhập lý do trước khi lưu.", "reason")
    return _act(tasking_id, TaskingStatus.DROPPED, actor, version, today, may_charge, result=reason)


@transaction.atomic
def _act(tasking_id, status, actor, version, today, may, check=None, reason="", **columns):
    line = Tasking.objects.select_for_update(of=("self",)).select_related("meeting").get(pk=tasking_id)
    if not may(actor, line):
        raise NotAllowed("Đồng chí không có quyền thực hiện việc này với việc giao này.")
    if version != line.version:
        raise Conflict(STALE_ONE)
    check_tasking_move(line.status, status)
    if check:
        check(line)
    _move(line, status, actor, reason, **columns)
    bodies = users_of_bodies([line.body_id], today).get(line.body_id, ()) if line.body_id else ()
    text = f"{TaskingStatus(status).label}: việc giao “{line.text}”"
    key, url = f"tasking-{line.pk}-{line.version}", reverse("tasking_detail", args=[line.pk])
    told = set(bodies) | keepers_of(line.unit_id, line.level, today)
    notify_many((user_id, key, text, url) for user_id in sorted(told - {actor.pk}))
    return line


def _move(line, status, actor, reason="", **columns):
    """The one door of a line's status: moves, saves, logs."""
    before = {"status": line.status, "result": line.result, "done_on": day_text(line.done_on)}
    check_tasking_move(line.status, status)
    line.status = status
    for name, value in columns.items():
        setattr(line, name, value)
    line.version += 1
    line.save(update_fields=["status", "version", *columns])
    verb = {TaskingStatus.DONE: "finish", TaskingStatus.DROPPED: "drop", TaskingStatus.OPEN: "reopen"}[status]
    record(actor.pk, f"tasking.{verb}", line, before, _plain(columns) | {"status": status, "reason": reason})
