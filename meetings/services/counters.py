"""The counters on a meeting and everything that is derived from them."""

from django.db.models import Sum

from meetings.enums import PRESENT_STATES
from meetings.occurrences import refresh_occurrence
from meetings.tallies import recompute_meeting_month


def set_opinion_count(meeting):
    """Count the meeting's opinions anew (every status and visibility) and the tally of its month."""
    meeting.opinion_count = meeting.opinions.count()
    meeting.save(update_fields=["opinion_count"])
    recompute_meeting_month(meeting.unit_id, meeting.level, meeting.year, meeting.month)


def set_attendance_count(meeting):
    """Turns: persons present (roster, substitutes, guests) plus counted numbers, once a sitting. Not saved here."""
    seated = meeting.attendances.filter(presence__in=PRESENT_STATES).count()
    counted = meeting.counts.filter(sitting=None).aggregate(n=Sum("number"))["n"] or 0
    at_sittings = meeting.sittings.aggregate(n=Sum("attendance_count"))["n"] or 0
    meeting.invited_count = meeting.attendances.filter(is_guest=False).count()
    meeting.attendance_count = seated + counted + at_sittings
    meeting.sitting_count = max(1, meeting.sittings.count())


def refresh(meeting, former=None):
    """Bring in line the occurrences (its own, and those of units that met with it) and the monthly tallies.

    `former` is (occurrence, year, month) before the change.
    """
    own = {occurrence for occurrence in (meeting.occurrence, former and former[0]) if occurrence}
    for occurrence in sorted(own | set(meeting.joint_occurrences.all()), key=lambda each: each.pk):
        refresh_occurrence(occurrence)
    months = {(meeting.year, meeting.month)} | ({former[1:]} if former else set())
    for year, month in months:
        recompute_meeting_month(meeting.unit_id, meeting.level, year, month)
