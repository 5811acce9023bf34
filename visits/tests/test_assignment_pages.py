"""Decisions, gaps, norms and leave from outside."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from conftest import make_post
from core.periods import Period
from visits.models import Assignment, VisitExemption, VisitNorm
from visits.tests.builders import make_assignment, make_cadre, make_norm, make_visit


def order(post, *units, **fields):
    today = timezone.localdate()
    return {
        "post": post.pk,
        "units": [unit.pk for unit in units],
        "decision_number": "12-QĐ/HU",
        "decided_on": f"{today:%d/%m/%Y}",
        "issuer": "Ban Thường vụ Huyện ủy",
        "valid_from": f"{today:%d/%m/%Y}",
        "request_id": uuid4(),
    } | fields


@pytest.fixture
def post(cast):
    return cast.cadre.person.posts.get()


def test_one_decision_sends_a_cadre_to_two_communes_once(cast, signed_in, post):
    browser, data = signed_in(cast.leader), order(post, cast.tree.a1, cast.tree.a2)
    assert "Xã Hải Lạng" in browser.get(reverse("assignment_create")).content.decode()
    first, second = (browser.post(reverse("assignment_create"), data) for _ in range(2))
    assert first.status_code == 302
    assert first.url == second.url
    rows = Assignment.objects.order_by("unit__code")
    assert [(row.unit, row.level, row.district) for row in rows] == [
        (cast.tree.a1, "district", cast.tree.a),
        (cast.tree.a2, "district", cast.tree.a),
    ]


def test_the_same_person_twice_at_one_place_names_the_other_decision(cast, signed_in, post):
    make_assignment(post, cast.tree.a1)
    answer = signed_in(cast.leader).post(reverse("assignment_create"), order(post, cast.tree.a1))
    assert answer.status_code == 422
    assert "trùng thời gian" in answer.content.decode()
    assert Assignment.objects.count() == 1


@pytest.mark.parametrize("name", ["post", "units", "local_groups"])
def test_an_id_that_no_column_holds_is_refused_with_a_sentence(cast, signed_in, post, name):
    answer = signed_in(cast.leader).post(reverse("assignment_create"), order(post, cast.tree.a1) | {name: [2**63]})
    assert (answer.status_code, "vừa chọn không có trong danh sách" in answer.content.decode()) == (422, True)
    assert not Assignment.objects.exists()


def test_a_closed_commune_and_an_ended_post_are_refused(cast, signed_in, post):
    browser, url = signed_in(cast.leader), reverse("assignment_create")
    before = timezone.localdate() - timedelta(days=9000)
    assert "Ngày" in browser.post(url, order(post, cast.tree.a1, valid_from=f"{before:%d/%m/%Y}")).content.decode()
    tomorrow = timezone.localdate() + timedelta(days=1)
    post.valid_to = tomorrow
    post.save()
    answer = browser.post(url, order(post, cast.tree.a1, valid_from=f"{tomorrow:%d/%m/%Y}"))
    assert "không giữ chức danh này" in answer.content.decode()
    assert not Assignment.objects.exists()


def test_nobody_assigns_to_or_from_another_branch(cast, signed_in, post):
    url = reverse("assignment_create")
    assert signed_in(cast.other_leader).post(url, order(post, cast.tree.b1)).status_code == 422
    assert signed_in(cast.commune).post(url, order(post, cast.tree.a1)).status_code == 422
    assert signed_in(cast.leader).post(url, order(post, cast.tree.b1)).status_code == 422
    assert signed_in(cast.cadre).post(url, order(post, cast.tree.a1)).status_code == 403
    assert signed_in(cast.leader).get(url, {"don-vi": cast.tree.b.key}).status_code == 404
    assert not Assignment.objects.exists()


def test_an_assignment_ends_and_later_visits_are_outside_it(cast, signed_in, post):
    assignment, today = make_assignment(post, cast.tree.a1), timezone.localdate()
    url = reverse("assignment_end", args=[assignment.pk])
    data = {"last_on": f"{today - timedelta(days=1):%d/%m/%Y}", "version": 1}
    assert signed_in(cast.cadre).post(url, data).status_code == 403
    assert signed_in(cast.other_leader).post(url, data).status_code == 404
    browser = signed_in(cast.leader)
    stale = browser.post(url, data | {"version": 5})
    assert (stale.status_code, stale.context["form"]["version"].value()) == (409, "1")
    assert (data["last_on"] in stale.content.decode(), "chưa ghi đè" in stale.content.decode()) == (True, True)
    assert browser.post(url, data).status_code == 302
    visit = {"unit": cast.tree.a1.pk, "group": "cell", "content": "Dự họp chi bộ.", "person": post.person_id}
    cadre = signed_in(cast.cadre)
    page = cadre.post(reverse("visit_create"), visit | {"visited_on": f"{today:%d/%m/%Y}"}, follow=True)
    assert "ngoài phân công" in page.content.decode()


def test_an_assignment_cannot_end_before_its_last_visit(cast, signed_in, post):
    assignment, today = make_assignment(post, cast.tree.a1), timezone.localdate()
    make_visit(post, cast.tree.a1, today, assignment)
    data = {"last_on": f"{today - timedelta(days=1):%d/%m/%Y}", "version": 1}
    answer = signed_in(cast.leader).post(reverse("assignment_end", args=[assignment.pk]), data)
    assert answer.status_code == 422
    assert "Đã có lượt đi" in answer.content.decode()


def test_gaps_are_seen_where_nobody_is(cast, signed_in, post, django_assert_max_num_queries):
    make_assignment(post, cast.tree.villages[0])
    browser, url = signed_in(cast.leader), reverse("visit_coverage")
    with django_assert_max_num_queries(15):
        answer = browser.get(url)
    rows = {row.unit.name: row for row in answer.context["rows"]}
    assert answer.context["gaps"] == 2
    assert (rows["Xã Đồng Tâm"].villages_covered, rows["Xã Đồng Tâm"].villages) == (1, 3)
    make_assignment(post, cast.tree.a2)
    assert browser.get(url).context["gaps"] == 1
    villages = browser.get(url, {"don-vi": cast.tree.a1.key}).context["rows"]
    assert [row.is_gap for row in villages] == [False, True, True]
    assert browser.get(url, {"don-vi": cast.tree.b.key}).status_code == 404


def test_norms_follow_each_other_and_ask_for_visits(cast, signed_in, post, django_assert_max_num_queries):
    today = timezone.localdate()
    first = today.replace(month=1, day=1) - timedelta(days=365)
    browser, url = signed_in(cast.specialist), reverse("visit_norm_create")
    norm = {
        "unit": cast.tree.province.pk, "level": "district", "times": "1", "period_kind": "month", "basis": "person",
        "document": "243-CV/TU", "document_on": "17/08/2012", "valid_from": f"{first:%d/%m/%Y}",
    }  # fmt: skip
    assert browser.post(url, norm).status_code == 302
    assert browser.post(url, norm).status_code == 422
    later = first + timedelta(days=31)
    assert browser.post(url, norm | {"times": "2", "valid_from": f"{later:%d/%m/%Y}"}).status_code == 302
    assert VisitNorm.objects.get(times=1).valid_to == later
    assert "243-CV/TU" in signed_in(cast.commune).get(reverse("visit_norm_list")).content.decode()
    assert "243-CV/TU" not in signed_in(cast.outsider).get(reverse("visit_norm_list")).content.decode()
    make_assignment(post, cast.tree.a1)
    with django_assert_max_num_queries(15):
        page = browser.get(reverse("visit_progress"), {"ky": first.year}).content.decode()
    assert "0/2" in page
    assert "heat-missing" in page


@pytest.mark.parametrize(
    ("who", "offered"),
    [
        ("commune", ["commune"]),
        ("leader", ["district", "commune"]),
        ("specialist", ["province", "district", "commune"]),
    ],
)
def test_a_norm_is_offered_for_ones_own_level_and_those_below(cast, signed_in, who, offered):
    form = signed_in(getattr(cast, who)).get(reverse("visit_norm_create")).context["form"]
    assert [value for value, _ in form.fields["level"].choices] == offered


def test_a_norm_of_a_commune_for_those_above_is_refused(cast, signed_in):
    norm = {
        "unit": cast.tree.a1.pk, "level": "district", "times": "1", "period_kind": "month", "basis": "person",
        "document": "243-CV/TU", "document_on": "", "valid_from": f"{timezone.localdate():%d/%m/%Y}",
    }  # fmt: skip
    answer = signed_in(cast.leader).post(reverse("visit_norm_create"), norm)
    assert (answer.status_code, "Nơi áp dụng là cấp xã" in answer.content.decode()) == (422, True)
    answer = signed_in(cast.commune).post(reverse("visit_norm_create"), norm)
    assert "Cấp của cán bộ vừa chọn không có trong danh sách" in answer.content.decode()
    assert not VisitNorm.objects.exists()


def test_a_visit_answers_the_norm_only_inside_the_assignment(cast, signed_in, post):
    make_norm(cast.tree.province)
    assignment = make_assignment(post, cast.tree.a1)
    march = Period.month(2025, 3)
    make_visit(post, cast.tree.a1, march.first, assignment)
    make_visit(post, cast.tree.a2, march.last)
    board = signed_in(cast.cadre).get(reverse("visit_progress"), {"ky": "2025"}).context["board"]
    assert [cell["text"] for cell in board.rows[0]["cells"][:3]] == ["0/1", "0/1", "1/1 +1"]
    assert (board.expected, board.done, board.overdue) == (12, 1, 11)


def test_leave_is_written_by_the_branch_and_not_by_oneself(cast, signed_in, post):
    make_norm(cast.tree.province)
    make_assignment(post, cast.tree.a1)
    data = {
        "person": post.person_id, "first_on": "01/03/2025", "last_on": "31/03/2025", "reason": "Đi học chính trị",
        "request_id": uuid4(),
    }  # fmt: skip
    url = reverse("visit_exemption_create")
    assert signed_in(cast.other_leader).post(url, data).status_code == 422
    assert signed_in(cast.cadre).post(url, data).status_code == 403
    browser = signed_in(cast.leader)
    assert browser.post(url, data).status_code == 302
    assert browser.post(url, data).status_code == 302
    assert VisitExemption.objects.count() == 1
    assert "Đã có thời gian miễn" in browser.post(url, data | {"request_id": uuid4()}).content.decode()
    board = browser.get(reverse("visit_progress"), {"ky": "2025"}).context["board"]
    assert board.rows[0]["cells"][2]["text"] == "Miễn"
    assert board.expected == 11


def test_the_board_takes_the_same_queries_for_one_and_three(
    cast, signed_in, django_assert_max_num_queries, django_assert_num_queries
):
    make_norm(cast.tree.province)
    browser, url = signed_in(cast.leader), reverse("visit_progress")
    make_assignment(make_cadre(cast.tree.a, "Vũ Văn Một"), cast.tree.a1)
    browser.get(url)
    with django_assert_max_num_queries(15) as seen:
        browser.get(url)
    for number in (2, 3):
        make_assignment(make_cadre(cast.tree.a, f"Vũ Văn {number}"), cast.tree.a1)
    with django_assert_num_queries(len(seen.captured_queries)):
        assert 'data-total="3"' in browser.get(url).content.decode()


def test_an_archive_is_read_and_not_written(cast, signed_in, post):
    """A commune that ended: its officer still reads the visits of its days."""
    assignment = make_assignment(post, cast.tree.a2)
    visit = make_visit(post, cast.tree.a2, timezone.localdate() - timedelta(days=20), assignment)
    cast.tree.a2.valid_to = timezone.localdate() - timedelta(days=10)
    cast.tree.a2.save()
    make_post(cast.other_commune.person, cast.tree.a2, "officer", "commune_leader")
    browser = signed_in(cast.other_commune)
    assert browser.get(visit.get_absolute_url()).status_code == 200
    assert 'data-total="1"' in browser.get(reverse("visit_list")).content.decode()
    assert browser.post(reverse("visit_confirm", args=[visit.pk]), {"version": 1}).status_code == 403
