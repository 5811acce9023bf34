"""Rounds by sittings, joint meetings, and booking to a neighbouring period."""

from datetime import date, time

import pytest

from core.errors import Conflict, DomainError, NotAllowed
from meetings.cadence.reads import coverages, missing_units, must_explain, refresh_occurrence
from meetings.models import Meeting, MeetingMonth, Sitting
from meetings.services import (
    CountedGroup,
    MeetingFacts,
    SittingPlan,
    cancel_meeting,
    hold_meeting,
    join_meeting,
    rebook_meeting,
)
from meetings.tests.builders import make_meeting, make_occurrence, make_rule, make_sitting
from people.models import Post
from units.loading import rebuild_tree
from units.models import UnitVersion

TODAY = date(2026, 11, 20)


@pytest.fixture
def quarter(cast):
    return make_occurrence(make_rule(cast.tree.province, "district", "quarter"), cast.tree.a, "2026-Q4")


@pytest.fixture
def planned(cast, quarter):
    return make_meeting(cast.tree.a, None, quarter, status="planned", planned_on=date(2026, 11, 5))


def hold(meeting, actor, sittings=(), form="cluster", day=date(2026, 11, 5), **facts):
    meeting.refresh_from_db()
    facts = MeetingFacts(day, meeting.title, form, **facts)
    return hold_meeting(meeting.pk, facts, actor=actor, today=TODAY, version=meeting.version, sittings=sittings)


def seat(day, *units, attendance=20):
    return SittingPlan(day, "", tuple(unit.pk for unit in units), attendance)


def test_a_round_says_whom_it_has_not_reached(cast, quarter, planned, signed_in):
    tree = cast.tree
    hold(planned, cast.leader, [seat(date(2026, 11, 5), tree.a1)])
    quarter.refresh_from_db()
    assert (quarter.begun_on, quarter.met_on) == (date(2026, 11, 5), None)
    assert coverages([quarter])[quarter.pk].text == "đã họp 1/2 xã"
    assert [each["name"] for each in missing_units(quarter)] == ["Xã Hải Lạng"]
    page = signed_in(cast.leader).get(quarter.get_absolute_url()).content.decode()
    assert "Đang họp 1/2 xã" in page
    assert f'<a href="{tree.a2.get_absolute_url()}">Xã Hải Lạng</a>' in page
    assert "Đang họp 1/2 xã" in signed_in(cast.leader).get("/hoi-nghi/", {"muc": "ky"}).content.decode()
    hold(planned, cast.leader, [seat(date(2026, 11, 5), tree.a1), seat(date(2026, 11, 12), tree.a2)])
    quarter.refresh_from_db()
    assert quarter.met_on == date(2026, 11, 12)
    assert missing_units(quarter) == []


def test_clusters_of_villages_inside_a_commune(cast, signed_in):
    slot = make_occurrence(make_rule(cast.tree.province), cast.tree.a1, "2026-11")
    meeting = make_meeting(cast.tree.a1, None, slot, status="planned", planned_on=date(2026, 11, 5))
    first, second, third = cast.tree.villages
    hold(meeting, cast.commune, [seat(date(2026, 11, 5), first, second)])
    slot.refresh_from_db()
    assert coverages([slot])[slot.pk].text == "đã họp 2/3 thôn, khu"
    officer = signed_in(cast.commune)
    assert "Theo cụm thôn, khu" in officer.get(meeting.get_absolute_url()).content.decode()
    form = officer.get(meeting.get_absolute_url() + "ghi/").content.decode()
    assert "Theo từng thôn, khu" in form
    assert "Theo từng đơn vị cấp xã" not in form
    hold(meeting, cast.commune, [seat(date(2026, 11, 5), first, second), seat(date(2026, 11, 6), third)])
    slot.refresh_from_db()
    assert slot.met_on == date(2026, 11, 6)


def test_list_of_rounds_takes_the_same_statements_for_three(cast, django_assert_num_queries):
    rule = make_rule(cast.tree.province, "district", "quarter")
    slots = [make_occurrence(rule, cast.tree.a, f"2026-Q{number}") for number in (1, 2, 3)]
    for slot in slots:
        make_sitting(make_meeting(cast.tree.a, slot.starts_on, slot, form="cluster"), slot.starts_on, [cast.tree.a1])
    for some in (slots[:1], slots):
        with django_assert_num_queries(5):
            assert len(coverages(some)) == len(some)


