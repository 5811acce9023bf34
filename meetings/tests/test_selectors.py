"""What the home pages are told."""

from datetime import date

import pytest

from meetings.enums import MeetingStatus, Timeliness
from meetings.reads import current_rate, due_now, missing_by_unit, pending_exemptions, upcoming_meetings
from meetings.services.exemptions import ask_exemption
from meetings.tests.builders import make_meeting, make_occurrence, make_rule

TODAY = date(2026, 11, 3)


@pytest.fixture
def autumn(cast):
    """September overdue, October in its days of grace, November running; the neighbour has held all but one."""
    tree, rule = cast.tree, make_rule(cast.tree.province)
    for unit, held in ((tree.a1, ()), (tree.a2, ("2026-10", "2026-11")), (tree.b1, ("2026-09",))):
        for word in ("2026-09", "2026-10", "2026-11"):
            make_occurrence(rule, unit, word, met_on=date(2026, int(word[-2:]), 2) if word in held else None)
    make_occurrence(make_rule(tree.province, "district", "quarter"), tree.a, "2026-Q4")
    return cast


def test_due_now_is_for_those_who_keep_the_meetings(autumn):
    rows = due_now(autumn.commune, TODAY)
    assert [(row.occurrence.period, row.state) for row in rows] == [
        ("2026-11", Timeliness.WAITING),
        ("2026-10", Timeliness.GRACE),
        ("2026-09", Timeliness.MISSING),
    ]
    assert rows[0].label == "Hội nghị giao ban tháng 11/2026 – Xã Đồng Tâm"
    assert rows[0].meeting is None
    assert [row.occurrence.period for row in due_now(autumn.leader, TODAY)] == ["2026-Q4"]
    assert due_now(autumn.specialist, TODAY) == due_now(autumn.outsider, TODAY) == due_now(autumn.admin, TODAY) == []


def test_due_now_knows_the_planned_meeting_and_the_request(autumn):
    row = due_now(autumn.commune, TODAY)[0]
    make_meeting(row.occurrence.unit, None, row.occurrence, MeetingStatus.CANCELLED)
    planned = make_meeting(row.occurrence.unit, None, row.occurrence, MeetingStatus.PLANNED, planned_on=TODAY)
    ask_exemption(row.occurrence.pk, actor=autumn.commune, reason="bão", today=TODAY)
    row = due_now(autumn.commune, TODAY)[0]
    assert (row.meeting, row.is_asked) == (planned, True)
    assert upcoming_meetings(autumn.commune, TODAY) == [planned]
    assert pending_exemptions(autumn.leader).count() == 1
    assert not pending_exemptions(autumn.other_leader).exists()


def test_missing_by_unit_and_rates(autumn):
    rows, count = missing_by_unit(autumn.specialist, TODAY)
    assert {(row.name, row.count, row.last) for row in rows} == {
        ("Xã Hải Lạng", 1, "tháng 9/2026"),
        ("Xã Đồng Tâm", 2, "tháng 10/2026"),
        ("Xã Quảng La", 1, "tháng 10/2026"),
    }
    assert count == 3
    assert missing_by_unit(autumn.commune, TODAY) == ([], 0)
    assert missing_by_unit(autumn.leader, date(2026, 12, 10), limit=1)[1] == 2
    rates = current_rate(autumn.specialist, TODAY)
    assert (rates["commune"]["held"], rates["commune"]["units"], rates["commune"]["expected"]) == (1, 3, 0)
    assert rates["commune"]["period"] == "2026-11"
    assert rates["commune"]["previous"] == {
        "period": "2026-10", "label": "Tháng 10/2026", "held": 1, "units": 3, "expected": 3,
    }  # fmt: skip
    assert rates["district"]["units"] == 1
    assert current_rate(autumn.outsider, TODAY) == {}
