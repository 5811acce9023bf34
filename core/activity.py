"""The door of the activity log: every write of the domain leaves one line in its own transaction."""

import hashlib
import json
from contextvars import ContextVar
from datetime import UTC

from django.db import OperationalError, connection, transaction
from django.utils import timezone

from core.models import Activity

current_address = ContextVar("current_address", default="")


def record(actor_id, verb, target, before=None, after=None):
    """Append one line. `target` is a model instance; `before`/`after` hold plain values, never restricted text."""
    line = _line(actor_id, verb, target, before, after)
    line.save(force_insert=True)
    return line


def record_many(actor_id, rows):
    """Append one line for each (verb, target, before, after), in one statement."""
    return Activity.objects.bulk_create([_line(actor_id, *row) for row in rows], batch_size=500)


def _line(actor_id, verb, target, before, after):
    return Activity(
        at=timezone.now(),
        actor_id=actor_id,
        address=current_address.get(),
        verb=verb,
        target_kind=target._meta.label_lower,
        target_id=target.pk,
        unit_id=getattr(target, "unit_id", None),
        province_id=getattr(target, "province_id", None),
        before=before or {},
        after=after or {},
    )


def last_act(target):
    """(account id, moment) of the latest line about a row; None when it has none."""
    lines = Activity.objects.filter(target_kind=target._meta.label_lower, target_id=target.pk).order_by("-id")
    return lines.values_list("actor_id", "at").first()


def record_system(verb, after=None):
    """A line for work of the system that concerns no single row (loading units, compiling tallies)."""
    return Activity.objects.create(at=timezone.now(), verb=verb, target_kind="system", after=after or {})


BATCH = 2000
_COLUMNS = ("id", "at", "actor_id", "address", "verb", "target_kind", "target_id", "unit_id", "province_id")


def seal_activity(batches=50):
    """Give each settled line the digest of itself and of the line before. Sealing twice gives the same digests."""
    last_id = _last_settled_id()
    sealed = 0
    for _ in range(batches):
        count = _seal_batch(last_id)
        sealed += count
        if count < BATCH:
            break
    return sealed


def verify_chain(anchor=""):
    """The ids of lines whose digest does not follow from the line before; empty when the log is whole."""
    wrong, previous, unsealed_from = [], anchor, None
    for line in Activity.objects.order_by("id").iterator(BATCH):
        if not line.digest:
            unsealed_from = unsealed_from or line.pk
            continue
        if unsealed_from or line.digest != _digest(previous, line):
            wrong.append(line.pk)
        previous = line.digest
    return wrong


def empty_log():
    """Begin the log anew when a whole database is emptied; the last digest goes into its first new line."""
    last = Activity.objects.exclude(digest="").order_by("-id").values_list("digest", flat=True).first()
    Activity.objects.all().delete()
    return last or ""


def _seal_batch(last_id):
    with transaction.atomic():
        sealed = Activity.objects.exclude(digest="").order_by("-id").values_list("id", "digest").first()
        previous_id, previous = sealed or (0, "")
        lines = Activity.objects.filter(id__gt=previous_id, id__lte=last_id, digest="").order_by("id")[:BATCH]
        updates = []
        for line in lines:
            previous = _digest(previous, line)
            updates.append((previous, line.pk))
        if updates:
            with connection.cursor() as cursor:
                table = connection.ops.quote_name(Activity._meta.db_table)
                cursor.executemany(f"UPDATE {table} SET digest = %s WHERE id = %s AND digest = ''", updates)
    return len(updates)


def _last_settled_id():
    """No line with an id up to this one can still appear: PostgreSQL hands out ids before their commit."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute("SET LOCAL lock_timeout = '200ms'")
                cursor.execute(f"LOCK TABLE {Activity._meta.db_table} IN SHARE MODE")
            return Activity.objects.order_by("-id").values_list("id", flat=True).first() or 0
    except OperationalError:
        return 0  # a long write is under way; the next minute seals its lines too


def _digest(previous, line):
    values = [getattr(line, column) for column in _COLUMNS]
    values[1] = line.at.astimezone(UTC).isoformat()
    text = json.dumps([previous, *values, line.before, line.after], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
