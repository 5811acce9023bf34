"""What held meetings make of an expected one."""

from datetime import date

import pytest

from meetings.cadence.reads import coverages, refresh_occurrence
from meetings.enums import MeetingForm, MeetingKind, MeetingStatus
from meetings.models import Attendance, CountedAttendance, Exemption, Meeting
from meetings.tests.builders import make_meeting, make_occurrence, make_rule, make_sitting
from units.models import UnitHeritage


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
    assert (october.begun_on, october.met_on) == ((date(2026, 10, 30),) * 2 if counts else (None, None))


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
    assert (quarter.begun_on, quarter.met_on) == (date(2026, 9, 10), None)
    make_sitting(meeting, date(2026, 9, 18), [tree.a2])
    assert refresh_occurrence(quarter).met_on == date(2026, 9, 18)


def test_a_hall_meeting_completes_a_round_that_sittings_left_open(quarter, tree):
    part = make_meeting(tree.a, date(2026, 9, 10), quarter, form=MeetingForm.CLUSTER)
    make_sitting(part, date(2026, 9, 10), [tree.a1])
    make_meeting(tree.a, date(2026, 9, 25), quarter)
    refresh_occurrence(quarter)
    assert (quarter.begun_on, quarter.met_on) == (date(2026, 9, 10), date(2026, 9, 25))


def day(number):
    return date(2026, 9, number)


ROUND_TABLE = [
    # form, days of sittings with the communes that sat, who came to a meeting of one go, begun, held, by the book
    ("hall", {}, {}, 10, 10, False),
    ("hall", {}, {"counted": None}, 10, 10, False),
    ("cluster", {10: "a1"}, {}, 10, None, False),
    ("cluster", {10: "a1", 18: "a2"}, {}, 10, 18, False),
    ("cluster", {18: "a2", 10: "a1"}, {}, 10, 18, False),
    ("cluster", {10: "a1 a2"}, {}, 10, 10, False),
    ("cluster", {}, {"counted": None}, 10, 10, True),
    ("cluster", {}, {"counted": "a1"}, 10, None, False),
    ("cluster", {}, {}, 10, None, False),
    ("per_commune", {10: "a1", 12: "a1"}, {}, 10, None, False),
    ("per_commune", {10: "a1", 12: "a1", 30: "a2"}, {}, 10, 30, False),
    ("per_commune", {}, {"counted": None}, 10, 10, True),
    ("online", {}, {"present": "a1"}, 10, None, False),
    ("online", {}, {"present": "a1 a2"}, 10, 10, False),
    ("online", {}, {"present": "v1 a2"}, 10, 10, False),
    ("online", {}, {"present": "a1", "excused": "a2"}, 10, None, False),
    ("online", {}, {"counted": None}, 10, 10, True),
    ("online", {}, {"counted": "a1"}, 10, None, False),
    ("online", {}, {"counted": "a1 a2"}, 10, 10, False),
    ("online", {}, {"present": "a1", "counted": None}, 10, None, False),
    ("online", {}, {}, 10, None, False),
    ("hybrid", {}, {"present": "a1"}, 10, None, False),
    ("hybrid", {}, {"present": "a1", "substituted": "a2"}, 10, 10, False),
    ("hybrid", {}, {"counted": None}, 10, 10, True),
]


@pytest.mark.parametrize(("form", "sittings", "came", "begun", "held", "is_by_book"), ROUND_TABLE)
def test_when_a_round_is_held(quarter, tree, form, sittings, came, begun, held, is_by_book):
    units = {"a1": tree.a1, "a2": tree.a2, "v1": tree.villages[0]}
    meeting = make_meeting(tree.a, day(10), quarter, form=form)
    for number, names in sittings.items():
        make_sitting(meeting, day(number), [units[name] for name in names.split()])
    for how, names in came.items():
        for number, unit in enumerate(units[name] for name in names.split()) if names else [(0, None)]:
            if how == "counted":
                CountedAttendance.objects.create(meeting=meeting, group=f"Nhóm {number}", number=20, unit=unit)
            else:
                Attendance.objects.create(meeting=meeting, name=f"Người {number}", unit=unit, presence=how)
    refresh_occurrence(quarter)
    assert (quarter.begun_on, quarter.met_on) == (day(begun), held and day(held))
    coverage = coverages([quarter])[quarter.pk]
    assert (coverage.held_on, coverage.is_by_book) == (quarter.met_on, is_by_book)
    assert ("theo sổ" in coverage.text) == is_by_book


def test_a_commune_s_online_meeting_is_one_hall(october):
    make_meeting(october.unit, date(2026, 10, 30), october, form=MeetingForm.ONLINE)
    assert refresh_occurrence(october).met_on == date(2026, 10, 30)


def test_meetings_of_different_forms_complete_a_round_together(quarter, tree):
    part = make_meeting(tree.a, day(10), quarter, form=MeetingForm.CLUSTER)
    make_sitting(part, day(10), [tree.a1])
    second = make_meeting(tree.a, day(21), quarter, form=MeetingForm.ONLINE)
    Attendance.objects.create(meeting=second, name="Bí thư", unit=tree.a2)
    assert refresh_occurrence(quarter).met_on == day(21)


def test_who_sat_before_a_merger_has_sat(quarter, tree):
    meeting = make_meeting(tree.a, day(10), quarter, form=MeetingForm.CLUSTER)
    make_sitting(meeting, day(10), [tree.a1, tree.b1])
    assert refresh_occurrence(quarter).met_on is None
    UnitHeritage.objects.create(heir=tree.a2, origin=tree.b1)
    assert refresh_occurrence(quarter).met_on == day(10)
