"""The secret address at which a unit's calendar can be subscribed to: made, renewed, ended by its keepers.

Each subject (meetings; higher floors bring their own) has an address of its own and says who keeps it.
"""

import secrets
from datetime import timedelta

from django.db import transaction
from django.db.models.functions import Coalesce
from django.utils import timezone

from core.activity import record
from core.errors import Conflict, NotAllowed
from meetings.access import may_plan, unit_thing
from meetings.models import CalendarFeed, Meeting
from units.models import Unit
from units.querysets import in_force_on

PAST = timedelta(days=92)
MOST = 500
MEETINGS = "meetings"


@transaction.atomic
def renew_feed(unit, *, actor, now, version=None, subject=MEETINGS, may=may_plan):
    """A new secret address of the unit's calendar; the one before answers no more.

    `version` is the feed the actor saw (0: none), so that a page left open does not end what others just set up.
    """
    _check(unit, actor, now, may)
    former = _end(unit, now, version, subject)
    feed = CalendarFeed.objects.create(unit=unit, subject=subject, token=secrets.token_urlsafe(32), made_by_id=actor.pk)
    record(actor.pk, "feed.renew", feed, before={"former": former})
    return feed


@transaction.atomic
def end_feed(unit, *, actor, now, version=None, subject=MEETINGS, may=may_plan):
    """The address answers no more; nothing takes its place."""
    _check(unit, actor, now, may)
    former = _end(unit, now, version, subject)
    if former:
        record(actor.pk, "feed.end", unit, before={"former": former})


def _check(unit, actor, now, may):
    Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)
    if not may(actor, unit_thing(unit, timezone.localtime(now).date())):
        raise NotAllowed("Chỉ người lập lịch của đơn vị được đổi địa chỉ lịch của đơn vị đó.")


def _end(unit, now, version, subject):
    """The id of the feed that was alive, now ended; 0 when there was none."""
    alive = CalendarFeed.objects.filter(unit=unit, subject=subject, ended_at=None)
    former = alive.values_list("pk", flat=True).first() or 0
    if version is not None and version != former:
        raise Conflict("Địa chỉ lịch vừa được người khác đổi. Tải lại trang để xem địa chỉ mới nhất.")
    alive.update(ended_at=now)
    return former


def feed_of(token, today, subject=MEETINGS):
    """The feed that lives under a token, or None; a unit that has ended has no feed."""
    alive = CalendarFeed.objects.filter(in_force_on(today, "unit__"), token=token, subject=subject, ended_at=None)
    return alive.select_related("unit").first()


def feed_meetings(unit, today):
    """The unit's meetings of the last three months and all to come."""
    meetings = Meeting.objects.filter(unit=unit).annotate(day=Coalesce("held_on", "planned_on"))
    return meetings.filter(day__gte=today - PAST).select_related("unit").order_by("day", "pk")[:MOST]


def feeds_of_units(unit_ids, today, subject=MEETINGS):
    """[{"unit", "feed"}] of the units in force, one of which may have no feed."""
    units = Unit.objects.filter(pk__in=unit_ids).on(today).order_by("level", "code")
    alive = CalendarFeed.objects.filter(unit__in=unit_ids, subject=subject, ended_at=None)
    feeds = {feed.unit_id: feed for feed in alive}
    return [{"unit": unit, "feed": feeds.get(unit.pk)} for unit in units]
