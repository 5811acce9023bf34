"""Thin doors of the schedule."""

from celery import shared_task
from django.utils import timezone

from visits import helped_reminders, overdue


@shared_task(name="visits.remind_overdue")
def remind_overdue():
    overdue.remind_overdue(timezone.localdate())
    helped_reminders.remind_checks(timezone.localdate())
