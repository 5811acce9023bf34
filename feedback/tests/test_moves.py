"""The moves through the services: effects, rights, conflicts, news."""

from datetime import date, timedelta

import pytest

from conftest import make_user
from core.errors import Conflict, DomainError, NotAllowed
from core.models import Activity
from feedback.enums import OpinionStatus, Verb
from feedback.models import Opinion, OpinionMonth
from feedback.tests.builders import TODAY, make_opinion, record_one
from feedback.thread import moves
from journal.models import Notice

pytestmark = pytest.mark.django_db
NOTE = "Lý do hoặc kết quả"

SIMPLE = {
    Verb.START: moves.start_opinion,
    Verb.RESOLVE: moves.resolve_opinion,
    Verb.EXPLAIN: moves.explain_opinion,
    Verb.ACCEPT: moves.accept_opinion,
    Verb.DECLINE: moves.decline_opinion,
    Verb.ESCALATE: moves.escalate_opinion,
    Verb.REDIRECT: moves.redirect_opinion,
    Verb.WITHDRAW: moves.withdraw_opinion,
    Verb.REOPEN: moves.reopen_opinion,
    Verb.UNASSIGN: moves.unassign_opinion,
    Verb.ANSWER_ON_SPOT: moves.answer_on_spot,
}


def act(verb, opinion, actor, **extra):
    opinion.refresh_from_db()
    extra = {"note": NOTE, "version": opinion.version, "today": TODAY} | extra
    return verb(opinion.pk, actor=actor, **extra)


@pytest.fixture
def opinion(cast):
    return record_one(cast.commune, cast.tree.a1, village_id=cast.tree.villages[0].pk)


def test_an_opinion_goes_its_whole_way_up_and_back(cast, opinion):
    act(moves.escalate_opinion, opinion, cast.commune)
    opinion.refresh_from_db()
    assert (opinion.status, opinion.holder, opinion.body) == ("escalated", cast.tree.a, None)
    assert opinion.due_on == TODAY + timedelta(days=30)
    act(moves.return_opinion, opinion, cast.leader)
    opinion.refresh_from_db()
    assert (opinion.status, opinion.holder) == ("recorded", cast.tree.a1)
    act(moves.escalate_opinion, opinion, cast.commune)
    act(moves.assign_opinion, opinion, cast.leader, body=cast.bodies.district)
    act(moves.start_opinion, opinion, cast.agency)
    act(moves.schedule_opinion, opinion, cast.agency, planned_on=date(2026, 9, 1))
    act(moves.resolve_opinion, opinion, cast.agency, note="Đã xây xong cầu.")
    opinion.refresh_from_db()
    assert (opinion.status, opinion.is_open, opinion.answer) == ("resolved", False, "Đã xây xong cầu.")
    assert (opinion.settled_on, opinion.planned_on) == (TODAY, None)
    act(moves.confirm_opinion, opinion, cast.commune, satisfaction="satisfied")
    assert OpinionMonth.objects.get(unit=cast.tree.a1).confirmed == 1
    act(moves.reopen_opinion, opinion, cast.leader, today=TODAY + timedelta(days=9))
    opinion.refresh_from_db()
    assert (opinion.status, opinion.settled_on, opinion.first_settled_on) == ("in_progress", None, TODAY)
    assert (opinion.satisfaction, opinion.answer) == ("", "")
    verbs = "record escalate return escalate assign start schedule resolve confirm reopen"
    assert [move.verb for move in opinion.moves.order_by("pk")] == verbs.split()
    assert opinion.version == 10
    month = OpinionMonth.objects.get(unit=cast.tree.a1)
    assert (month.received, month.in_progress, month.resolved, month.confirmed) == (1, 1, 0, 0)


def test_a_district_sends_down_what_is_the_communes_business(cast):
    opinion = record_one(cast.district, cast.tree.a, village_id=cast.tree.villages[0].pk)
    act(moves.transfer_opinion, opinion, cast.leader)
    opinion.refresh_from_db()
    assert (opinion.status, opinion.holder) == ("transferred", cast.tree.a1)
    act(moves.assign_opinion, opinion, cast.commune, body=cast.bodies.commune)
    assert Opinion.objects.visible_to(cast.commune_agency).get() == opinion


def test_the_holders_own_committee_takes_what_has_no_named_body(cast, opinion):
    act(moves.assign_opinion, opinion, cast.commune)
    opinion.refresh_from_db()
    assert opinion.body.unit == cast.tree.a1


