"""Situations from outside: written down, held against who was assigned, explained, reviewed, handled, closed."""

from datetime import datetime, time, timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from core.models import Activity
from journal.models import Notice
from units.models import Unit
from visits.home import tasks_for
from visits.models import Knowing, Situation
from visits.tests.builders import make_assignment, make_cadre
from visits.tests.test_situation_rules import WHO_FIRST

TITLE = "Tranh chấp bờ rào giữa các hộ"


def day_ago(days=3):
    return timezone.localdate() - timedelta(days=days)


def at(clock, days=3):
    return timezone.make_aware(datetime.combine(day_ago(days), time.fromisoformat(clock)))


def moment(name, clock, days=3):
    return {f"{name}_on": f"{day_ago(days):%d/%m/%Y}", f"{name}_clock": clock}


def knew(name, clock, source="người dân báo", days=3):
    return moment(name, clock, days) | {f"{name}_from": source}


def typed(unit, **fields):
    data = {"unit": unit.pk, "title": TITLE, "account": "Hai bên to tiếng, thôn đã mời đến hòa giải."}
    data |= moment("happened", "06:00") | knew("village", "06:30") | {"request_id": uuid4()}
    return data | fields


def post(browser, name, situation, **fields):
    return browser.post(reverse(name, args=[situation.pk]), {"version": situation.version} | fields)


@pytest.fixture
def assignment(cast):
    return make_assignment(cast.cadre.person.posts.get(), cast.tree.a1)


@pytest.fixture
def late(cast, signed_in, assignment):
    """The district knew at seven, its cadre at nine."""
    data = typed(cast.tree.villages[0], **knew("district", "07:00"), **knew("responsible", "09:00"))
    assert signed_in(cast.leader).post(reverse("situation_create"), data).status_code == 302
    return Situation.objects.get()


def test_a_situation_is_written_down_with_its_responsible_cadre(cast, signed_in, assignment):
    browser = signed_in(cast.commune)
    form = browser.get(reverse("situation_create")).content.decode()
    assert "Cấp huyện" in form
    data = typed(cast.tree.villages[0], **knew("responsible", "07:15"), **moment("reported", "07:30"))
    answer = browser.post(reverse("situation_create"), data | {"reported_to": "Bí thư Đảng ủy"})
    situation = Situation.objects.get()
    assert answer.url == situation.get_absolute_url()
    assert (situation.responsible, situation.village, situation.commune, situation.district) == (
        cast.cadre.person, cast.tree.villages[0], cast.tree.a1, cast.tree.a,
    )  # fmt: skip
    page = browser.get(answer.url).content.decode()
    assert "1 giờ sau khi biết" in page
    assert "Cấp trên biết trước" not in page
    assert not Notice.objects.filter(recipient=cast.cadre).exists()
    line = Activity.objects.get(verb="situation.create")
    assert set(line.after["knowings"]) == {"village", "responsible"}
    assert TITLE not in str(line.after)
    assert "người dân" not in str(line.after)


def test_a_place_without_a_cadre_is_a_gap(cast, signed_in):
    browser = signed_in(cast.commune)
    answer = browser.post(reverse("situation_create"), typed(cast.tree.villages[0], **knew("district", "07:00")))
    assert "địa bàn chưa có người phụ trách" in browser.get(answer.url).content.decode()
    url = reverse("situation_list")
    assert 'data-total="1"' in browser.get(url, {"xem": "chua-phu-trach"}).content.decode()
    assert 'data-total="0"' in browser.get(url, {"xem": "cap-tren-truoc"}).content.decode()


