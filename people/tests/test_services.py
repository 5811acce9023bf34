"""Posts and accounts through their services: rights, terms, vacancies filled once, take-over refused."""

from datetime import date, timedelta

import pytest
from django.core.management import CommandError, call_command

from conftest import make_person, make_post, make_user
from core.errors import Conflict, DomainError, NotAllowed
from core.models import Activity
from people import services
from people.access import SYSTEM
from people.models import Person, Post, User
from units.models import Body

TODAY = date(2026, 11, 20)
GOOD = "lúa chín vàng đồng"


def account(actor, unit, role="commune", username="moi", **more):
    values = {"password": GOOD, "name": "Đỗ Thị Mới", "today": TODAY} | more
    return services.create_account(actor=actor, username=username, role=role, unit=unit, **values)


def test_an_account_gets_its_right_from_its_post(cast):
    user = account(cast.admin, cast.tree.a2)
    assert user.must_change_password
    assert user.check_password(GOOD)
    assert user.scope.roles == {"commune"}
    post = Post.objects.get(person=user.person)
    assert (post.unit, post.role, post.position) == (cast.tree.a2, "commune", "officer")
    assert Activity.objects.filter(actor_id=cast.admin.pk, verb="user.create", target_id=user.pk).exists()


def test_no_second_account_differs_by_case_alone(cast):
    assert account(cast.admin, cast.tree.a2, username="Moi").username == "moi"
    with pytest.raises(DomainError, match="đã có người dùng") as refusal:
        account(cast.admin, cast.tree.a2, username="MOI")
    assert refusal.value.field == "username"
    assert make_user("Hai", "commune", cast.tree.a2).username == "hai"


def test_an_agency_account_of_a_bare_unit_answers_for_the_peoples_committee(cast):
    first = account(cast.admin, cast.tree.a2, "agency", "mot")
    second = account(cast.admin, cast.tree.a2, "agency", "hai")
    body = Body.objects.get(unit=cast.tree.a2)
    assert body.name == "UBND xã Hải Lạng"
    assert first.scope.body_ids() == second.scope.body_ids() == {body.pk}


def test_sample_accounts_keep_any_password_and_need_not_change_it(cast):
    user = account(SYSTEM, cast.tree.a1, password="1", is_sample=True)
    assert user.check_password("1")
    assert not user.must_change_password


@pytest.mark.parametrize(
    ("role", "unit", "password", "field"),
    [
        ("leader", "a1", GOOD, "role"),
        ("commune", "a", GOOD, "role"),
        ("commune", "a1", "ngan", "password"),
        ("commune", "a1", "giaoban2026", "password"),
    ],
)
def test_an_account_that_makes_no_sense_is_refused(cast, role, unit, password, field):
    with pytest.raises(DomainError) as refusal:
        account(cast.admin, getattr(cast.tree, unit), role, password=password)
    assert refusal.value.field == field
    assert not User.objects.filter(username="moi").exists()


@pytest.mark.parametrize("who", ["commune", "leader", "head", "outsider", "agency"])
def test_only_the_administrator_of_the_branch_makes_accounts(cast, who):
    with pytest.raises(NotAllowed):
        account(getattr(cast, who), cast.tree.a1)


def test_the_administrator_of_a_commune_stays_in_the_commune(cast):
    local = make_user("quantrixa", "admin", cast.tree.a1)
    assert account(local, cast.tree.a1).scope.roles == {"commune"}
    with pytest.raises(NotAllowed):
        account(local, cast.tree.a2, username="khac")


def test_nobody_takes_over_an_account_with_rights_elsewhere(cast):
    local = make_user("quantrixa", "admin", cast.tree.a1)
    make_post(cast.head.person, cast.tree.a1, "upper_member")
    with pytest.raises(NotAllowed):
        services.reset_password(actor=local, user=cast.head, version=cast.head.version, today=TODAY)
    with pytest.raises(NotAllowed):
        account(local, cast.tree.a1, username="bong", person=cast.head.person)
    cast.head.refresh_from_db()
    assert cast.head.version == 1


def test_reset_disable_enable(cast):
    user = cast.commune
    password = services.reset_password(actor=cast.admin, user=user, version=1, today=TODAY)
    user.refresh_from_db()
    assert user.check_password(password)
    assert user.must_change_password
    with pytest.raises(Conflict):
        services.disable_account(actor=cast.admin, user=user, version=1, today=TODAY)
    assert not services.disable_account(actor=cast.admin, user=user, version=2, today=TODAY).is_active
    assert services.enable_account(actor=cast.admin, user=user, version=3, today=TODAY).is_active
    with pytest.raises(DomainError):
        services.disable_account(actor=cast.admin, user=cast.admin, version=1, today=TODAY)


