"""A roster file on its way in: received, checked by a worker, shown, confirmed, written by a worker."""

from dataclasses import asdict

from django.conf import settings
from django.db import transaction

from core.activity import record
from core.errors import Conflict, DomainError, NotAllowed
from core.files import check_upload, kept_path, safe_name, store_upload
from core.jobs import create_job
from core.models import Job, JobStatus
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
    key = f"{actor.pk}:{request_id}"[:100] if request_id else None
    if key and (known := RosterImport.objects.filter(request_id=key).first()):
        return known
    check_unit(actor, unit, today)
    check_upload(file, ("xlsx",))
    _drop_earlier(actor, unit)
    item = RosterImport.objects.create(
        unit=unit,
        name=safe_name(file.name),
        path=store_upload(file, FOLDER),
        created_by_id=actor.pk,
        request_id=key,
    )
    _start(item, "roster_check", f"Kiểm tra danh sách {item.name}")
    record(actor.pk, "roster.receive", item, after={"unit": unit.pk, "size": file.size})
    return item


@transaction.atomic
def confirm_roster(*, actor, item, digest, today):
    """Have the plan that was seen written. Confirmed twice, it is written once."""
    item = RosterImport.objects.select_for_update(of=("self",)).select_related("unit").get(pk=item.pk)
    check_unit(actor, item.unit, today)
    is_under_way = item.state == ImportState.APPLYING and not _has_failed(item)
    if is_under_way or item.state == ImportState.APPLIED:
        return item
    if item.state not in (ImportState.READY, ImportState.APPLYING):
        raise DomainError("Tệp này còn lỗi nên chưa ghi được. Sửa tệp rồi gửi lại.")
    if digest != item.digest:
        raise Conflict("Bản xem trước đã được lập lại. Tải lại trang, xem bản mới rồi bấm ghi.")
    item.state = ImportState.APPLYING
    item.save(update_fields=["state"])
    _start(item, "roster_apply", f"Ghi danh sách {item.name}")
    return item


def check_file(item, *, actor, today):
    """The worker's first half: the plan and its report. A file that cannot be read says why."""
    if item.state != ImportState.READING:
        return
    try:
        plan = plan_drafts(*_drafts(item), actor=actor, unit=item.unit, today=today)
    except DomainError as error:
        _settle(item, ImportState.READING, ImportState.UNREADABLE, message=error.message)
        raise
    _show_plan(item, plan, ImportState.READING)


def apply_file(item, *, actor, today, now):
    """The worker's second half. When the directory has changed since the plan was seen, a new plan waits instead."""
    if item.state != ImportState.APPLYING:
        return
    check_unit(actor, item.unit, today)
    drafts, faults = _drafts(item)
    try:
        with transaction.atomic():
            item = RosterImport.objects.select_for_update(of=("self",)).select_related("unit").get(pk=item.pk)
            if item.state != ImportState.APPLYING:
                return
            apply_roster(drafts, faults, actor=actor, unit=item.unit, today=today, digest=item.digest)
            _settle(item, ImportState.APPLYING, ImportState.APPLIED, applied_at=now, message="", path="")
            transaction.on_commit(lambda: _unlink([item.path]))
    except DomainError as error:
        plan = plan_drafts(drafts, faults, actor=actor, unit=item.unit, today=today)
        _show_plan(item, plan, ImportState.APPLYING, error.message)
        raise


def give_up(item, message):
    """A run that failed for another reason leaves the file readable again."""
    _settle(item, ImportState.APPLYING, ImportState.READY, message=message)
    _settle(item, ImportState.READING, ImportState.UNREADABLE, message=message)


def _drafts(item):
    return read_drafts(read_sheets(kept_path(item.path)))


def _has_failed(item):
    return Job.objects.filter(pk=item.job_id, status=JobStatus.FAILED).exists()


def _start(item, kind, title):
    job = create_job(kind=kind, title=title, params={"import_id": item.pk}, owner_id=item.created_by_id)
    RosterImport.objects.filter(pk=item.pk).update(job_id=job.pk)
    item.job_id = job.pk


def _settle(item, before, after, **fields):
    RosterImport.objects.filter(pk=item.pk, state=before).update(state=after, **fields)


def _show_plan(item, plan, before, message=""):
    after = ImportState.FAULTY if plan.faults else ImportState.READY
    _settle(item, before, after, digest=plan.digest, report=report_of(plan), message=message)


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
    return {"counts": plan.counts, "changes": changes, "faults": faults, "rows": rows}


def _drop_earlier(actor, unit):
    """Unconfirmed files of the same unit are out of date now; of the applied ones the latest reports stay."""
    own = RosterImport.objects.filter(created_by_id=actor.pk)
    stale = own.filter(unit=unit).exclude(state__in=(ImportState.APPLYING, ImportState.APPLIED))
    kept = own.filter(state=ImportState.APPLIED).values_list("pk", flat=True)[:KEPT_PLANS]
    old = own.filter(state=ImportState.APPLIED).exclude(pk__in=list(kept))
    paths = list(stale.exclude(path="").values_list("path", flat=True))
    stale.delete()
    old.delete()
    transaction.on_commit(lambda: _unlink(paths))


def _unlink(paths):
    for path in paths:
        if path:
            (settings.FILES / path).unlink(missing_ok=True)
