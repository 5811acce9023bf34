"""Guessing passwords: five wrong ones from an address shut that address out, never the owner at another."""

import pytest
from django.contrib.auth import get_user_model

PASSWORD = "lúa chín vàng đồng"


@pytest.fixture
def owner(cast):
    cast.commune.set_password(PASSWORD)
    cast.commune.save()
    return cast.commune


def sign_in(client, username, password, address):
    return client.post("/dang-nhap/", {"username": username, "password": password}, REMOTE_ADDR=address)


def is_in(client):
    return "_auth_user_id" in client.session


def test_five_wrong_passwords_lock_one_address(client, owner):
    answers = [sign_in(client, owner.username, f"sai {n}", "192.0.2.1").status_code for n in range(5)]
    assert answers[:4] == [422] * 4
    locked = sign_in(client, owner.username, PASSWORD, "192.0.2.1")
    assert locked.status_code == 429
    assert not is_in(client)
    assert sign_in(client, owner.username, PASSWORD, "192.0.2.2").status_code == 302
    assert is_in(client)


def test_an_unknown_name_answers_like_a_known_one(client, owner):
    known = [sign_in(client, owner.username, "sai", "192.0.2.1") for _ in range(6)]
    unknown = [sign_in(client, "khongcoai", "sai", "192.0.2.1") for _ in range(6)]
    assert [a.status_code for a in known] == [a.status_code for a in unknown]
    assert known[5].content == unknown[5].content


def test_a_fresh_database_has_no_account(db):
    assert get_user_model().objects.count() == 0
