"""The jobs that check a roster file and write it."""

from django.utils import timezone

from core.errors import DomainError
from core.jobs import job_kind
from people.models import RosterImport, User
from people.roster import services as roster_services


def _taken_up(job):
    """(the file, who sent it); a file dropped meanwhile ends the job with a sentence."""
    item = RosterImport.objects.select_related("unit").filter(pk=job.params["import_id"]).first()
    if item is None:
        raise DomainError("Tệp này đã được thay bằng tệp gửi sau. Mở trang Nhập danh sách để xem tệp mới.")
    return item, User.objects.get(pk=job.owner_id)


@job_kind("roster_check")
def roster_check(job, progress):
    item, actor = _taken_up(job)
    try:
        roster_services.check_file(item, actor=actor, today=timezone.localdate())
    except Exception:
        roster_services.give_up(item, "Tệp chưa kiểm tra xong vì lỗi. Hãy gửi lại; nếu vẫn lỗi, báo quản trị.")
        raise
    job.message = "Đã kiểm tra xong. Mở Danh bạ, Nhập từ Excel để xem kết quả."


@job_kind("roster_apply")
def roster_apply(job, progress):
    item, actor = _taken_up(job)
    try:
        roster_services.apply_file(item, actor=actor, today=timezone.localdate(), now=timezone.now())
    except DomainError as error:
        roster_services.give_up(item, error.message)
        raise
    except Exception:
        roster_services.give_up(item, "Chưa ghi được vì lỗi của hệ thống, danh bạ không thay đổi. Hãy bấm ghi lại.")
        raise
    job.message = "Đã ghi danh sách vào danh bạ."
