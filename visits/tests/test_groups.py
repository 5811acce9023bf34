"""Groups of villages from outside: founded, corrected, ended; named by visits and assignments; gaps seen."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from core.models import Activity
from units.reads import places_on
from visits.models import Assignment, LocalGroup, Visit
from visits.tests.builders import make_assignment, make_visit

LONG_AGO = timedelta(days=400)


def make_group(unit, kind="cell", name="Chi bộ Thôn 1", valid_from=None, **fields):
    valid_from = valid_from or timezone.localdate() - LONG_AGO
    return LocalGroup.objects.create(
        unit=unit, level=unit.level, kind=kind, name=name, valid_from=valid_from,
        **places_on([unit.pk], valid_from)[unit.pk].columns, **fields,
    )  # fmt: skip


def dated(day):
    return f"{day:%d/%m/%Y}"


def typed_group(unit, **fields):
    return {
        "unit": unit.pk, "kind": "women", "name": "Chi hội phụ nữ Thôn 1", "member_count": "40",
        "valid_from": dated(timezone.localdate() - LONG_AGO), "request_id": uuid4(),
    } | fields  # fmt: skip


def typed_visit(unit, person_id, **fields):
    return {
        "unit": unit.pk, "group": "cell", "visited_on": dated(timezone.localdate()), "content": "Dự họp chi bộ.",
        "person": person_id, "request_id": uuid4(),
    } | fields  # fmt: skip


@pytest.fixture
def post(cast):
    return cast.cadre.person.posts.get()


def test_a_group_is_added_once_and_logged(cast, signed_in):
    browser, url, data = signed_in(cast.commune), reverse("local_group_create"), typed_group(cast.tree.villages[0])
    for _ in range(2):
        assert browser.post(url, data).status_code == 302
    group = LocalGroup.objects.get()
    assert (group.commune, group.level, group.member_count) == (cast.tree.a1, "village", 40)
    assert Activity.objects.filter(verb="local_group.create", target_id=group.pk).count() == 1
    page = browser.get(reverse("local_group_list")).content.decode()
    assert 'data-total="1"' in page
    assert "Chi hội phụ nữ Thôn 1" in page
    twin = browser.post(url, data | {"request_id": uuid4(), "name": "CHI HỘI phụ nữ thôn 1"})
    assert twin.status_code == 422
    assert "cùng loại, cùng tên" in twin.content.decode()


def test_the_usual_groups_of_many_villages_leave_what_is_there(cast, signed_in):
    villages = cast.tree.villages[:2]
    make_group(villages[0])
    browser, url = signed_in(cast.commune_leader), reverse("local_group_create_many")
    assert "3 thôn, khu chưa ghi đủ" in browser.get(reverse("local_group_list")).content.decode()
    data = {
        "units": [village.pk for village in villages], "kinds": ["cell", "women"], "request_id": uuid4(),
        "valid_from": dated(timezone.localdate()),
    }  # fmt: skip
    for _ in range(2):
        assert browser.post(url, data).status_code == 302
    assert sorted(LocalGroup.objects.values_list("name", flat=True)) == [
        "Chi bộ Thôn 1", "Chi bộ Thôn 2", "Chi hội phụ nữ Thôn 1", "Chi hội phụ nữ Thôn 2",
    ]  # fmt: skip
    again = browser.post(url, data | {"request_id": uuid4()})
    assert "đều có đủ" in again.content.decode()
    beyond = browser.post(url, data | {"units": [2**63]})
    assert (beyond.status_code, "Thôn, khu vừa chọn không có trong danh sách" in beyond.content.decode()) == (422, True)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"name": " "}, "Nhập tên tổ chức"),
        ({"kind": "army"}, "Loại tổ chức vừa chọn không có"),
        ({"valid_from": "01/01/2090"}, "ở tương lai"),
        ({"valid_from": "01/01/2001"}, "không hoạt động ngày"),
        ({"member_count": "-1"}, "nhỏ quá"),
    ],
)
def test_bad_groups_are_refused_with_a_sentence(cast, signed_in, fields, sentence):
    data = typed_group(cast.tree.villages[0]) | fields
    answer = signed_in(cast.commune).post(reverse("local_group_create"), data)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not LocalGroup.objects.exists()


def test_only_the_branch_keeps_groups(cast, signed_in):
    group = make_group(cast.tree.villages[0])
    address, ending = group.get_absolute_url(), reverse("local_group_end", args=[group.pk])
    data = {"version": 1, "last_on": dated(timezone.localdate()), "reason": "Sáp nhập"}
    for who, status in (("other_commune", 404), ("other_leader", 404), ("cadre", 403), ("village", 403)):
        browser = signed_in(getattr(cast, who))
        assert (browser.get(address).status_code, browser.post(ending, data).status_code) == (status, status), who
    foreign = {"don-vi": cast.tree.b1.key}
    assert signed_in(cast.commune).get(reverse("local_group_list"), foreign).status_code == 404
    assert signed_in(cast.commune).post(
        reverse("local_group_create"), typed_group(cast.tree.b1)
    ).status_code == 422  # fmt: skip
    assert signed_in(cast.leader).post(ending, data).status_code == 302


def test_a_new_name_corrects_and_two_editors_are_told(cast, signed_in):
    group = make_group(cast.tree.villages[0])
    browser, url = signed_in(cast.commune), reverse("local_group_correct", args=[group.pk])
    data = {"name": "Chi bộ Thôn Một", "member_count": "21", "version": 1}
    assert browser.post(url, data).status_code == 302
    stale = browser.post(url, data | {"name": "Chi bộ Một"})
    page = stale.content.decode()
    assert (stale.status_code, stale.context["bound"]["version"].value()) == (409, "2")
    assert ("Chi bộ Thôn Một" in page, 'value="Chi bộ Một"' in page, "chưa ghi đè" in page) == (True, True, True)
    assert browser.post(url, data | {"version": 2, "name": ""}).status_code == 422
    group.refresh_from_db()
    assert (group.name, group.member_count, group.version) == ("Chi bộ Thôn Một", 21, 2)


def test_a_group_ends_after_its_last_visit_and_assignment(cast, signed_in, post):
    village, today = cast.tree.villages[0], timezone.localdate()
    group = make_group(village)
    visit = make_visit(post, village, today, local_group=group)
    assignment = make_assignment(post, village, group="cell", local_group=group)
    browser, url = signed_in(cast.commune), reverse("local_group_end", args=[group.pk])
    data = {"version": 1, "last_on": dated(today - timedelta(days=1)), "reason": "Sáp nhập hai thôn"}
    assert "Đã có lượt đi dự với Chi bộ Thôn 1" in browser.post(url, data).content.decode()
    Visit.objects.filter(pk=visit.pk).delete()
    page = browser.post(url, data).content.decode()
    assert "còn được phân công phụ trách Chi bộ Thôn 1" in page
    assert "Sáp nhập hai thôn" in page
    Assignment.objects.filter(pk=assignment.pk).update(valid_to=today)
    assert "Nhập lý do kết thúc" in browser.post(url, data | {"reason": " "}).content.decode()
    assert "Ngày cuối ở quá xa" in browser.post(url, data | {"last_on": "31/12/2099"}).content.decode()
    assert browser.post(url, data).status_code == 302
    group.refresh_from_db()
    assert (group.valid_to, group.end_reason) == (today, "Sáp nhập hai thôn")
    stale = browser.post(url, data | {"reason": "Lý do thứ hai"})
    page = stale.content.decode()
    assert (stale.status_code, "Lý do thứ hai" in page, "Sáp nhập hai thôn" in page) == (409, True, True)
    assert browser.post(url, data | {"version": 2}).status_code == 422
    assert 'data-total="0"' in browser.get(reverse("local_group_list")).content.decode()
    everything = {"don-vi": cast.tree.a1.key, "tat-ca": "1"}
    assert 'data-total="1"' in browser.get(reverse("local_group_list"), everything).content.decode()


def test_a_visit_names_a_group_of_its_place_kind_and_day(cast, signed_in, post):
    village, today = cast.tree.villages[0], timezone.localdate()
    group = make_group(village)
    make_assignment(post, cast.tree.a1)
    browser, url = signed_in(cast.cadre), reverse("visit_create")
    data = typed_visit(village, post.person_id)
    asked = browser.post(url, data | {"xem-to-chuc": "1"})
    assert asked.status_code == 200
    assert "Chi bộ Thôn 1" in asked.content.decode()
    assert "Dự họp chi bộ." in asked.content.decode()
    assert 'role="alert"' not in asked.content.decode()
    assert not Visit.objects.exists()
    choice = {"unit": village.pk, "group": "cell", "visited_on": dated(today)}
    assert "Chi bộ Thôn 1" in browser.get(reverse("visit_group_choices"), choice).content.decode()
    for other in ({"group": "women"}, {"unit": cast.tree.a2.pk}, {"visited_on": "01/01/2015"}, {"unit": "x"}):
        page = browser.get(reverse("visit_group_choices"), choice | other).content.decode()
        assert "Chi bộ Thôn 1" not in page, other
    stranger = signed_in(cast.other_leader).get(reverse("visit_group_choices"), choice).content.decode()
    assert "Chi bộ Thôn 1" not in stranger
    answer = browser.post(url, data | {"local_group": group.pk})
    assert answer.status_code == 302
    visit = Visit.objects.get()
    assert visit.local_group == group
    assert "Chi bộ Thôn 1" in browser.get(answer.url).content.decode()
    assert "Chi bộ Thôn 1" in browser.get(reverse("visit_edit", args=[visit.pk])).content.decode()
    assert 'data-total="1"' in browser.get(reverse("visit_list"), {"nhom": group.pk}).content.decode()


def test_a_group_of_another_time_kind_or_place_is_refused_and_nothing_is_lost(cast, signed_in, post):
    village, today = cast.tree.villages[0], timezone.localdate()
    make_assignment(post, cast.tree.a1)
    ended = make_group(village, valid_to=today - timedelta(days=1))
    young = make_group(village, name="Chi bộ mới", valid_from=today)
    women = make_group(village, kind="women", name="Chi hội phụ nữ Thôn 1")
    elsewhere = make_group(cast.tree.b1, name="Chi bộ Kín Đáo")
    browser, url = signed_in(cast.cadre), reverse("visit_create")
    day_before = {"visited_on": dated(today - timedelta(days=1))}
    for group, fields, sentence in (
        (ended, {}, "đã kết thúc hoạt động"),
        (young, day_before, "thành lập ngày"),
        (women, {}, "không thuộc loại tổ chức đã chọn"),
        (elsewhere, {}, "không thuộc nơi đến"),
    ):
        data = typed_visit(village, post.person_id, local_group=group.pk, findings="Đường ngập sau mưa") | fields
        answer = browser.post(url, data)
        page = answer.content.decode()
        assert answer.status_code == 422, sentence
        assert sentence in page
        assert "Đường ngập sau mưa" in page
        assert "Kín Đáo" not in page
    assert not Visit.objects.exists()


def test_an_assignment_names_groups_and_the_gaps_are_counted(cast, signed_in, post):
    village, today = cast.tree.villages[0], timezone.localdate()
    cell, women = make_group(village), make_group(village, kind="women", name="Chi hội phụ nữ Thôn 1")
    browser, url = signed_in(cast.leader), reverse("assignment_create")
    order = {
        "post": post.pk, "local_groups": [cell.pk], "decision_number": "12-QĐ/HU", "decided_on": dated(today),
        "issuer": "Ban Thường vụ Huyện ủy", "valid_from": dated(today), "request_id": uuid4(),
    }  # fmt: skip
    here = f"{url}?don-vi={cast.tree.a1.key}"
    assert "Chi bộ Thôn 1" in browser.get(here).content.decode()
    for _ in range(2):
        assert browser.post(here, order).status_code == 302
    assignment = Assignment.objects.get()
    assert (assignment.unit, assignment.group, assignment.local_group) == (village, "cell", cell)
    assert "trùng thời gian" in browser.post(here, order | {"request_id": uuid4()}).content.decode()
    assert browser.post(here, order | {"request_id": uuid4(), "local_groups": [women.pk]}).status_code == 302
    rows = browser.get(reverse("visit_coverage"), {"don-vi": cast.tree.a1.key}).context["rows"]
    assert [(row.groups, row.groups_covered) for row in rows] == [(2, 2), (0, 0), (0, 0)]
    LocalGroup.objects.filter(pk=women.pk).update(valid_to=today + timedelta(days=9))
    Assignment.objects.filter(local_group=women).delete()
    short = browser.post(here, order | {"request_id": uuid4(), "local_groups": [women.pk]})
    assert "hoạt động đến hết" in short.content.decode()
    nothing = {name: value for name, value in order.items() if name != "local_groups"} | {"request_id": uuid4()}
    assert "ít nhất một địa bàn hoặc một tổ chức" in browser.post(here, nothing).content.decode()


def test_an_assignment_to_a_group_covers_visits_to_that_group(cast, signed_in, post):
    village = cast.tree.villages[0]
    first, second = (make_group(village, kind="team", name=f"Tổ tự quản {n}") for n in (1, 2))
    assignment = make_assignment(post, village, group="team", local_group=first)
    browser = signed_in(cast.cadre)
    for group, covered in ((first, assignment), (second, None), (None, assignment)):
        chosen = {"local_group": group.pk} if group else {}
        answer = browser.post(
            reverse("visit_create"), typed_visit(village, post.person_id, group="team", **chosen), follow=True
        )
        assert Visit.objects.latest("pk").assignment == covered
        assert ("đánh dấu “ngoài phân công”" in answer.content.decode()) is (covered is None)


def test_the_register_takes_the_same_queries_for_one_and_three(
    cast, signed_in, post, django_assert_max_num_queries, django_assert_num_queries
):
    browser, url = signed_in(cast.commune), reverse("local_group_list")
    make_assignment(post, cast.tree.villages[0], group="cell", local_group=make_group(cast.tree.villages[0]))
    browser.get(url)
    with django_assert_max_num_queries(15) as seen:
        browser.get(url)
    for number in (1, 2):
        group = make_group(cast.tree.villages[number], name=f"Chi bộ {number}")
        make_assignment(post, cast.tree.villages[number], group="cell", local_group=group)
    with django_assert_num_queries(len(seen.captured_queries)):
        assert 'data-total="3"' in browser.get(url).content.decode()
    wide = signed_in(cast.leader).get(url).content.decode()
    assert "Xã Đồng Tâm" in wide
    assert "Thôn Khe" not in wide
