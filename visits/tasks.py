"""Thin doors of the schedule."""

from celery import shared_task
from django.utils import timezone

from visits import jobs as visits_jobs
from visits.helped.jobs import remind_checks


@shared_task(name="visits.remind_overdue")
def remind_overdue():
    visits_jobs.remind_overdue(timezone.localdate())
    remind_checks(timezone.localdate())
