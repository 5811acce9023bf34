"""Units and bodies where several places are read side by side, and what they were called on a day."""

from datetime import date

import pytest

from conftest import make_body, make_unit
from core.errors import DomainError
from units.loading import rebuild_tree
from units.models import BodyName
from units.naming import PlaceBook, named_places, place_book, placed_bodies, placed_names

DAY = date(2026, 11, 25)


@pytest.fixture
def twins(tree):
    """A second "Xã Đồng Tâm", in the other district, with a village of the same name."""
    commune = make_unit("commune", "90202", "Xã Đồng Tâm", tree.b)
    village = make_unit("village", "90202-01", tree.villages[0].name, commune)
    rebuild_tree()
    return commune, village


def test_a_village_is_named_with_its_commune_and_a_commune_by_itself(tree):
    village = tree.villages[0]
    names = placed_names([village.pk, tree.a1.pk, tree.a.pk, tree.province.pk], DAY)
    assert names == {
        village.pk: f"{village.name}, Xã Đồng Tâm",
        tree.a1.pk: "Xã Đồng Tâm",
        tree.a.pk: "Huyện Yên Sơn",
        tree.province.pk: "Tỉnh Đông Hải",
    }


def test_two_communes_of_one_name_are_told_apart_by_their_districts(tree, twins):
    names = placed_names([tree.villages[0].pk, tree.a1.pk, *(unit.pk for unit in twins)], DAY)
    assert names[tree.a1.pk] == "Xã Đồng Tâm, Huyện Yên Sơn"
    assert names[twins[0].pk] == "Xã Đồng Tâm, Huyện Bình Khê"
    assert names[twins[1].pk] == f"{tree.villages[0].name}, Xã Đồng Tâm, Huyện Bình Khê"
    assert len(set(names.values())) == 4


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Công an xã", "Công an xã – Xã Đồng Tâm, Huyện Yên Sơn"),
        ("Ủy ban nhân dân xã Đồng Tâm", "Ủy ban nhân dân xã Đồng Tâm – Huyện Yên Sơn"),
    ],
)
def test_a_body_says_where_it_is_unless_its_name_does(tree, twins, name, expected):
    body = make_body(tree.a1, name)
    assert placed_bodies([body], DAY) == {body.pk: expected}


@pytest.mark.parametrize(
    ("day", "expected"),
    [(date(2025, 2, 28), "Ban Dân vận"), (date(2025, 3, 1), "Ban Tuyên giáo và Dân vận")],
)
def test_the_page_of_a_unit_names_its_bodies_as_of_the_day(cast, signed_in, day, expected):
    body = make_body(cast.tree.a, "Ban Tuyên giáo và Dân vận")
    body.names.update(name="Ban Dân vận", valid_to=date(2025, 3, 1))
    BodyName.objects.create(body=body, name=body.name, valid_from=date(2025, 3, 1))
    page = signed_in(cast.leader).get(f"/don-vi/{cast.tree.a.key}/", {"ngay": day.isoformat()})
    assert expected in [each.name_then for each in page.context["bodies"]]
    assert f">{expected}</a>" in page.text


@pytest.mark.parametrize("count", [1, 3])
def test_the_number_of_statements_does_not_grow(tree, django_assert_num_queries, count):
    with django_assert_num_queries(4):
        assert len(placed_names([village.pk for village in tree.villages[:count]], DAY)) == count


PLACES = [
    (1, "commune", "06652", "Phường Hà Khánh", 0),
    (2, "commune", "06655", "Phường Hà Khẩu", 0),
    (3, "commune", "06658", "Xã Khe", 0),
    (10, "village", "06652-01", "Khu 1", 1),
    (11, "village", "06652-10", "Khu 10", 1),
    (12, "village", "06655-01", "Khu 1", 2),
    (13, "village", "06658-01", "Thôn Khe", 3),
    (14, "village", "06655-02", "Khu 2", 2),
    (15, "village", "06655-03", "Khu 2", 2),
]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("khu 1 ha khanh", 10),
        ("KHU 1 – P. Hà Khánh", 10),
        ("Khu 1, Phường Hà Khánh", 10),
        ("ha khanh khu 10", 11),
        ("06655-01", 12),
        ("ha khanh", 1),
        ("phường Hà Khánh", 1),
        ("khu 10", 11),
        ("xã khe", 3),
        ("thôn khe", 13),
    ],
)
def test_a_place_is_found_by_what_is_typed(typed, expected):
    assert PlaceBook(named_places(PLACES), "Thành phố Hạ Long").find(typed).pk == expected


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("khu 1", ("Có 2 nơi", "Khu 1, Phường Hà Khánh; Khu 1, Phường Hà Khẩu")),
        ("khe", ("Có 2 nơi", "Xã Khe; Thôn Khe, Xã Khe")),
        ("khu 3 ha khanh", ("Thành phố Hạ Long không có “khu 3 ha khanh”", "ví dụ: ")),
        ("khu 2 ha khau", ("Có 2 nơi", "Khu 2 (06655-02), Phường Hà Khẩu; Khu 2 (06655-03), Phường Hà Khẩu")),
        ("khu", ("Có 5 nơi", "Khu 2 (06655-03), Phường Hà Khẩu. Ghi")),
        ("...", ("không có",)),
    ],
)
def test_what_may_mean_several_places_or_none_is_asked_back(typed, words):
    with pytest.raises(DomainError) as refusal:
        PlaceBook(named_places(PLACES), "Thành phố Hạ Long").find(typed)
    assert refusal.value.field == "village"
    for each in words:
        assert each in refusal.value.message


def test_places_stand_in_the_order_of_the_alphabet_with_numbers_as_numbers():
    labels = [place.label for place in PlaceBook(named_places(PLACES[:6]), "").places]
    assert labels[:3] == ["Phường Hà Khánh", "Khu 1, Phường Hà Khánh", "Khu 10, Phường Hà Khánh"]
    assert labels[3:] == ["Phường Hà Khẩu", "Khu 1, Phường Hà Khẩu", "Xã Khe"]


def test_a_book_of_a_district_is_one_query_and_of_a_province_names_the_districts_of_twins(
    tree, twins, django_assert_num_queries
):
    with django_assert_num_queries(1):
        book = place_book(tree.a, DAY)
    assert [place.label for place in book.places][:2] == ["Xã Đồng Tâm", "Thôn 1, Xã Đồng Tâm"]
    labels = set(place_book(tree.province, DAY).labels.values())
    assert {"Huyện Yên Sơn", "Xã Đồng Tâm, Huyện Bình Khê", "Thôn 1, Xã Đồng Tâm, Huyện Yên Sơn"} <= labels
    assert len(labels) == len(place_book(tree.province, DAY).places)
