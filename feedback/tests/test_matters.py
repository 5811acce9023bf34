"""Matters: who joins, one answer for all, one notice a person, the wall around what is restricted."""

from datetime import timedelta

import pytest
from django.urls import reverse

from conftest import make_user, make_village_user
from core.errors import Conflict, DomainError, NotAllowed
from feedback.enums import Verb
from feedback.matters.services import (
    add_opinions,
    answer_matter,
    assign_matter,
    create_matter,
    edit_matter,
    escalate_matter,
    extend_matter,
    remove_opinion,
)
from feedback.models import Extension, Matter, Opinion
from feedback.tests.builders import TODAY, make_opinion, topic
from feedback.thread import moves
from journal.models import Notice

pytestmark = pytest.mark.django_db
ANSWER = "Tỉnh đã bố trí vốn, hoàn thành trong quý III."


@pytest.fixture
def water(cast):
    """Three villages of one commune ask for the same."""
    return [make_opinion(cast.tree.a1, f"Nước sạch {v.name}", village=v) for v in cast.tree.villages]


def ids(opinions):
    return [opinion.pk for opinion in opinions]


def group(cast, opinions, actor=None, **options):
    title, actor = options.pop("title", "Nước sạch"), actor or cast.commune
    return create_matter(title, topic("WATER").pk, ids(opinions), actor=actor, today=TODAY, **options)[0]


def on(matter):
    matter.refresh_from_db()
    return {"version": matter.version, "today": TODAY}


def test_twelve_lists_get_one_answer_and_each_person_one_notice(cast, water):
    matter = group(cast, water)
    escalate_matter(matter.pk, "Vượt thẩm quyền xã", actor=cast.commune_leader, **on(matter))
    assert {o.holder for o in Opinion.objects.all()} == {cast.tree.a}
    escalate_matter(matter.pk, "Cần vốn tỉnh", actor=cast.leader, **on(matter))
    matter.refresh_from_db()
    assert (matter.unit, matter.level, matter.commune) == (cast.tree.province, "province", cast.tree.a1)
    Notice.objects.all().delete()
    outcome = answer_matter(matter.pk, Verb.RESOLVE, ANSWER, actor=cast.head, **on(matter))
    assert (len(outcome.done), outcome.told, outcome.refused) == (3, [], [])
    assert set(Opinion.objects.values_list("status", "answer", "settled_on")) == {("resolved", ANSWER, TODAY)}
    verbs = list(water[0].moves.order_by("pk").values_list("verb", "after"))
    assert verbs == [
        ("group", "recorded"),
        ("escalate", "escalated"),
        ("escalate", "escalated"),
        ("assign", "assigned"),
        ("resolve", "resolved"),
    ]
    told = list(Notice.objects.values_list("recipient__username", "text"))
    assert sorted(name for name, _ in told) == ["bithu", "chuyenvien", "lanhdaotinh", "thon1", "xa"]
    together = {text for name, text in told if name != "thon1"}
    assert together == {"Giải quyết xong chung 3 ý kiến của vấn đề “Nước sạch”."}


def test_who_holds_a_matter_answers_all_of_it_wherever_each_opinion_lies(cast, water, signed_in):
    """Two of three lie at the commune: said before, brought up with a line of their own, answered with the rest."""
    matter = group(cast, water, actor=cast.leader)
    up = water[0]
    moves.escalate_opinion(up.pk, actor=cast.commune, version=None, today=TODAY, note="Vượt thẩm quyền")
    page = " ".join(signed_in(cast.leader).get(matter.get_absolute_url()).text.split())
    assert "2 ý kiến cấp dưới đang giữ được đưa lên Huyện Yên Sơn cùng lúc: Xã Đồng Tâm 2." in page
    outcome = answer_matter(matter.pk, Verb.EXPLAIN, ANSWER, actor=cast.leader, **on(matter))
    assert (ids(outcome.done), outcome.told, outcome.refused) == (ids(water), [], [])
    assert set(Opinion.objects.values_list("status", "answer")) == {("explained", ANSWER)}
    lines = list(water[1].moves.order_by("pk").values_list("verb", "holder__name"))
    assert lines == [
        ("group", "Xã Đồng Tâm"),
        ("escalate", "Huyện Yên Sơn"),
        ("assign", "Huyện Yên Sơn"),
        ("explain", "Huyện Yên Sơn"),
    ]
    note = water[1].moves.get(verb="escalate").note
    assert note == "Đưa lên Huyện Yên Sơn để giải quyết chung vấn đề “Nước sạch”."


