"""Reminders: each stage once, one message a person and day, nothing after it is done, missed days caught up."""

from datetime import date, timedelta

import pytest
from django.core import mail
from django.utils import timezone

from conftest import make_body, make_unit, make_user
from journal.models import Notice
from journal.services import deliver_notices
from meetings.enums import MeetingStatus
from meetings.jobs import KEY, flag_overdue, remind
from meetings.models import Occurrence, Tasking
from meetings.rules import reminder_stage, stage_to_tell
from meetings.tasks import remind as task
from meetings.tests.builders import make_meeting, make_occurrence, make_rule
from units.loading import rebuild_tree

DUE, GRACE_ENDS = date(2026, 10, 31), date(2026, 11, 5)


def days(offset):
    return DUE + timedelta(days=offset)


@pytest.mark.parametrize(
    ("offset", "stage"),
    [
        (-30, None),
        (-8, None),
        (-7, "week"),
        (-2, "week"),
        (-1, "eve"),
        (0, "eve"),
        (1, "after"),
        (5, "after"),
        (6, "grace"),
        (400, "grace"),
    ],
)
def test_stages_of_a_matter(offset, stage):
    assert reminder_stage(DUE, days(offset), GRACE_ENDS) == stage


@pytest.mark.parametrize(
    ("told", "today", "stage"),
    [
        (-8, -7, "week"),
        (-7, -6, None),
        (-9, -3, "week"),  # T-7 was missed: still told
        (-9, -1, "eve"),  # both were missed: only the later one
        (-9, 2, "after"),
        (-1, 0, None),
        (0, 1, "after"),
        (1, 5, None),
        (5, 6, "grace"),
        (None, -20, None),
        (None, -5, "week"),
        (None, 3, "after"),
    ],
)
def test_a_missed_day_is_caught_up_without_stale_lines(told, today, stage):
    before = None if told is None else days(told)
    assert stage_to_tell(DUE, days(today), GRACE_ENDS, before) == stage


def test_a_meeting_planned_after_the_days_of_grace_is_still_announced():
    assert reminder_stage(date(2026, 11, 20), date(2026, 11, 19), GRACE_ENDS) == "eve"
    assert reminder_stage(date(2026, 11, 20), date(2026, 11, 21), GRACE_ENDS) == "grace"


@pytest.fixture
def october(cast):
    rule = make_rule(cast.tree.province)
    return {name: make_occurrence(rule, getattr(cast.tree, name), "2026-10") for name in ("a1", "a2")}


def told(user):
    return [[notice.text, *notice.lines.splitlines()] for notice in Notice.objects.filter(recipient=user)[::-1]]


def test_the_whole_way_of_one_period_day_by_day(cast, october):
    """Four messages to the unit, two to those above; no day has two, and a second run of any day writes nothing."""
    for offset in range(-12, 12):
        remind(days(offset))
        assert remind(days(offset)).notices == 0
    own = [lines[0] for lines in told(cast.commune)]
    assert own == [
        "Xã Đồng Tâm: hội nghị giao ban tháng 10/2026 hạn họp 31/10/2026, chưa lên lịch.",
        "Xã Đồng Tâm: hội nghị giao ban tháng 10/2026 đến hạn họp 31/10/2026, chưa lên lịch.",
        "Xã Đồng Tâm: hội nghị giao ban tháng 10/2026 đã qua hạn họp 31/10/2026; họp đến 05/11/2026 tính là họp muộn.",
        "Xã Đồng Tâm đã quá hạn hội nghị giao ban tháng 10/2026. Ghi hội nghị, hoặc xin miễn nếu có lý do.",
    ]
    assert told(cast.commune_leader) == told(cast.commune)
    assert told(cast.leader) == told(cast.specialist) == told(cast.district) == told(cast.head)
    after, grace = told(cast.leader)
    assert after == [
        "Nhắc việc giao ban: 2 đơn vị cấp dưới chưa họp.",
        "Xã Đồng Tâm: hội nghị giao ban tháng 10/2026 đã qua hạn họp, chưa họp.",
        "Xã Hải Lạng: hội nghị giao ban tháng 10/2026 đã qua hạn họp, chưa họp.",
    ]
    assert grace[1] == "Xã Đồng Tâm: hội nghị giao ban tháng 10/2026 đã quá hạn, chưa họp."
    for user in (cast.other_leader, cast.outsider, cast.agency, cast.cadre, cast.admin, cast.province_leader):
        assert told(user) == []


def test_thirteen_communes_are_one_message(cast):
    rule = make_rule(cast.tree.province)
    units = [make_unit("commune", f"90150{n:02d}", f"Xã Số {n:02d}", cast.tree.a) for n in range(1, 14)]
    rebuild_tree()
    for unit in units:
        make_occurrence(rule, unit, "2026-10")
    cast.leader.email = "lanhdao@example.org"
    cast.leader.save()
    remind(days(1))
    ((text, *lines),) = told(cast.leader)
    assert text == "Nhắc việc giao ban: 13 đơn vị cấp dưới chưa họp."
    assert [line.split(":")[0] for line in lines] == [unit.name for unit in units]
    deliver_notices(timezone.now())
    (message,) = [each for each in mail.outbox if each.to == ["lanhdao@example.org"]]
    assert message.body.count("Xã Số") == 13
    deliver_notices(timezone.now())
    remind(days(1))
    remind(days(2))
    assert len(told(cast.leader)) == 1


