"""A book of old years on its way in: received, checked by a worker, shown, confirmed, written, perhaps taken back."""

from datetime import timedelta

from django.db import transaction

from core.display import day_text
from core.errors import Conflict, DomainError, NotAllowed
from core.files import kept_path
from feedback.access import may_keep_ledgers
from feedback.enums import LedgerState
from feedback.ledger.applying import apply_ledger, known_import, plan_ledger
from feedback.ledger.book import read_drafts
from feedback.ledger.planning import plan_faults
from feedback.ledger.undoing import undo_ledger
from feedback.models import LedgerImport
from intake.books import read_sheets
from intake.submissions import as_report, asked_in, check_answers, has_failed, receive, settle, start, unlink
from meetings.enums import MeetingKind
from units.enums import Level
from units.reads import place_on

FOLDER = "ledgers"
MOST_ROWS_SHOWN = 2000


def check_unit(actor, unit, today):
    """Books come in for a commune, district or province whose meetings the actor keeps, also for one that has ended."""
    if unit.level == Level.VILLAGE:
        raise DomainError("Chọn xã, huyện hoặc tỉnh; thôn, khu được ghi trong từng dòng của tệp.", "unit")
    day = min(today, unit.valid_to - timedelta(days=1)) if unit.valid_to else today
    if not may_keep_ledgers(actor, place_on(unit, day)):
        raise NotAllowed("Đồng chí chỉ nhập sổ cho địa bàn mình phụ trách. Chọn lại đơn vị.")


@transaction.atomic
def receive_ledger(*, actor, unit, file, today, request_id=None):
    """Keep the file and have it checked; once for each `request_id`. Earlier unconfirmed files of the unit go."""
    check_unit(actor, unit, today)
    work = ("ledger_check", "Kiểm tra sổ", "ledger.receive")
    earlier = _earlier(actor, unit)
    return receive(
        LedgerImport, FOLDER, actor=actor, unit=unit, file=file, request_id=request_id, earlier=earlier, work=work
    )


def confirm_ledger(*, actor, item, digest, today, accepted=()):
    """Have the rows that were seen written, once its questions are answered: `accepted` holds their kinds. Confirmed
    twice, they are written once."""
    questions = asked_in(item.report)
    check_answers(questions, [each for each in questions if each.kind in accepted])
    return _begin(item, actor, today, LedgerState.READY, LedgerState.APPLYING, LedgerState.APPLIED, digest)


def confirm_undo(*, actor, item, today):
    """Have an import taken back by a worker."""
    return _begin(item, actor, today, LedgerState.APPLIED, LedgerState.UNDOING, LedgerState.UNDONE)


_WORK = {
    LedgerState.APPLYING: ("ledger_apply", "Ghi sổ", "Tệp này còn lỗi nên chưa ghi được. Sửa tệp rồi gửi lại."),
    LedgerState.UNDOING: ("ledger_undo", "Thu hồi sổ", "Chỉ thu hồi được lần nhập đã ghi."),
}


@transaction.atomic
def _begin(item, actor, today, before, during, after, digest=None):
    kind, words, refusal = _WORK[during]
    item = LedgerImport.objects.select_for_update(of=("self",)).select_related("unit").get(pk=item.pk)
    check_unit(actor, item.unit, today)
    if item.state == after or (item.state == during and not has_failed(item)):
        return item
    if item.state not in (before, during):
        raise DomainError(refusal)
    if digest is not None and digest != item.digest:
        raise Conflict("Bản xem trước đã được lập lại. Tải lại trang, xem bản mới rồi bấm ghi.")
    item.state = during
    item.save(update_fields=["state"])
    start(item, actor.pk, kind, f"{words} {item.name}")
    return item


def check_file(item, *, today):
    """The worker's first part: the plan and its report. A file that cannot be read says why."""
    if item.state != LedgerState.READING:
        return
    try:
        drafts = _drafts(item, today)
    except DomainError as error:
        settle(item, LedgerState.READING, LedgerState.UNREADABLE, message=error.message)
        raise
    report = report_of(plan_ledger(drafts, item.unit), drafts)
    state = LedgerState.FAULTY if report["fault_count"] else LedgerState.READY
    settle(item, LedgerState.READING, state, digest=drafts.digest, report=report)


def apply_file(item, *, actor, today, now):
    """The worker's second part. When the ground has changed so that rows no longer fit, their faults are shown."""
    if item.state != LedgerState.APPLYING:
        return
    check_unit(actor, item.unit, today)
    drafts, path = _drafts(item, today), item.path
    try:
        with transaction.atomic():
            item = LedgerImport.objects.select_for_update(of=("self",)).select_related("unit").get(pk=item.pk)
            if item.state != LedgerState.APPLYING:
                return
            accepted = asked_in(item.report)
            if apply_ledger(item, drafts, actor=actor, today=today, now=now, accepted=accepted) is None:
                raise DomainError("Sổ này đã được nhập trước đó nên không ghi thêm gì.")
            transaction.on_commit(lambda: unlink([path]))
    except DomainError as error:
        report = report_of(plan_ledger(drafts, item.unit), drafts)
        state = LedgerState.FAULTY if report["fault_count"] else LedgerState.READY
        settle(item, LedgerState.APPLYING, state, report=report, message=error.message)
        raise


def undo_file(item, *, actor, today, now):
    """The worker's third part; a refusal leaves the import as it was, with the reason."""
    if item.state != LedgerState.UNDOING:
        return
    check_unit(actor, item.unit, today)
    try:
        undo_ledger(item.pk, actor=actor, now=now)
    except DomainError as error:
        settle(item, LedgerState.UNDOING, LedgerState.APPLIED, message=error.message)
        raise


def report_of(plan, drafts):
    """What the page and the command tell of a plan; a book that was brought in before has no faults and no work."""
    known = known_import(drafts)
    faults = [] if known else plan.faults
    rows = [
        {
            "line": each.line,
            "unit": each.unit,
            "period": each.period.label if each.period else MeetingKind(each.row["kind"]).label,
            "held_on": day_text(each.held_on),
            "attendance": each.attendance,
            "opinions": len(each.opinions),
        }
        for each in plan.meetings[:MOST_ROWS_SHOWN]
    ]
    return {
        "again": {"id": known.pk, "on": day_text(known.applied_at)} if known else None,
        "meetings": len(drafts.meetings),
        "opinions": len(drafts.opinions),
        "fault_count": len(faults),
        "faults": [] if known else plan_faults(plan),
        "questions": [] if known else as_report(plan.questions),
        "totals": plan.totals(),
        "rows": [] if known else rows,
    }


def give_up(item, message):
    """A run that failed for another reason leaves the import as it was before."""
    settle(item, LedgerState.APPLYING, LedgerState.READY, message=message)
    settle(item, LedgerState.UNDOING, LedgerState.APPLIED, message=message)
    settle(item, LedgerState.READING, LedgerState.UNREADABLE, message=message)


def _drafts(item, today):
    return read_drafts(read_sheets(kept_path(item.path)), today)


def _earlier(actor, unit):
    """One's own unconfirmed files of the same unit are out of date now."""
    waiting = (LedgerState.READING, LedgerState.READY, LedgerState.FAULTY, LedgerState.UNREADABLE)
    return LedgerImport.objects.filter(created_by_id=actor.pk, unit=unit, state__in=waiting)
