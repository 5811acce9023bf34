"""Helping bodies, and "không thuộc thẩm quyền" with its proposed owner."""

from datetime import timedelta

import pytest
from django.urls import reverse

from conftest import make_body, make_user
from core.errors import Conflict, DomainError, NotAllowed
from core.models import Activity
from feedback.jobs import remind_supports
from feedback.models import Opinion, Support
from feedback.tests.builders import TODAY, record_one
from feedback.thread import moves
from feedback.thread.moves import accept_proposal, disclaim_opinion, proposal_of
from feedback.thread.steps import ask_support, reply_support, withdraw_support
from journal.models import Notice
from units.models import Body

pytestmark = pytest.mark.django_db
LATER = TODAY + timedelta(days=10)


@pytest.fixture
def helper(cast):
    """A second body of the commune, with its account."""
    body = make_body(cast.tree.a1, "Công an xã")
    return make_user("congan", "agency", cast.tree.a1, body), body


@pytest.fixture
def opinion(cast):
    found = record_one(cast.commune, cast.tree.a1, village_id=cast.tree.villages[0].pk)
    return do(moves.assign_opinion, found, cast.commune, body=cast.bodies.commune)


def do(service, opinion, actor, note="vì thế", **arguments):
    version = Opinion.objects.values_list("version", flat=True).get(pk=opinion.pk)
    arguments = {"version": version, "today": TODAY, "note": note} | arguments
    service(opinion.pk, actor=actor, **arguments)
    return Opinion.objects.get(pk=opinion.pk)


def ask(opinion, actor, body, **arguments):
    do(ask_support, opinion, actor, **({"body": body, "due_on": LATER} | arguments))
    return Support.objects.latest("pk")


def test_an_asked_body_reads_the_opinion_says_its_part_and_no_more(cast, opinion, helper):
    user, body = helper
    assert not Opinion.objects.visible_to(user).exists()
    support = ask(opinion, cast.commune, body, note="Cho biết tình hình an ninh")
    assert Opinion.objects.visible_to(user).get() == opinion
    assert Notice.objects.filter(recipient=user, text__startswith="Đề nghị phối hợp").count() == 1
    for service in (moves.start_opinion, moves.resolve_opinion, moves.escalate_opinion):
        with pytest.raises(NotAllowed):
            do(service, opinion, user)
    do(moves.comment_opinion, opinion, user)
    reply_support(support.pk, actor=user, version=1, today=TODAY, note="Đã kiểm tra")
    support.refresh_from_db()
    assert (support.reply, support.replied_on, support.version) == ("Đã kiểm tra", TODAY, 2)
    opinion.refresh_from_db()
    assert (opinion.status, opinion.body) == ("assigned", cast.bodies.commune)
    assert Notice.objects.filter(recipient=cast.commune_agency, text__startswith="Ý kiến phối hợp").exists()
    verbs = set(Activity.objects.values_list("verb", flat=True))
    assert {"opinion.ask_support", "opinion.reply_support"} <= verbs


def test_what_is_asked_no_longer_is_seen_no_longer(cast, opinion, helper):
    user, body = helper
    support = ask(opinion, cast.commune, body)
    withdraw_support(support.pk, actor=cast.commune, version=1, today=TODAY, note="Đã rõ")
    assert not Opinion.objects.visible_to(user).exists()
    assert "sửa đường" not in Notice.objects.filter(recipient=user).latest("pk").text
    with pytest.raises(NotAllowed):
        reply_support(support.pk, actor=user, version=2, today=TODAY, note="Muộn")