@pytest.mark.parametrize("act", ["escalate", "assign"])
def test_the_whole_matter_moves_and_what_cannot_is_named_before(cast, water, signed_in, act):
    matter = group(cast, water, actor=cast.leader)
    gone = water[0]
    for actor in (cast.commune, cast.leader):
        moves.escalate_opinion(gone.pk, actor=actor, version=None, today=TODAY, note="Vượt thẩm quyền")
    page = signed_in(cast.leader).get(matter.get_absolute_url()).text
    assert "1 ý kiến không làm chung được" in page
    assert f"YK-{gone.pk} (Tỉnh Đông Hải)" in page
    if act == "escalate":
        outcome = escalate_matter(matter.pk, "Cần vốn tỉnh", actor=cast.leader, **on(matter))
        assert {o.holder for o in Opinion.objects.all()} == {cast.tree.province}
        matter.refresh_from_db()
        assert matter.unit == cast.tree.province
    else:
        outcome = assign_matter(matter.pk, cast.bodies.district, actor=cast.leader, **on(matter))
        assert {o.body for o in Opinion.objects.exclude(pk=gone.pk)} == {cast.bodies.district}
    assert ids(outcome.done) == ids(water[1:])
    assert [pk for pk, _ in outcome.refused] == [gone.pk]


def test_a_commune_takes_nothing_of_another_one_and_the_district_officer_sends_nothing_up(cast, water):
    foreign = make_opinion(cast.tree.a2, "Nước sạch")
    matter = group(cast, [*water, foreign], actor=cast.leader)
    officer = make_user("chuyenviec", "district", cast.tree.a)
    with pytest.raises(DomainError, match="Chưa thực hiện được"):
        escalate_matter(matter.pk, "x", actor=officer, **on(matter))
    assert set(Opinion.objects.values_list("status", flat=True)) == {"recorded"}
    own = group(cast, [make_opinion(cast.tree.a1, "Đèn đường")])
    assert own.unit == cast.tree.a1
    escalate_matter(own.pk, "x", actor=cast.commune_leader, **on(own))
    assert Opinion.objects.get(pk=foreign.pk).holder == cast.tree.a2


def test_one_later_day_for_all_and_late_ones_wait_for_the_level_above(cast, water):
    matter = group(cast, water)
    late, day = water[0], TODAY + timedelta(days=80)
    Opinion.objects.filter(pk=late.pk).update(due_on=TODAY - timedelta(days=3))
    outcome = extend_matter(matter.pk, day, "Chờ vốn", actor=cast.commune_leader, **on(matter))
    assert late in outcome.told
    assert len(outcome.done) + len(outcome.told) == 3
    late.refresh_from_db()
    assert late.due_on == TODAY - timedelta(days=3)
    assert {o.due_on >= day for o in outcome.done} <= {True}
    assert not Extension.objects.filter(opinion=late, state="granted").exists()


def test_a_body_answers_once_what_it_was_given_together(cast, water):
    matter = group(cast, water)
    assign_matter(matter.pk, cast.bodies.commune, actor=cast.commune, **on(matter))
    assert Notice.objects.filter(recipient=cast.commune_agency).count() == 1
    assert Matter.objects.visible_to(cast.commune_agency).get() == matter
    answer_matter(matter.pk, Verb.RESOLVE, ANSWER, actor=cast.commune_agency, **on(matter))
    assert not Opinion.objects.unresolved().exists()


