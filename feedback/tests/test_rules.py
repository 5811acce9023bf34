"""The map of moves, the clock and the refusals: pure decisions as tables."""

from datetime import date

import pytest

from core.errors import DomainError
from feedback.enums import GROUP_OF, UNRESOLVED, OpinionStatus, Verb
from feedback.rules import NEXT, TARGET, allowed_verbs, check_content, check_move, due_day, is_overdue, reminder_stage

WORKING = "schedule resolve explain accept decline escalate transfer merge redirect withdraw"
ALLOWED = {
    "recorded": "answer_on_spot assign explain accept decline escalate transfer merge redirect withdraw",
    "assigned": f"assign unassign start {WORKING}",
    "in_progress": f"assign {WORKING}",
    "scheduled": "assign start resolve explain accept decline escalate transfer merge redirect withdraw",
    "escalated": "assign return escalate",
    "transferred": "assign return transfer",
} | {status.value: "reopen" for status in OpinionStatus if status not in UNRESOLVED}


@pytest.mark.parametrize("status", list(OpinionStatus))
@pytest.mark.parametrize("verb", list(TARGET))
def test_each_verb_is_allowed_from_its_states_and_refused_from_every_other(status, verb):
    if verb.value in ALLOWED[status.value].split():
        assert check_move(verb, status, "lý do") == TARGET[verb]
    else:
        with pytest.raises(DomainError):
            check_move(verb, status, "lý do")


@pytest.mark.parametrize("status", list(OpinionStatus))
def test_allowed_verbs_says_the_same_as_the_table(status):
    assert {verb.value for verb in allowed_verbs(status)} == set(ALLOWED[status.value].split())


def test_every_status_has_a_group_and_ways_out():
    assert set(GROUP_OF) == set(NEXT) == set(OpinionStatus)


@pytest.mark.parametrize("verb", [Verb.RESOLVE, Verb.ESCALATE, Verb.REOPEN, Verb.COMMENT, Verb.WITHDRAW])
def test_a_move_that_needs_a_note_is_refused_without(verb):
    status = OpinionStatus.RESOLVED if verb == Verb.REOPEN else OpinionStatus.IN_PROGRESS
    with pytest.raises(DomainError) as refusal:
        check_move(verb, status, "  ")
    assert refusal.value.field == "note"


DUE = date(2026, 3, 10)


@pytest.mark.parametrize(
    ("status", "due_on", "planned_on", "today", "expected"),
    [
        ("recorded", DUE, None, date(2026, 3, 10), False),
        ("recorded", DUE, None, date(2026, 3, 11), True),
        ("escalated", DUE, None, date(2026, 3, 11), True),
        ("recorded", None, None, date(2026, 3, 11), False),
        ("resolved", DUE, None, date(2026, 3, 11), False),
        ("withdrawn", DUE, None, date(2026, 3, 11), False),
        ("scheduled", DUE, date(2026, 5, 1), date(2026, 4, 30), False),
        ("scheduled", DUE, date(2026, 5, 1), date(2026, 5, 1), False),
        ("scheduled", DUE, date(2026, 5, 1), date(2026, 5, 2), True),
        ("scheduled", DUE, None, date(2026, 3, 11), True),
        ("in_progress", DUE, date(2026, 5, 1), date(2026, 4, 30), True),
        ("assigned", date(2028, 2, 29), None, date(2028, 3, 1), True),
        ("assigned", date(2025, 12, 31), None, date(2025, 12, 31), False),
    ],
)
def test_overdue_is_past_the_day_and_not_waiting_for_a_plan(status, due_on, planned_on, today, expected):
    assert is_overdue(status, due_on, today, planned_on) is expected


@pytest.mark.parametrize(
    ("received", "days", "expected"),
    [
        (date(2026, 12, 15), 30, date(2027, 1, 14)),
        (date(2028, 1, 30), 30, date(2028, 2, 29)),
        (date(2027, 1, 30), 30, date(2027, 3, 1)),
    ],
)
def test_due_days_are_calendar_days(received, days, expected):
    assert due_day(received, days) == expected


@pytest.mark.parametrize(
    ("late", "stage"),
    [(-4, None), (-3, "soon"), (-1, "soon"), (0, "today"), (1, None), (4, None), (5, "above"), (400, "above")],
)
def test_reminders_before_on_and_after_the_day(late, stage):
    deadline = date(2026, 3, 10)
    assert reminder_stage(deadline, date.fromordinal(deadline.toordinal() + late)) == stage


@pytest.mark.parametrize("text", ["Văn bản mật của huyện", "tài liệu TUYỆT MẬT", "Độ mật: cao", "", " \n "])
def test_secrets_and_empty_texts_are_refused(text):
    with pytest.raises(DomainError):
        check_content(text)


@pytest.mark.parametrize("text", ["Đề nghị hỗ trợ nuôi ong lấy mật", "Mật độ dân cư cao", "x" * 10_000])
def test_ordinary_words_are_not_taken_for_secrets(text):
    check_content(text)
