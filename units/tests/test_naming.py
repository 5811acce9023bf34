"""Units and bodies where several places are read side by side, and what they were called on a day."""

from datetime import date

import pytest

from conftest import make_body, make_unit
from units.loading import rebuild_tree
from units.models import BodyName
from units.naming import placed_bodies, placed_names

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
