"""Three clocks: held, logged, conclusion issued. The rule, the acts, and the page whose figures are lists."""

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.errors import DomainError, NotAllowed
from meetings.cadence.reads import refresh_occurrence
from meetings.cadence.workdays import public_calendar
from meetings.enums import ClockState
from meetings.rules import clock_dues, clock_state, needs_timing_reason, times_overlap
from meetings.services import MeetingFacts, hold_meeting, issue_conclusion
from meetings.services.attendance import Seat, saved_seats
from meetings.tests.builders import make_meeting, make_occurrence, make_rule
from meetings.timeliness import meeting_clocks

PAGE = "/hoi-nghi/ba-moc/"
DUE = date(2026, 11, 10)


@pytest.mark.parametrize(
    ("due_on", "done_on", "today", "answer"),
    [
        (None, None, DUE, None),
        (None, DUE, DUE, None),
        (DUE, DUE, DUE, ClockState.ON_TIME),
        (DUE, DUE + timedelta(days=1), DUE, ClockState.LATE),
        (DUE, None, DUE, ClockState.WAITING),
        (DUE, None, DUE + timedelta(days=1), ClockState.OVERDUE),
    ],
)
def test_clock_state(due_on, done_on, today, answer):
    assert clock_state(due_on, done_on, today) == answer


@pytest.mark.parametrize(
    ("held_on", "last_on", "log_due", "conclusion_due"),
    [
        (date(2026, 11, 5), date(2026, 11, 5), date(2026, 11, 10), date(2026, 11, 12)),
        (date(2026, 11, 5), date(2026, 11, 16), date(2026, 11, 19), date(2026, 11, 23)),
        (date(2025, 1, 23), date(2025, 1, 23), date(2025, 2, 4), date(2025, 2, 6)),
        (date(2026, 2, 13), date(2026, 2, 13), date(2026, 2, 25), date(2026, 2, 27)),
        (date(2026, 12, 30), date(2026, 12, 30), date(2027, 1, 5), date(2027, 1, 7)),
        (date(2028, 2, 26), date(2028, 2, 26), date(2028, 3, 1), date(2028, 3, 3)),
    ],
)
def test_clock_dues(held_on, last_on, log_due, conclusion_due):
    assert clock_dues(held_on, last_on, 3, 5, public_calendar(held_on, last_on)) == (log_due, conclusion_due)


@pytest.mark.parametrize(
    ("held_on", "met_on", "answer"),
    [
        (DUE, None, False),
        (DUE + timedelta(days=1), None, True),
        (DUE + timedelta(days=9), DUE, False),
        (DUE + timedelta(days=9), DUE + timedelta(days=1), True),
    ],
)
def test_when_a_reason_is_asked_for(held_on, met_on, answer):
    assert needs_timing_reason(held_on, met_on, DUE) is answer


@pytest.mark.parametrize(
    ("a", "b", "answer"),
    [
        ((8, 10), (9, 11), True),
        ((8, 10), (10, 11), False),
        ((8, None), (8, None), True),
        ((8, None), (9, 11), False),
        ((None, None), (8, 10), False),
    ],
)
def test_times_overlap(a, b, answer):
    assert times_overlap(a, b) is answer
    assert times_overlap(b, a) is answer


@pytest.fixture
def held(cast):
    """Held on 28/10/2026, typed in on 09/11/2026: held on time, logged late."""
    slot = make_occurrence(make_rule(cast.tree.province), cast.tree.a1, "2026-10")
    meeting = make_meeting(cast.tree.a1, None, slot, status="planned", planned_on=date(2026, 10, 28))
    facts = MeetingFacts(date(2026, 10, 28), meeting.title, "hall")
    return hold_meeting(meeting.pk, facts, actor=cast.commune, today=date(2026, 11, 9), version=1)


def test_held_on_time_logged_late(held):
    today = date(2026, 11, 9)
    assert (held.logged_on, held.log_due_on, held.conclusion_due_on) == (
        today,
        date(2026, 11, 2),
        date(2026, 11, 4),
    )
    assert [row["word"] for row in meeting_clocks(held, today)] == ["Đúng hạn", "Chậm", "Quá hạn"]


def test_a_corrected_day_moves_the_dues_and_keeps_the_day_logged(cast, held):
    facts = MeetingFacts(date(2026, 10, 30), held.title, "hall")
    again = hold_meeting(held.pk, facts, actor=cast.commune, today=date(2026, 11, 20), version=held.version)
    assert (again.logged_on, again.log_due_on) == (date(2026, 11, 9), date(2026, 11, 4))


def test_a_meeting_of_the_old_books_gets_no_clock_when_it_is_mended(cast):
    old = make_meeting(cast.tree.a1, date(2016, 3, 5), kind="thematic")
    facts = MeetingFacts(date(2016, 3, 6), old.title, "hall")
    again = hold_meeting(old.pk, facts, actor=cast.commune, today=date(2026, 11, 20), version=old.version)
    assert (again.logged_on, again.log_due_on, again.conclusion_due_on) == (None, None, None)
    assert meeting_clocks(again, date(2026, 11, 20)) == []


