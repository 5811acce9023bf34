"""The pages of units as each role sees them: public tree, private villages, changes by their keepers."""

from datetime import date

import pytest
from django.urls import reverse

from conftest import make_unit
from core.models import Activity
from units.loading import rebuild_tree
from units.models import Body, Unit

LIST = "/don-vi/"


def url(unit, verb=""):
    return f"/don-vi/{unit.key}/{verb}"


def test_the_tree_begins_with_ones_own_branch(cast, signed_in):
    page = signed_in(cast.commune).get(LIST)
    text = page.content.decode()
    assert page.status_code == 200
    assert 'data-total="2"' in text
    assert text.index("Xã Đồng Tâm") < text.index("Tỉnh Tây Hồ")


def test_counts_by_level_are_those_of_the_day(cast, signed_in):
    browser = signed_in(cast.head)
    rows = {row["name"]: row for row in browser.get(LIST).context["found"]["rows"]}
    row = rows["Tỉnh Đông Hải"]
    assert (row["districts"], row["communes"], row["villages"]) == (2, 3, 5)
    assert rows["Tỉnh Tây Hồ"]["villages"] is None
    assert browser.get(LIST, {"ngay": "31/12/2013"}).context["found"]["rows"] == []


@pytest.mark.parametrize(
    ("asked", "expected"),
    [("dong tam", ["Xã Đồng Tâm"]), ("ĐỒNG TÂM", ["Xã Đồng Tâm"]), ("thon khe", []), ("zzz", [])],
)
def test_search_without_diacritics_keeps_foreign_villages_out(cast, signed_in, asked, expected):
    page = signed_in(cast.commune).get(LIST, {"q": asked})
    assert [row["name"] for row in page.context["found"]["rows"]] == expected
    assert page.context["total"] == len(expected)


def test_a_unit_page_tells_name_children_and_history(cast, signed_in):
    page = signed_in(cast.commune).get(url(cast.tree.a1)).content.decode()
    for words in ("Xã Đồng Tâm", "Thôn 1", "Thôn 3", "Công chức Địa chính", "01/01/2014", "Thêm thôn, khu"):
        assert words in page
    assert 'data-total="3"' in page


def test_a_foreign_commune_shows_neither_villages_nor_bodies(cast, signed_in):
    browser = signed_in(cast.outsider)
    page = browser.get(url(cast.tree.a1)).content.decode()
    assert "chỉ hiển thị với người phụ trách địa bàn" in page
    for words in ("Thôn 1", "Công chức Địa chính", "Thêm thôn"):
        assert words not in page
    assert browser.get(url(cast.tree.villages[0])).status_code == 404
    assert browser.get(reverse("body_detail", args=[cast.bodies.commune.pk])).status_code == 404


def test_a_day_outside_the_life_of_a_unit_is_told(cast, signed_in):
    gone = make_unit("commune", "90105", "Xã Đã Hết", cast.tree.a, valid_to=date(2020, 1, 1))
    rebuild_tree()
    page = signed_in(cast.commune).get(url(gone)).content.decode()
    assert "đã kết thúc hoạt động" in page
    assert "31/12/2019" in page


def test_the_picker_answers_within_the_scope(cast, signed_in):
    answers = signed_in(cast.leader).get("/don-vi/tim/", {"q": "thon", "cap": "village"}).json()
    assert {answer["label"] for answer in answers} == {"Thôn 1", "Thôn 2", "Thôn 3", "Thôn Đầu"}
    assert {answer["hint"] for answer in answers} == {"Xã Đồng Tâm", "Xã Hải Lạng"}
    by_key = signed_in(cast.commune).get("/don-vi/tim/", {"q": "dong tam", "gia-tri": "key"}).json()
    assert by_key[0]["value"] == cast.tree.a1.key
    assert signed_in(cast.outsider).get("/don-vi/tim/", {"q": "thon"}).json() == []


def test_a_village_is_made_by_its_form_once(cast, signed_in):
    browser = signed_in(cast.commune)
    form = browser.get(url(cast.tree.a1, "them-thon/")).context["form"]
    data = {
        "request_id": str(form["request_id"].value()),
        "kind": "thon",
        "name": "Đông Tiến",
        "valid_from": "01/06/2026",
        "legal_basis": "NQ 12",
    }
    for _ in range(2):
        answer = browser.post(url(cast.tree.a1, "them-thon/"), data)
        assert answer.status_code == 302
        assert "Thôn Đông Tiến" in browser.get(answer.url).content.decode()
    assert Unit.objects.filter(name="Thôn Đông Tiến").count() == 1


def test_a_refused_village_keeps_what_was_typed(cast, signed_in):
    data = {"request_id": "x", "kind": "thon", "name": "Thôn 2", "valid_from": "31/02/2026", "legal_basis": "NQ 12"}
    answer = signed_in(cast.commune).post(url(cast.tree.a1, "them-thon/"), data)
    assert answer.status_code == 422
    assert "dạng ngày/tháng/năm" in answer.content.decode()
    answer = signed_in(cast.commune).post(url(cast.tree.a1, "them-thon/"), data | {"valid_from": "28/02/2026"})
    assert "đã có Thôn 2" in answer.content.decode()
    assert 'value="Thôn 2"' in answer.content.decode()


