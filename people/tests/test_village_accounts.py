"""Accounts of villages: the right rides on a post held there, and goes with it."""

from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from conftest import make_person
from core.errors import NotAllowed
from people import services
from people.access import SYSTEM
from people.models import Post, User

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 20)
GOOD = "lúa chín vàng đồng"


def account(actor, unit, **more):
    values = {"username": "thon2", "password": GOOD, "role": "village", "today": TODAY} | more
    return services.create_account(actor=actor, unit=unit, **values)


def test_without_a_name_it_is_the_heads(cast):
    village = cast.tree.villages[1]
    user = account(cast.admin, village)
    head = Post.objects.get(unit=village, position="village_head")
    assert (user.person, head.role) == (head.person, "village")
    assert user.scope.village_ids() == {village.pk}
    assert Post.objects.filter(unit=village).count() == 3
    second = account(cast.admin, village, username="thon2b")
    assert second.person.posts.get().position == "cell_secretary"


def test_a_holder_of_another_post_keeps_it_and_a_helper_gets_one(cast):
    village = cast.tree.villages[2]
    front = Post.objects.get(unit=village, position="front_board_head")
    user = account(cast.admin, village, username="mattran", person=front.person)
    front.refresh_from_db()
    assert (front.role, user.scope.roles) == ("village", {"village"})
    helper = account(cast.admin, village, username="giup", name="Vũ Thị Giúp")
    post = helper.person.posts.get()
    assert (post.position, post.title, post.role) == ("other", "Cán bộ thôn, khu", "village")


def test_a_vacant_village_gets_its_head(cast):
    village = cast.tree.villages[1]
    Post.objects.filter(unit=village).delete()
    user = account(cast.admin, village, name="Vũ Thị Giúp")
    assert user.person.posts.get().position == "village_head"


@pytest.mark.parametrize("who", ["commune", "district", "village"])
def test_only_an_administrator_gives_it(cast, who):
    with pytest.raises(NotAllowed):
        account(getattr(cast, who), cast.tree.villages[1])
    with pytest.raises(NotAllowed):
        services.give_role(
            actor=getattr(cast, who), person=make_person("A B"), unit=cast.tree.villages[1], role="village", today=TODAY
        )


def test_the_officer_hands_the_post_over_and_the_right_stays_behind(cast):
    post = Post.objects.get(person=cast.village.person, position="village_head")
    on = timezone.localdate()
    new = services.hand_over_post(actor=cast.commune, post=post, on=on, name="Lê Văn Sau")
    assert (new.role, new.position) == ("", "village_head")
    assert not User.objects.get(pk=cast.village.pk).scope.roles


def test_taking_the_right_back_leaves_the_post(cast):
    post = Post.objects.get(person=cast.village.person, role="village")
    with pytest.raises(NotAllowed):
        services.end_right(actor=cast.commune, post=post, on=TODAY)
    services.end_right(actor=cast.admin, post=post, on=TODAY)
    post.refresh_from_db()
    assert (post.role, post.valid_to) == ("", None)


def test_the_command_makes_one(cast, monkeypatch):
    monkeypatch.setattr("sys.stdin", StringIO(f"{GOOD}\n"))
    key = cast.tree.villages[1].key
    call_command("create_account", "thonhai", role="village", unit=key, password_stdin=True, stdout=StringIO())
    assert User.objects.get(username="thonhai").scope.roles == {"village"}
    assert account(SYSTEM, cast.tree.villages[2], username="mau", password="1", is_sample=True).scope.roles == {
        "village"
    }


def test_an_administrator_is_offered_the_villages_and_sees_their_accounts(cast, signed_in):
    admin, village = signed_in(cast.admin), cast.tree.villages[1]
    assert "Thôn 2" in admin.get("/tai-khoan/moi/").content.decode()
    address = f"/tai-khoan/moi/?don-vi={village.key}"
    form = admin.get(address).content.decode()
    assert "Cán bộ thôn, khu" in form
    assert "Lãnh đạo cấp xã" not in form
    head = Post.objects.get(unit=village, position="village_head").person
    data = {"request_id": "1", "name": head.name, "person": head.pk, "username": "thonhai", "role": "village"}
    assert admin.post(address, data).status_code == 200
    user = User.objects.get(username="thonhai")
    assert user.person == head
    User.objects.filter(pk=user.pk).update(must_change_password=False)
    assert "thonhai" in admin.get("/tai-khoan/?vai-tro=village").content.decode()
    mine = signed_in(User.objects.get(pk=user.pk)).get("/toi/").content.decode()
    assert "gửi ý kiến trước hội nghị" in mine
    post = Post.objects.get(person=head, role="village")
    Post.objects.filter(pk=post.pk).update(valid_from=timezone.localdate() - timedelta(days=30))
    on = timezone.localdate().strftime("%d/%m/%Y")
    assert admin.post(f"/tai-khoan/{user.pk}/vai-tro/{post.pk}/thu-hoi/", {"on": on}).status_code == 302
    assert "gửi ý kiến trước hội nghị" not in signed_in(User.objects.get(pk=user.pk)).get("/toi/").content.decode()