def test_sittings_that_are_refused_name_the_units(cast, planned):
    tree = cast.tree
    with pytest.raises(DomainError, match="Xã Quảng La không thuộc Huyện Yên Sơn vào ngày 05/11/2026"):
        hold(planned, cast.leader, [seat(date(2026, 11, 5), tree.a1, tree.b1)])
    with pytest.raises(DomainError, match="Xã Đồng Tâm được ghi hai cuộc trong ngày 05/11/2026"):
        hold(planned, cast.leader, [seat(date(2026, 11, 5), tree.a1), seat(date(2026, 11, 5), tree.a1, tree.a2)])
    assert not Sitting.objects.exists()
    hold(planned, cast.leader, [seat(date(2026, 11, 5), tree.a1), seat(date(2026, 11, 6), tree.a1, tree.a2)])


def test_a_commune_that_left_the_district_before_the_day_is_refused(cast, planned):
    tree = cast.tree
    moved = UnitVersion.objects.get(unit=tree.a2)
    UnitVersion.objects.create(
        unit=tree.a2, name=moved.name, kind=moved.kind, parent=tree.b, valid_from=date(2026, 11, 10)
    )
    UnitVersion.objects.filter(pk=moved.pk).update(valid_to=date(2026, 11, 10))
    rebuild_tree()
    with pytest.raises(DomainError, match="Xã Hải Lạng không thuộc Huyện Yên Sơn vào ngày 12/11/2026"):
        hold(planned, cast.leader, [seat(date(2026, 11, 12), tree.a2)], day=date(2026, 11, 12))
    hold(planned, cast.leader, [seat(date(2026, 11, 9), tree.a2)], day=date(2026, 11, 9))


@pytest.mark.parametrize(
    ("started", "ended", "communes", "is_refused"),
    [
        (time(8), time(10), ("a1",), True),
        (time(9, 30), None, ("a1",), False),
        (time(7, 30), None, ("a1",), True),
        (time(8), time(10), ("a2",), False),
        (time(8), time(10), None, True),
        (time(11), time(12), ("a1",), False),
        (None, None, ("a1",), False),
    ],
)
def test_the_same_people_cannot_sit_at_two_meetings_at_once(cast, planned, started, ended, communes, is_refused):
    tree, day = cast.tree, date(2026, 11, 5)
    hold(planned, cast.leader, [seat(day, tree.a1)], started_at=time(7, 30), ended_at=time(11))
    other = make_meeting(tree.a, None, status="planned", planned_on=day, kind="thematic")
    sittings = [seat(day, getattr(tree, name)) for name in communes or ()]
    facts = {"started_at": started, "ended_at": ended, "form": "cluster" if communes else "hall"}
    if is_refused:
        with pytest.raises(DomainError, match="trùng giờ"):
            hold(other, cast.leader, sittings, **facts)
    else:
        hold(other, cast.leader, sittings, **facts)


# Joint meetings


@pytest.fixture
def november(cast):
    """Communes A1, A2 and B1 expect a meeting in November; A1 held one with A2 on the 5th."""
    rule = make_rule(cast.tree.province)
    slots = [make_occurrence(rule, unit, "2026-11") for unit in (cast.tree.a1, cast.tree.a2, cast.tree.b1)]
    meeting = make_meeting(cast.tree.a1, date(2026, 11, 5), slots[0], attendance_count=40)
    refresh_occurrence(slots[0])
    return meeting, slots


def join(meeting, ids, actor):
    meeting.refresh_from_db()
    return join_meeting(meeting.pk, ids, actor=actor, version=meeting.version, today=TODAY)


def test_a_joint_meeting_credits_each_period_and_is_counted_once(cast, november):
    meeting, (own, other, _) = november
    for _ in range(2):
        join(meeting, [other.pk], cast.leader)
    for slot in (own, other):
        slot.refresh_from_db()
        assert (slot.begun_on, slot.met_on) == (date(2026, 11, 5), date(2026, 11, 5))
    assert Meeting.objects.count() == 1
    facts = MeetingFacts(date(2026, 11, 6), meeting.title, "hall")
    meeting.refresh_from_db()
    hold_meeting(meeting.pk, facts, actor=cast.commune, today=TODAY, version=meeting.version)
    other.refresh_from_db()
    assert other.met_on == date(2026, 11, 6)
    assert list(MeetingMonth.objects.values_list("unit", "meetings")) == [(cast.tree.a1.pk, 1)]
    join(meeting, [], cast.leader)
    other.refresh_from_db()
    assert other.met_on is None


