"""The pure rules of lines owed and of passing things on, as tables."""

from datetime import date

import pytest

from core.errors import DomainError
from meetings.rules import check_finish, check_line, check_relay, check_tasking_move

HELD, TODAY = date(2026, 3, 20), date(2026, 3, 25)


def refusal(rule, *arguments):
    try:
        rule(*arguments)
    except DomainError as error:
        return error.field
    return "fine"


@pytest.mark.parametrize(
    ("text", "body", "person", "due_on", "answer"),
    [
        ("Nạo vét mương", 1, None, date(2026, 4, 1), "fine"),
        ("Nạo vét mương", None, 2, HELD, "fine"),
        ("", 1, None, date(2026, 4, 1), "text"),
        ("Nạo vét mương", None, None, date(2026, 4, 1), "body"),
        ("Nạo vét mương", 1, None, None, "due_on"),
        ("Nạo vét mương", 1, None, date(2026, 3, 19), "due_on"),
    ],
)
def test_a_line_says_what_who_and_by_when(text, body, person, due_on, answer):
    assert refusal(check_line, text, body, person, due_on, HELD) == answer


@pytest.mark.parametrize(
    ("result", "done_on", "answer"),
    [
        ("Xong", TODAY, "fine"),
        ("Xong", HELD, "fine"),
        ("", TODAY, "result"),
        ("Xong", date(2026, 3, 26), "done_on"),
        ("Xong", date(2026, 3, 19), "done_on"),
    ],
)
def test_done_is_a_day_and_a_result(result, done_on, answer):
    assert refusal(check_finish, result, done_on, HELD, TODAY) == answer


@pytest.mark.parametrize(
    ("day", "reach", "answer"),
    [
        (HELD, 0, "fine"),
        (TODAY, 100_000, "fine"),
        (date(2026, 3, 26), 5, "relayed_on"),
        (date(2026, 3, 19), 5, "relayed_on"),
        (TODAY, 100_001, "reach_count"),
        (TODAY, -1, "reach_count"),
    ],
)
def test_passing_on_happens_between_the_meeting_and_today(day, reach, answer):
    assert refusal(check_relay, day, reach, HELD, TODAY) == answer


@pytest.mark.parametrize("before", ["open", "done", "dropped"])
@pytest.mark.parametrize("after", ["open", "done", "dropped"])
def test_moves_of_a_line(before, after):
    allowed = {("open", "done"), ("open", "dropped"), ("done", "open"), ("dropped", "open")}
    assert (refusal(check_tasking_move, before, after) == "fine") is ((before, after) in allowed)
