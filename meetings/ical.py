"""Meetings in the words of iCalendar: what, when and where; no names of people, no opinions."""

from datetime import datetime, timedelta

from django.utils import timezone
from icalendar import Calendar, Event

from meetings.enums import MeetingStatus

PRODUCT = "-//Giao ban co so//VI"
USUAL_LENGTH = timedelta(hours=2)
"""How long a meeting is shown when only its beginning is known."""

STATES = {MeetingStatus.CANCELLED: "CANCELLED", MeetingStatus.POSTPONED: "TENTATIVE"}


def calendar_file(meetings, *, now, name, url_of=None):
    """The bytes of a calendar; `url_of(pk)` gives the address of a meeting's page."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    calendar.add("x-wr-timezone", timezone.get_default_timezone_name())
    for meeting in meetings:
        calendar.add_component(_event(meeting, now, url_of))
    calendar.add_missing_timezones()
    return calendar.to_ical()


def _event(meeting, now, url_of):
    """One VEVENT; its UID stays through every change, its SEQUENCE grows with each."""
    event = Event()
    event.add("uid", f"meeting-{meeting.pk}.{meeting.unit.key}@giaoban")
    event.add("dtstamp", now)
    event.add("sequence", meeting.version)
    event.add("summary", meeting.title)
    if meeting.place:
        event.add("location", meeting.place)
    event.add("status", STATES.get(meeting.status, "CONFIRMED"))
    first, last = _span(meeting)
    event.add("dtstart", first)
    event.add("dtend", last)
    if url_of:
        event.add("url", url_of(meeting.pk))
    return event


def _span(meeting):
    """Two moments in the clock of Việt Nam, or two days when the hour is not known."""
    day = meeting.held_on or meeting.planned_on
    if not meeting.started_at:
        return day, day + timedelta(days=1)
    zone = timezone.get_default_timezone()
    first = datetime.combine(day, meeting.started_at, zone)
    if meeting.ended_at and meeting.ended_at > meeting.started_at:
        return first, datetime.combine(day, meeting.ended_at, zone)
    return first, first + USUAL_LENGTH
