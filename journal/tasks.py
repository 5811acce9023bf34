"""The worker's door to this floor."""

from celery import shared_task
from django.utils import timezone

from journal import services as journal_services


@shared_task(name="journal.deliver_notices")
def deliver_notices():
    journal_services.deliver_notices(timezone.now())
