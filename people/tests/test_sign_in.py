"""The door: one answer for every wrong sign-in, a lock that tells what to do, passwords and sessions."""

import pytest
from django.core import mail
from django.test import Client

from conftest import PASSWORD
from core.models import Activity

DOOR = "/dang-nhap/"
NEW = "suối chảy qua làng"


@pytest.fixture
def officer(cast):
    cast.commune.set_password(PASSWORD)
    cast.commune.save()
    return cast.commune


def knock(username, password, browser=None, **extra):
    return (browser or Client()).post(DOOR, {"username": username, "password": password}, **extra)


def test_the_right_password_opens_home(officer):
    browser = Client()
    answer = knock("xa", PASSWORD, browser)
    assert (answer.status_code, answer.url) == (302, "/")
    assert Activity.objects.filter(actor_id=officer.pk, verb="user.sign_in").count() == 1
    assert browser.get("/toi/").status_code == 200


def test_the_name_is_read_whatever_its_case_and_wrong_tries_count_together(officer):
    assert knock("XA", PASSWORD).status_code == 302
    answers = [knock(name, "sai") for name in ("xa", "Xa", "XA", "xA", "xa ")]
    assert [answer.status_code for answer in answers] == [422, 422, 422, 422, 429]
    assert knock("xa", PASSWORD).status_code == 429


def test_next_stays_on_this_site(officer):
    assert Client().post(f"{DOOR}?next=/don-vi/", {"username": "xa", "password": PASSWORD}).url == "/don-vi/"
    answer = Client().post(DOOR, {"username": "xa", "password": PASSWORD, "next": "https://example.org/"})
    assert answer.url == "/"


def test_unknown_wrong_and_disabled_look_the_same(officer, cast):
    cast.district.is_active = False
    cast.district.set_password(PASSWORD)
    cast.district.save()
    answers = [knock("khongco", "sai"), knock("xa", "sai"), knock("huyen", PASSWORD)]
    assert {answer.status_code for answer in answers} == {422}
    told = {tuple(answer.context["form"].non_field_errors()) for answer in answers}
    assert len(told) == 1
    assert "không đúng" in told.pop()[0]


def test_five_wrong_ones_lock_this_address_only(officer):
    answers = [knock("xa", "sai") for _ in range(6)]
    assert answers[-1].status_code == 429
    assert "15 phút" in answers[-1].content.decode()
    assert knock("xa", PASSWORD).status_code == 429
    assert knock("xa", PASSWORD, REMOTE_ADDR="10.0.0.9").status_code == 302


def test_signing_out_is_a_post_that_clears_the_browser(officer):
    browser = Client()
    knock("xa", PASSWORD, browser)
    assert browser.get("/dang-xuat/").status_code == 405
    answer = browser.post("/dang-xuat/")
    assert answer.url == DOOR
    assert '"storage"' in answer["Clear-Site-Data"]
    assert browser.get("/toi/").status_code == 302


def change(browser, old, new, again=None):
    data = {"old_password": old, "new_password1": new, "new_password2": again or new}
    return browser.post("/doi-mat-khau/", data)


def test_a_new_password_closes_the_other_sessions(officer):
    here, there = Client(), Client()
    knock("xa", PASSWORD, here)
    knock("xa", PASSWORD, there)
    assert change(here, PASSWORD, NEW).status_code == 302
    assert here.get("/toi/").status_code == 200
    assert there.get("/toi/").status_code == 302
    assert knock("xa", NEW).status_code == 302


@pytest.mark.parametrize(
    ("old", "new", "again", "words"),
    [
        ("sai", NEW, NEW, "Mật khẩu hiện nay không đúng"),
        (PASSWORD, NEW, "khác", "Hai lần nhập"),
        (PASSWORD, "ngắn", "ngắn", "Đặt mật khẩu có ít nhất 10 ký tự"),
        (PASSWORD, "giaoban2026", "giaoban2026", "tên phần mềm"),
    ],
)
def test_a_poor_change_is_refused(officer, old, new, again, words):
    browser = Client()
    knock("xa", PASSWORD, browser)
    answer = change(browser, old, new, again)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    officer.refresh_from_db()
    assert officer.check_password(PASSWORD)


def test_a_one_time_password_is_changed_first(officer):
    officer.must_change_password = True
    officer.save()
    browser = Client()
    knock("xa", PASSWORD, browser)
    assert browser.get("/danh-ba/").url == "/doi-mat-khau/"
    assert "do quản trị cấp một lần" in browser.get("/doi-mat-khau/").content.decode()
    change(browser, PASSWORD, NEW)
    assert browser.get("/danh-ba/").status_code == 200


def test_ones_own_page(officer):
    browser = Client()
    knock("xa", PASSWORD, browser)
    page = browser.get("/toi/")
    assert "Cán bộ cấp xã, Xã Đồng Tâm." in page.content.decode()
    version = page.context["form"]["version"].value()
    data = {"email": "xa@example.org", "version": version}
    assert browser.post("/toi/", data).status_code == 302
    assert browser.post("/toi/", data | {"email": "khac@example.org"}).status_code == 409
    officer.refresh_from_db()
    assert officer.email == "xa@example.org"
    assert browser.post("/toi/", {"email": "sai", "version": officer.version}).status_code == 422
    assert mail.outbox == []
