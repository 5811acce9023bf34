"""A finding goes its way as an opinion and its answer comes back; short months are told once; known norms load."""

from datetime import date
from uuid import uuid4

import pytest
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from core.periods import Period
from feedback.models import Opinion, OpinionMonth, Topic
from journal.models import Notice
from units.models import Unit
from visits.assignments.reads import load_known_norms
from visits.jobs import remind_overdue
from visits.models import VisitExemption, VisitNorm
from visits.reads import visit_figures
from visits.tests.builders import make_assignment, make_norm, make_visit

FINDING = "Cống thoát nước đầu thôn sập, mưa là ngập đường vào trường."


@pytest.fixture
def post(cast):
    return cast.cadre.person.posts.get()


@pytest.fixture
def visit(cast, post):
    return make_visit(post, cast.tree.villages[0], timezone.localdate(), findings=FINDING)


def finding(**fields):
    topic = Topic.objects.get(code="IRRIGATION")
    return {
        "text": FINDING,
        "kind": "petition",
        "topic": topic.pk,
        "competence": "commune",
        "request_id": uuid4(),
    } | fields


def test_a_finding_becomes_an_opinion_is_answered_and_the_visit_shows_it(cast, signed_in, visit):
    cadre, officer, data = signed_in(cast.cadre), signed_in(cast.commune), finding()
    url = reverse("visit_raise", args=[visit.pk])
    assert FINDING in cadre.get(url).content.decode()
    for _ in range(2):
        assert cadre.post(url, data).status_code == 302
    opinion = Opinion.objects.get()
    assert (opinion.unit, opinion.holder, opinion.village, opinion.commune, opinion.level) == (
        cast.tree.a1, cast.tree.a1, cast.tree.villages[0], cast.tree.a1, "commune",
    )  # fmt: skip
    assert opinion.due_on > opinion.raised_on == visit.visited_on
    assert opinion.receipt_due_on > opinion.raised_on
    assert opinion.moves.count() == 1
    assert OpinionMonth.objects.get(unit=cast.tree.a1).received == 1
    assert Notice.objects.filter(recipient=cast.commune, key__startswith=f"opinion-{opinion.pk}-").exists()
    assert officer.get(opinion.get_absolute_url()).status_code == 200
    assert cadre.get(opinion.get_absolute_url()).status_code == 404
    explain = {"version": opinion.version, "note": "Xã đã thay cống mới ngày thứ Hai."}
    assert officer.post(reverse("opinion_explain", args=[opinion.pk]), explain).status_code == 302
    page = cadre.get(visit.get_absolute_url()).content.decode()
    assert "Xã đã thay cống mới" in page
    assert opinion.get_absolute_url() not in page
    assert opinion.get_absolute_url() in officer.get(visit.get_absolute_url()).content.decode()


def test_a_restricted_opinion_of_a_visit_shows_nothing_to_others(cast, signed_in, visit):
    signed_in(cast.cadre).post(reverse("visit_raise", args=[visit.pk]), finding(text="Chuyện riêng của một hộ"))
    Opinion.objects.update(visibility="restricted")
    for who in (cast.cadre, cast.district):
        assert "Chuyện riêng" not in signed_in(who).get(visit.get_absolute_url()).content.decode()
    assert "Chuyện riêng" in signed_in(cast.commune_leader).get(visit.get_absolute_url()).content.decode()


def test_the_opinion_leads_back_to_its_visit_for_those_who_read_it(cast, signed_in, visit):
    signed_in(cast.cadre).post(reverse("visit_raise", args=[visit.pk]), finding())
    url = Opinion.objects.get().get_absolute_url()
    for who, leads in (("commune", True), ("leader", True), ("head", True), ("village", False)):
        answer = signed_in(getattr(cast, who)).get(url)
        assert answer.status_code == 200, who
        assert (visit.get_absolute_url() in answer.content.decode()) is leads, who


