"""Calendars in the words of iCalendar; of meetings: what, when and where, no names of people, no opinions."""

import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models.functions import Coalesce
from django.utils import timezone
from icalendar import Calendar, Event

from core.activity import record
from core.errors import Conflict, NotAllowed
from meetings.access import may_plan, unit_thing
from meetings.enums import MeetingStatus
from meetings.models import CalendarFeed, Meeting
from units.models import Unit
from units.querysets import in_force_on

PRODUCT = "-//Giao ban co so//VI"
USUAL_LENGTH = timedelta(hours=2)
"""How long a meeting is shown when only its beginning is known."""

CONFIRMED, CANCELLED = "CONFIRMED", "CANCELLED"
STATES = {MeetingStatus.CANCELLED: CANCELLED, MeetingStatus.POSTPONED: "TENTATIVE"}


@dataclass(frozen=True)
class Happening:
    """One entry of a calendar. Its `uid` stays through every change, its `sequence` grows with each."""

    uid: str
    sequence: int
    summary: str
    status: str
    first: date | datetime
    last: date | datetime
    place: str = ""
    url: str = ""


def calendar_file(meetings, *, now, name, url_of=None):
    """The bytes of a calendar of meetings; `url_of(pk)` gives the address of a meeting's page."""
    return calendar_of([_happening(meeting, url_of) for meeting in meetings], now=now, name=name)


def calendar_of(happenings, *, now, name):
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    calendar.add("x-wr-timezone", timezone.get_default_timezone_name())
    for happening in happenings:
        calendar.add_component(_event(happening, now))
    calendar.add_missing_timezones()
    return calendar.to_ical()


def _event(happening, now):
    event = Event()
    event.add("uid", happening.uid)
    event.add("dtstamp", now)
    event.add("sequence", happening.sequence)
    event.add("summary", happening.summary)
    if happening.place:
        event.add("location", happening.place)
    event.add("status", happening.status)
    event.add("dtstart", happening.first)
    event.add("dtend", happening.last)
    if happening.url:
        event.add("url", happening.url)
    return event


def _happening(meeting, url_of):
    first, last = span_of(meeting.held_on or meeting.planned_on, meeting.started_at, meeting.ended_at)
    return Happening(
        uid=f"meeting-{meeting.pk}.{meeting.unit.key}@giaoban",
        sequence=meeting.version,
        summary=meeting.title,
        status=STATES.get(meeting.status, CONFIRMED),
        first=first,
        last=last,
        place=meeting.place,
        url=url_of(meeting.pk) if url_of else "",
    )


def span_of(day, started_at, ended_at=None):
    """Two moments in the clock of Việt Nam, or two days when the hour is not known."""
    if not started_at:
        return day, day + timedelta(days=1)
    zone = timezone.get_default_timezone()
    first = datetime.combine(day, started_at, zone)
    if ended_at and ended_at > started_at:
        return first, datetime.combine(day, ended_at, zone)
    return first, first + USUAL_LENGTH


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
