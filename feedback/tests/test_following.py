"""Who hears of a move: those whose duty it is, the village, those who follow; not those who want no news."""

import pytest
from django.urls import reverse

from feedback.models import Follower, Opinion
from feedback.tests.builders import TODAY, record_one
from feedback.thread import moves
from feedback.thread.news import FOLLOW, MUTE, set_following
from journal.models import Notice

pytestmark = pytest.mark.django_db


@pytest.fixture
def opinion(cast):
    return record_one(cast.commune, cast.tree.a1, village_id=cast.tree.villages[0].pk)


def told():
    return set(Notice.objects.values_list("recipient__username", flat=True))


def act(verb, opinion, actor, **words):
    opinion.refresh_from_db()
    return getattr(moves, verb)(opinion.pk, actor=actor, version=opinion.version, today=TODAY, **words)


def test_the_village_hears_the_answer_and_not_what_offices_say(cast, opinion):
    act("comment_opinion", opinion, cast.leader, note="Làm ngay")
    assert "thon1" not in told()
    act("explain_opinion", opinion, cast.commune, note="Đã sửa xong")
    notice = Notice.objects.get(recipient=cast.village)
    assert notice.text.startswith("Giải trình: ")
    assert notice.url == opinion.get_absolute_url()


def test_a_village_hears_nothing_of_what_is_restricted(cast):
    hidden = record_one(cast.commune, cast.tree.a1, village_id=cast.tree.villages[0].pk, visibility="restricted")
    act("explain_opinion", hidden, cast.commune, note="Đã xong")
    assert "thon1" not in told()


def test_followers_hear_while_they_see_it_and_the_muted_hear_nothing(cast, opinion):
    set_following(opinion.pk, FOLLOW, actor=cast.specialist)
    set_following(opinion.pk, MUTE, actor=cast.commune_leader)
    act("explain_opinion", opinion, cast.commune, note="Đã giải trình")
    assert cast.specialist.username in told()
    assert cast.commune_leader.username not in told()
    Notice.objects.all().delete()
    Opinion.objects.filter(pk=opinion.pk).update(visibility="restricted")
    act("reopen_opinion", opinion, cast.commune, note="Mở lại")
    assert cast.specialist.username not in told()


def test_the_page_sets_and_clears_it(cast, opinion, signed_in):
    browser, url = signed_in(cast.leader), reverse("opinion_follow", args=[opinion.pk])
    for choice, rows in (("theo-doi", 1), ("tat", 1), ("mac-dinh", 0)):
        assert browser.post(url, {"choice": choice}).status_code == 302
        assert Follower.objects.count() == rows
    assert browser.post(url, {"choice": "x"}).status_code == 422
    assert signed_in(cast.outsider).post(url, {"choice": "tat"}).status_code == 404


def test_a_leaders_word_is_an_instruction_and_reaches_holder_and_body(cast, opinion, signed_in):
    act("assign_opinion", opinion, cast.commune, body=cast.bodies.commune)
    Notice.objects.all().delete()
    act("comment_opinion", opinion, cast.leader, note="Xong trước ngày 30")
    texts = dict(Notice.objects.values_list("recipient__username", "text"))
    assert {"xa", "bithu", "diachinh"} <= set(texts)
    assert texts["diachinh"].startswith("Chỉ đạo: ")
    act("comment_opinion", opinion, cast.commune, note="Đang làm")
    page = signed_in(cast.commune).get(opinion.get_absolute_url())
    labels = [step["label"] for step in page.context["thread"]]
    assert labels[-2:] == ["Chỉ đạo", "Trao đổi"]