def test_the_second_of_two_people_is_told(cast, opinion):
    version = opinion.version
    act(moves.escalate_opinion, opinion, cast.commune)
    with pytest.raises(Conflict) as refusal:
        act(moves.decline_opinion, opinion, cast.commune_leader, version=version)
    assert "Đã chuyển cấp trên" in refusal.value.message
    with pytest.raises(NotAllowed):
        act(moves.escalate_opinion, opinion, cast.commune)
    assert opinion.moves.filter(verb="escalate").count() == 1


def test_a_level_may_pass_a_matter_on_and_get_it_back(cast, opinion):
    act(moves.escalate_opinion, opinion, cast.commune)
    act(moves.escalate_opinion, opinion, cast.leader)
    opinion.refresh_from_db()
    assert (opinion.status, opinion.holder) == ("escalated", cast.tree.province)
    act(moves.return_opinion, opinion, cast.head)
    opinion.refresh_from_db()
    assert (opinion.status, opinion.holder) == ("recorded", cast.tree.a)


@pytest.mark.parametrize("verb", list(SIMPLE))
def test_a_strangers_move_is_refused_and_leaves_no_trace(cast, opinion, verb):
    before = Opinion.objects.filter(pk=opinion.pk).values().get()
    strangers = (cast.other_commune, cast.other_leader, cast.agency, cast.cadre, cast.admin, cast.outsider, cast.leader)
    for actor in strangers:
        with pytest.raises(NotAllowed):
            act(SIMPLE[verb], opinion, actor)
    assert Opinion.objects.filter(pk=opinion.pk).values().get() == before
    assert opinion.moves.count() == 1


def test_an_agency_acts_only_while_the_opinion_is_assigned_to_it(cast, opinion):
    act(moves.assign_opinion, opinion, cast.commune, body=cast.bodies.commune)
    with pytest.raises(NotAllowed):
        act(moves.escalate_opinion, opinion, cast.commune_agency)
    act(moves.unassign_opinion, opinion, cast.commune)
    assert not Opinion.objects.visible_to(cast.commune_agency).exists()
    with pytest.raises(NotAllowed):
        act(moves.start_opinion, opinion, cast.commune_agency)


@pytest.mark.parametrize(("actor", "may"), [("district", False), ("leader", True), ("specialist", False)])
def test_sending_away_is_for_those_who_decide(cast, opinion, actor, may):
    act(moves.escalate_opinion, opinion, cast.commune)
    if may:
        act(moves.escalate_opinion, act(moves.assign_opinion, opinion, cast.leader), getattr(cast, actor))
        opinion.refresh_from_db()
        assert opinion.holder == cast.tree.province
    else:
        with pytest.raises(NotAllowed):
            act(moves.return_opinion, opinion, getattr(cast, actor))


def test_above_the_province_there_is_nobody(cast):
    opinion = record_one(cast.specialist, cast.tree.province)
    with pytest.raises(DomainError) as refusal:
        act(moves.escalate_opinion, opinion, cast.head)
    assert "cao nhất" in refusal.value.message


@pytest.mark.parametrize("actor", ["commune", "leader", "head", "province_leader", "specialist", "commune_leader"])
def test_those_concerned_and_those_above_may_say_a_word(cast, opinion, actor):
    act(moves.comment_opinion, opinion, getattr(cast, actor))
    assert opinion.moves.filter(verb="comment").count() == 1
    opinion.refresh_from_db()
    assert opinion.status == OpinionStatus.RECORDED


@pytest.mark.parametrize("actor", ["other_commune", "other_leader", "agency", "admin", "cadre", "outsider"])
def test_nobody_else_says_a_word(cast, opinion, actor):
    with pytest.raises(NotAllowed):
        act(moves.comment_opinion, opinion, getattr(cast, actor))


def test_due_days_are_checked_and_a_longer_one_needs_its_reason(cast, opinion):
    body = cast.bodies.commune
    with pytest.raises(DomainError) as refusal:
        act(moves.assign_opinion, opinion, cast.commune, body=body, due_on=TODAY - timedelta(days=1))
    assert refusal.value.field == "due_on"
    with pytest.raises(DomainError) as refusal:
        act(moves.assign_opinion, opinion, cast.commune, body=body, due_on=date(2026, 12, 1), note="")
    assert refusal.value.field == "note"
    act(moves.assign_opinion, opinion, cast.commune, body=body, due_on=date(2026, 12, 1))
    opinion.refresh_from_db()
    assert opinion.due_on == date(2026, 12, 1)


