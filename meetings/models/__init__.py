"""Cadence, what it makes expected, what was held, who was there, and what it left to be done."""

from meetings.models.cadence import CadenceRule, CalendarFeed, Exemption, Occurrence, Placed, SpecialDay, UnreachedUnit
from meetings.models.conclusions import Announcement, Relay, Tasking
from meetings.models.meeting import (
    Attendance,
    AttendancePost,
    CountedAttendance,
    Meeting,
    MeetingChair,
    MeetingFile,
    MeetingMonth,
    Sitting,
)
from meetings.models.papers import InvitationMail, IssuedPaper, PaperStyle

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
    "MeetingChair",
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
