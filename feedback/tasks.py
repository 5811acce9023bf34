"""Thin doors of the schedule."""

from celery import shared_task
from django.utils import timezone

from feedback import escalation, handover, overdue, support_reminders


@shared_task(name="feedback.flag_overdue")
def flag_overdue():
    overdue.flag_overdue(timezone.localdate())


@shared_task(name="feedback.escalate_overdue")
def escalate_overdue():
    escalation.escalate_overdue(timezone.localdate())
    support_reminders.remind_supports(timezone.localdate())


@shared_task(name="feedback.hand_over")
def hand_over():
    handover.hand_over(timezone.localdate())
