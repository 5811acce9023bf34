"""Turns of periodic work and signs of life: each turn is taken once, however many schedulers tick."""

from datetime import UTC, datetime, timedelta

from django.db import IntegrityError, transaction

from core.models import Pulse, Slot

KEPT = timedelta(days=3)


def slot_of(now, step_seconds):
    """The turn a moment belongs to, the same for every scheduler."""
    stamp = int(now.timestamp())
    return datetime.fromtimestamp(stamp - stamp % step_seconds, UTC)


def take_slot(name, slot_at):
    """True for the first who asks for this turn, False for all others."""
    try:
        with transaction.atomic():
            Slot.objects.create(name=name, slot_at=slot_at)
    except IntegrityError:
        return False
    return True


def give_back_slot(name, slot_at):
    """The turn failed; whoever comes next may take it."""
    Slot.objects.filter(name=name, slot_at=slot_at).delete()


def drop_old_slots(now):
    return Slot.objects.filter(slot_at__lt=now - KEPT).delete()[0]


def beat_pulse(name, now):
    """Write down that a part of the machinery is alive."""
    Pulse.objects.update_or_create(name=name, defaults={"at": now})
