"""Tallies: one unit-month, the set-based rebuild, and a plain count in Python say the same."""

import random
from collections import defaultdict
from datetime import date, timedelta

import pytest

from meetings.enums import CADENCE_KINDS, HELD_STATES, MeetingForm, MeetingKind, MeetingStatus
from meetings.models import Meeting, MeetingMonth
from meetings.tallies import rebuild, recompute_meeting_month
from meetings.tests.builders import make_meeting, make_occurrence, make_rule

COUNTED = (
    "unit_id",
    "level",
    "year",
    "month",
    "province_id",
    "district_id",
    "commune_id",
    "meetings",
    "sittings",
    "attendance",
    "opinions",
    "thematic",
    "extra",
    "hall",
    "per_commune",
    "cluster",
    "online",
    "hybrid",
)


def counted_by_hand():
    groups = defaultdict(list)
    for meeting in Meeting.objects.all():
        if meeting.status in HELD_STATES:
            groups[meeting.unit_id, meeting.level, meeting.year, meeting.month].append(meeting)
    rows = []
    for key, meetings in groups.items():
        rounds = {m.occurrence_id for m in meetings if m.occurrence_id and m.kind in CADENCE_KINDS}
        first = meetings[0]
        rows.append(
            (
                *key,
                first.province_id,
                first.district_id,
                first.commune_id,
                len(meetings),
                sum(m.sitting_count for m in meetings),
                sum(m.attendance_count for m in meetings),
                sum(m.opinion_count for m in meetings),
                sum(m.kind == MeetingKind.THEMATIC for m in meetings),
                len(meetings) - len(rounds),
                *(sum(m.form == form for m in meetings) for form in MeetingForm),
            )
        )
    return sorted(rows, key=lambda row: row[:4])


def stored():
    return sorted(MeetingMonth.objects.values_list(*COUNTED), key=lambda row: row[:4])


@pytest.fixture
def many_meetings(tree):
    dice = random.Random(7)
    monthly = make_rule(tree.province)
    quarterly = make_rule(tree.province, "district", "quarter")
    slots = [make_occurrence(monthly, unit, f"2016-{month:02d}") for unit in (tree.a1, tree.b1) for month in (1, 2, 3)]
    slots += [make_occurrence(quarterly, tree.a, word) for word in ("2016-Q1", "2016-Q2")]
    for _ in range(60):
        slot = dice.choice(slots)
        free = dice.random() < 0.3
        make_meeting(
            slot.unit,
            slot.starts_on + timedelta(days=dice.randrange(28)),
            None if free else slot,
            status=dice.choice(MeetingStatus.values),
            kind=dice.choice(MeetingKind.values),
            form=dice.choice(MeetingForm.values),
            attendance_count=dice.randrange(40),
            opinion_count=dice.randrange(9),
            sitting_count=dice.randrange(1, 4),
        )


def test_rebuild_and_recompute_equal_a_count_by_hand(many_meetings):
    assert rebuild() == len(counted_by_hand())
    assert stored() == counted_by_hand()
    MeetingMonth.objects.update(meetings=99, attendance=0)
    for key in Meeting.objects.values_list("unit_id", "level", "year", "month").distinct():
        recompute_meeting_month(*key)
    assert stored() == counted_by_hand()


def test_rebuild_of_one_province_leaves_the_others(many_meetings, tree):
    rebuild()
    assert rebuild([tree.province.pk + 1000]) == 0
    assert stored() == counted_by_hand()


def test_a_month_without_held_meetings_has_no_row(tree):
    meeting = make_meeting(tree.a1, date(2016, 5, 5))
    recompute_meeting_month(tree.a1.pk, "commune", 2016, 5)
    assert MeetingMonth.objects.get().meetings == 1
    Meeting.objects.filter(pk=meeting.pk).update(status=MeetingStatus.CANCELLED)
    recompute_meeting_month(tree.a1.pk, "commune", 2016, 5)
    assert not MeetingMonth.objects.exists()