def test_the_main_of_the_nearest_place_answers_and_another_may_be_chosen(cast, signed_in, assignment):
    village = cast.tree.villages[0]
    deputy = make_assignment(make_cadre(cast.tree.a, "Đỗ Văn Phó"), village, is_deputy=True)
    main = make_assignment(make_cadre(cast.tree.a, "Đỗ Văn Chính"), village)
    make_assignment(make_cadre(cast.tree.a, "Đỗ Văn Xa"), cast.tree.a2)
    browser = signed_in(cast.commune)
    browser.post(reverse("situation_create"), typed(village))
    situation = Situation.objects.get()
    assert situation.responsible == main.person
    page = browser.get(situation.get_absolute_url()).content.decode()
    assert "Đỗ Văn Phó" in page
    assert "Đỗ Văn Xa" not in page
    elsewhere = make_assignment(make_cadre(cast.tree.a, "Đỗ Văn Kia"), cast.tree.villages[1])
    assert post(browser, "situation_responsible", situation, assignment=elsewhere.pk).status_code == 422
    assert post(browser, "situation_responsible", situation, assignment=deputy.pk).status_code == 302
    situation.refresh_from_db()
    assert situation.responsible == deputy.person


def test_sending_twice_makes_one(cast, signed_in):
    browser, data = signed_in(cast.commune), typed(cast.tree.a1)
    first, second = (browser.post(reverse("situation_create"), data) for _ in range(2))
    assert first.url == second.url
    assert Situation.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"village_on": ""}, "Có giờ mà chưa có ngày"),
        ({"village_clock": ""}, "Nhập giờ"),
        ({"village_from": ""}, "biết từ nguồn nào"),
        ({"village_clock": "05:00"}, "trước khi sự việc xảy ra"),
        ({"village_on": "", "village_clock": "", "village_from": ""}, "ít nhất một nơi đã biết"),
        ({"village_on": "", "village_clock": ""}, "Ghi thôn, khu biết ngày nào"),
        ({"happened_on": "01/01/2090"}, "ở tương lai"),
        ({"reported_to": "Bí thư"}, "Ghi đủ cả thời điểm báo cáo"),
        ({"account": "Tài liệu tuyệt mật về biên giới"}, "bí mật nhà nước"),
        ({"village_from": "công điện tuyệt mật"}, "bí mật nhà nước"),
        ({"title": "  "}, "Nhập sự việc"),
        ({"unit": "0"}, "không có trong danh sách"),
    ],
)
def test_bad_input_is_a_sentence_and_nothing_typed_is_lost(cast, signed_in, fields, sentence):
    data = typed(cast.tree.a1) | fields
    answer = signed_in(cast.commune).post(reverse("situation_create"), data)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in page
    assert data["account"] in page
    assert not Situation.objects.exists()


def test_a_cadre_writes_down_where_they_are_assigned_only(cast, signed_in, assignment):
    browser = signed_in(cast.cadre)
    answer = browser.post(reverse("situation_create"), typed(cast.tree.a2))
    assert answer.status_code == 422
    assert "phân công phụ trách" in answer.content.decode()
    assert browser.post(reverse("situation_create"), typed(cast.tree.a1)).status_code == 302
    situation = Situation.objects.get()
    assert post(browser, "situation_handle", situation, **moment("handling", "08:00")).status_code == 403
    assert browser.get(reverse("situation_edit", args=[situation.pk])).status_code == 200


SEES = {
    "cadre": 200, "commune": 200, "commune_leader": 200, "district": 200, "leader": 200, "specialist": 200,
    "head": 200, "province_leader": 200, "other_commune": 404, "other_leader": 404, "outsider": 404,
    "agency": 404, "commune_agency": 404, "village": 404, "admin": 404,
}  # fmt: skip


@pytest.mark.parametrize(("who", "status"), SEES.items())
def test_branch_and_responsible_only(cast, signed_in, late, who, status):
    browser = signed_in(getattr(cast, who))
    assert browser.get(late.get_absolute_url()).status_code == status
    for name in ("situation_list", "situation_review"):
        assert f'data-total="{int(status == 200)}"' in browser.get(reverse(name)).content.decode()
    if status != 200:
        assert post(browser, "situation_explain", late, text="x", version=0).status_code in (403, 404)
        assert TITLE not in browser.get(reverse("situation_spans")).content.decode()


