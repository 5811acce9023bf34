"""Directory, posts, accounts and one's own page, as each role and as an outsider."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from conftest import make_person, make_post, make_user
from core.errors import NotAllowed
from core.models import Activity
from people.models import Person, Post, User
from people.services import end_post
from units.loading import rebuild_tree
from units.models import UnitVersion

DIRECTORY = "/danh-ba/"
USERS = "/tai-khoan/"


def labels(page):
    return [(group["name"], row["person"].name) for group in page.context["groups"] for row in group["rows"]]


def post_of(village, position):
    return Post.objects.get(unit=village, position=position)


def test_the_directory_groups_by_unit_and_joins_concurrent_posts(cast, signed_in):
    page = signed_in(cast.commune).get(DIRECTORY)
    text = page.content.decode()
    names = [name for name, _ in labels(page)]
    assert list(dict.fromkeys(names)) == ["Xã Đồng Tâm", "Thôn 1", "Thôn 2", "Thôn 3"]
    assert names.count("Thôn 1") == 2
    assert "Bí thư chi bộ; Trưởng thôn, khu" in text
    assert "kiêm nhiệm" in text
    assert f'data-total="{len(names)}"' in text


def test_the_directory_of_an_outsider_shows_nobody_else(cast, signed_in):
    assert [name for name, _ in labels(signed_in(cast.outsider).get(DIRECTORY))] == ["Xã Xa"]
    for who in (cast.agency, cast.cadre):
        assert 'data-total="0"' in signed_in(who).get(DIRECTORY).content.decode()


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"q": "tran van bi"}, 3),
        ({"chuc-danh": "village_head"}, 3),
        ({"don-vi": "village-90101-02-20140101"}, 3),
        ({"don-vi": "commune-90102-20140101"}, 0),
        ({"don-vi": "nonsense"}, 0),
        ({"ngay": "31/12/2013"}, 0),
        ({"q": "nguoingoai"}, 0),
    ],
)
def test_filters_stay_inside_the_scope(cast, signed_in, query, count):
    assert signed_in(cast.commune).get(DIRECTORY, query).context["total"] == count


def test_a_foreign_unit_is_answered_like_nonsense(cast, signed_in):
    browser = signed_in(cast.commune)
    foreign = browser.get(DIRECTORY, {"don-vi": cast.tree.b1.key})
    nonsense = browser.get(DIRECTORY, {"don-vi": "commune-00000-20140101"})
    assert cast.tree.b1.name not in foreign.content.decode()
    assert foreign.context["form"].errors == nonsense.context["form"].errors
    assert foreign.context["total"] == nonsense.context["total"] == 0


def test_vacancies_are_seen_and_filled(cast, signed_in):
    browser, village = signed_in(cast.commune), cast.tree.villages[1]
    assert browser.get(DIRECTORY, {"xem": "trong"}).context["total"] == 0
    post = post_of(village, "village_head")
    today = timezone.localdate()
    assert browser.post(f"/danh-ba/chuc-danh/{post.pk}/ket-thuc/", {"on": today.isoformat()}).status_code == 302
    page = browser.get(DIRECTORY, {"xem": "trong"})
    assert [row["missing"] for row in page.context["vacancies"]] == [[("village_head", "Trưởng thôn, khu")]]
    address = f"/danh-ba/them/?don-vi={village.key}&chuc-danh=village_head"
    assert address.replace("&", "&amp;") in page.content.decode()
    data = {"request_id": "1", "name": "Lý Thị Mới", "position": "village_head", "valid_from": today.isoformat()}
    for _ in range(2):
        assert browser.post(address, data).status_code == 302
    assert Person.objects.filter(name="Lý Thị Mới").count() == 1
    assert browser.get(DIRECTORY, {"xem": "trong"}).context["total"] == 0


def test_phones_stay_inside_ones_own_unit(cast, signed_in):
    own = signed_in(cast.commune).get(DIRECTORY).content.decode()
    above = signed_in(cast.head).get(DIRECTORY).content.decode()
    assert "0900000001" in own
    assert "0900000001" not in above
    assert "••••••01" in above


def test_a_known_name_asks_who_is_meant(cast, signed_in):
    browser, village = signed_in(cast.commune), cast.tree.villages[2]
    address = f"/danh-ba/them/?don-vi={village.key}"
    data = {"request_id": "2", "name": "Trần Văn Bí 0", "position": "residents_rep", "valid_from": "01/06/2026"}
    asked = browser.post(address, data)
    assert asked.status_code == 422
    assert "Địa bàn đã có người cùng tên" in asked.content.decode()
    known = Person.objects.get(name="Trần Văn Bí 0")
    assert browser.post(address, data | {"person": str(known.pk)}).url == f"/danh-ba/{known.pk}/"
    assert browser.post(address, data | {"request_id": "3", "person": "moi"}).status_code == 302
    assert Person.objects.filter(name="Trần Văn Bí 0").count() == 2


def test_a_stranger_of_the_same_name_is_not_offered(cast, signed_in):
    address = f"/danh-ba/them/?don-vi={cast.tree.villages[0].key}"
    data = {"request_id": "4", "name": cast.outsider.person.name, "position": "residents_rep"}
    answer = signed_in(cast.commune).post(address, data | {"valid_from": "01/06/2026"})
    assert answer.status_code == 302
    assert Post.objects.get(position="residents_rep").person != cast.outsider.person


def test_hand_over_by_its_page(cast, signed_in):
    browser, post = signed_in(cast.commune), post_of(cast.tree.villages[1], "village_head")
    address = f"/danh-ba/chuc-danh/{post.pk}/ban-giao/"
    answer = browser.post(address, {"request_id": "5", "name": "Hà Văn Sau", "on": "01/06/2026"})
    assert answer.status_code == 302
    assert "Đã ghi bàn giao" in browser.get(answer.url).content.decode()
    old = browser.get(f"/danh-ba/{post.person_id}/").content.decode()
    assert "01/06/2026" in old


def test_a_name_of_nothing_to_see_is_no_name(cast, signed_in):
    data = {"request_id": "7", "name": "\u200b\u00ad", "position": "residents_rep", "valid_from": "01/06/2026"}
    answer = signed_in(cast.commune).post(f"/danh-ba/them/?don-vi={cast.tree.villages[0].key}", data)
    assert answer.status_code == 422
    assert "Nhập họ và tên." in answer.content.decode()


@pytest.mark.parametrize(("on", "status"), [("01/01/2014", 422), ("02/01/2014", 302)])
def test_a_term_lasts_one_day_at_least(cast, signed_in, on, status):
    post = post_of(cast.tree.villages[1], "village_head")
    answer = signed_in(cast.commune).post(f"/danh-ba/chuc-danh/{post.pk}/ket-thuc/", {"on": on})
    assert answer.status_code == status
    assert ("phải sau ngày bắt đầu (01/01/2014)" in answer.content.decode()) is (status == 422)


def test_a_post_is_free_again_on_the_day_its_holder_left_it(cast, signed_in):
    browser, post = signed_in(cast.commune), post_of(cast.tree.villages[1], "village_head")
    browser.post(f"/danh-ba/chuc-danh/{post.pk}/ket-thuc/", {"on": "01/06/2026"})
    address = f"/danh-ba/them/?don-vi={cast.tree.villages[1].key}"
    data = {"request_id": "6", "name": "Hà Văn Sau", "position": "village_head"}
    assert browser.post(address, data | {"valid_from": "31/05/2026"}).status_code == 422
    assert browser.post(address, data | {"valid_from": "01/06/2026"}).status_code == 302
    begun = Activity.objects.get(verb="post.begin")
    holder = Post.objects.get(position="village_head", unit=cast.tree.villages[1], valid_to=None).person
    assert begun.after == {"person": holder.pk, "position": "village_head", "role": ""}


def test_the_commune_of_the_last_day_ends_a_term(cast, signed_in):
    """On 01/06/2026 the village came to another commune, whose officer did not yet keep the post that ended then."""
    village, move = cast.tree.villages[1], date(2026, 6, 1)
    UnitVersion.objects.filter(unit=village).update(valid_to=move)
    UnitVersion.objects.create(unit=village, name=village.name, kind=village.kind, parent=cast.tree.a2, valid_from=move)
    rebuild_tree()
    post = post_of(village, "village_head")
    with pytest.raises(NotAllowed):
        end_post(actor=cast.other_commune, post=post, on=move)
    assert end_post(actor=cast.commune, post=post, on=move).valid_to == move


@pytest.mark.parametrize(
    ("who", "status"), [("commune", 200), ("leader", 200), ("admin", 200), ("other_commune", 404), ("agency", 403)]
)
def test_who_may_open_the_end_of_a_term(cast, signed_in, who, status):
    post = post_of(cast.tree.villages[1], "village_head")
    assert signed_in(getattr(cast, who)).get(f"/danh-ba/chuc-danh/{post.pk}/ket-thuc/").status_code == status


def test_the_forms_of_a_person_lead_back_to_the_person(cast, signed_in):
    post = post_of(cast.tree.villages[1], "village_head")
    person = f"/danh-ba/{post.person_id}/"
    for address in (f"{person}sua/", *(f"/danh-ba/chuc-danh/{post.pk}/{act}/" for act in ("ket-thuc", "ban-giao"))):
        assert f'href="{person}"' in signed_in(cast.commune).get(address).content.decode(), address


def test_a_person_of_another_branch_is_missing(cast, signed_in):
    person = cast.commune.person
    assert signed_in(cast.outsider).get(f"/danh-ba/{person.pk}/").status_code == 404
    assert signed_in(cast.commune_leader).get(f"/danh-ba/{person.pk}/").status_code == 200


def test_posts_elsewhere_are_not_told(cast, signed_in):
    make_post(cast.outsider.person, cast.tree.villages[0], "residents_rep")
    page = signed_in(cast.commune).get(f"/danh-ba/{cast.outsider.person_id}/").content.decode()
    assert "Đại diện hộ dân" in page
    assert "Xã Xa" not in page


@pytest.mark.parametrize("who", ["commune", "leader", "head", "agency", "outsider"])
@pytest.mark.parametrize("address", [USERS, f"{USERS}moi/", f"{USERS}1/"])
def test_accounts_are_the_administrators(cast, signed_in, who, address):
    assert signed_in(getattr(cast, who)).get(address).status_code == 403


def test_accounts_of_the_branch_only(cast, signed_in):
    browser = signed_in(cast.admin)
    page = browser.get(USERS)
    shown = {row["user"].username for row in page.context["rows"]}
    assert "xa" in shown
    assert "nguoingoai" not in shown
    assert page.context["total"] == len(shown)
    assert browser.get(f"{USERS}{cast.outsider.pk}/").status_code == 404
    assert browser.post(f"{USERS}{cast.outsider.pk}/khoa/", {"version": 1}).status_code == 404
    assert [row["user"].username for row in browser.get(USERS, {"q": "truongban"}).context["rows"]] == ["truongban"]


def test_an_account_is_made_in_two_steps_and_its_password_shown_once(cast, signed_in):
    browser = signed_in(cast.admin)
    assert cast.tree.a1.name in browser.get(f"{USERS}moi/").content.decode()
    address = f"{USERS}moi/?don-vi={cast.tree.a1.key}"
    form = browser.get(address).content.decode()
    assert "Lãnh đạo cấp xã" in form
    assert "Lãnh đạo cấp huyện" not in form
    data = {"request_id": "6", "name": "Mạc Văn Lập", "username": "maclap", "role": "commune"}
    made = browser.post(address, data)
    password = made.context["password"]
    assert password in made.content.decode()
    user = User.objects.get(username="maclap")
    assert user.check_password(password)
    again = browser.post(address, data)
    assert again.url == f"{USERS}{user.pk}/"
    assert password not in browser.get(again.url).content.decode()
    taken = browser.post(address, data | {"request_id": "7", "person": str(user.person_id)})
    assert taken.status_code == 422
    assert "đã có người dùng" in taken.content.decode()


def test_a_foreign_unit_is_not_offered_for_an_account(cast, signed_in):
    foreign = cast.outsider.person.posts.get().unit
    page = signed_in(cast.admin).get(f"{USERS}moi/?don-vi={foreign.key}")
    assert page.status_code == 422
    assert foreign.name not in page.content.decode()


def test_a_body_of_another_unit_is_not_accepted(cast, signed_in):
    address = f"{USERS}moi/?don-vi={cast.tree.a1.key}"
    data = {"request_id": "8", "name": "A B", "username": "ab", "role": "agency", "body": cast.bodies.district.pk}
    assert signed_in(cast.admin).post(address, data).status_code == 422
    assert not User.objects.filter(username="ab").exists()


def test_a_disabled_account_is_out_at_once(cast, signed_in):
    theirs, admin = signed_in(cast.commune), signed_in(cast.admin)
    assert theirs.get("/toi/").status_code == 200
    assert admin.post(f"{USERS}{cast.commune.pk}/khoa/", {"version": 1}).status_code == 302
    assert theirs.get("/toi/").status_code == 302
    assert admin.post(f"{USERS}{cast.commune.pk}/khoa/", {"version": 1}).status_code == 409
    assert admin.post(f"{USERS}{cast.commune.pk}/mo-lai/", {"version": 2}).status_code == 302


def test_a_role_is_given_and_taken_back(cast, signed_in):
    admin, theirs = signed_in(cast.admin), signed_in(cast.commune)
    address = f"{USERS}{cast.commune.pk}/vai-tro/?don-vi={cast.tree.a2.key}"
    assert admin.post(address, {"request_id": "9", "role": "commune"}).status_code == 302
    assert "Xã Hải Lạng" in theirs.get("/toi/").content.decode()
    post = Post.objects.get(person=cast.commune.person, unit=cast.tree.a2)
    Post.objects.filter(pk=post.pk).update(valid_from=post.valid_from - timedelta(days=30))
    today = timezone.localdate().isoformat()
    end = admin.post(f"{USERS}{cast.commune.pk}/vai-tro/{post.pk}/thu-hoi/", {"on": today})
    assert end.status_code == 302
    assert "Xã Hải Lạng" not in theirs.get("/toi/").content.decode()


@pytest.mark.parametrize("address", [DIRECTORY, USERS])
def test_query_counts_do_not_grow(cast, signed_in, address, django_assert_max_num_queries):
    browser = signed_in(cast.admin)
    browser.get(address)
    with django_assert_max_num_queries(15) as few:
        browser.get(address)
    for number in range(3):
        make_user(f"them{number}", "commune", cast.tree.a2)
        make_post(make_person(f"Người {number}"), cast.tree.villages[number], "residents_rep")
    with django_assert_max_num_queries(len(few)) as many:
        browser.get(address)
    assert len(many) == len(few)


def test_an_archive_shows_its_own_time(cast, signed_in):
    """A village moves on to another branch: the former one sees who served then, not who came after."""
    today = timezone.localdate()
    moved = today - timedelta(days=100)
    village = cast.tree.villages[0]
    UnitVersion.objects.filter(unit=village).update(valid_to=moved)
    UnitVersion.objects.create(unit=village, name="Thôn 1", kind="thon", parent=cast.tree.b1, valid_from=moved)
    rebuild_tree()
    after = make_person("Người Đến Sau")
    make_post(after, village, "residents_rep", valid_from=moved)
    former, heir = signed_in(cast.commune), signed_in(cast.other_leader)
    assert former.get(DIRECTORY, {"q": "nguoi den sau"}).context["total"] == 0
    assert former.get(f"/danh-ba/{after.pk}/").status_code == 404
    assert former.get(f"/danh-ba/{post_of(village, 'cell_secretary').person_id}/").status_code == 200
    assert former.get("/don-vi/tim/", {"q": "thon 1"}).json() == []
    assert former.get(DIRECTORY, {"don-vi": village.key}).context["total"] == 0
    assert heir.get(DIRECTORY, {"q": "nguoi den sau"}).context["total"] == 1


def test_an_email_is_kept_checked_and_masked_elsewhere(cast, signed_in):
    person = post_of(cast.tree.villages[1], "village_head").person
    address = f"/danh-ba/{person.pk}/sua/"
    browser = signed_in(cast.commune)
    form = browser.get(address).context["form"]
    data = {"name": person.name, "phone": "", "version": form.initial["version"]}
    assert browser.post(address, data | {"email": "khong-phai-thu"}).status_code == 422
    assert browser.post(address, data | {"email": "truong.thon2@example.org"}).status_code == 302
    stale = browser.post(address, data | {"email": "khac@example.org"})
    assert stale.status_code == 409
    assert "truong.thon2@example.org" in browser.get(f"/danh-ba/{person.pk}/").content.decode()
    above = signed_in(cast.head).get(f"/danh-ba/{person.pk}/").content.decode()
    assert "truong.thon2" not in above
    assert "••••••@example.org" in above
