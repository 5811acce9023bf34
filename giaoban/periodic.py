"""Periodic work that is done once a turn, however many schedulers tick, and the pulses of worker and schedule."""

import logging
import threading
from datetime import datetime

from celery import Task
from celery.beat import PersistentScheduler
from celery.schedules import crontab
from celery.signals import worker_ready, worker_shutdown
from django.db import DatabaseError, connection
from django.utils import timezone

logger = logging.getLogger("giaoban.periodic")
PULSE_SECONDS = 10
_worker_stops = threading.Event()


class SlotTask(Task):
    """A task sent by the schedule carries its turn and runs only for the first worker that takes it."""

    def __call__(self, *args, **kwargs):
        word = (self.request.headers or {}).get("slot") or getattr(self.request, "slot", None)
        if not word:
            return super().__call__(*args, **kwargs)
        from core.jobs import give_back_slot, take_slot

        slot_at = datetime.fromisoformat(word)
        if not take_slot(self.name, slot_at):
            return None
        try:
            return super().__call__(*args, **kwargs)
        except Exception:
            give_back_slot(self.name, slot_at)
            raise


class SlotScheduler(PersistentScheduler):
    """Celery's own schedule; it marks calendar entries with their minute and leaves a sign of life."""

    pulsed_at = None

    def tick(self, *args, **kwargs):
        self._pulse(timezone.now())
        return super().tick(*args, **kwargs)

    def apply_async(self, entry, producer=None, advance=True, **kwargs):
        if isinstance(entry.schedule, crontab):
            from core.jobs import slot_of

            slot = slot_of(timezone.now(), 60).isoformat()
            entry.options = {**entry.options, "headers": {"slot": slot}}
        return super().apply_async(entry, producer=producer, advance=advance, **kwargs)

    def _pulse(self, now):
        if self.pulsed_at is None or (now - self.pulsed_at).total_seconds() >= PULSE_SECONDS:
            self.pulsed_at = now
            write_pulse("schedule")


def write_pulse(name):
    """A pulse that cannot be written is a pulse missed; the machinery goes on."""
    from core.jobs import beat_pulse

    try:
        beat_pulse(name, timezone.now())
    except DatabaseError as error:
        logger.warning("pulse of %s not written (%s)", name, type(error).__name__)
        connection.close()


@worker_ready.connect
def start_worker_pulse(**_):
    threading.Thread(target=_pulse_of_worker, daemon=True, name="pulse").start()


@worker_shutdown.connect
def stop_worker_pulse(**_):
    _worker_stops.set()


def _pulse_of_worker():
    write_pulse("worker")
    while not _worker_stops.wait(PULSE_SECONDS):
        write_pulse("worker")
    connection.close()
