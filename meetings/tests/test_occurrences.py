"""What held meetings make of an expected one."""

from datetime import date

import pytest

from meetings.enums import MeetingForm, MeetingKind, MeetingStatus
from meetings.models import Exemption, Meeting
from meetings.occurrences import refresh_occurrence
from meetings.tests.builders import make_meeting, make_occurrence, make_rule, make_sitting


@pytest.fixture
def october(tree):
    return make_occurrence(make_rule(tree.province), tree.a1, "2026-10")


@pytest.fixture
def quarter(tree):
    return make_occurrence(make_rule(tree.province, "district", "quarter"), tree.a, "2026-Q3")


@pytest.mark.parametrize(
    ("kind", "status", "counts"),
    [
        (MeetingKind.PERIODIC, MeetingStatus.HELD, True),
        (MeetingKind.PERIODIC, MeetingStatus.LOCKED, True),
        (MeetingKind.YEAR_END, MeetingStatus.MINUTED, True),
        (MeetingKind.PERIODIC, MeetingStatus.CANCELLED, False),
        (MeetingKind.PERIODIC, MeetingStatus.POSTPONED, False),
        (MeetingKind.THEMATIC, MeetingStatus.HELD, False),
    ],
)
def test_which_meetings_make_it_held(october, kind, status, counts):
    make_meeting(october.unit, date(2026, 10, 30), october, status, kind=kind)
    refresh_occurrence(october)
    assert (october.met_on, october.completed_on) == ((date(2026, 10, 30),) * 2 if counts else (None, None))


def test_met_on_the_first_of_several(october):
    for day in (29, 12):
        make_meeting(october.unit, date(2026, 10, day), october)
    assert refresh_occurrence(october).met_on == date(2026, 10, 12)


def test_holding_lifts_an_exemption_and_cancelling_brings_it_back(october):
    october.is_exempt = True
    october.save()
    Exemption.objects.create(occurrence=october, reason="bão", asked_by_id=1, is_granted=True)
    waiting = Exemption.objects.create(occurrence=october, reason="bầu cử", asked_by_id=1)
    meeting = make_meeting(october.unit, date(2026, 10, 30), october)
    assert refresh_occurrence(october).is_exempt is False
    waiting.refresh_from_db()
    assert waiting.is_granted is False
    assert waiting.decided_at
    assert "đã họp" in waiting.decision_note
    Meeting.objects.filter(pk=meeting.pk).update(status=MeetingStatus.CANCELLED)
    assert refresh_occurrence(october).is_exempt is True


def test_a_round_is_complete_when_its_sittings_reached_every_commune(quarter, tree):
    meeting = make_meeting(tree.a, date(2026, 9, 10), quarter, form=MeetingForm.PER_COMMUNE)
    make_sitting(meeting, date(2026, 9, 10), [tree.a1])
    refresh_occurrence(quarter)
    assert (quarter.met_on, quarter.completed_on) == (date(2026, 9, 10), None)
    make_sitting(meeting, date(2026, 9, 18), [tree.a2])
    assert refresh_occurrence(quarter).completed_on == date(2026, 9, 18)


def test_a_hall_meeting_completes_a_round_that_sittings_left_open(quarter, tree):
    part = make_meeting(tree.a, date(2026, 9, 10), quarter, form=MeetingForm.CLUSTER)
    make_sitting(part, date(2026, 9, 10), [tree.a1])
    make_meeting(tree.a, date(2026, 9, 25), quarter, form=MeetingForm.ONLINE)
    refresh_occurrence(quarter)
    assert (quarter.met_on, quarter.completed_on) == (date(2026, 9, 10), date(2026, 9, 25))