def test_rename_and_end_by_their_forms(cast, signed_in):
    browser, village = signed_in(cast.commune), cast.tree.villages[2]
    version = browser.get(url(village, "doi-ten/")).context["form"]["version"].value()
    rename = {"version": version, "kind": "thon", "name": "Thôn Ba", "on": "01/06/2026", "legal_basis": "NQ 1"}
    assert browser.post(url(village, "doi-ten/"), rename).status_code == 302
    assert browser.post(url(village, "doi-ten/"), rename).status_code == 409
    version = browser.get(url(village, "ket-thuc/")).context["form"]["version"].value()
    heir = cast.tree.villages[1]
    end = {"version": version, "on": "02/06/2026", "successor": heir.pk, "legal_basis": "NQ 2"}
    assert browser.post(url(village, "ket-thuc/"), end).status_code == 302
    page = browser.get(url(village)).content.decode()
    assert "Thôn Ba" in page
    assert f'toàn bộ nhập vào <a href="{url(heir)}">Thôn 2</a>' in page


def test_a_body_by_its_forms(cast, signed_in):
    browser = signed_in(cast.commune_leader)
    data = {"request_id": "b", "kind": "dept", "name": "Phòng Kinh tế", "valid_from": "01/06/2026"}
    data["legal_basis"] = "QĐ 5"
    body_url, again = (browser.post(url(cast.tree.a1, "them-co-quan/"), data).url for _ in range(2))
    assert again == body_url
    body = Body.objects.get(name="Phòng Kinh tế")
    assert "QĐ 5" in browser.get(body_url).content.decode()
    rename = {"version": body.names.get().pk, "name": "Phòng Kinh tế – Hạ tầng", "on": "01/07/2026"}
    assert browser.post(f"{body_url}doi-ten/", rename).status_code == 302
    page = browser.get(body_url).content.decode()
    assert "Phòng Kinh tế – Hạ tầng" in page
    assert "đến hết ngày trước 01/07/2026" in page
    end = {"version": body.names.latest("valid_from").pk, "on": "02/07/2026"}
    assert browser.post(f"{body_url}ket-thuc/", end).status_code == 302
    told = Activity.objects.filter(verb__in=("body.rename", "body.end")).order_by("pk").values_list("before", "after")
    assert list(told) == [
        ({"name": "Phòng Kinh tế"}, {"name": "Phòng Kinh tế – Hạ tầng", "on": "2026-07-01"}),
        ({}, {"on": "2026-07-02"}),
    ]


@pytest.mark.parametrize(
    ("of_a_body", "act", "on", "told"),
    [
        (False, "doi-ten", "01/01/2014", "phải sau ngày 01/01/2014"),
        (False, "doi-ten", "02/01/2014", ""),
        (False, "ket-thuc", "01/01/2014", "phải sau ngày 01/01/2014"),
        (False, "ket-thuc", "02/01/2014", ""),
        (True, "doi-ten", "01/01/2014", "phải sau ngày 01/01/2014"),
        (True, "doi-ten", "02/01/2014", ""),
        (True, "ket-thuc", "01/01/2014", "phải sau ngày 01/01/2014"),
        (True, "ket-thuc", "02/01/2014", ""),
    ],
)
def test_a_name_is_borne_one_day_at_least(cast, signed_in, of_a_body, act, on, told):
    browser = signed_in(cast.admin)
    address = cast.bodies.commune.get_absolute_url() if of_a_body else url(cast.tree.villages[0])
    version = browser.get(f"{address}{act}/").context["form"]["version"].value()
    data = {"version": version, "kind": "thon", "name": "Tên Mới", "on": on, "legal_basis": "NQ 1"}
    answer = browser.post(f"{address}{act}/", data)
    assert answer.status_code == (422 if told else 302)
    assert told in answer.content.decode()


def test_a_village_begins_no_earlier_than_its_commune(cast, signed_in):
    data = {"request_id": "y", "kind": "thon", "name": "Sớm", "legal_basis": "NQ 12"}
    address, browser = url(cast.tree.a1, "them-thon/"), signed_in(cast.commune)
    early = browser.post(address, data | {"valid_from": "31/12/2013"})
    assert "không được trước ngày 01/01/2014" in early.content.decode()
    assert browser.post(address, data | {"valid_from": "01/01/2014"}).status_code == 302


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("commune", 200),
        ("commune_leader", 200),
        ("admin", 200),
        ("other_commune", 404),
        ("outsider", 404),
        ("leader", 403),
        ("agency", 403),
        ("head", 403),
    ],
)
def test_who_may_open_the_village_form(cast, signed_in, who, status):
    assert signed_in(getattr(cast, who)).get(url(cast.tree.a1, "them-thon/")).status_code == status


@pytest.mark.parametrize("wanted", [LIST, "a1"])
def test_query_counts_do_not_grow(cast, signed_in, wanted, django_assert_max_num_queries):
    address = wanted if wanted == LIST else url(getattr(cast.tree, wanted))
    browser = signed_in(cast.commune)
    browser.get(address)
    with django_assert_max_num_queries(15) as few:
        browser.get(address)
    for number in range(3):
        make_unit("village", f"90101-1{number}", f"Thôn Mới {number}", cast.tree.a1)
        make_unit("province", f"9{number + 5}", f"Tỉnh {number}")
    rebuild_tree()
    with django_assert_max_num_queries(len(few)) as many:
        browser.get(address)
    assert len(many) == len(few)
