"""Thin doors of the schedule."""

from celery import shared_task
from django.utils import timezone

from visits import overdue


@shared_task(name="visits.remind_overdue")
def remind_overdue():
    overdue.remind_overdue(timezone.localdate())
