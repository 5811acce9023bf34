"""What the migrations make of rows of before, each with the thread it had: on SQLite and on PostgreSQL alike."""

from datetime import date, datetime

import pytest
from django.db import connection
from django.db.migrations import RunPython
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from feedback.models import Extension, Opinion, OpinionMonth
from feedback.tallies import rebuild
from feedback.tests.builders import make_opinion

pytestmark = pytest.mark.django_db
DAY1, DAY2, DAY3 = date(2026, 2, 10), date(2026, 3, 10), date(2026, 4, 10)
RAISED = date(2026, 1, 10)
COUNTED = ("on_time", "on_time_extended", "closed_late")


def run_again(*endings):
    """The data steps of migrations, over the rows that are there now."""
    loader = MigrationExecutor(connection).loader
    for ending in endings:
        node = next(key for key in loader.disk_migrations if key[0] == "feedback" and key[1].endswith(ending))
        apps = loader.project_state(node).apps
        for step in loader.disk_migrations[node].operations:
            if isinstance(step, RunPython):
                step.code(apps, connection.schema_editor())


def thread(opinion, *moves):
    """(verb, before, after, "2026-03-10T09:00+07:00", due day) in order, by a person with a name."""
    for verb, before, after, at, due_on in moves:
        opinion.moves.create(
            verb=verb, before=before, after=after, at=datetime.fromisoformat(at), due_on=due_on, note=f"Vì {verb}",
            holder=opinion.unit, actor_id=7, actor_name="Bà Hoa",
        )  # fmt: skip


RECORD = ("record", "", "recorded", "2026-01-10T09:00+07:00", DAY1)


@pytest.fixture
def old(cast):
    """Rows as they were: one day alone, whatever had become of it."""

    def row(due_on, *moves, **facts):
        opinion = make_opinion(cast.tree.a1, raised_on=RAISED, due_on=due_on, **facts)
        thread(opinion, *moves)
        return opinion

    extend = ("extend", "assigned", "assigned", "2026-02-01T09:00+07:00", DAY2)
    rows = {
        "untouched": row(DAY1, RECORD),
        "without a thread": row(DAY2),
        "extended": row(DAY2, RECORD, extend, status="assigned", body=cast.bodies.commune),
        "extended, thread without days": row(DAY2, (*RECORD[:4], None), status="assigned"),
        "reassigned": row(DAY2, RECORD, ("assign", "recorded", "assigned", "2026-02-01T09:00+07:00", DAY2)),
        "brought forward": row(DAY1, (*RECORD[:4], DAY2), ("assign", "recorded", "assigned", RECORD[3], DAY1)),
        "escalated": row(DAY3, RECORD, ("escalate", "recorded", "escalated", "2026-02-01T09:00+07:00", DAY3)),
        "planned": row(
            DAY1, RECORD, ("schedule", "assigned", "scheduled", "2026-02-01T09:00+07:00", DAY1),
            status="scheduled", planned_on=DAY3,
        ),
        "answered on the day": row(DAY1, RECORD, status="resolved", settled_on=DAY1, first_settled_on=DAY1),
        "answered the day after": row(
            DAY1, RECORD, status="resolved", settled_on=date(2026, 2, 11), first_settled_on=date(2026, 2, 11)
        ),
        "answered by the extended day": row(DAY2, RECORD, extend, status="explained", settled_on=DAY2),
        "reopened": row(
            DAY3, RECORD, ("resolve", "assigned", "resolved", "2026-02-20T09:00+07:00", DAY1),
            ("reopen", "resolved", "in_progress", "2026-03-01T09:00+07:00", DAY3),
            status="in_progress", first_settled_on=date(2026, 2, 20),
        ),
        "withdrawn on the last evening": row(
            DAY1, RECORD, ("withdraw", "recorded", "withdrawn", "2026-02-10T23:59+07:00", DAY1), status="withdrawn"
        ),
        "withdrawn after midnight": row(
            DAY1, RECORD, ("withdraw", "recorded", "withdrawn", "2026-02-11T00:01+07:00", DAY1), status="withdrawn"
        ),
        "an initiative": row(DAY1, RECORD, kind="initiative", status="accepted", settled_on=DAY3),
    }  # fmt: skip
    for name in ("extended", "extended, thread without days", "answered by the extended day"):
        Extension.objects.create(
            opinion=rows[name], old_due_on=DAY1, new_due_on=DAY2, reason="Chờ vốn", state="granted", asked_by_id=7
        )
    rebuild()
    counts = dict(OpinionMonth.objects.values_list("pk", "received"))
    assert sum(counts.values()) == len(rows)
    for opinion in rows.values():
        Opinion.objects.filter(pk=opinion.pk).update(
            first_due_on=opinion.due_on, promised_on=opinion.due_on, late_days=0
        )
    OpinionMonth.objects.update(**dict.fromkeys(COUNTED, 0))
    return rows


