"""Due days that rest on working days: of logging, of the conclusion, and of periods whose end rolls forward."""

from datetime import timedelta

from django.db.models import Case, F, Max, Value, When

from core.periods import Period
from meetings.models import CadenceRule, Meeting, Occurrence
from meetings.rules import clock_dues, window

CLOCK_DAYS = (3, 5)
"""Working days for logging and for the conclusion where no rule of the level is in force."""
REACH = timedelta(days=60)


def clock_days(rules, level, day, unit_id):
    """(days to log, days to conclude) by the rule in force on `day`: the unit's own, else that of the level."""
    for rule in sorted(rules, key=lambda rule: rule.unit_id is None):
        is_ours = rule.level == level and rule.unit_id in (None, unit_id)
        if is_ours and rule.valid_from <= day and (rule.valid_to is None or day < rule.valid_to):
            return rule.log_days, rule.conclusion_days
    return CLOCK_DAYS


def set_dues(meeting, last_on, calendar):
    """The due days of logging and of the conclusion, from the day held and the day of the last sitting. Not saved."""
    rules = CadenceRule.objects.filter(province=meeting.province_id, level=meeting.level).on(meeting.held_on)
    days = clock_days(rules, meeting.level, meeting.held_on, meeting.unit_id)
    meeting.log_due_on, meeting.conclusion_due_on = clock_dues(meeting.held_on, last_on, *days, calendar)


def refresh_dues(province_id, day, calendar):
    """Count anew what a changed `day` may have moved; `calendar` knows the days from two months before it."""
    rules = list(CadenceRule.objects.filter(province=province_id))
    _refresh_meetings(province_id, rules, day, calendar)
    _refresh_windows([rule for rule in rules if rule.rolls_forward], day, calendar)


def _refresh_meetings(province_id, rules, day, calendar):
    near = Meeting.objects.filter(province=province_id, held_on__range=(day - REACH, day), log_due_on__isnull=False)
    meetings = list(near.annotate(last_on=Max("sittings__held_on")))
    for meeting in meetings:
        days = clock_days(rules, meeting.level, meeting.held_on, meeting.unit_id)
        last_on = max(meeting.held_on, meeting.last_on or meeting.held_on)
        meeting.log_due_on, meeting.conclusion_due_on = clock_dues(meeting.held_on, last_on, *days, calendar)
    Meeting.objects.bulk_update(meetings, ["log_due_on", "conclusion_due_on"], batch_size=200)


def _refresh_windows(rules, day, calendar):
    by_id = {rule.pk: rule for rule in rules}
    near = Occurrence.objects.filter(rule__in=rules, ends_on__range=(day - REACH, day))
    due, late = [], []
    for rule_id, first, last in near.order_by().values_list("rule_id", "starts_on", "ends_on").distinct():
        rule = by_id[rule_id]
        days = window(Period(first, last), rule.early_days, rule.grace_days, calendar)
        due.append(When(rule=rule_id, ends_on=last, then=Value(days.due_on)))
        late.append(When(rule=rule_id, ends_on=last, then=Value(days.late_until)))
    if due:
        near.update(due_on=Case(*due, default=F("due_on")), late_until=Case(*late, default=F("late_until")))