def test_a_commune_fills_and_hands_over_a_village_post(cast):
    village = cast.tree.villages[1]
    old = Post.objects.get(unit=village, position="village_head")
    with pytest.raises(DomainError, match="đang giữ chức danh"):
        services.appoint(
            actor=cast.commune, unit=village, position="village_head", valid_from=TODAY, name="Bùi Văn Hai"
        )
    assert not Person.objects.filter(name="Bùi Văn Hai").exists()
    new = services.hand_over_post(actor=cast.commune, post=old, on=TODAY, name="Bùi Văn Hai", request_id="r1")
    assert services.hand_over_post(actor=cast.commune, post=old, on=TODAY, name="x", request_id="r1") == new
    holders = Post.objects.filter(unit=village, position="village_head")
    assert [p.person.name for p in holders.on(TODAY)] == ["Bùi Văn Hai"]
    assert [p.pk for p in holders.on(TODAY - timedelta(days=1))] == [old.pk]


@pytest.mark.parametrize("name", ["", " ", "\u200b"])
def test_nobody_without_a_name_gets_a_post(cast, name):
    with pytest.raises(DomainError) as refusal:
        services.appoint(
            actor=cast.commune, unit=cast.tree.villages[0], position="residents_rep", valid_from=TODAY, name=name
        )
    assert refusal.value.field == "name"


def test_a_failed_hand_over_leaves_the_old_term(cast):
    old = Post.objects.get(unit=cast.tree.villages[1], position="village_head")
    with pytest.raises(DomainError):
        services.hand_over_post(actor=cast.commune, post=old, on=TODAY, person=old.person)
    old.refresh_from_db()
    assert old.valid_to is None


@pytest.mark.parametrize("who", ["other_commune", "other_leader", "agency", "cadre", "province_leader", "outsider"])
def test_strangers_do_not_touch_posts(cast, who):
    village = cast.tree.villages[1]
    post = Post.objects.get(unit=village, position="village_head")
    with pytest.raises(NotAllowed):
        services.end_post(actor=getattr(cast, who), post=post, on=TODAY)
    with pytest.raises(NotAllowed):
        services.appoint(
            actor=getattr(cast, who), unit=village, position="residents_rep", valid_from=TODAY, name="Ai Đó"
        )


def test_a_post_with_rights_is_the_administrators(cast):
    post = Post.objects.get(person=cast.commune.person)
    with pytest.raises(NotAllowed):
        services.end_post(actor=cast.commune_leader, post=post, on=TODAY)
    services.end_post(actor=cast.admin, post=post, on=TODAY)
    assert not User.objects.get(pk=cast.commune.pk).roles


def test_an_ended_term_is_not_ended_otherwise(cast):
    post = Post.objects.get(unit=cast.tree.villages[1], position="village_head")
    services.end_post(actor=cast.commune, post=post, on=TODAY)
    assert services.end_post(actor=cast.commune, post=post, on=TODAY).valid_to == TODAY
    with pytest.raises(Conflict):
        services.end_post(actor=cast.commune, post=post, on=TODAY - timedelta(days=3))


def test_two_editors_of_a_phone(cast):
    from people.rules import person_version

    person = Post.objects.get(unit=cast.tree.villages[0], position="village_head").person
    version = person_version(person.name, person.phone)
    edit = {"actor": cast.commune, "person": person, "name": person.name, "version": version, "today": TODAY}
    edit["email"] = "truongthon@example.org"
    services.edit_person(**edit, phone="0911 111 111")
    with pytest.raises(Conflict, match=r"0911111111.*0922222222"):
        services.edit_person(**edit, phone="0922222222")


def test_someone_with_posts_elsewhere_is_not_renamed_here(cast):
    make_post(cast.outsider.person, cast.tree.a1, "upper_member")
    from people.rules import person_version

    person = cast.outsider.person
    with pytest.raises(NotAllowed):
        services.edit_person(
            actor=cast.commune,
            person=person,
            name="Khác",
            phone="",
            email="",
            version=person_version(person.name, person.phone),
            today=TODAY,
        )


def test_create_account_command(cast, monkeypatch, capsys):
    import io

    def run(*words, text=GOOD):
        monkeypatch.setattr("sys.stdin", io.StringIO(text + "\n"))
        call_command("create_account", *words, "--password-stdin")
        return capsys.readouterr().out

    assert "Đã lập tài khoản lenh" in run("lenh", "--role", "commune", "--unit", "commune-90101")
    user = User.objects.get(username="lenh")
    assert user.check_password(GOOD)
    assert not user.must_change_password
    assert "không thay đổi gì" in run("lenh", "--role", "commune", "--unit", "commune-90101", text="x")
    with pytest.raises(CommandError, match="vai trò hoặc đơn vị khác"):
        run("lenh", "--role", "leader", "--unit", "district-901")
    with pytest.raises(CommandError):
        run("yeu", "--role", "commune", "--unit", "commune-90101", text="1234567890")
    assert '"created": false' in run("lenh", "--role", "commune", "--unit", "commune-90101", "--json")


def test_a_person_found_again_by_name_is_not_doubled(cast):
    person = make_person("Vũ Văn Chung")
    make_post(person, cast.tree.villages[2], "residents_rep")
    services.appoint(
        actor=cast.commune, unit=cast.tree.villages[2], position="cell_deputy", valid_from=TODAY, person=person
    )
    assert Post.objects.filter(person=person).count() == 2
