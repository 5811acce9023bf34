"""Thin doors of the schedule."""

from celery import shared_task
from django.utils import timezone

from core.errors import DomainError
from core.jobs import job_kind
from feedback import jobs as clocks_jobs
from feedback.ledger import services as ledger_services
from feedback.models import LedgerImport
from people.models import User


@shared_task(name="feedback.flag_overdue")
def flag_overdue():
    clocks_jobs.flag_overdue(timezone.localdate())


@shared_task(name="feedback.escalate_overdue")
def escalate_overdue():
    clocks_jobs.escalate_overdue(timezone.localdate())
    clocks_jobs.remind_supports(timezone.localdate())


@shared_task(name="feedback.hand_over")
def hand_over():
    clocks_jobs.hand_over(timezone.localdate())


def _book(job):
    """(the import, who asked); a file dropped meanwhile ends the job with a sentence."""
    item = LedgerImport.objects.select_related("unit").filter(pk=job.params["import_id"]).first()
    if item is None:
        raise DomainError("Tệp này đã được thay bằng tệp gửi sau. Mở trang Nhập sổ các năm trước để xem tệp mới.")
    return item, User.objects.get(pk=job.owner_id)


def _work_on(item, progress, step, failure):
    """One step of a book; whatever stops it leaves the import readable."""
    progress(0, 1)
    try:
        step()
    except DomainError as error:
        ledger_services.give_up(item, error.message)
        raise
    except Exception:
        ledger_services.give_up(item, failure)
        raise
    progress(1)


@job_kind("ledger_check")
def ledger_check(job, progress):
    item, _ = _book(job)
    failure = "Tệp chưa kiểm tra xong vì lỗi. Hãy gửi lại; nếu vẫn lỗi, báo quản trị."
    _work_on(item, progress, lambda: ledger_services.check_file(item, today=timezone.localdate()), failure)
    job.message = "Đã kiểm tra xong. Mở Ý kiến, Nhập sổ các năm trước để xem kết quả."


@job_kind("ledger_apply")
def ledger_apply(job, progress):
    item, actor = _book(job)
    today, now = timezone.localdate(), timezone.now()
    failure = "Chưa ghi được vì lỗi của hệ thống, dữ liệu không thay đổi. Hãy bấm ghi lại."
    _work_on(item, progress, lambda: ledger_services.apply_file(item, actor=actor, today=today, now=now), failure)
    job.message = "Đã ghi sổ vào dữ liệu."


@job_kind("ledger_undo")
def ledger_undo(job, progress):
    item, actor = _book(job)
    today, now = timezone.localdate(), timezone.now()
    failure = "Chưa thu hồi được vì lỗi của hệ thống, dữ liệu không thay đổi. Hãy bấm thu hồi lại."
    _work_on(item, progress, lambda: ledger_services.undo_file(item, actor=actor, today=today, now=now), failure)
    job.message = "Đã thu hồi lần nhập."
