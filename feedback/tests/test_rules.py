"""The map of moves, the clock and the refusals: pure decisions as tables."""

from datetime import date

import pytest

from core.errors import DomainError
from core.periods import WorkCalendar
from feedback.enums import GROUP_OF, UNRESOLVED, OpinionStatus, Verb
from feedback.rules import (
    KEEPS,
    NEXT,
    TARGET,
    allowed_verbs,
    check_content,
    check_move,
    dissatisfaction,
    due_day,
    is_overdue,
    is_receipt_overdue,
    next_review,
    reminder_stage,
    resumed_due,
    sounds_like_complaint,
    standing_waits,
)

WORKING = "schedule resolve explain accept decline escalate transfer merge redirect withdraw"
CLOCKS = "receipt extend ask_extension grant_extension refuse_extension ask_support reply_support withdraw_support"
STEPS = "add_step progress"
ALLOWED = {
    "recorded": f"answer_on_spot assign explain accept decline escalate transfer merge redirect withdraw {CLOCKS}",
    "assigned": f"assign unassign disclaim start {WORKING} {CLOCKS}",
    "in_progress": f"assign disclaim {WORKING} {CLOCKS} {STEPS}",
    "scheduled": f"assign start review_plan resolve explain accept decline escalate transfer merge redirect withdraw "
    f"{CLOCKS} {STEPS}",
    "escalated": f"assign return escalate {CLOCKS}",
    "transferred": f"assign return transfer {CLOCKS}",
} | {status.value: "reopen" for status in OpinionStatus if status not in UNRESOLVED}
ALLOWED["duplicate"] = "reopen unmerge"


@pytest.mark.parametrize("status", list(OpinionStatus))
@pytest.mark.parametrize("verb", [*TARGET, *KEEPS])
def test_each_verb_is_allowed_from_its_states_and_refused_from_every_other(status, verb):
    if verb.value in ALLOWED[status.value].split():
        assert check_move(verb, status, "lý do") == TARGET.get(verb, status)
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
    assert is_overdue(status, due_on, today, planned_on, "petition") is expected
    assert is_overdue(status, due_on, today, planned_on, "initiative") is False


TET = frozenset(date(2026, 2, day) for day in range(16, 21))
CALENDAR = WorkCalendar(days_off=TET | {date(2026, 9, 2)}, worked=frozenset({date(2026, 8, 22)}))


@pytest.mark.parametrize(
    ("received", "days", "expected"),
    [
        (date(2026, 12, 15), 30, date(2027, 1, 14)),
        (date(2028, 1, 30), 30, date(2028, 2, 29)),
        (date(2027, 1, 30), 30, date(2027, 3, 1)),
        (date(2026, 3, 20), 30, date(2026, 4, 20)),  # a Sunday
        (date(2026, 1, 15), 30, date(2026, 2, 23)),  # a Saturday before Tết
        (date(2026, 8, 3), 30, date(2026, 9, 3)),  # the National Day
        (date(2026, 7, 23), 30, date(2026, 8, 22)),  # a Saturday that is worked
    ],
)
def test_due_days_are_calendar_days_that_end_on_a_working_day(received, days, expected):
    assert due_day(received, days, CALENDAR) == expected


@pytest.mark.parametrize(
    ("status", "receipt_due_on", "receipted_on", "today", "expected"),
    [
        ("escalated", DUE, None, date(2026, 3, 10), False),
        ("escalated", DUE, None, date(2026, 3, 11), True),
        ("assigned", DUE, date(2026, 3, 9), date(2026, 3, 11), False),
        ("assigned", DUE, date(2026, 3, 20), date(2026, 3, 21), False),
        ("recorded", None, None, date(2026, 3, 11), False),
        ("resolved", DUE, None, date(2026, 3, 11), False),
    ],
)
def test_a_receipt_is_overdue_until_it_is_given(status, receipt_due_on, receipted_on, today, expected):
    assert is_receipt_overdue(status, receipt_due_on, receipted_on, today) is expected


A1, A, P = 1, 2, 3
D = [date(2026, 3, day) for day in range(1, 11)]
UP = [("record", A1, D[8], D[0]), ("escalate", A, D[9], D[2])]
UP_TWICE = [*UP, ("escalate", P, D[7], D[4])]


@pytest.mark.parametrize(
    ("steps", "waiting"),
    [
        (UP[:1], []),
        (UP, [(A1, D[8], D[2])]),
        ([*UP, ("assign", A, D[9], D[3]), ("comment", A, D[9], D[4])], [(A1, D[8], D[2])]),
        ([*UP, ("return", A1, D[9], D[4])], []),
        (UP_TWICE, [(A1, D[8], D[2]), (A, D[9], D[4])]),
        ([*UP_TWICE, ("return", A, D[9], D[5])], [(A1, D[8], D[2])]),
        ([*UP_TWICE, ("transfer", A1, D[9], D[5])], []),
        ([*UP, ("resolve", A, D[9], D[4]), ("reopen", A, D[9], D[6])], []),
        ([*UP, ("extend", A, D[6], D[4]), ("escalate", P, D[7], D[5])], [(A1, D[8], D[2]), (A, D[6], D[5])]),
    ],
)
def test_those_who_sent_it_up_wait_until_they_get_it_back(steps, waiting):
    assert [tuple(wait) for wait in standing_waits(steps)] == waiting


