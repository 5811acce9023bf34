"""Thin doors of the schedule."""

from celery import shared_task
from django.utils import timezone

from visits import overdue
from visits.helped.reminders import remind_checks


@shared_task(name="visits.remind_overdue")
def remind_overdue():
    overdue.remind_overdue(timezone.localdate())
    remind_checks(timezone.localdate())