def test_a_request_falls_when_the_matter_is_closed_or_sent_on(cast, opinion, helper):
    support = ask(opinion, cast.commune, helper[1])
    do(moves.resolve_opinion, opinion, cast.commune)
    support.refresh_from_db()
    assert support.withdrawn_on == TODAY


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"due_on": TODAY - timedelta(days=1)}, "due_on"),
        ({"body": "lead"}, "body"),
        ({"body": "district"}, "body"),
        ({"note": " "}, "note"),
    ],
)
def test_wrong_requests_name_the_field(cast, opinion, helper, change, field):
    bodies = {"lead": cast.bodies.commune, "district": cast.bodies.district}
    change = change | ({"body": bodies[change["body"]]} if "body" in change else {})
    with pytest.raises(DomainError) as refusal:
        ask(opinion, cast.commune, **({"body": helper[1]} | change))
    assert refusal.value.field == field
    assert not Support.objects.exists()


def test_asked_twice_and_answered_twice_are_refused(cast, opinion, helper):
    support = ask(opinion, cast.commune, helper[1])
    with pytest.raises(DomainError):
        ask(opinion, cast.commune, helper[1])
    with pytest.raises(NotAllowed):
        reply_support(support.pk, actor=cast.commune_agency, version=1, today=TODAY, note="Hộ")
    reply_support(support.pk, actor=helper[0], version=1, today=TODAY, note="Đã xem")
    with pytest.raises(Conflict):
        reply_support(support.pk, actor=helper[0], version=1, today=TODAY, note="Nữa")


@pytest.mark.parametrize(
    "actor", ["commune_agency", "leader", "other_commune", "admin", "cadre", "outsider", "village"]
)
def test_only_the_holder_asks(cast, opinion, helper, actor):
    with pytest.raises(NotAllowed):
        ask(opinion, getattr(cast, actor), helper[1])


def test_a_restricted_opinion_opens_to_whom_its_holder_asked_and_no_notice_tells_it(cast, helper):
    secret = record_one(cast.commune, cast.tree.a1, "Khuê mật ngữ riêng", visibility="restricted")
    ask(secret, cast.commune, helper[1])
    assert Opinion.objects.visible_to(helper[0]).get() == secret
    assert not Notice.objects.filter(text__contains="Khuê").exists()


def test_late_help_is_called_in_once(cast, opinion, helper):
    support = ask(opinion, cast.commune, helper[1], due_on=TODAY)
    late = TODAY + timedelta(days=1)
    assert remind_supports(TODAY) == 1
    assert remind_supports(late) == 1
    assert remind_supports(late) == 0
    told = Notice.objects.filter(key=f"support-late-{support.pk}-{support.due_on}").values_list("recipient", flat=True)
    assert set(told) == {helper[0].pk, cast.commune.pk, cast.commune_leader.pk, cast.commune_agency.pk}


def test_pages_of_help_hold_the_words_for_offices_and_none_for_the_village(cast, opinion, helper, signed_in):
    url = reverse("opinion_ask_support", args=[opinion.pk])
    form = {"version": opinion.version, "body": helper[1].pk, "due_on": "04/04/2099", "note": "Cần gấp ABC"}
    assert signed_in(cast.commune).post(url, form).status_code == 302
    support, page = Support.objects.get(), reverse("opinion_detail", args=[opinion.pk])
    assert "Cần gấp ABC" in signed_in(helper[0]).get(page).content.decode()
    assert "Cần gấp ABC" not in signed_in(cast.village).get(page).content.decode()
    browser, reply = signed_in(helper[0]), reverse("support_reply", args=[support.pk])
    empty = browser.post(reply, {"version": 1, "note": ""})
    assert empty.status_code == 422
    assert 'role="alert"' in empty.content.decode()
    assert browser.post(reply, {"version": 1, "note": "Đã xem"}).status_code == 302
    again = browser.post(reply, {"version": 1, "note": "Chữ đã gõ"})
    assert again.status_code == 409
    assert "Chữ đã gõ" in again.content.decode()
    assert signed_in(cast.outsider).post(reply, {"version": 1, "note": "x"}).status_code in (403, 404)
    other = signed_in(cast.agency)
    assert other.post(reply, {"version": 1, "note": "x"}).status_code == 404