def test_the_archive_of_an_ended_district_is_read_and_not_written(cast, signed_in, late):
    Unit.objects.filter(pk=cast.tree.a.pk).update(valid_to=timezone.localdate())
    browser = signed_in(cast.leader)
    page = browser.get(late.get_absolute_url())
    assert page.status_code == 200
    assert "Việc có thể làm" not in page.content.decode()
    assert "Ghi sự việc" not in browser.get(reverse("situation_list")).content.decode()
    assert post(browser, "situation_handle", late, **moment("handling", "10:00")).status_code == 403


def test_another_cadre_sees_nothing(cast, signed_in, late):
    late.responsible = cast.commune.person
    late.save()
    assert signed_in(cast.cadre).get(late.get_absolute_url()).status_code == 404


def test_who_knew_first_is_a_list_for_review_and_may_be_explained(cast, signed_in, late):
    leader, cadre = signed_in(cast.leader), signed_in(cast.cadre)
    page = leader.get(reverse("situation_review")).content.decode()
    assert "sớm hơn 2 giờ" in page
    assert "Chưa giải trình" in page
    assert Notice.objects.filter(recipient=cast.cadre, text__contains="quyền giải trình").count() == 1
    assert [task["action_label"] for task in tasks_for(cast.cadre, timezone.localdate())] == ["Giải trình"]
    assert post(leader, "situation_explain", late, version=0, text="Tôi viết thay").status_code == 403
    assert post(leader, "situation_judge", late, version=0, review="Rút kinh nghiệm").status_code == 403
    assert post(cadre, "situation_explain", late, version=0, text="").status_code == 422
    assert post(cadre, "situation_explain", late, version=0, text="Tôi đang đi học tập trung.").status_code == 302
    assert post(cadre, "situation_explain", late, version=1, text="Tôi đang đi học, có giấy.").status_code == 302
    stale = post(cadre, "situation_explain", late, version=1, text="Bản viết sau")
    assert stale.status_code == 409
    assert "Bản viết sau" in stale.content.decode()
    assert "có giấy" in stale.content.decode()
    assert "chờ cấp trên cho ý kiến" in str(tasks_for(cast.leader, timezone.localdate()))
    assert post(cadre, "situation_judge", late, version=2, review="Tự xét").status_code == 403
    assert post(signed_in(cast.commune_leader), "situation_judge", late, version=2, review="Xét").status_code == 403
    assert post(leader, "situation_judge", late, version=2, review="Lý do chính đáng.").status_code == 302
    assert post(cadre, "situation_explain", late, version=3, text="Viết lại").status_code == 403
    page = cadre.get(late.get_absolute_url()).content.decode()
    assert "Lý do chính đáng." in page
    assert Notice.objects.filter(recipient=cast.cadre, text__contains="đã cho ý kiến").count() == 1
    assert tasks_for(cast.cadre, timezone.localdate()) == []
    assert "Lý do" not in str(list(Activity.objects.values_list("after", flat=True)))
    for word, number in (("chua", 0), ("cho", 0), ("da-xem", 1)):
        found = leader.get(reverse("situation_review"), {"giai-trinh": word}).content.decode()
        assert f'data-total="{number}"' in found, word


def test_the_commune_leader_reviews_a_cadre_of_the_commune(cast, signed_in):
    make_assignment(cast.commune.person.posts.get(), cast.tree.villages[0])
    data = typed(cast.tree.villages[0], **knew("commune", "07:00"))
    signed_in(cast.leader).post(reverse("situation_create"), data)
    situation = Situation.objects.get()
    officer, leader = signed_in(cast.commune), signed_in(cast.commune_leader)
    assert "Chưa ghi người phụ trách biết" in officer.get(situation.get_absolute_url()).content.decode()
    assert post(officer, "situation_explain", situation, version=0, text="Hôm đó tôi nghỉ phép.").status_code == 302
    assert post(officer, "situation_judge", situation, version=1, review="Tự xét").status_code == 403
    assert post(leader, "situation_judge", situation, version=1, review="Đồng ý.").status_code == 302