@pytest.mark.parametrize(
    ("due_on", "since", "today", "expected"),
    [
        (date(2026, 3, 10), date(2026, 3, 2), date(2026, 3, 12), date(2026, 3, 20)),
        (date(2026, 3, 10), date(2026, 3, 2), date(2026, 3, 2), date(2026, 3, 10)),
        (date(2026, 3, 10), date(2026, 3, 2), date(2026, 3, 6), date(2026, 3, 16)),  # 14 is a Saturday
        (date(2026, 2, 2), date(2026, 3, 2), date(2026, 3, 4), date(2026, 2, 4)),  # late before it was sent up
        (date(2026, 3, 10), date(2026, 3, 12), date(2026, 3, 2), date(2026, 3, 10)),  # a clock that stepped back
    ],
)
def test_the_days_of_waiting_are_added_to_the_due_day(due_on, since, today, expected):
    assert resumed_due(due_on, since, today, CALENDAR) == expected


@pytest.mark.parametrize(
    ("today", "planned_on", "expected"),
    [
        (date(2026, 2, 2), date(2026, 12, 1), date(2026, 3, 31)),
        (date(2026, 3, 31), date(2026, 12, 1), date(2026, 6, 30)),
        (date(2026, 12, 31), date(2027, 12, 1), date(2027, 3, 31)),
        (date(2027, 8, 2), date(2028, 1, 5), date(2027, 9, 30)),
        (date(2026, 2, 2), date(2026, 3, 31), None),
        (date(2028, 11, 1), date(2029, 5, 5), date(2029, 1, 1)),  # 31/12/2028 is a Sunday
    ],
)
def test_a_plan_is_reviewed_at_the_end_of_each_quarter(today, planned_on, expected):
    assert next_review(today, planned_on, CALENDAR) == expected


@pytest.mark.parametrize(
    ("count", "before", "before_on", "said", "expected"),
    [
        (0, "", None, "not", 1),
        (1, "not", D[0], "not", 2),
        (1, "not", D[1], "not", 1),  # said again the same day
        (1, "not", D[1], "satisfied", 0),  # mended the same day
        (1, "", None, "partly", 1),
        (1, "", None, "satisfied", 0),
        (2, "", None, "not", 3),
    ],
)
def test_dissatisfaction_counts_answers_not_clicks(count, before, before_on, said, expected):
    assert dissatisfaction(count, before, before_on, said, D[1]) == expected


@pytest.mark.parametrize(
    ("late", "stage"),
    [(-4, None), (-3, "soon"), (-1, "soon"), (0, "today"), (1, None), (4, None), (5, "above"), (400, "above")],
)
def test_reminders_before_on_and_after_the_day(late, stage):
    deadline = date(2026, 3, 10)
    assert reminder_stage(deadline, date.fromordinal(deadline.toordinal() + late)) == stage


@pytest.mark.parametrize(
    "text",
    [
        *("Văn bản mật của huyện", "tài liệu TUYỆT MẬT", "Độ mật: cao", "", " \n "),
        *("Kế hoạch số 12 (MẬT)", "Báo cáo [Tối mật] gửi tỉnh", "MẬT\nKế hoạch diễn tập", "Ke hoach (TOI MAT)"),
        *("Gửi kèm công văn mật số 5", "Đóng dấu mật, không phổ biến"),
    ],
)
def test_secrets_and_empty_texts_are_refused(text):
    with pytest.raises(DomainError):
        check_content(text)


@pytest.mark.parametrize(
    "text",
    [
        *("Đề nghị hỗ trợ nuôi ong lấy mật", "Mật độ dân cư cao", "x" * 10_000, "Mật ong rừng", "Rừng rậm rạp"),
        *("Tuyên truyền Luật Bảo vệ bí mật nhà nước", "Giữ bí mật tên người phản ánh", "Đổi mật khẩu tài khoản"),
        *("Do mất mùa nên thiếu giống", "Dân đỏ mặt vì nắng", "Đường đi tới mặt đê bị sạt", "Tôi mất sổ đỏ"),
        *("Buổi tối mật phục bắt trộm chó", "Mía mật được mùa", "Công an mật phục", "TOI MAT TIEN"),
    ],
)
def test_ordinary_words_are_not_taken_for_secrets(text):
    check_content(text)


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("Tố cáo cán bộ thôn thu sai quỹ", True),
        ("Ông A khiếu nại quyết định thu hồi đất", True),
        ("Khiếu tố kéo dài", True),
        ("Bà con yêu cầu công khai quỹ", False),
        ("Báo cáo kết quả tố chức hội nghị", False),
    ],
)
def test_what_may_be_a_complaint_is_only_hinted_at(text, is_one):
    assert sounds_like_complaint(text) == is_one
    check_content(text)