@pytest.mark.parametrize(
    ("seats", "words"),
    [
        ([Seat("A", person_id=1), Seat("A", person_id=1)], "chỉ ghi một lần"),
        ([Seat("A", person_id=1, presence="substituted", substitute="B"), Seat("C", is_guest=True)], ""),
    ],
)
def test_a_person_sits_once_beside_substitutes_and_guests(cast, held, seats, words):
    facts, person = MeetingFacts(date(2026, 10, 30), held.title, "hall"), cast.commune.person_id
    seats = [replace(seat, person_id=seat.person_id and person) for seat in seats]
    more = {"actor": cast.commune, "today": date(2026, 11, 20), "version": held.version, "seats": seats}
    if words:
        with pytest.raises(DomainError, match=words):
            hold_meeting(held.pk, facts, **more)
    else:
        called, guests = saved_seats(hold_meeting(held.pk, facts, **more))
        assert [(seat.name, seat.substitute) for seat in called] == [("A", "B")]
        assert [seat.name for seat in guests] == ["C"]


def test_issuing_the_conclusion(cast, held):
    today = date(2026, 11, 9)
    for on, words in ((date(2026, 10, 27), "trở đi"), (date(2026, 11, 10), "tương lai")):
        with pytest.raises(DomainError, match=words):
            issue_conclusion(held.pk, actor=cast.commune, on=on, today=today)
    with pytest.raises(NotAllowed):
        issue_conclusion(held.pk, actor=cast.other_commune, on=today)
    for _ in range(2):
        done = issue_conclusion(held.pk, actor=cast.commune, on=date(2026, 11, 4), today=today)
    assert (done.conclusion_on, done.version) == (date(2026, 11, 4), held.version + 1)
    planned = make_meeting(cast.tree.a1, None, status="planned", planned_on=today, kind="thematic")
    with pytest.raises(DomainError, match="đã họp"):
        issue_conclusion(planned.pk, actor=cast.commune, on=today)


@pytest.fixture
def year(cast):
    """2016: two communes and their district, with clocks kept and missed, one without clocks."""
    tree = cast.tree
    rule = make_rule(tree.province)
    for unit, month, day, logged, concluded in (
        (tree.a1, 1, date(2016, 1, 20), date(2016, 1, 22), date(2016, 1, 27)),
        (tree.a1, 2, date(2016, 3, 3), date(2016, 3, 20), None),
        (tree.a2, 1, date(2016, 1, 20), date(2016, 1, 20), None),
    ):
        slot = make_occurrence(rule, unit, f"2016-{month:02d}")
        dues = {"log_due_on": day + timedelta(days=5), "conclusion_due_on": day + timedelta(days=7)}
        make_meeting(unit, day, slot, logged_on=logged, conclusion_on=concluded, **dues)
        refresh_occurrence(slot)
    make_occurrence(rule, tree.a2, "2016-02")
    make_meeting(tree.a2, date(2016, 5, 5), kind="thematic")
    return cast


def total(response):
    assert response.status_code == 200
    return int(response.content.decode().split('data-total="')[1].split('"')[0])


def test_each_figure_is_the_length_of_its_list(year, signed_in):
    browser = signed_in(year.specialist)
    answer = browser.get(PAGE, {"nam": "2016"})
    assert total(answer) == 2
    figures = re.findall(r'<a href="(/hoi-nghi/[^"]+)">(\d+)</a>', answer.content.decode())
    assert [int(number) for _, number in figures] == [1, 2, 1, 2, 1, 2, 1, 2, 1, 1, 0, 1]
    for url, number in figures:
        assert total(browser.get(url.replace("&amp;", "&"))) == int(number), url
    late = {"moc": "nhap-muon", "ky": "2016"}
    assert total(browser.get("/hoi-nghi/", late)) == 1
    assert total(browser.get("/hoi-nghi/", late | {"moc": "ket-luan-muon"})) == 2


@pytest.mark.parametrize(("who", "rows"), [("commune", 1), ("leader", 2), ("other_leader", 0), ("outsider", 0)])
def test_everybody_sees_the_own_branch(year, signed_in, who, rows):
    assert total(signed_in(getattr(year, who)).get(PAGE, {"nam": "2016"})) == rows


def test_statements_do_not_grow_with_rows(cast, signed_in):
    rule, browser = make_rule(cast.tree.province), signed_in(cast.specialist)

    def add(unit):
        make_meeting(unit, date(2016, 1, 5), make_occurrence(rule, unit, "2016-01"), log_due_on=date(2016, 1, 8))

    add(cast.tree.a1)
    browser.get(PAGE, {"nam": "2016"})
    with CaptureQueriesContext(connection) as first:
        browser.get(PAGE, {"nam": "2016"})
    add(cast.tree.a2)
    add(cast.tree.b1)
    with CaptureQueriesContext(connection) as second:
        assert total(browser.get(PAGE, {"nam": "2016"})) == 3
    assert len(first) == len(second) <= 15


@pytest.mark.parametrize(
    ("held_on", "dues"),
    [
        (date(2026, 10, 30), (date(2026, 11, 4), date(2026, 11, 6))),
        (date(2026, 11, 5), (date(2026, 11, 6), date(2026, 11, 9))),
    ],
)
def test_the_rule_in_force_on_the_day_says_how_many_days(cast, held_on, dues):
    make_rule(cast.tree.province, valid_to=date(2026, 11, 1))
    make_rule(cast.tree.province, valid_from=date(2026, 11, 1), log_days=1, conclusion_days=2)
    make_rule(cast.tree.province, "district", "quarter", log_days=9)
    meeting = make_meeting(cast.tree.a1, None, status="planned", kind="thematic", planned_on=held_on)
    facts = MeetingFacts(held_on, meeting.title, "hall")
    made = hold_meeting(meeting.pk, facts, actor=cast.commune, today=date(2026, 11, 9), version=1)
    assert (made.log_due_on, made.conclusion_due_on) == dues