def test_who_explained_stays_responsible(cast, signed_in, late):
    make_assignment(make_cadre(cast.tree.a, "Đỗ Văn Khác"), cast.tree.villages[1])
    post(signed_in(cast.cadre), "situation_explain", late, version=0, text="Tôi đi học.")
    leader = signed_in(cast.leader)
    data = typed(cast.tree.a2, version=1, **knew("district", "07:00"))
    answer = leader.post(reverse("situation_edit", args=[late.pk]), data)
    assert answer.status_code == 422


def test_it_is_handled_closed_and_reopened_with_a_reason(cast, signed_in, late):
    browser = signed_in(cast.commune)

    def step(name, status, **fields):
        late.refresh_from_db()
        assert post(browser, name, late, **fields).status_code == status, (name, fields)

    closing = moment("closed", "16:00") | {"outcome": "Hai hộ đã thống nhất ranh giới."}
    step("situation_close", 422, **closing)
    step("situation_handle", 422, **moment("handling", "05:00"))
    step("situation_handle", 302, **moment("handling", "10:00"))
    step("situation_handle", 422, **moment("handling", "10:00"))
    step("situation_reopen", 422, reason="Chưa xong")
    step("situation_close", 422, **moment("closed", "16:00"), outcome="")
    step("situation_close", 422, **(closing | {"closed_clock": "09:00"}))
    step("situation_close", 302, **closing)
    page = browser.get(late.get_absolute_url()).content.decode()
    assert "6 giờ xử lý" in page
    assert "Hai hộ đã thống nhất" in page
    assert browser.get(reverse("situation_edit", args=[late.pk])).status_code == 302
    step("situation_reopen", 422, reason="")
    step("situation_reopen", 302, reason="Một hộ lại dựng rào")
    late.refresh_from_db()
    assert (late.state, late.closed_at) == ("handling", None)
    assert "Một hộ lại dựng rào" in browser.get(late.get_absolute_url()).content.decode()
    verbs = list(Activity.objects.filter(verb__startswith="situation.").order_by("pk").values_list("verb", flat=True))
    assert verbs == ["situation.create", "situation.handling", "situation.closed", "situation.handling"]


def test_a_step_that_came_second_shows_what_was_typed(cast, signed_in, late):
    browser = signed_in(cast.commune)
    post(browser, "situation_handle", late, **moment("handling", "10:00"))
    late.refresh_from_db()
    closing = moment("closed", "16:00")
    assert post(browser, "situation_close", late, **closing, outcome="Bản thứ nhất").status_code == 302
    answer = post(browser, "situation_close", late, **closing, outcome="Bản thứ hai")
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Bản thứ nhất" in page
    assert "Bản thứ hai" in page


def test_the_second_editor_sees_both_texts(cast, signed_in, late):
    browser, url = signed_in(cast.commune), reverse("situation_edit", args=[late.pk])
    form = browser.get(url).content.decode()
    assert 'value="07:00"' in form
    kept = knew("district", "07:00") | knew("responsible", "09:00")
    assert browser.post(url, typed(late.unit, version=1, account="Bản một", **kept)).status_code == 302
    answer = browser.post(url, typed(late.unit, version=1, account="Bản hai", **kept))
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Bản một" in page
    assert "Bản hai" in page
    assert 'name="version" value="2"' in page


def test_an_edit_names_who_changed_a_time(cast, signed_in, late):
    browser, url = signed_in(cast.commune), reverse("situation_edit", args=[late.pk])
    assert browser.post(url, typed(late.unit, version=1, **knew("responsible", "06:45"))).status_code == 302
    names = dict(Knowing.objects.values_list("knower", "noted_by_id"))
    assert names == {"village": cast.leader.pk, "responsible": cast.commune.pk}
    line = Activity.objects.get(verb="situation.edit")
    assert set(line.before["knowings"]) - set(line.after["knowings"]) == {"district"}
    assert 'data-total="0"' in browser.get(reverse("situation_review")).content.decode()


