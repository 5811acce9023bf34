"""Plain builders of expected meetings and meetings."""

from datetime import date

from core.periods import Period
from core.text import fold
from meetings.enums import MeetingForm, MeetingKind, MeetingStatus
from meetings.models import CadenceRule, Meeting, Occurrence, Sitting
from meetings.rules import window
from units.reads import places_on


def make_rule(province, level="commune", kind="month", valid_from=date(2014, 11, 1), valid_to=None, **fields):
    return CadenceRule.objects.create(
        province=province,
        level=level,
        period_kind=kind,
        valid_from=valid_from,
        valid_to=valid_to,
        document=fields.pop("document", "1926-CV/TU"),
        **fields,
    )


def make_occurrence(rule, unit, word, **fields):
    period = Period.parse(word)
    days = window(period, rule.early_days, rule.grace_days)
    fields.setdefault("begun_on", fields.get("met_on"))
    return Occurrence.objects.create(
        rule=rule,
        unit=unit,
        level=rule.level,
        period=period.code,
        year=period.last.year,
        month=period.last.month,
        starts_on=period.first,
        ends_on=period.last,
        opens_on=days.opens_on,
        due_on=days.due_on,
        late_until=days.late_until,
        **places_on([unit.pk], period.last)[unit.pk].columns,
        **fields,
    )


def make_meeting(unit, held_on, occurrence=None, status=MeetingStatus.HELD, **fields):
    day = held_on or fields.get("planned_on")
    period = Period(occurrence.starts_on, occurrence.ends_on) if occurrence else Period.of_day(day, "month")
    title = fields.pop("title", f"Hội nghị giao ban {period.label} {unit.name}")
    fields.setdefault("kind", MeetingKind.PERIODIC)
    fields.setdefault("form", MeetingForm.HALL)
    return Meeting.objects.create(
        unit=unit,
        level=unit.level,
        occurrence=occurrence,
        period_first=period.first,
        period_last=period.last,
        year=period.last.year,
        month=period.last.month,
        title=title,
        search_text=fold(title),
        status=status,
        held_on=held_on,
        **places_on([unit.pk], period.last)[unit.pk].columns,
        **fields,
    )


def make_planned(unit, planned_on, **fields):
    """On the calendar, not held; without an occurrence unless one is given."""
    fields.setdefault("status", MeetingStatus.PLANNED)
    meeting = make_meeting(unit, planned_on, planned_on=planned_on, **fields)
    meeting.held_on = None
    meeting.save(update_fields=["held_on"])
    return meeting


def make_sitting(meeting, held_on, communes, attendance=0):
    sitting = Sitting.objects.create(meeting=meeting, held_on=held_on, attendance_count=attendance)
    sitting.communes.set(communes)
    return sitting
