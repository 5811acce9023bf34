"""A body of another place is offered apart, named with its place, and given a matter only by whoever says so."""

import pytest
from django.urls import reverse

from conftest import make_body
from core.errors import DomainError
from feedback.models import Opinion
from feedback.tests.builders import TODAY, record_one
from feedback.thread import moves

pytestmark = pytest.mark.django_db
NAME = "Ban Tuyên giáo và Dân vận Huyện ủy"


@pytest.fixture
def opinion(cast):
    """A matter of Xã Đồng Tâm in Huyện Yên Sơn that the province holds."""
    found = record_one(cast.commune, cast.tree.a1, village_id=cast.tree.villages[0].pk)
    moves.escalate_opinion(found.pk, actor=cast.commune, version=1, today=TODAY, note="vì thế")
    moves.escalate_opinion(found.pk, actor=cast.leader, version=2, today=TODAY, note="vì thế")
    return Opinion.objects.get(pk=found.pk)


@pytest.fixture
def boards(cast):
    """The same board at each of the two districts: the matter's own and a foreign one."""
    return make_body(cast.tree.a, NAME), make_body(cast.tree.b, NAME)


def test_the_picker_names_both_places_and_puts_the_foreign_one_apart(cast, signed_in, opinion, boards):
    page = signed_in(cast.head).get(opinion.get_absolute_url())
    options = page.text[page.text.index('id="assign-body"') :]
    options = options[: options.index("</select>")]
    own, foreign = options.split('<optgroup label="Khác địa bàn">')
    assert f"{NAME} – Huyện Yên Sơn" in own
    assert f"{NAME} – Huyện Bình Khê" not in own
    assert f"{NAME} – Huyện Bình Khê" in foreign


def test_a_foreign_body_is_refused_by_naming_both_and_taken_when_it_is_meant(cast, signed_in, opinion, boards):
    browser, url = signed_in(cast.head), reverse("opinion_assign", args=[opinion.pk])
    data = {"version": opinion.version, "body": boards[1].pk, "note": "Giao"}
    refused = browser.post(url, data)
    assert refused.status_code == 422
    assert f"{NAME} – Huyện Bình Khê ở địa bàn khác; ý kiến này của Xã Đồng Tâm." in refused.text
    opinion.refresh_from_db()
    assert (opinion.body, opinion.status) == (None, "escalated")
    assert browser.post(url, data | {"is_elsewhere": "on"}).status_code == 302
    opinion.refresh_from_db()
    assert opinion.body == boards[1]


@pytest.mark.parametrize("place", ["province", "a", "a1"])
def test_bodies_above_and_below_on_the_branch_need_no_box(cast, opinion, place):
    body = make_body(getattr(cast.tree, place), "Phòng Kiểm tra")
    moves.assign_opinion(opinion.pk, actor=cast.head, version=opinion.version, today=TODAY, body=body)
    assert Opinion.objects.get(pk=opinion.pk).body == body


@pytest.mark.parametrize("place", ["a2", "b1", "b"])
def test_bodies_beside_the_branch_need_the_box(cast, opinion, place):
    body = make_body(getattr(cast.tree, place), "Phòng Kiểm tra")
    with pytest.raises(DomainError, match="địa bàn khác") as refusal:
        moves.assign_opinion(opinion.pk, actor=cast.head, version=opinion.version, today=TODAY, body=body)
    assert refusal.value.field == "is_elsewhere"


def test_many_at_once_leave_out_those_of_another_place_and_say_why(cast, opinion, boards):
    done, refused = moves.assign_many([opinion.pk], actor=cast.head, today=TODAY, body=boards[1])
    assert done == []
    assert [pk for pk, _ in refused] == [opinion.pk]
    assert "Huyện Bình Khê" in refused[0][1]
    done, refused = moves.assign_many([opinion.pk], actor=cast.head, today=TODAY, body=boards[1], is_elsewhere=True)
    assert [each.pk for each in done] == [opinion.pk]
    assert refused == []
