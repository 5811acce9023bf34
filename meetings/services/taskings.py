"""The lines of a conclusion: written by those who keep the meeting, reported done by those who owe them."""

from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import Count, Sum
from django.urls import reverse

from core.activity import record
from core.display import day_text
from core.errors import Conflict, DomainError, NotAllowed
from journal.services import notify_many
from meetings.access import may_charge, may_report_tasking
from meetings.business_rules import check_finish, check_line, check_tasking_move
from meetings.enums import TaskingStatus
from meetings.models import Tasking
from meetings.services.guard import lock
from meetings.services.keepers import keepers_of
from people.selectors import users_of_bodies
from units.selectors import bodies_for

STALE = "Các dòng kết luận vừa được người khác lưu. Xem bản đã lưu ở trên rồi lưu lại; phần đồng chí nhập vẫn còn."
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
        raise Conflict(STALE)
    known = {line.pk: line for line in meeting.taskings.all()}
    if {draft.pk for draft in drafts if draft.pk} - set(known):
        raise Conflict(STALE)
    allowed = set(bodies_for(meeting.unit, today).values_list("pk", flat=True)) | {t.body_id for t in known.values()}
    _check_lines(meeting, drafts, allowed)
    charged = [_change(known[d.pk], d, actor) for d in drafts if d.pk] + _add(meeting, drafts, known, actor)
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


def _change(line, draft, actor):
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


def _add(meeting, drafts, known, actor):
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
