"""The worker's door to this floor."""

from celery import shared_task
from django.utils import timezone

from journal import delivery


@shared_task(name="journal.deliver_notices")
def deliver_notices():
    delivery.deliver_notices(timezone.now())
