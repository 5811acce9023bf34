"""Periodic work: one run a turn, however many schedulers tick."""

from datetime import UTC, datetime, timedelta

import pytest
from celery import current_app
from celery.schedules import crontab, schedule

from core.jobs import drop_old_slots, slot_of, take_slot
from core.models import Slot
from giaoban.celery import app
from giaoban.periodic import SlotScheduler

NOON = datetime(2026, 11, 22, 12, 0, 7, tzinfo=UTC)


def test_two_schedulers_tick_a_hundred_times_and_work_runs_a_hundred_times(db):
    ticks = [NOON + timedelta(minutes=n, seconds=late) for n in range(100) for late in (0, 20)]
    assert sum(take_slot("meetings.flag_overdue", slot_of(tick, 60)) for tick in ticks) == 100


def test_old_slots_are_dropped(db):
    take_slot("a", NOON - timedelta(days=4))
    take_slot("a", NOON)
    assert drop_old_slots(NOON) == 1
    assert Slot.objects.count() == 1


def test_a_task_with_a_slot_runs_once_and_without_always(db):
    runs = []

    @current_app.task(name="test.count")
    def count():
        runs.append(1)
        if len(runs) == 1:
            raise RuntimeError

    header = {"headers": {"slot": NOON.isoformat()}}
    try:
        assert count.apply(**header).failed()
        count.apply(**header)
        count.apply(**header)
        assert len(runs) == 2
        count.apply()
        assert len(runs) == 3
    finally:
        current_app.tasks.unregister("test.count")


@pytest.mark.parametrize(("when", "has_slot"), [(crontab(), True), (schedule(15), False)])
def test_the_scheduler_marks_calendar_entries_with_their_minute(when, has_slot):
    scheduler = SlotScheduler(app=app, lazy=True)
    entry = scheduler.Entry(name="x", task="core.tidy", schedule=when, options={"expires": 60}, app=app)
    with app.connection_for_write() as connection, app.amqp.Producer(connection) as producer:
        scheduler.apply_async(entry, producer=producer, advance=False)
    assert ("headers" in entry.options) is has_slot


def test_every_entry_of_the_schedule_expires_and_is_an_explicit_name():
    app.loader.import_default_modules()
    for name, entry in app.conf.beat_schedule.items():
        assert entry["options"]["expires"] > 0, name
        assert entry["task"] in app.tasks, name
