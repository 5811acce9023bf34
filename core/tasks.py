"""The worker's doors to this floor: ids in, one call."""

from celery import shared_task
from django.utils import timezone

from core import activity, drafts, jobs
from core import jobs as core_jobs


@shared_task(name="core.run_job")
def run_job(job_id):
    jobs.run_job(job_id)


@shared_task(name="core.sweep_jobs")
def sweep_jobs():
    jobs.sweep_jobs(timezone.now())


@shared_task(name="core.seal_activity")
def seal_activity():
    activity.seal_activity()


@shared_task(name="core.tidy")
def tidy():
    now = timezone.now()
    jobs.tidy_jobs(now)
    drafts.tidy_drafts(now)
    drafts.tidy_files(now)
    core_jobs.drop_old_slots(now)