def test_the_same_periods_once_more_change_nothing(cast, november):
    meeting, (_, other, _) = november
    version = join(meeting, [other.pk], cast.leader).version
    assert join(meeting, [other.pk], cast.leader).version == version


def test_cancelling_takes_the_credit_back(cast, november):
    meeting, (own, other, _) = november
    join(meeting, [other.pk], cast.leader)
    meeting.refresh_from_db()
    cancel_meeting(meeting.pk, actor=cast.commune, version=meeting.version, reason="Ghi nhầm")
    for slot in (own, other):
        slot.refresh_from_db()
        assert slot.met_on is None


def test_who_may_credit(cast, november):
    meeting, (_, other, far) = november
    for actor, ids in (
        (cast.commune, [other.pk]),
        (cast.other_commune, [other.pk]),
        (cast.leader, [far.pk]),
        (cast.outsider, [other.pk]),
    ):
        with pytest.raises(NotAllowed):
            join(meeting, ids, actor)
    join(meeting, [other.pk, far.pk], cast.specialist)
    with pytest.raises(Conflict):
        join_meeting(meeting.pk, [], actor=cast.specialist, version=1, today=TODAY)
    Post.objects.create(
        person=cast.commune.person, unit=cast.tree.a2, position="officer", role="commune", valid_from=date(2014, 1, 1)
    )
    keeper_of_both = type(cast.commune).objects.get(pk=cast.commune.pk)
    assert join(meeting, [far.pk], cast.specialist).joint_occurrences.count() == 1
    assert join(meeting, [far.pk, other.pk], keeper_of_both).joint_occurrences.count() == 2


def test_what_may_not_be_credited(cast, november):
    meeting, (own, other, _) = november
    later = make_occurrence(other.rule, cast.tree.a2, "2026-12")
    quarterly = make_rule(cast.tree.province, "district", "quarter")
    for slot, words in (
        (own, "không cùng cấp"),
        (make_occurrence(quarterly, cast.tree.a, "2026-Q4"), "không cùng cấp"),
        (later, "sớm nhất"),
    ):
        with pytest.raises(DomainError, match=words):
            join(meeting, [slot.pk], cast.specialist)
    make_meeting(cast.tree.a2, date(2026, 11, 9), other)
    refresh_occurrence(other)
    with pytest.raises(DomainError, match="đã có hội nghị"):
        join(meeting, [other.pk], cast.leader)


@pytest.mark.parametrize(("early_days", "is_open"), [(26, True), (25, False)])
def test_a_period_is_credited_from_the_first_day_of_its_window(cast, november, early_days, is_open):
    """The meeting of 05/11 may count for December where December's may be held 26 days early."""
    meeting, (_, other, _) = november
    other.rule.early_days = early_days
    december = make_occurrence(other.rule, cast.tree.a2, "2026-12")
    if is_open:
        assert list(join(meeting, [december.pk], cast.leader).joint_occurrences.all()) == [december]
    else:
        with pytest.raises(DomainError, match="sớm nhất ngày 06/11/2026"):
            join(meeting, [december.pk], cast.leader)


def test_the_page_of_a_joint_meeting(cast, november, signed_in):
    meeting, (_, other, far) = november
    url, leader = f"{meeting.get_absolute_url()}hop-chung/", signed_in(cast.leader)
    assert url in leader.get(meeting.get_absolute_url()).content.decode()
    page = leader.get(url).content.decode()
    assert "Xã Hải Lạng" in page
    assert "Xã Quảng La" not in page
    assert leader.post(url, {"version": meeting.version, "occurrences": [far.pk]}).status_code == 422
    assert signed_in(cast.other_commune).get(other.get_absolute_url()).status_code == 200
    assert signed_in(cast.other_commune).get(meeting.get_absolute_url()).status_code == 404
    assert leader.post(url, {"version": meeting.version, "occurrences": [other.pk]}).status_code == 302
    assert "Họp chung với" in leader.get(meeting.get_absolute_url()).content.decode()
    neighbour = signed_in(cast.other_commune)
    assert meeting.title in neighbour.get(other.get_absolute_url()).content.decode()
    assert neighbour.get(meeting.get_absolute_url()).status_code == 200
    assert signed_in(cast.commune).get(url).status_code == 403
    assert neighbour.get(url).status_code == 403
    assert signed_in(cast.outsider).get(url).status_code == 404
    assert ">chung</a>" in leader.get("/hoi-nghi/bieu-nhiet/", {"nam": "2026"}).content.decode()