@pytest.mark.parametrize(("level", "knowings", "levels"), WHO_FIRST)
def test_the_rows_say_what_the_rule_says(cast, level, knowings, levels):
    unit = {"province": cast.tree.province, "district": cast.tree.a, "commune": cast.tree.a1}.get(level)
    cadre = make_cadre(unit) if unit else None
    situation = make_situation(cast.tree.a1, cadre)
    for knower, known_at in knowings.items():
        Knowing.objects.create(situation=situation, knower=knower, known_at=known_at, from_whom="dân")
    assert list(Situation.objects.known_above_first()) == ([situation] if levels else [])


def make_situation(commune, cadre=None, **fields):
    return Situation.objects.create(
        unit=commune, level="commune", commune=commune, district_id=commune.versions.get().parent_id,
        province_id=commune.versions.get().parent.versions.get().parent_id, title=TITLE, account="Diễn biến",
        responsible=cadre and cadre.person, responsible_post=cadre, **({"happened_at": at("06:00")} | fields),
    )  # fmt: skip


def test_lists_take_the_same_queries_for_one_and_three(cast, signed_in, django_assert_max_num_queries):
    browser, cadre = signed_in(cast.leader), make_cadre(cast.tree.a)
    counts = {}
    for number in (1, 2):
        for _ in range(number):
            situation = make_situation(cast.tree.a1, cadre)
            Knowing.objects.create(situation=situation, knower="district", known_at=at("07:00"), from_whom="dân")
        for name in ("situation_list", "situation_review", "situation_spans"):
            browser.get(reverse(name))
            with django_assert_max_num_queries(15) as seen:
                answer = browser.get(reverse(name))
            assert answer.status_code == 200
            counts.setdefault(name, set()).add(len(seen.captured_queries))
    assert {name: len(found) for name, found in counts.items()} == dict.fromkeys(counts, 1)
    assert Situation.objects.count() == 3


def test_spans_say_when_there_are_too_few(cast, signed_in):
    for number in range(5):
        situation = make_situation(cast.tree.a1, reported_at=at("08:00"), reported_to="Bí thư")
        Knowing.objects.create(situation=situation, knower="village", known_at=at(f"0{number + 3}:00"), from_whom="dân")
    make_situation(cast.tree.a2)
    page = signed_in(cast.leader).get(reverse("situation_spans")).content.decode()
    assert "3 giờ" in page
    assert "chưa đủ 5 việc" in page
    assert 'data-total="2"' in page
    other = signed_in(cast.other_leader).get(reverse("situation_spans")).content.decode()
    assert "3 giờ" not in other


def test_the_list_filters_and_pages(cast, signed_in):
    for number in range(53):
        make_situation(cast.tree.a1, happened_at=at("06:00", days=number // 2))
    make_situation(cast.tree.a2, search_text="ngap ung", state="closed", happened_at=at("06:00", days=400))
    browser, url, seen, query = signed_in(cast.leader), reverse("situation_list"), [], ""
    while query is not None:
        answer = browser.get(url + query)
        seen += [row["pk"] for row in answer.context["rows"]]
        query = answer.context["next_url"] or None
    assert len(seen) == len(set(seen)) == 54
    for query, number in (
        ({"q": "Ngập úng"}, 1), ({"don-vi": cast.tree.a2.key}, 1), ({"trang-thai": "closed"}, 1),
        ({"ky": f"{day_ago(400):%Y-%m}"}, 1), ({"trang-thai": "handling"}, 0),
    ):  # fmt: skip
        assert f'data-total="{number}"' in browser.get(url, query).content.decode(), query
    assert browser.get(url, {"ky": "x"}).status_code == 422
