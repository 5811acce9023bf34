"""Cadence, what it makes expected, what was held, who was there, and what it left to be done."""

from meetings.models.attendance import Attendance, AttendancePost, CountedAttendance
from meetings.models.business import Announcement, Relay, Tasking
from meetings.models.cadence import CadenceRule, Exemption, Occurrence, Placed, UnreachedUnit
from meetings.models.calendar import CalendarFeed, SpecialDay
from meetings.models.meeting import Meeting, MeetingFile, Sitting
from meetings.models.papers import InvitationMail, IssuedPaper, PaperStyle
from meetings.models.tally import MeetingMonth

__all__ = [
    "Announcement",
    "Attendance",
    "AttendancePost",
    "CadenceRule",
    "CalendarFeed",
    "CountedAttendance",
    "Exemption",
    "InvitationMail",
    "IssuedPaper",
    "Meeting",
    "MeetingFile",
    "MeetingMonth",
    "Occurrence",
    "PaperStyle",
    "Placed",
    "Relay",
    "Sitting",
    "SpecialDay",
    "Tasking",
    "UnreachedUnit",
]