def test_a_finding_about_somebody_may_be_restricted_from_the_start(cast, signed_in, visit):
    cadre, url = signed_in(cast.cadre), reverse("visit_raise", args=[visit.pk])
    assert cadre.post(url, finding(visibility="everybody")).status_code == 422
    assert cadre.post(url, finding(visibility="restricted", text="Trưởng thôn chi quỹ không rõ")).status_code == 302
    opinion = Opinion.objects.get()
    assert opinion.is_restricted
    for who, status in (("commune_leader", 200), ("village", 404), ("district", 404)):
        assert signed_in(getattr(cast, who)).get(opinion.get_absolute_url()).status_code == status, who
    for who in ("cadre", "village", "district"):
        assert "chi quỹ không rõ" not in signed_in(getattr(cast, who)).get(visit.get_absolute_url()).content.decode()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"text": ""}, "Nhập nội dung ý kiến"),
        ({"text": "Tài liệu tối mật"}, "bí mật nhà nước"),
        ({"topic": "0"}, "Lĩnh vực vừa chọn không có"),
        ({"competence": "galaxy"}, "Thẩm quyền giải quyết vừa chọn không có"),
    ],
)
def test_a_finding_is_refused_with_a_sentence(cast, signed_in, visit, fields, sentence):
    answer = signed_in(cast.cadre).post(reverse("visit_raise", args=[visit.pk]), finding(**fields))
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not Opinion.objects.exists()


def test_only_those_concerned_raise_findings(cast, signed_in, visit):
    url = reverse("visit_raise", args=[visit.pk])
    assert signed_in(cast.other_commune).post(url, finding()).status_code == 404
    assert signed_in(cast.agency).post(url, finding()).status_code == 403
    visit.status = "withdrawn"
    visit.save()
    assert signed_in(cast.cadre).post(url, finding()).url == visit.get_absolute_url()
    assert not Opinion.objects.exists()


def test_a_short_month_is_told_to_the_cadre_and_the_district_once(cast, post):
    make_norm(cast.tree.province)
    assignment = make_assignment(post, cast.tree.a1)
    make_visit(post, cast.tree.a1, date(2026, 9, 30), assignment)
    assert remind_overdue(date(2026, 10, 20)) == 0
    assert remind_overdue(date(2026, 11, 5)) == 0
    assert remind_overdue(date(2026, 11, 6)) == 3
    assert remind_overdue(date(2026, 11, 7)) == 0
    told = dict(Notice.objects.values_list("recipient__username", "text"))
    assert set(told) == {cast.cadre.username, cast.district.username, cast.leader.username}
    assert told[cast.cadre.username].startswith("Tháng 10/2026: đã đi cơ sở 0 trên 1 lượt")


def test_an_exempt_month_is_not_told(cast, post):
    make_norm(cast.tree.province)
    make_assignment(post, cast.tree.a1, valid_from=date(2026, 10, 1))
    VisitExemption.objects.create(
        person=post.person,
        province=cast.tree.province,
        first_on=date(2026, 10, 1),
        last_on=date(2026, 10, 31),
        reason="ốm",
    )
    assert remind_overdue(date(2026, 11, 10)) == 0


def test_the_home_page_says_what_waits(cast, signed_in, post, visit):
    make_norm(cast.tree.province)
    make_assignment(post, cast.tree.a1)
    home = signed_in(cast.cadre).get("/").content.decode()
    assert f"Đi cơ sở tháng {timezone.localdate():%-m/%Y}: 0/1 lượt" in home
    officer = signed_in(cast.commune)
    assert "1 lượt cán bộ đi cơ sở chờ xác nhận" in officer.get("/").content.decode()
    officer.post(reverse("visit_question", args=[visit.pk]), {"version": 1, "note": "Hôm đó chi bộ không họp"})
    assert "Hôm đó chi bộ không họp" in signed_in(cast.cadre).get("/").content.decode()
    assert "chờ xác nhận" not in officer.get("/").content.decode()
    assert "Đi cơ sở tháng" not in signed_in(cast.leader).get("/").content.decode()


def test_known_norms_load_once_where_their_unit_exists(db):
    unit = Unit.objects.create(
        key="province-84-20140101", level="province", code="84", name="Tỉnh Trà Vinh", kind="tinh",
        search_text="tinh tra vinh", valid_from=date(2014, 1, 1),
    )  # fmt: skip
    assert load_known_norms() == 3
    assert load_known_norms() == 0
    norm = VisitNorm.objects.get(level="commune")
    assert (norm.unit, norm.document, norm.document_on, norm.times) == (unit, "243-CV/TU", date(2012, 8, 17), 1)


def test_an_empty_reach_has_no_figures(tree):
    assert set(visit_figures(Q(pk__in=[]), Period.year(2016), date(2017, 1, 1)).values()) == {0}