FOUND = {
    # first promised day, earliest day since it was last opened, days late before now, today's day
    "untouched": (DAY1, DAY1, 0, DAY1),
    "without a thread": (DAY2, DAY2, 0, DAY2),
    "extended": (DAY1, DAY1, 0, DAY2),
    "extended, thread without days": (DAY1, DAY1, 0, DAY2),
    "reassigned": (DAY1, DAY1, 0, DAY2),
    "brought forward": (DAY2, DAY1, 0, DAY1),
    "escalated": (DAY1, DAY1, 0, DAY3),
    "planned": (DAY1, DAY1, 0, DAY3),
    "answered on the day": (DAY1, DAY1, 0, DAY1),
    "answered the day after": (DAY1, DAY1, 1, DAY1),
    "answered by the extended day": (DAY1, DAY1, 28, DAY2),
    "reopened": (DAY1, DAY3, 10, DAY3),
    "withdrawn on the last evening": (DAY1, DAY1, 0, DAY1),
    "withdrawn after midnight": (DAY1, DAY1, 1, DAY1),
    "an initiative": (DAY1, DAY1, 0, DAY1),
}
LATER_DAYS = {
    "extended": ("extension", DAY1, DAY2, "Chờ vốn"),
    "extended, thread without days": ("extension", DAY1, DAY2, "Chờ vốn"),
    "answered by the extended day": ("extension", DAY1, DAY2, "Chờ vốn"),
    "reassigned": ("reassignment", DAY1, DAY2, "Vì assign"),
    "escalated": ("escalation", DAY1, DAY3, "Vì escalate"),
    "planned": ("plan", DAY1, DAY3, "Vì schedule"),
    "reopened": ("reopening", DAY1, DAY3, "Vì reopen"),
}


def test_old_threads_give_the_first_promised_day_and_how_late_it_was(old):
    run_again("first_promised_day", "later_days")
    for name, opinion in old.items():
        opinion.refresh_from_db()
        found = (opinion.first_due_on, opinion.promised_on, opinion.late_days, opinion.due_on)
        assert found == FOUND[name], name


def test_every_later_day_of_an_old_thread_becomes_one_row(old):
    run_again("first_promised_day", "later_days")
    names = {opinion.pk: name for name, opinion in old.items()}
    rows = list(Extension.objects.all())
    found = {names[row.opinion_id]: (row.kind, row.old_due_on, row.new_due_on, row.reason) for row in rows}
    assert found == LATER_DAYS
    assert len(rows) == len(LATER_DAYS)
    assert {(row.state, row.holder_id, row.asked_by_id) for row in rows} == {("granted", rows[0].opinion.unit_id, 7)}
    made = [row for row in rows if row.reason.startswith("Vì")]
    assert {row.asked_by_name for row in made} == {"Bà Hoa"}
    assert all(row.asked_on >= RAISED for row in rows)


def test_the_tallies_count_what_a_recount_counts(old):
    run_again("first_promised_day", "later_days")
    migrated = list(OpinionMonth.objects.order_by("pk").values_list("unit_id", "level", "year", "month", *COUNTED))
    assert [sum(row[4 + place] for row in migrated) for place in range(3)] == [1, 2, 3]
    rebuild()
    again = OpinionMonth.objects.order_by("pk").values_list("unit_id", "level", "year", "month", *COUNTED)
    assert sorted(again) == sorted(migrated)


def test_what_waited_keeps_who_decides_and_the_local_day(cast):
    """An own matter's is for the level above, a body's for the holder; asked after midnight here."""
    own = make_opinion(cast.tree.a1, raised_on=RAISED, due_on=DAY1)
    given = make_opinion(cast.tree.a1, raised_on=RAISED, due_on=DAY1, body=cast.bodies.commune)
    for opinion in (own, given):
        Extension.objects.create(opinion=opinion, old_due_on=DAY1, new_due_on=DAY2, reason="Chờ vốn", asked_by_id=7)
    asked_at = timezone.make_aware(datetime(2026, 2, 1, 0, 30))
    Extension.objects.update(asked_at=asked_at, asked_on=None, holder=None, needs_above=False)
    run_again("first_promised_day", "later_days")
    found = Extension.objects.values_list("opinion", "state", "needs_above", "asked_on", "holder")
    assert set(found) == {
        (own.pk, "pending", True, date(2026, 2, 1), cast.tree.a1.pk),
        (given.pk, "pending", False, date(2026, 2, 1), cast.tree.a1.pk),
    }
