"""Helped units from outside: gaps, the register, quarterly checks, the end, before and since."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from core.models import Activity
from core.periods import Period
from feedback.models import Opinion, Topic
from feedback.thread.raising import raise_opinion
from feedback.thread.recording import OpinionDraft
from journal.models import Notice
from visits.helped.jobs import remind_checks
from visits.helped.reads import before_after
from visits.models import HelpedCheck, HelpedUnit
from visits.tests.builders import make_helped, make_rating, make_visit

TODAY = timezone.localdate()
YEAR = TODAY.year
BEGUN = date(YEAR - 1, 3, 2)


@pytest.fixture
def post(cast):
    return cast.cadre.person.posts.get()


@pytest.fixture
def helped(cast, post):
    """Helped since March of last year, one check in its second quarter."""
    row = make_helped(cast.tree.villages[0], post, BEGUN)
    HelpedCheck.objects.create(
        helped=row, quarter=f"{YEAR - 1}-Q2", checked_on=date(YEAR - 1, 5, 4), checked_by_name="Vũ Văn Đi",
        progress="Sinh hoạt đều hơn.",
    )  # fmt: skip
    return row


def order(place, post, **fields):
    return {
        "unit": place.pk,
        "helper": f"c{post.pk}",
        "registered_on": f"{TODAY:%d/%m/%Y}",
        "reason": "Chi bộ chưa đạt trong sạch, vững mạnh.",
        "plan": "Dự sinh hoạt hằng quý.",
        "document": "15-KH/HU",
        "request_id": uuid4(),
    } | fields


def check(day, **fields):
    return {
        "checked_on": f"{day:%d/%m/%Y}",
        "checked_by_name": "Vũ Văn Đi",
        "progress": "Đảng viên dự họp đông hơn.",
        "request_id": uuid4(),
    } | fields


def ending(day, **fields):
    return {
        "exited_on": f"{day:%d/%m/%Y}",
        "outcome": "stronger",
        "outcome_note": "Chi bộ đã vững.",
        "version": 1,
    } | fields


def test_weak_places_without_help_come_first_and_are_taken_up_once(cast, signed_in, post):
    first, second, third = cast.tree.villages
    for village, rating in ((first, "done"), (second, "failed"), (third, "strong")):
        make_rating(village, rating, YEAR - 1)
    browser, url = signed_in(cast.leader), reverse("helped_unit_list")
    context = browser.get(url).context
    assert [row["place"].split(",")[0] for row in context["gaps"]] == ["Thôn 2", "Thôn 1"]
    data, form = order(second, post), reverse("helped_unit_create")
    assert "Thôn 2, Xã Đồng Tâm" in browser.get(f"{form}?noi={second.pk}").content.decode()
    for _ in range(2):
        assert browser.post(form, data).status_code == 302
    helped = HelpedUnit.objects.get()
    assert (helped.unit, helped.year, helped.level, helped.commune) == (second, YEAR, "district", cast.tree.a1)
    assert Notice.objects.filter(recipient=cast.cadre, key=f"helped-{helped.pk}-1").exists()
    assert Activity.objects.filter(verb="helped_unit.create").count() == 1
    page = browser.get(url)
    assert [row["place"].split(",")[0] for row in page.context["gaps"]] == ["Thôn 1"]
    assert page.context["rows"][0]["rating"] == "Không hoàn thành nhiệm vụ (yếu kém)"
    assert f"/{helped.pk}/" in signed_in(cast.cadre).get(url).content.decode()
    assert signed_in(cast.cadre).get(helped.get_absolute_url()).status_code == 200


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"registered_on": f"{TODAY + timedelta(days=1):%d/%m/%Y}"}, "ở tương lai"),
        ({"registered_on": "01/01/2013"}, "không hoạt động"),
        ({"reason": ""}, "Nhập lý do"),
        ({"plan": "Tài liệu tuyệt mật"}, "bí mật nhà nước"),
        ({"helper": ""}, "Chọn cơ quan hoặc cán bộ"),
        ({"unit": "0"}, "không có trong danh sách"),
    ],
)
def test_a_bad_registration_is_refused_with_a_sentence(cast, signed_in, post, fields, sentence):
    data = order(cast.tree.villages[0], post, **fields)
    answer = signed_in(cast.leader).post(reverse("helped_unit_create"), data)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not HelpedUnit.objects.exists()


def test_a_place_is_registered_once_a_year_by_a_helper_of_its_own_branch(cast, signed_in, post):
    make_helped(cast.tree.villages[0], post, TODAY)
    browser, url = signed_in(cast.leader), reverse("helped_unit_create")
    assert "đã được đăng ký" in browser.post(url, order(cast.tree.villages[0], post)).content.decode()
    commune_post = cast.other_commune.person.posts.get()
    answer = browser.post(url, order(cast.tree.villages[1], commune_post))
    assert "phụ trách địa bàn này" in answer.content.decode()
    assert "không có trong danh sách" in browser.post(url, order(cast.tree.b1, post)).content.decode()
    body = order(cast.tree.villages[1], post, helper=f"q{cast.bodies.district.pk}")
    assert browser.post(url, body).status_code == 302
    assert Notice.objects.filter(recipient=cast.agency, key__startswith="helped-").exists()
    assert HelpedUnit.objects.count() == 2


def test_strangers_see_nothing_and_other_roles_may_nothing(cast, signed_in, helped):
    detail = helped.get_absolute_url()
    for who in (cast.outsider, cast.other_commune, cast.other_leader):
        browser = signed_in(who)
        assert browser.get(detail).status_code == 404
        assert browser.get(reverse("helped_unit_list")).context["total"] == 0
        assert browser.post(reverse("helped_unit_check", args=[helped.pk]), check(BEGUN)).status_code == 404
    assert signed_in(cast.village).get(detail).status_code == 403
    assert signed_in(cast.cadre).get(reverse("helped_unit_create")).status_code == 403
    assert signed_in(cast.cadre).post(reverse("helped_unit_exit", args=[helped.pk]), ending(BEGUN)).status_code == 403
    assert signed_in(cast.agency).get(detail).status_code == 404


def test_the_helper_writes_one_check_a_quarter(cast, signed_in, helped):
    browser, url = signed_in(cast.cadre), reverse("helped_unit_check", args=[helped.pk])
    data = check(date(YEAR - 1, 8, 8))
    for _ in range(2):
        assert browser.post(url, data).status_code == 302
    assert list(helped.checks.values_list("quarter", flat=True)) == [f"{YEAR - 1}-Q2", f"{YEAR - 1}-Q3"]
    again = browser.post(url, check(date(YEAR - 1, 9, 9)))
    assert (again.status_code, "đã ghi kiểm tra ngày 08/08" in again.content.decode()) == (422, True)
    for day in (BEGUN - timedelta(days=1), date(YEAR, 1, 1), TODAY + timedelta(days=1)):
        refused = browser.post(url, check(day))
        assert (refused.status_code, "Ngày kiểm tra phải từ" in refused.content.decode()) == (422, True)
    quarters = browser.get(helped.get_absolute_url()).context["quarters"]
    assert [quarter.state for quarter in quarters] == ["made", "made", "missing"]


def test_help_ends_once_with_its_outcome(cast, signed_in, helped):
    browser, url = signed_in(cast.commune), reverse("helped_unit_exit", args=[helped.pk])
    for fields, day, sentence in (
        ({}, date(YEAR - 1, 5, 3), "Đã ghi lượt kiểm tra ngày"),
        ({}, date(YEAR, 1, 1), "Sang năm mà còn giúp"),
        ({"outcome": ""}, date(YEAR - 1, 12, 1), "Chọn kết quả"),
        ({"outcome_note": ""}, date(YEAR - 1, 12, 1), "Nhập đánh giá"),
    ):
        answer = browser.post(url, ending(day, **fields))
        assert answer.status_code == 422
        assert sentence in answer.content.decode()
    day = date(YEAR - 1, 12, 1)
    stale = browser.post(url, ending(day, version=7))
    page = stale.content.decode()
    assert (stale.status_code, stale.context["exit_form"]["version"].value()) == (409, "1")
    assert ("Chi bộ đã vững." in page, "chưa ghi đè" in page, "Tải lại" in page) == (True, True, False)
    assert browser.post(url, ending(day)).status_code == 302
    second = browser.post(url, ending(day, outcome_note="Lời thứ hai"))
    page = second.content.decode()
    assert (second.status_code, "Lời thứ hai" in page, "Chi bộ đã vững." in page) == (409, True, True)
    helped.refresh_from_db()
    assert (helped.exited_on, helped.outcome) == (day, "stronger")
    assert browser.post(url, ending(day, version=2)).status_code == 422
    late = signed_in(cast.cadre).post(reverse("helped_unit_check", args=[helped.pk]), check(day))
    page = late.content.decode()
    assert (late.status_code, "đã được ghi kết thúc" in page, "Đảng viên dự họp đông hơn" in page) == (409, True, True)


def test_the_plan_is_mended_while_the_help_runs(cast, signed_in, helped, post):
    browser, url = signed_in(cast.leader), reverse("helped_unit_edit", args=[helped.pk])
    data = {"helper": f"q{cast.bodies.district.pk}", "reason": "Như cũ.", "plan": "Thêm một buổi.", "version": 1}
    assert browser.get(url).context["form"].initial["helper"] == f"c{post.pk}"
    assert browser.post(url, data | {"plan": ""}).status_code == 422
    assert browser.post(url, data).status_code == 302
    stale = browser.post(url, data | {"plan": "Khác."})
    assert (stale.status_code, stale.context["form"]["version"].value()) == (409, "2")
    page = stale.content.decode()
    assert ("Khác." in page, "Thêm một buổi." in page, "Tải lại" in page) == (True, True, False)
    helped.refresh_from_db()
    assert (helped.helper_post, helped.helper_body, helped.plan) == (None, cast.bodies.district, "Thêm một buổi.")
    assert signed_in(cast.cadre).get(helped.get_absolute_url()).status_code == 404
    assert signed_in(cast.agency).get(helped.get_absolute_url()).status_code == 200


def raise_at(village, commune, day, actor, **changes):
    draft = OpinionDraft(text="Đường thôn hỏng nặng.", topic_id=Topic.objects.get(code="LAND").pk, competence="commune")
    opinion = raise_opinion(
        draft, origin="visit", origin_id=1, unit=commune, place_unit=village, raised_on=day,
        source_key=str(uuid4()), actor=actor, today=TODAY,
    )  # fmt: skip
    Opinion.objects.filter(pk=opinion.pk).update(**changes)


def test_before_and_since_are_equal_spans_with_their_numbers_and_lists(cast, signed_in, post):
    village, begun = cast.tree.villages[0], TODAY - timedelta(days=9)
    helped = make_helped(village, post, begun)
    for days, present in ((20, 1), (12, 10), (11, 10), (10, 10), (3, 18), (2, 19), (1, 20)):
        make_visit(post, village, TODAY - timedelta(days=days), members_due=20, members_present=present)
    make_visit(post, village, TODAY)
    for visibility in ("normal", "restricted"):
        raise_at(village, cast.tree.a1, TODAY, cast.commune, visibility=visibility)
    make_rating(village, "done", begun.year - 1)
    found = before_after(helped, cast.leader, TODAY)
    assert (found.before.days, found.since.days) == (10, 10)
    assert found.before.last == begun - timedelta(days=1)
    attendance, opinions, ratings = found.lines
    assert (attendance["before"].text, attendance["since"].text) == ("50,0%", "95,0%")
    assert "3 buổi" in attendance["since"].note
    assert (opinions["before"].text, opinions["since"].text) == ("Không có ý kiến nào", "chưa đủ số liệu")
    assert "0/2 ý kiến" in opinions["since"].note
    assert (ratings["before"].text, ratings["since"].text) == ("Hoàn thành nhiệm vụ", "Chưa ghi xếp loại")
    for side in ("before", "since"):
        assert signed_in(cast.leader).get(attendance[side].url).context["total"] == 3
    answer = signed_in(cast.commune_leader).get(opinions["since"].url)
    assert answer.context["total"] == 2
    assert before_after(helped, cast.cadre, TODAY).lines[0]["since"].url == ""


def test_help_that_goes_on_is_held_against_the_time_before_it_began(cast, signed_in, helped, post):
    make_helped(cast.tree.villages[0], post, date(YEAR, 1, 1))
    again = HelpedUnit.objects.get(year=YEAR)
    page = signed_in(cast.leader).get(again.get_absolute_url())
    assert page.context["began_on"] == BEGUN
    assert page.context["figures"].before.last == BEGUN - timedelta(days=1)


def test_missing_checks_are_told_once_to_the_helper_and_the_keepers(cast, helped, signed_in):
    quarter = Period.quarter(YEAR - 1, 3)
    assert remind_checks(quarter.last + timedelta(days=5)) == 0
    late = quarter.last + timedelta(days=6)
    assert remind_checks(late) == 3
    assert remind_checks(late + timedelta(days=1)) == 0
    told = dict(Notice.objects.filter(key__startswith="help-check").values_list("recipient__username", "text"))
    assert set(told) == {cast.cadre.username, cast.district.username, cast.leader.username}
    assert "chưa ghi kiểm tra Thôn 1" in told[cast.cadre.username]
    home = signed_in(cast.cadre).get("/").content.decode()
    assert f"Kiểm tra Thôn 1, Xã Đồng Tâm đang giúp đỡ, quý III/{YEAR - 1}" in home
    assert "Kiểm tra Thôn 1" not in signed_in(cast.leader).get("/").content.decode()
    url = f"{reverse('helped_unit_list')}?ky={YEAR - 1}&tinh-trang=thieu"
    assert signed_in(cast.leader).get(url).context["total"] == 1


def test_a_helper_who_has_left_is_seen_in_the_list(cast, signed_in, post):
    make_helped(cast.tree.villages[0], post, TODAY)
    browser, url = signed_in(cast.leader), reverse("helped_unit_list")
    assert browser.get(url).context["rows"][0]["word"] == "Đang giúp đỡ"
    post.valid_to = TODAY
    post.save()
    assert browser.get(url).context["rows"][0]["word"] == "Bên giúp đỡ đã thôi, chưa thay"


def test_the_list_asks_as_much_for_three_as_for_one(cast, signed_in, post, django_assert_num_queries):
    browser, url = signed_in(cast.leader), reverse("helped_unit_list")
    make_helped(cast.tree.villages[0], post, TODAY)
    browser.get(url)
    with django_assert_num_queries(11) as one:
        browser.get(url)
    for village in cast.tree.villages[1:]:
        make_helped(village, post, TODAY)
    with django_assert_num_queries(len(one)):
        assert browser.get(url).context["total"] == 3
