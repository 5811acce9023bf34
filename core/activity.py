"""The door of the activity log: every write of the domain leaves one line in its own transaction."""

from contextvars import ContextVar

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
