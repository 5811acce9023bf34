"""What two places share in a name is told apart wherever a reader meets it; and names stand by the alphabet."""

from datetime import timedelta

import pytest
from django.utils import timezone

from conftest import make_body, make_person, make_post, make_unit
from core.text import place_sort_key
from feedback.models import Topic
from feedback.thread.recording import OpinionDraft, record_opinions
from giaoban.management.commands.walk_names import Names, walk
from meetings.tests.builders import make_meeting
from people.models import Post
from people.reads import told_apart
from units.loading import rebuild_tree
from units.models import Unit
from units.naming import names_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def twins(cast):
    """In each commune of the first district a "Khu Đông" with a secretary of one name, and a "Phòng Nội vụ"."""
    tree, today = cast.tree, timezone.localdate()
    topic = Topic.objects.get(code="LAND")
    for number, commune in enumerate((tree.a1, tree.a2)):
        khu = make_unit("village", f"{commune.code}-77", "Khu Đông", commune, kind="khu")
        rebuild_tree()
        make_post(make_person("Nguyễn Văn Trùng"), khu, "cell_secretary")
        body = make_body(commune, "Phòng Nội vụ")
        meeting = make_meeting(commune, today - timedelta(days=number + 1))
        drafts = [OpinionDraft(f"Đề nghị sửa đường {number}", topic.pk, village_id=khu.pk, number=1)]
        actor = cast.commune if commune == tree.a1 else cast.other_commune
        opinion = record_opinions(meeting=meeting, drafts=drafts, actor=actor, today=today)[0]
        type(opinion).objects.filter(pk=opinion.pk).update(body=body, status="assigned")
    return cast


@pytest.mark.parametrize("who", ["leader", "specialist", "admin", "commune"])
def test_no_name_that_two_places_share_stands_without_its_place(twins, who, record_property):
    user, today = getattr(twins, who), timezone.localdate()
    opened, compared, clashes = walk(user, today, each=1)
    record_property("measured", f"{who}: {opened} addresses, {compared} names compared, {len(clashes)} clashes")
    assert clashes == {}
    assert opened > 20
    assert who == "admin" or compared > 20


def test_the_walk_sees_a_name_without_its_place(twins):
    names = Names(twins.leader, timezone.localdate())
    assert set(names.parents) == {"Khu Đông", "Phòng Nội vụ"}
    assert names.of("Bí thư chi bộ Khu Đông", "")[1] == ["Khu Đông"]
    assert names.of("Bí thư chi bộ Khu Đôngs", "") == ([], [])
    assert names.of("Bí thư chi bộ Khu Đông, Xã Đồng Tâm", "")[1] == []
    assert names.of("Khu Đông", "Hội nghị Xã Hải Lạng")[1] == []
    assert names.of("Khu Đông", "Xã Đồng Tâm và Xã Hải Lạng")[1] == ["Khu Đông"]


def test_who_sees_one_commune_reads_no_parents(twins):
    today = timezone.localdate()
    khu = Unit.objects.get(key__startswith="village-90101-77")
    assert names_for(twins.commune, [khu.pk], today) == {khu.pk: "Khu Đông"}
    assert names_for(twins.village, [khu.pk], today) == {khu.pk: "Khu Đông, Xã Đồng Tâm"}
    assert names_for(twins.leader, [khu.pk], today) == {khu.pk: "Khu Đông, Xã Đồng Tâm"}


def test_people_of_one_name_are_told_apart_by_their_posts(twins, django_assert_num_queries):
    today = timezone.localdate()
    first, second = [p.person for p in _secretaries()]
    alone = make_person("Lê Thị Một")
    found = told_apart([(p.pk, p.name) for p in (first, second, alone)], today)
    assert [name for _, name in found] == [
        "Nguyễn Văn Trùng – Bí thư chi bộ Khu Đông, Xã Đồng Tâm",
        "Nguyễn Văn Trùng – Bí thư chi bộ Khu Đông, Xã Hải Lạng",
        "Lê Thị Một",
    ]
    third, fourth = make_person("Lê Thị Một"), make_person("Trần Thị Hai")
    found = dict(told_apart([(p.pk, p.name) for p in (alone, third, fourth)], today))
    assert found == {
        alone.pk: f"Lê Thị Một (mã {alone.pk})",
        third.pk: f"Lê Thị Một (mã {third.pk})",
        fourth.pk: "Trần Thị Hai",
    }
    with django_assert_num_queries(0):
        told_apart([(alone.pk, "Lê Thị Một"), (fourth.pk, "Trần Thị Hai")], today)


def _secretaries():
    return Post.objects.filter(person__name="Nguyễn Văn Trùng").select_related("person").order_by("unit__code")


@pytest.mark.parametrize(
    "names",
    [
        ["Khu 1", "Khu 2", "Khu 10", "Khu 10A", "Khu 11"],
        ["Xã Dân Tiến", "Xã Duyên Hải", "Xã Đại Yên", "Xã Em"],
        ["Xã An", "Xã Ăn", "Xã Ân", "Xã Ba"],
        ["Thôn Ma", "Thôn Mà", "Thôn Mả", "Thôn Mã", "Thôn Má", "Thôn Mạ"],
    ],
)
def test_units_stand_by_the_alphabet_and_by_their_number(db, names):
    backwards = list(reversed(names))
    for number, name in enumerate(backwards):
        make_unit("village", f"99999-{number}", name)
    assert sorted(backwards, key=place_sort_key) == names
    assert (
        list(Unit.objects.filter(code__startswith="99999-").order_by("sort_key").values_list("name", flat=True))
        == names
    )


def test_a_renamed_unit_takes_its_new_place(db):
    unit = make_unit("village", "99999-1", "Khu 10")
    unit.name = "Khu 2"
    unit.save(update_fields=["name"])
    unit.refresh_from_db()
    assert unit.sort_key == place_sort_key("Khu 2") < place_sort_key("Khu 10")