def test_restricted_and_foreign_opinions_do_not_join(cast, water):
    secret = make_opinion(cast.tree.a1, "Chuyện riêng", visibility="restricted")
    foreign = make_opinion(cast.tree.b1, "Nước sạch khe")
    gone = make_opinion(cast.tree.a1, "Đã rút", status="withdrawn")
    made, refused = create_matter(
        "Nước", topic().pk, ids([*water, secret, foreign, gone]), actor=cast.commune, today=TODAY
    )
    assert [pk for pk, _ in refused] == ids([secret, foreign, gone])
    assert Opinion.objects.filter(matter=made).count() == 3
    for wrong in (secret, foreign, gone, water[0]):
        with pytest.raises(DomainError) as refusal:
            add_opinions(made.pk, [wrong.pk], actor=cast.commune, **on(made))
        assert f"YK-{wrong.pk}" in refusal.value.message


def test_what_is_restricted_later_is_neither_answered_nor_counted(cast, water, signed_in):
    matter = group(cast, water)
    Opinion.objects.filter(pk=water[0].pk).update(visibility="restricted")
    page = signed_in(cast.commune).get(matter.get_absolute_url()).content.decode()
    assert 'data-total="2"' in page
    assert water[0].text not in page
    answer_matter(matter.pk, Verb.EXPLAIN, ANSWER, actor=cast.commune, **on(matter))
    water[0].refresh_from_db()
    assert (water[0].is_open, water[0].answer) == (True, "")


@pytest.mark.parametrize("who", ["other_commune", "other_leader", "agency", "cadre", "admin", "village", "outsider"])
def test_strangers_neither_see_nor_change_it(cast, water, signed_in, who):
    matter, actor = group(cast, water), getattr(cast, who)
    browser = signed_in(actor)
    assert browser.get(matter.get_absolute_url()).status_code in (403, 404)
    assert "Nước sạch" not in browser.get(reverse("matter_list")).content.decode()
    for service, words in (
        (answer_matter, (Verb.RESOLVE, ANSWER)),
        (escalate_matter, ("x",)),
        (assign_matter, (cast.bodies.commune,)),
        (add_opinions, (ids(water),)),
        (remove_opinion, (water[0].pk,)),
        (edit_matter, ("Tên khác", topic().pk)),
    ):
        with pytest.raises(NotAllowed):
            service(matter.pk, *words, actor=actor, **on(matter))
    with pytest.raises(DomainError):
        group(cast, water, actor=actor)
    assert Opinion.objects.filter(status="recorded", matter=matter).count() == 3


def test_the_second_of_two_people_is_told(cast, water):
    matter = group(cast, water)
    remove_opinion(matter.pk, water[0].pk, actor=cast.commune, **on(matter))
    assert list(water[0].moves.values_list("verb", flat=True)) == ["group", "ungroup"]
    with pytest.raises(Conflict):
        answer_matter(matter.pk, Verb.EXPLAIN, ANSWER, actor=cast.commune, version=1, today=TODAY)


def test_sent_twice_it_is_made_once(cast, water):
    first = group(cast, water, request_id="một")
    assert group(cast, water, request_id="một") == first
    assert Matter.objects.count() == 1


@pytest.mark.parametrize(("title", "field"), [("", "title"), ("Danh sách tối mật", "title"), ("x" * 251, "title")])
def test_a_matter_needs_a_plain_title(cast, water, title, field):
    with pytest.raises(DomainError) as refusal:
        group(cast, water, title=title)
    assert refusal.value.field == field


def test_an_answer_that_cannot_be_written_changes_nothing(cast, water):
    matter = group(cast, water)
    for note in ("", "Xem công văn tối mật số 3"):
        with pytest.raises(DomainError) as refusal:
            answer_matter(matter.pk, Verb.RESOLVE, note, actor=cast.commune, **on(matter))
        assert refusal.value.field == "note"
    assert Opinion.objects.filter(status="recorded").count() == 3