def test_people_are_split_by_village(cast, november, signed_in):
    meeting, _ = november
    first, second, _ = cast.tree.villages
    counts = [CountedGroup("Bí thư chi bộ", 3, first.pk), CountedGroup("Bí thư chi bộ", 4, second.pk)]
    counts.append(CountedGroup("Khách mời", 2))
    facts = MeetingFacts(date(2026, 11, 5), meeting.title, "hall")
    hold_meeting(meeting.pk, facts, actor=cast.commune, today=TODAY, version=1, counts=counts)
    officer = signed_in(cast.commune)
    page = officer.get(meeting.get_absolute_url()).content.decode()
    assert "Bí thư chi bộ – Thôn 1: 3" in page
    assert "Có mặt theo đơn vị (3)" in page
    form = officer.get(meeting.get_absolute_url() + "ghi/").content.decode()
    assert f'<option value="{second.pk}" selected>Thôn 2</option>' in form


# Another period


@pytest.fixture
def october(cast):
    """Held on 31/10/2026, booked to October; November is still to be held."""
    rule = make_rule(cast.tree.province)
    slots = [make_occurrence(rule, cast.tree.a1, f"2026-{month}") for month in ("09", "10", "11", "12")]
    meeting = make_meeting(
        cast.tree.a1, date(2026, 10, 31), slots[1], title="Hội nghị giao ban tháng 10/2026 Xã Đồng Tâm"
    )
    refresh_occurrence(slots[1])
    return meeting, slots


def rebook(meeting, slot, actor, **more):
    meeting.refresh_from_db()
    return rebook_meeting(meeting.pk, slot.pk, actor=actor, version=meeting.version, today=TODAY, **more)


def test_held_on_the_31st_for_the_next_month(cast, october):
    meeting, (_, former, target, _) = october
    moved = rebook(meeting, target, cast.commune)
    assert (moved.title, moved.month) == ("Hội nghị giao ban tháng 11/2026 Xã Đồng Tâm", 11)
    assert (moved.period_first, moved.timing_reason) == (date(2026, 11, 1), "")
    for slot, met_on in ((former, None), (target, date(2026, 10, 31))):
        slot.refresh_from_db()
        assert slot.met_on == met_on
    assert list(MeetingMonth.objects.values_list("month", "meetings")) == [(11, 1)]


def test_moving_back_makes_it_late_and_asks_why(cast, october):
    meeting, (before, *_) = october
    with pytest.raises(DomainError, match="lý do họp muộn"):
        rebook(meeting, before, cast.commune)
    assert rebook(meeting, before, cast.commune, reason="Bão số 9").timing_reason == "Bão số 9"


def test_what_may_not_be_rebooked(cast, october):
    meeting, (_, _, target, far) = october
    with pytest.raises(DomainError, match="liền trước hoặc liền sau"):
        rebook(meeting, far, cast.commune)
    with pytest.raises(NotAllowed):
        rebook(meeting, target, cast.leader)
    make_meeting(cast.tree.a1, date(2026, 11, 10), target)
    refresh_occurrence(target)
    with pytest.raises(DomainError, match="đã có hội nghị"):
        rebook(meeting, target, cast.commune)
    assert rebook(meeting, target, cast.commune, is_extra=True).occurrence == target
    early = make_meeting(cast.tree.a1, date(2026, 10, 10), october[1][1])
    with pytest.raises(DomainError, match="quá sớm"):
        rebook(early, target, cast.commune, is_extra=True)
    Meeting.objects.filter(pk=early.pk).update(status="locked")
    with pytest.raises(DomainError, match="chưa chốt"):
        rebook(early, october[1][0], cast.commune)


def test_a_second_meeting_after_the_due_day_owes_no_reason(cast, october):
    meeting, slots = october
    assert not must_explain(meeting, date(2026, 10, 31))
    assert must_explain(meeting, date(2026, 11, 3))
    second = make_meeting(cast.tree.a1, None, slots[1], status="planned", planned_on=date(2026, 11, 9))
    assert not must_explain(second, date(2026, 11, 9))