def test_a_body_of_another_branch_or_above_is_refused(cast, opinion):
    for body in (cast.bodies.district, cast.bodies.province):
        with pytest.raises(DomainError) as refusal:
            act(moves.assign_opinion, opinion, cast.commune, body=body)
        assert refusal.value.field == "body"


def test_merging_keeps_to_one_visibility_and_has_no_circles(cast, opinion):
    master = record_one(cast.commune, cast.tree.a1, "Cùng con đường ấy")
    secret = record_one(cast.commune, cast.tree.a1, "Việc riêng", visibility="restricted")
    foreign = record_one(make_user("b1", "commune", cast.tree.b1), cast.tree.b1)
    for wrong in (opinion, secret, foreign):
        with pytest.raises(DomainError) as refusal:
            act(moves.merge_opinion, opinion, cast.commune, master=wrong)
        assert refusal.value.field == "master"
    act(moves.merge_opinion, opinion, cast.commune, master=master)
    opinion.refresh_from_db()
    assert (opinion.status, opinion.master) == ("duplicate", master)
    with pytest.raises(DomainError):
        act(moves.merge_opinion, master, cast.commune, master=opinion)


def test_those_concerned_are_told_once_and_the_actor_is_not(cast, opinion):
    act(moves.escalate_opinion, opinion, cast.commune)
    told = set(Notice.objects.values_list("recipient__username", flat=True))
    assert told == {"bithu", "huyen", "lanhdao", "thon1"}
    assert Notice.objects.filter(text__contains="sửa đường").count() == 4


def test_a_restricted_text_is_in_no_notice_and_no_log(cast):
    opinion = record_one(cast.commune, cast.tree.a1, "Khuê mật ngữ riêng", visibility="restricted")
    act(moves.assign_opinion, opinion, cast.commune, body=cast.bodies.commune, note="giao kín")
    act(moves.resolve_opinion, opinion, cast.commune_agency, note="Khuê đã xong")
    assert Notice.objects.exists()
    assert not Notice.objects.filter(text__contains="Khuê").exists()
    assert "Khuê" not in str(list(Activity.objects.values("before", "after", "verb")))
    assert set(Notice.objects.values_list("recipient__username", flat=True)) == {"bithu", "diachinh", "xa"}


def test_many_are_assigned_at_once_and_refusals_stop_nothing(cast):
    good = [record_one(cast.commune, cast.tree.a1, f"Việc {n}") for n in range(3)]
    done = record_one(cast.commune, cast.tree.a1, answer="Đã trả lời")
    foreign = record_one(cast.other_commune, cast.tree.a2)
    pks = [opinion.pk for opinion in (*good, done, foreign)]
    assigned, refused = moves.assign_many(
        pks, actor=cast.commune, body=cast.bodies.commune, due_on=None, note="", today=TODAY
    )
    assert [opinion.pk for opinion in assigned] == pks[:3]
    assert [pk for pk, _ in refused] == pks[3:]
    assert Opinion.objects.filter(status="assigned", body=cast.bodies.commune).count() == 3
    assert Activity.objects.filter(verb="opinion.assign").count() == 3
    again, _ = moves.assign_many(pks, actor=cast.commune, body=cast.bodies.commune, due_on=None, note="", today=TODAY)
    assert again == []


def test_assigning_many_takes_no_more_statements_than_one(cast, django_assert_max_num_queries):
    def assign(count):
        pks = [make_opinion(cast.tree.a1, f"Việc {n}").pk for n in range(count)]
        with django_assert_max_num_queries(40) as captured:
            moves.assign_many(pks, actor=cast.commune, body=cast.bodies.commune, due_on=None, note="", today=TODAY)
        return len(captured)

    assign(1)
    assert assign(1) == assign(12)


def test_a_note_that_names_a_state_secret_is_refused(cast, opinion):
    with pytest.raises(DomainError) as refusal:
        act(moves.comment_opinion, opinion, cast.commune, note="Xem tài liệu tối mật số 3")
    assert refusal.value.field == "note"


def test_a_reopened_opinion_is_no_longer_a_duplicate(cast, opinion):
    master = record_one(cast.commune, cast.tree.a1, "Gốc")
    act(moves.merge_opinion, opinion, cast.commune, master=master)
    act(moves.reopen_opinion, opinion, cast.commune)
    opinion.refresh_from_db()
    assert (opinion.status, opinion.master) == ("in_progress", None)
