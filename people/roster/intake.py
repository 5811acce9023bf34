"""A roster file on its way in: received, checked by a worker, shown, confirmed, written by a worker."""

from dataclasses import asdict

from django.db import transaction
from django.db.models import Q

from core.errors import Conflict, DomainError, NotAllowed
from core.files import kept_path
from core.intake import as_report, asked_in, check_answers, has_failed, receive, settle, start, unlink
from core.sheets import read_sheets
from people.access import may_manage_posts
from people.enums import ImportState, Position
from people.models import RosterImport
from people.roster.applying import apply_roster, plan_drafts
from people.roster.planning import ACT_WORDS, WRITING
from people.roster.reading import read_drafts
from units.enums import Level
from units.selectors import place_on

FOLDER = "rosters"
KEPT_PLANS = 20
"""How many reports of one person are kept; older ones go."""


def check_unit(actor, unit, today):
    """Rosters come in for a commune, district or province whose posts the actor keeps."""
    if unit.level == Level.VILLAGE:
        raise DomainError("Chọn xã, phường; thôn, khu được ghi trong từng dòng của tệp.", "unit")
    if not may_manage_posts(actor, place_on(unit, today)):
        raise NotAllowed("Đồng chí chỉ nhập danh sách cho địa bàn mình phụ trách. Chọn lại đơn vị.")


@transaction.atomic
def receive_roster(*, actor, unit, file, today, request_id=None):
    """Keep the file and have it checked; once for each `request_id`. Earlier unconfirmed files of the unit go."""
    check_unit(actor, unit, today)
    work = ("roster_check", "Kiểm tra danh sách", "roster.receive")
    earlier = _earlier(actor, unit)
    return receive(
        RosterImport, FOLDER, actor=actor, unit=unit, file=file, request_id=request_id, earlier=earlier, work=work
    )


@transaction.atomic
def confirm_roster(*, actor, item, digest, today, accepted=()):
    """Have the plan that was seen written, once its questions are answered: `accepted` holds their kinds. Confirmed
    twice, it is written once."""
    item = RosterImport.objects.select_for_update(of=("self",)).select_related("unit").get(pk=item.pk)
    check_unit(actor, item.unit, today)
    is_under_way = item.state == ImportState.APPLYING and not has_failed(item)
    if is_under_way or item.state == ImportState.APPLIED:
        return item
    if item.state not in (ImportState.READY, ImportState.APPLYING):
        raise DomainError("Tệp này còn lỗi nên chưa ghi được. Sửa tệp rồi gửi lại.")
    if digest != item.digest:
        raise Conflict("Bản xem trước đã được lập lại. Tải lại trang, xem bản mới rồi bấm ghi.")
    questions = asked_in(item.report)
    check_answers(questions, [each for each in questions if each.kind in accepted])
    item.state = ImportState.APPLYING
    item.save(update_fields=["state"])
    start(item, item.created_by_id, "roster_apply", f"Ghi danh sách {item.name}")
    return item


def check_file(item, *, actor, today):
    """The worker's first half: the plan and its report. A file that cannot be read says why."""
    if item.state != ImportState.READING:
        return
    try:
        plan = plan_drafts(_drafts(item), actor=actor, unit=item.unit, today=today)
    except DomainError as error:
        settle(item, ImportState.READING, ImportState.UNREADABLE, message=error.message)
        raise
    _show_plan(item, plan, ImportState.READING)


def apply_file(item, *, actor, today, now):
    """The worker's second half. When the directory has changed since the plan was seen, a new plan waits instead."""
    if item.state != ImportState.APPLYING:
        return
    check_unit(actor, item.unit, today)
    drafts, path = _drafts(item), item.path
    try:
        with transaction.atomic():
            item = RosterImport.objects.select_for_update(of=("self",)).select_related("unit").get(pk=item.pk)
            if item.state != ImportState.APPLYING:
                return
            accepted = asked_in(item.report)
            apply_roster(drafts, actor=actor, unit=item.unit, today=today, digest=item.digest, accepted=accepted)
            settle(item, ImportState.APPLYING, ImportState.APPLIED, applied_at=now, message="", path="")
            transaction.on_commit(lambda: unlink([path]))
    except DomainError as error:
        plan = plan_drafts(drafts, actor=actor, unit=item.unit, today=today)
        _show_plan(item, plan, ImportState.APPLYING, error.message)
        raise


def give_up(item, message):
    """A run that failed for another reason leaves the file readable again."""
    settle(item, ImportState.APPLYING, ImportState.READY, message=message)
    settle(item, ImportState.READING, ImportState.UNREADABLE, message=message)


def _drafts(item):
    return read_drafts(read_sheets(kept_path(item.path)))


def _show_plan(item, plan, before, message=""):
    after = ImportState.FAULTY if plan.faults else ImportState.READY
    settle(item, before, after, digest=plan.digest, report=report_of(plan), message=message)


def report_of(plan):
    """What the page and the command tell of a plan: counts, faults, and every row in words."""
    rows = [
        {
            "line": row.line,
            "act": row.act,
            "label": ACT_WORDS[row.act],
            "village": row.village,
            "name": row.name,
            "position": Position(row.position).label,
            "words": row.words,
        }
        for row in plan.rows
    ]
    changes = sum(row.act in WRITING for row in plan.rows)
    faults = [asdict(fault) for fault in plan.faults]
    return {
        "counts": plan.counts,
        "changes": changes,
        "faults": faults,
        "questions": as_report(plan.questions),
        "rows": rows,
    }


def _earlier(actor, unit):
    """Unconfirmed files of the same unit are out of date now; of the applied ones the latest reports stay."""
    own = RosterImport.objects.filter(created_by_id=actor.pk)
    kept = own.filter(state=ImportState.APPLIED).values_list("pk", flat=True)[:KEPT_PLANS]
    stale = Q(unit=unit) & ~Q(state__in=(ImportState.APPLYING, ImportState.APPLIED))
    return own.filter(stale | (Q(state=ImportState.APPLIED) & ~Q(pk__in=list(kept))))