def test_a_body_lists_what_it_helps_with(cast, opinion, helper, signed_in):
    ask(opinion, cast.commune, helper[1])
    page = signed_in(helper[0]).get(reverse("opinion_list") + "?phoi-hop=on").content.decode()
    assert 'data-total="1"' in page
    assert "Cần phối hợp" in page
    assert "1 ý kiến cần phối hợp" in signed_in(helper[0]).get("/").content.decode()
    lead = signed_in(cast.commune_agency).get(reverse("opinion_list") + "?phoi-hop=on").content.decode()
    assert 'data-total="0"' in lead


def test_a_body_hands_back_with_a_proposal_and_the_holder_takes_it_with_one_button(cast, opinion, helper, signed_in):
    form = {"version": opinion.version, "owner": f"co-quan-{helper[1].pk}", "note": "Việc của công an"}
    url = reverse("opinion_disclaim", args=[opinion.pk])
    assert signed_in(cast.commune_agency).post(url, form | {"owner": ""}).status_code == 422
    assert signed_in(cast.commune_agency).post(url, form).status_code == 302
    opinion.refresh_from_db()
    assert (opinion.status, opinion.body, proposal_of(opinion, TODAY).body) == ("recorded", None, helper[1])
    assert not Opinion.objects.visible_to(cast.commune_agency).exists()
    page = signed_in(cast.commune).get(opinion.get_absolute_url()).content.decode()
    assert "Thực hiện theo đề nghị" in page
    assert "Việc của công an" in page
    accept = reverse("proposal_accept", args=[opinion.pk])
    assert signed_in(cast.commune).post(accept, {"version": opinion.version}).status_code == 302
    opinion.refresh_from_db()
    assert (opinion.status, opinion.body, proposal_of(opinion, TODAY)) == ("assigned", helper[1], None)
    assert signed_in(cast.commune).post(accept, {"version": opinion.version}).status_code == 409


def test_a_level_above_is_proposed_as_a_whole(cast, opinion):
    do(disclaim_opinion, opinion, cast.commune_agency, owner=cast.tree.a)
    proposed = proposal_of(Opinion.objects.get(), TODAY)
    assert (proposed.body.unit, proposed.words) == (cast.tree.a, "Chuyển lên Huyện Yên Sơn")
    version = Opinion.objects.get().version
    accept_proposal(opinion.pk, actor=cast.commune, version=version, today=TODAY)
    opinion.refresh_from_db()
    assert (opinion.status, opinion.holder) == ("escalated", cast.tree.a)


def test_a_holder_that_disclaims_passes_it_on_at_once(cast):
    raised = record_one(cast.district, cast.tree.a, village_id=cast.tree.villages[0].pk)
    with pytest.raises(DomainError) as refusal:
        do(disclaim_opinion, raised, cast.leader, owner=None)
    assert refusal.value.field == "owner"
    raised = do(disclaim_opinion, raised, cast.leader, owner=cast.tree.a1)
    assert (raised.status, raised.holder) == ("transferred", cast.tree.a1)
    raised = do(disclaim_opinion, raised, cast.commune, owner=cast.bodies.commune)
    assert (raised.status, raised.body) == ("assigned", cast.bodies.commune)


@pytest.mark.parametrize("actor", ["commune", "agency", "leader", "outsider"])
def test_nobody_else_puts_down_what_a_body_has(cast, opinion, helper, actor):
    with pytest.raises(NotAllowed):
        do(disclaim_opinion, opinion, getattr(cast, actor), owner=helper[1])
    assert not Body.objects.filter(kind="gov").exists()


def test_an_owner_outside_the_branch_is_refused(cast, opinion):
    for owner in (cast.tree.b, make_body(cast.tree.b1, "Phòng lạ"), cast.bodies.commune):
        with pytest.raises(DomainError) as refusal:
            do(disclaim_opinion, opinion, cast.commune_agency, owner=owner)
        assert refusal.value.field == "owner"