def test_the_planned_day_is_the_day(cast, october):
    make_meeting(cast.tree.a1, None, october["a1"], MeetingStatus.PLANNED, planned_on=date(2026, 10, 20))
    assert remind(date(2026, 10, 12)).notices == 0
    remind(date(2026, 10, 13))
    remind(date(2026, 10, 21))
    first, second = told(cast.commune)
    assert first == ["Xã Đồng Tâm: hội nghị giao ban tháng 10/2026 đã lên lịch ngày 20/10/2026."]
    assert second[0].startswith("Xã Đồng Tâm: đã qua ngày dự kiến 20/10/2026")
    ((line,),) = told(cast.leader)
    assert line == "Xã Đồng Tâm: hội nghị giao ban tháng 10/2026 dự kiến ngày 20/10/2026, chưa ghi kết quả."
    assert Notice.objects.filter(recipient=cast.leader).get().url.startswith("/hoi-nghi/")


@pytest.mark.parametrize("done", [{"met_on": date(2026, 10, 20)}, {"is_exempt": True}])
def test_nothing_after_it_is_done(cast, october, done):
    Occurrence.objects.update(**done)
    for offset in (-7, -1, 1, 6):
        assert remind(days(offset)).notices == 0


def test_a_cancelled_meeting_no_longer_sets_the_day(cast, october):
    make_meeting(cast.tree.a1, None, october["a1"], MeetingStatus.CANCELLED, planned_on=date(2026, 10, 20))
    assert remind(date(2026, 10, 19)).notices == 0


def test_missed_days_are_caught_up_once(cast, october):
    remind(days(-7))
    remind(days(2))
    assert remind(days(3)).notices == 0
    assert ["đã qua hạn họp" in lines[0] for lines in told(cast.commune)] == [False, True]


def test_the_digest_and_the_flag_do_not_repeat_each_other(cast, october):
    flagging = days(6)
    assert remind(flagging).flagged == 2
    assert flag_overdue(flagging) == 0
    assert len(told(cast.commune)) == 1
    Occurrence.objects.update(flagged_on=None)
    Notice.objects.all().delete()
    assert flag_overdue(flagging) == 2
    assert remind(flagging).notices == 0
    assert len(told(cast.commune)) == 1


def test_what_falls_due_after_the_digest_of_the_day_is_told_alone(cast, october):
    remind(days(6))
    make_occurrence(october["a1"].rule, cast.tree.a1, "2026-09")
    assert remind(days(6)).flagged == 1
    first, second = told(cast.commune)
    assert ("tháng 10/2026" in first[0], "tháng 9/2026" in second[0]) == (True, True)
    assert remind(days(6)).notices == 0


def test_several_overdue_periods_of_a_unit_are_one_line(cast):
    rule = make_rule(cast.tree.province)
    for month in range(1, 7):
        make_occurrence(rule, cast.tree.a1, f"2026-{month:02d}")
    remind(date(2026, 8, 1))
    ((line,),) = told(cast.leader)
    assert line == "Xã Đồng Tâm: 6 kỳ giao ban quá hạn chưa họp, từ tháng 1/2026 đến tháng 6/2026."


def test_lines_of_a_conclusion_come_in_the_same_digest(cast, october):
    meeting = make_meeting(cast.tree.a1, date(2026, 9, 20))
    place = {name: getattr(meeting, name) for name in ("unit", "level", "province", "district", "commune")}
    for number, body in enumerate((None, cast.bodies.commune), 1):
        Tasking.objects.create(
            **place, meeting=meeting, number=number, text=f"Sửa cống số {number}", due_on=days(2), body=body
        )
    Tasking.objects.create(
        **place, meeting=meeting, number=3, text="Xong rồi", due_on=days(2), status="done", done_on=days(0)
    )
    remind(days(0))
    remind(days(1))
    ((text, *lines),) = told(cast.commune)[1:]
    assert text == "Nhắc việc giao ban: 3 việc của đơn vị đồng chí."
    assert lines[1:] == ["Việc giao đến hạn 02/11/2026: Sửa cống số 1", "Việc giao đến hạn 02/11/2026: Sửa cống số 2"]
    assert told(cast.commune_agency) == [["Việc giao đến hạn 02/11/2026: Sửa cống số 2"]]
    remind(days(3))
    assert told(cast.commune_agency)[1:] == [["Việc giao đã qua hạn 02/11/2026: Sửa cống số 2"]]
    assert told(cast.agency) == told(cast.outsider) == []


@pytest.mark.parametrize("count", [1, 3])
def test_number_of_statements_does_not_grow(cast, django_assert_max_num_queries, count):
    rule = make_rule(cast.tree.province)
    for unit in (cast.tree.a1, cast.tree.a2, cast.tree.b1)[:count]:
        make_occurrence(rule, unit, "2026-10")
    with django_assert_max_num_queries(14):  # ten of ours, and the savepoints of this test's own transaction
        remind(days(1))


def test_the_task_runs(cast):
    make_user("xa2", "commune", cast.tree.a2, make_body(cast.tree.a2, "UBND"))
    task()
    assert not Notice.objects.filter(key__startswith=KEY).exists()


def test_the_lines_are_on_the_page_of_notices(cast, october, signed_in):
    remind(days(1))
    page = signed_in(cast.leader).get("/thong-bao/").content.decode()
    assert "<li>Xã Đồng Tâm: hội nghị giao ban tháng 10/2026 đã qua hạn họp, chưa họp.</li>" in page
