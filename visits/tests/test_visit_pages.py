"""A cadre's month from outside: log, be told no with a sentence, mend, be confirmed; who sees what."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from core.models import Activity
from journal.models import Notice
from visits.enums import VisitStatus
from visits.models import Visit
from visits.tests.builders import make_assignment, make_visit

WORDS = "Chi bộ bàn việc làm đường vào nhà văn hóa, phân công đảng viên vận động từng hộ."


def typed(unit, **fields):
    today = timezone.localdate()
    return {
        "unit": unit.pk,
        "group": "cell",
        "visited_on": f"{today:%d/%m/%Y}",
        "content": WORDS,
        "request_id": uuid4(),
    } | fields


@pytest.fixture
def post(cast):
    return cast.cadre.person.posts.get()


@pytest.fixture
def assignment(cast, post):
    return make_assignment(post, cast.tree.a1)


def log(browser, user, unit, **fields):
    return browser.post(reverse("visit_create"), typed(unit, person=user.person_id, **fields))


def test_a_visit_is_logged_under_the_assignment_and_the_commune_is_told(cast, signed_in, assignment):
    village = cast.tree.villages[0]
    browser = signed_in(cast.cadre)
    form = browser.get(reverse("visit_create")).content.decode()
    assert "Thôn 1 – Xã Đồng Tâm" in form
    answer = log(browser, cast.cadre, village, members_due="20", members_present="13", started_at="19:30")
    visit = Visit.objects.get()
    assert answer.status_code == 302
    assert answer.url == visit.get_absolute_url()
    assert (visit.assignment, visit.level, visit.village, visit.commune) == (
        assignment, "district", village, cast.tree.a1,
    )  # fmt: skip
    assert "65,0%" in browser.get(answer.url).content.decode()
    for words, number in (("duong vao nha van hoa", 1), ("NGUYỄN THỊ CANBO thon", 1), ("đường sắt", 0)):
        assert f'data-total="{number}"' in browser.get(reverse("visit_list"), {"q": words}).content.decode(), words
    told = set(Notice.objects.values_list("recipient__username", flat=True))
    assert told == {cast.commune.username, cast.commune_leader.username, cast.village.username}
    assert Activity.objects.filter(verb="visit.log", target_id=visit.pk).count() == 1


def test_a_visit_outside_the_assignment_is_taken_and_marked(cast, signed_in, assignment):
    browser = signed_in(cast.cadre)
    answer = log(browser, cast.cadre, cast.tree.a2)
    assert "ngoài phân công" in browser.get(answer.url).content.decode()
    assert "ngoài phân công" in browser.get(reverse("visit_list")).content.decode()


def test_sending_twice_makes_one_visit(cast, signed_in):
    browser, data = signed_in(cast.cadre), typed(cast.tree.a1, person=cast.cadre.person_id)
    first, second = (browser.post(reverse("visit_create"), data) for _ in range(2))
    assert first.url == second.url
    assert Visit.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"visited_on": "01/01/2090"}, "ở tương lai"),
        ({"visited_on": "31/02/2026"}, "dạng ngày/tháng/năm"),
        ({"members_due": "5", "members_present": "6"}, "nhiều hơn số phải dự"),
        ({"content": "   "}, "Nhập nội dung buổi sinh hoạt"),
        ({"content": "Tài liệu tuyệt mật về biên giới"}, "bí mật nhà nước"),
        ({"group": ""}, "Chọn tổ chức đã dự sinh hoạt"),
        ({"unit": "0"}, "không có trong danh sách"),
    ],
)
def test_bad_input_is_a_sentence_and_nothing_typed_is_lost(cast, signed_in, fields, sentence):
    browser = signed_in(cast.cadre)
    kept = {"findings": "Đường ngập sau mưa"}
    data = typed(cast.tree.a1, person=cast.cadre.person_id) | kept | fields
    answer = browser.post(reverse("visit_create"), data)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in page
    assert 'role="alert"' in page
    assert kept["findings"] in page
    assert not Visit.objects.exists()


def test_a_place_of_another_branch_is_refused(cast, signed_in):
    answer = log(signed_in(cast.cadre), cast.cadre, cast.tree.b1)
    assert answer.status_code == 422
    assert not Visit.objects.exists()


def test_a_closed_village_is_refused_with_the_day(cast, signed_in, assignment):
    village = cast.tree.villages[0]
    today = timezone.localdate()
    type(village).objects.filter(pk=village.pk).update(valid_to=today - timedelta(days=5))
    village.versions.update(valid_to=today - timedelta(days=5))
    village.lineage.update(valid_to=today - timedelta(days=5))
    browser = signed_in(cast.cadre)
    assert "không hoạt động ngày" in log(browser, cast.cadre, village).content.decode()
    before = f"{today - timedelta(days=6):%d/%m/%Y}"
    assert log(browser, cast.cadre, village, visited_on=before).status_code == 302


def test_only_the_visited_commune_confirms_and_a_confirmed_visit_stays(cast, signed_in, post, assignment):
    visit = make_visit(post, cast.tree.villages[0], timezone.localdate(), assignment)
    url = reverse("visit_confirm", args=[visit.pk])
    assert signed_in(cast.other_commune).post(url, {"version": 1}).status_code == 404
    assert signed_in(cast.cadre).post(url, {"version": 1}).status_code == 403
    assert signed_in(cast.leader).post(url, {"version": 1}).status_code == 403
    officer = signed_in(cast.commune)
    assert officer.post(url, {"version": 9}).status_code == 409
    assert officer.post(url, {"version": 1}).status_code == 302
    visit.refresh_from_db()
    assert visit.status == VisitStatus.CONFIRMED
    assert "Đồng Tâm" in visit.reviewed_by_name
    assert officer.post(url, {"version": 2}).status_code == 403
    cadre = signed_in(cast.cadre)
    assert cadre.get(reverse("visit_edit", args=[visit.pk])).status_code == 302
    assert cadre.post(reverse("visit_withdraw", args=[visit.pk]), {"version": 2, "note": "nhầm"}).status_code == 403
    assert Notice.objects.filter(recipient=cast.cadre).count() == 1


def test_a_questioned_visit_is_mended_and_waits_again(cast, signed_in, post, assignment):
    visit = make_visit(post, cast.tree.villages[0], timezone.localdate(), assignment)
    officer, cadre = signed_in(cast.commune), signed_in(cast.cadre)
    url = reverse("visit_question", args=[visit.pk])
    assert officer.post(url, {"version": 1, "note": ""}).status_code == 422
    officer.post(url, {"version": 1, "note": "Hôm đó chi bộ không họp"})
    page = cadre.get(visit.get_absolute_url()).content.decode()
    assert "Hôm đó chi bộ không họp" in page
    data = typed(visit.unit, person=visit.person_id, version=2, content="Dự sinh hoạt chi đoàn.", group="youth")
    assert cadre.post(reverse("visit_edit", args=[visit.pk]), data).status_code == 302
    visit.refresh_from_db()
    assert (visit.status, visit.note, visit.group, visit.version) == (VisitStatus.LOGGED, "", "youth", 3)


def test_the_second_editor_sees_both_texts(cast, signed_in, post):
    visit = make_visit(post, cast.tree.a1, timezone.localdate())
    browser, url = signed_in(cast.cadre), reverse("visit_edit", args=[visit.pk])
    browser.post(url, typed(visit.unit, person=visit.person_id, version=1, content="Bản thứ nhất"))
    data = typed(visit.unit, person=visit.person_id, version=1, content="Bản thứ hai")
    answer = browser.post(url, data)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Bản thứ nhất" in page
    assert "Bản thứ hai" in page
    assert 'name="version" value="2"' in page
    assert Visit.objects.get().content == "Bản thứ nhất"


def test_a_withdrawn_visit_leaves_the_list_and_keeps_its_page(cast, signed_in, post):
    visit = make_visit(post, cast.tree.a1, timezone.localdate())
    browser = signed_in(cast.cadre)
    browser.post(reverse("visit_withdraw", args=[visit.pk]), {"version": 1, "note": "Ghi nhầm ngày"})
    assert 'data-total="0"' in browser.get(reverse("visit_list")).content.decode()
    withdrawn = browser.get(reverse("visit_list"), {"trang-thai": "withdrawn"}).content.decode()
    assert 'data-total="1"' in withdrawn
    assert "Ghi nhầm ngày" in browser.get(visit.get_absolute_url()).content.decode()


SEES = {
    "cadre": True, "commune": True, "commune_leader": True, "district": True, "leader": True, "specialist": True,
    "head": True, "province_leader": True, "other_commune": False, "other_leader": False, "agency": False,
    "admin": False, "outsider": False,
}  # fmt: skip


def test_a_village_sees_visits_to_it_and_no_assignments(cast, signed_in, post, assignment):
    visit = make_visit(post, cast.tree.villages[0], timezone.localdate(), assignment)
    elsewhere = make_visit(post, cast.tree.villages[1], timezone.localdate(), assignment)
    browser = signed_in(cast.village)
    assert 'data-total="1"' in browser.get(reverse("visit_list")).content.decode()
    assert 'data-total="0"' in browser.get(reverse("assignment_list")).content.decode()
    addresses = [thing.get_absolute_url() for thing in (visit, elsewhere, assignment)]
    assert [browser.get(address).status_code for address in addresses] == [200, 404, 404]


@pytest.mark.parametrize(("who", "sees"), SEES.items())
def test_branch_and_own_only(cast, signed_in, post, assignment, who, sees):
    visit = make_visit(post, cast.tree.villages[0], timezone.localdate(), assignment)
    browser = signed_in(getattr(cast, who))
    for name in ("visit_list", "assignment_list"):
        assert f'data-total="{int(sees)}"' in browser.get(reverse(name)).content.decode()
    for thing in (visit, assignment):
        assert browser.get(thing.get_absolute_url()).status_code == (200 if sees else 404)


def test_a_leader_goes_too_and_sees_the_own_branch_only(cast, signed_in):
    browser = signed_in(cast.other_leader)
    assert log(browser, cast.other_leader, cast.tree.b1).status_code == 302
    assert 'data-total="1"' in browser.get(reverse("visit_list")).content.decode()
    assert 'data-total="0"' in signed_in(cast.cadre).get(reverse("visit_list")).content.decode()


def test_an_officer_writes_for_an_assigned_cadre_but_a_cadre_for_nobody_else(cast, signed_in, assignment):
    assert log(signed_in(cast.district), cast.cadre, cast.tree.a1).status_code == 302
    assert Visit.objects.get().person == cast.cadre.person
    answer = log(signed_in(cast.cadre), cast.leader, cast.tree.a1)
    assert answer.status_code == 422
    assert Visit.objects.count() == 1


def test_two_places_at_once_is_a_question_to_the_reviewer(cast, signed_in, post):
    today = timezone.localdate()
    first = make_visit(post, cast.tree.villages[0], today, started_at="08:00")
    make_visit(post, cast.tree.a2, today, started_at="08:30")
    make_visit(post, cast.tree.villages[1], today, started_at="14:00")
    page = signed_in(cast.leader).get(reverse("visit_questions")).content.decode()
    assert 'data-total="1"' in page
    assert "08:00 tại Thôn 1, Xã Đồng Tâm và 08:30 tại Xã Hải Lạng" in page
    officer = signed_in(cast.commune)
    assert 'data-total="0"' in officer.get(reverse("visit_questions")).content.decode()
    assert "Hải Lạng" not in officer.get(first.get_absolute_url()).content.decode()


def test_the_list_takes_the_same_queries_for_one_and_three(
    cast, signed_in, post, django_assert_max_num_queries, django_assert_num_queries
):
    browser, url = signed_in(cast.leader), reverse("visit_list")
    make_visit(post, cast.tree.a1, timezone.localdate())
    browser.get(url)
    with django_assert_max_num_queries(15) as seen:
        browser.get(url)
    for number in (1, 2):
        make_visit(post, cast.tree.villages[number], timezone.localdate())
    with django_assert_num_queries(len(seen.captured_queries)):
        assert 'data-total="3"' in browser.get(url).content.decode()


def test_the_list_filters(cast, signed_in, post, assignment):
    today = timezone.localdate()
    make_visit(post, cast.tree.villages[0], today, assignment)
    for number in (1, 2):
        make_visit(post, cast.tree.a2, today - timedelta(days=40 * number))
    browser, url = signed_in(cast.leader), reverse("visit_list")
    for query, number in (
        ({"ngoai": "on"}, 2), ({"ky": f"{today:%Y-%m}"}, 1), ({"don-vi": cast.tree.a2.key}, 2),
        ({"to-chuc": "women"}, 0), ({"nguoi": post.person_id}, 3), ({"cap": "province"}, 0),
    ):  # fmt: skip
        assert f'data-total="{number}"' in browser.get(url, query).content.decode(), query


def test_a_list_longer_than_a_page_shows_every_visit_once(cast, signed_in, post):
    for number in range(53):
        make_visit(post, cast.tree.a1, timezone.localdate() - timedelta(days=number // 2))
    browser, seen, query = signed_in(cast.leader), [], ""
    while query is not None:
        answer = browser.get(reverse("visit_list") + query)
        seen += [row["pk"] for row in answer.context["rows"]]
        query = answer.context["next_url"] or None
    assert len(seen) == len(set(seen)) == 53
