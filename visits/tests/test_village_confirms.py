"""The village that was visited says so itself, and reads no more of the visit than is its own."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from conftest import make_post, make_village_user
from feedback.models import Topic
from journal.models import Notice
from visits.enums import VisitStatus
from visits.tests.builders import make_visit

SECRET = "Dân phản ánh trưởng thôn chi quỹ không rõ"
OWN_WORDS = {"findings": SECRET, "conduct": f"{SECRET} (điều hành)", "help_given": f"{SECRET} (giúp)"}


@pytest.fixture
def post(cast):
    return cast.cadre.person.posts.get()


@pytest.fixture
def visit(cast, post):
    return make_visit(post, cast.tree.villages[0], timezone.localdate(), search_text="dan phan anh", **OWN_WORDS)


def test_the_village_confirms_and_the_page_says_who_did(cast, signed_in, visit):
    browser, url = signed_in(cast.village), reverse("visit_confirm", args=[visit.pk])
    assert "1 lượt cán bộ về thôn, khu chờ xác nhận" in browser.get("/").content.decode()
    assert "Xác nhận" in browser.get(visit.get_absolute_url()).content.decode()
    stale = browser.post(url, {"version": 9})
    assert (stale.status_code, "chưa được ghi" in stale.content.decode()) == (409, True)
    stale = browser.post(reverse("visit_question", args=[visit.pk]), {"version": 9, "note": "Hôm đó thôn không họp"})
    page = stale.content.decode()
    assert (stale.status_code, "Hôm đó thôn không họp</textarea>" in page, "hiện ở trên" in page) == (409, True, False)
    assert browser.post(url, {"version": 1}).status_code == 302
    visit.refresh_from_db()
    assert (visit.status, visit.reviewed_level) == (VisitStatus.CONFIRMED, "village")
    assert "Thôn 1" in visit.reviewed_by_name
    assert '<span class="tag">Thôn, khu</span>' in signed_in(cast.cadre).get(visit.get_absolute_url()).content.decode()
    assert "chờ xác nhận" not in browser.get("/").content.decode()
    assert browser.post(url, {"version": 2}).status_code == 403
    assert Notice.objects.filter(recipient=cast.cadre).count() == 1


def test_the_village_asks_to_look_again_and_the_commune_may_still_confirm(cast, signed_in, visit):
    note = {"version": 1, "note": "Hôm đó thôn không họp"}
    assert signed_in(cast.village).post(reverse("visit_question", args=[visit.pk]), note).status_code == 302
    visit.refresh_from_db()
    assert (visit.status, visit.reviewed_level, visit.note) == (VisitStatus.QUESTIONED, "village", note["note"])
    assert signed_in(cast.commune).post(reverse("visit_confirm", args=[visit.pk]), {"version": 2}).status_code == 302
    visit.refresh_from_db()
    assert (visit.status, visit.reviewed_level) == (VisitStatus.CONFIRMED, "commune")


def test_the_village_reads_the_visit_but_not_what_was_found(cast, signed_in, visit):
    browser = signed_in(cast.village)
    for address in (visit.get_absolute_url(), reverse("visit_list"), "/"):
        page = browser.get(address).content.decode()
        assert "Dân phản ánh" not in page, address
    page = browser.get(visit.get_absolute_url()).content.decode()
    assert visit.content in page
    assert "Vấn đề nắm được" not in page
    assert "Gợi ý kiểm tra chéo" not in page
    assert 'data-total="1"' in browser.get(reverse("visit_list")).content.decode()
    assert SECRET in signed_in(cast.commune).get(visit.get_absolute_url()).content.decode()


def test_the_village_is_not_told_which_opinion_came_from_the_visit(cast, signed_in, visit):
    finding = {
        "text": "Cống đầu thôn sập", "kind": "petition", "topic": Topic.objects.get(code="IRRIGATION").pk,
        "competence": "commune", "request_id": uuid4(),
    }  # fmt: skip
    signed_in(cast.cadre).post(reverse("visit_raise", args=[visit.pk]), finding)
    for who, told in (("commune", True), ("cadre", True), ("village", False)):
        page = signed_in(getattr(cast, who)).get(visit.get_absolute_url()).content.decode()
        assert ("Cống đầu thôn sập" in page) is told, who


def test_searching_for_a_word_of_the_findings_tells_the_village_nothing(cast, signed_in, visit):
    browser, url = signed_in(cast.village), reverse("visit_list")
    answers = {word: browser.get(url, {"q": word}).content.decode() for word in ("phan anh", "zzz")}
    totals = {word: 'data-total="1"' in page for word, page in answers.items()}
    assert totals["phan anh"] is totals["zzz"]
    assert 'data-total="1"' in signed_in(cast.commune).get(url, {"q": "phan anh"}).content.decode()


def test_another_village_sees_and_confirms_nothing(cast, signed_in, visit):
    browser = signed_in(make_village_user("thon2", cast.tree.villages[1]))
    assert browser.get(visit.get_absolute_url()).status_code == 404
    assert browser.post(reverse("visit_confirm", args=[visit.pk]), {"version": 1}).status_code == 404
    assert 'data-total="0"' in browser.get(reverse("visit_list")).content.decode()
    assert signed_in(cast.village).get(reverse("visit_questions")).status_code == 403
    assert signed_in(cast.village).get(reverse("visit_raise", args=[visit.pk])).status_code == 403


def test_nobody_confirms_their_own_visit(cast, signed_in):
    own = make_post(cast.village.person, cast.tree.a1, "front_chair", "cadre")
    visit = make_visit(own, cast.tree.villages[0], timezone.localdate())
    browser = signed_in(cast.village)
    assert browser.post(reverse("visit_confirm", args=[visit.pk]), {"version": 1}).status_code == 403
    assert "về thôn, khu chờ xác nhận" not in browser.get("/").content.decode()


def test_a_right_that_ended_confirms_nothing(cast, signed_in, visit):
    cast.village.person.posts.update(valid_to=timezone.localdate() - timedelta(days=1))
    answer = signed_in(cast.village).post(reverse("visit_confirm", args=[visit.pk]), {"version": 1})
    assert answer.status_code in (403, 404)
