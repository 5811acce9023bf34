"""Calendars in the words of iCalendar; of meetings: what, when and where, no names of people, no opinions."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone
from icalendar import Calendar, Event

from meetings.enums import MeetingStatus

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
