"""Thin doors of the schedule."""

from celery import shared_task
from django.utils import timezone

from core.jobs import job_kind
from meetings import jobs as meetings_jobs
from meetings.cadence import services as cadence_services
from meetings.delegates import invitations
from meetings.services.life import CALLED_OFF


@shared_task(name="meetings.plan_occurrences")
def plan_occurrences():
    today = timezone.localdate()
    cadence_services.plan_occurrences(cadence_services.end_of_next_month(today), today)


@shared_task(name="meetings.flag_overdue")
def flag_overdue():
    meetings_jobs.flag_overdue(timezone.localdate())


@shared_task(name="meetings.remind")
def remind():
    meetings_jobs.remind(timezone.localdate())


@job_kind(invitations.JOB)
def send_invitations(job, progress):
    words = {**job.params, "now": timezone.now(), "progress": progress}
    job.message = "Đã gửi {} thư, {} thư không gửi được.".format(*invitations.send_invitations(**words))


@job_kind(CALLED_OFF)
def send_called_off(job, progress):
    told = invitations.send_called_off(job.params["meeting_id"], now=timezone.now(), progress=progress)
    job.message = f"Đã báo {told} địa chỉ."
