"""Rows of the lists, prepared: the templates print words and compute nothing."""

from types import SimpleNamespace

from django.urls import reverse

from meetings.enums import CADENCE_KINDS, HELD_STATES, MeetingKind, MeetingStatus, Timeliness, form_label
from meetings.rounds import coverages
from meetings.rules import timeliness, timeliness_of
from meetings.selectors import in_sentence, state_words

MEETING_COLUMNS = (
    *("pk", "held_on", "planned_on", "title", "unit__name", "level", "kind", "form", "status"),
    *("attendance_count", "opinion_count", "occurrence__due_on", "occurrence__late_until", "occurrence__met_on"),
)
OCCURRENCE_COLUMNS = (
    *("pk", "unit_id", "unit__name", "level", "period", "ends_on"),
    *("due_on", "late_until", "begun_on", "met_on", "is_exempt", "is_incomplete"),
)
STATUS_TONES = {
    MeetingStatus.PLANNED: "waiting",
    MeetingStatus.HELD: "progress",
    MeetingStatus.MINUTED: "progress",
    MeetingStatus.LOCKED: "done",
    MeetingStatus.POSTPONED: "soon",
    MeetingStatus.CANCELLED: "neutral",
}
_LATENESS = {Timeliness.LATE: "muộn", Timeliness.MADE_UP: "họp bù"}


def addresses(name):
    """A function from ids to addresses; the URL pattern is resolved once, not once a row."""
    head, _, tail = reverse(name, args=[0]).rpartition("0")
    return lambda pk: f"{head}{pk}{tail}"


def meeting_rows(found):
    """From dicts of MEETING_COLUMNS."""
    url_of = addresses("meeting_detail")
    for row in found:
        yield {
            "pk": row["pk"],
            "url": url_of(row["pk"]),
            "title": row["title"],
            "unit": row["unit__name"],
            "day": row["held_on"] or row["planned_on"],
            "is_held": row["status"] in HELD_STATES,
            "kind": MeetingKind(row["kind"]).label,
            "form": form_label(row["form"], row.get("level")),
            "lateness": _lateness(row),
            "word": MeetingStatus(row["status"]).label,
            "tone": STATUS_TONES[row["status"]],
            "attendance": row["attendance_count"],
            "opinions": row["opinion_count"],
        }


def _lateness(row):
    """By the day on which the round was complete; a further meeting by its own day."""
    period = SimpleNamespace(due_on=row["occurrence__due_on"], late_until=row["occurrence__late_until"])
    if not (period.due_on and row["held_on"] and row["kind"] in CADENCE_KINDS and row["status"] in HELD_STATES):
        return ""
    if row["occurrence__met_on"] is None:
        return "chưa họp đủ"
    return _LATENESS.get(timeliness_of(max(row["held_on"], row["occurrence__met_on"]), period), "")


def occurrence_rows(found, today):
    """From dicts of OCCURRENCE_COLUMNS; rounds held by sittings say how many units they have reached."""
    url_of, found = addresses("occurrence_detail"), list(found)
    periods = [SimpleNamespace(**row) for row in found]
    covered = coverages([period for period in periods if period.begun_on])
    for row, period in zip(found, periods, strict=True):
        state, coverage = timeliness(period, today), covered.get(row["pk"])
        word, tone = state_words(state, coverage)
        yield {
            "pk": row["pk"],
            "url": url_of(row["pk"]),
            "period": f"Kỳ {in_sentence(row['period'])}",
            "unit": row["unit__name"],
            "due_on": row["due_on"],
            "met_on": row["met_on"],
            "note": _note(state, row, today),
            "coverage": coverage.text if coverage and row["met_on"] else "",
            "word": word,
            "tone": tone,
        }


def _note(state, row, today):
    """How many days, in words."""
    if state in (Timeliness.LATE, Timeliness.MADE_UP):
        return f"sau hạn {(row['met_on'] - row['due_on']).days} ngày"
    if state in (Timeliness.GRACE, Timeliness.MISSING):
        return f"đã qua hạn {(today - row['due_on']).days} ngày"
    if state == Timeliness.WAITING:
        left = (row["due_on"] - today).days
        return f"còn {left} ngày" if left else "hạn hôm nay"
    return ""