def test_twelve_cost_what_one_costs(cast, django_assert_max_num_queries):
    def act(count):
        opinions = [make_opinion(cast.tree.a1, f"Việc {n}") for n in range(count)]
        matter = group(cast, opinions)
        with django_assert_max_num_queries(90) as seen:
            escalate_matter(matter.pk, "x", actor=cast.commune_leader, **on(matter))
            answer_matter(matter.pk, Verb.RESOLVE, ANSWER, actor=cast.leader, **on(matter))
        return len(seen)

    act(1)
    assert act(1) == act(12)


def test_the_pages_from_the_desk_to_the_answer(cast, water, signed_in):
    browser = signed_in(cast.commune)
    desk = browser.get(reverse("opinion_list")).content.decode()
    assert reverse("matter_create") in desk
    form = browser.post(reverse("matter_create"), {"opinion": ids(water)})
    assert form.status_code == 200
    assert f"YK-{water[2].pk}" in form.content.decode()
    data = {"title": "Nước sạch", "topic": topic("WATER").pk, "numbers": f"YK-{water[0].pk}, {water[1].pk}"}
    wrong = browser.post(reverse("matter_create"), data | {"request_id": "1", "numbers": "YK-abc"})
    assert wrong.status_code == 422
    browser.post(reverse("matter_create"), data | {"request_id": "1"})
    matter = Matter.objects.get()
    detail = browser.post(
        reverse("matter_add", args=[matter.pk]), {"version": 1, "numbers": str(water[2].pk)}, follow=True
    )
    assert 'data-total="3"' in detail.content.decode()
    url = reverse("matter_answer", args=[matter.pk])
    refused = browser.post(url, {"version": 2, "verb": "explain", "note": ""})
    assert refused.status_code == 422
    assert 'role="alert"' in refused.content.decode()
    assert browser.post(url, {"version": 1, "verb": "explain", "note": ANSWER}).status_code == 409
    done = browser.post(url, {"version": 2, "verb": "explain", "note": ANSWER}, follow=True).content.decode()
    assert "Đã trả lời chung 3 ý kiến." in done
    everything = browser.get(reverse("opinion_list"), {"trang-thai": "all", "van-de": matter.pk}).content.decode()
    assert 'data-total="3"' in everything
    assert 'data-total="1"' in browser.get(reverse("matter_list"), {"xem": "het"}).content.decode()


def test_an_opinion_names_its_matter_and_the_fellows_one_may_see(cast, water, signed_in):
    make_opinion(cast.tree.a2, "Nước sạch thôn Đầu")
    opinions = list(Opinion.objects.all())
    group(cast, opinions, actor=cast.leader)
    page = signed_in(make_village_user("thon2", cast.tree.villages[1])).get(water[1].get_absolute_url())
    body = page.content.decode()
    assert "Thuộc vấn đề chung" in body
    assert "Cùng 3 ý kiến khác" in body
    assert "Thôn Đầu" not in body


def test_the_list_costs_the_same_for_three_as_for_one(cast, water, signed_in, django_assert_max_num_queries):
    browser = signed_in(cast.leader)

    def read():
        with django_assert_max_num_queries(15) as seen:
            assert browser.get(reverse("matter_list")).status_code == 200
        return len(seen)

    group(cast, water[:1])
    read()
    few = read()
    for opinion in water[1:]:
        group(cast, [opinion], title=opinion.text)
    assert read() == few


def test_a_page_of_many_members_costs_what_one_costs(cast, signed_in, django_assert_max_num_queries):
    browser = signed_in(cast.commune)

    def read(count):
        raised = [make_opinion(cast.tree.a1, f"Việc {n}", TODAY - timedelta(days=n)) for n in range(count)]
        matter = group(cast, raised)
        with django_assert_max_num_queries(30) as seen:
            browser.get(matter.get_absolute_url())
        return len(seen)

    read(1)
    assert read(1) == read(3)
