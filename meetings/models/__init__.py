"""Cadence, what it makes expected, what was held, and who was there."""

from meetings.models.attendance import Attendance, AttendancePost, CountedAttendance
from meetings.models.cadence import CadenceRule, Exemption, Occurrence, Placed
from meetings.models.meeting import Meeting, MeetingFile, Sitting
from meetings.models.tally import MeetingMonth

__all__ = [
    "Attendance",
    "AttendancePost",
    "CadenceRule",
    "CountedAttendance",
    "Exemption",
    "Meeting",
    "MeetingFile",
    "MeetingMonth",
    "Occurrence",
    "Placed",
    "Sitting",
]
