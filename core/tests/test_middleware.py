"""What holds for every answer: headers, limits of sessions and bodies, refusals in Vietnamese."""

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import include, path
from django.utils import timezone

from core.activity import current_address
from core.errors import Conflict, DomainError, NotAllowed
from core.middleware import client_address
from core.routing import ALL_ROLES, act, form_page, page, polling

REFUSALS = {422: DomainError, 403: NotAllowed, 409: Conflict}


@form_page()
def refusing(request, code):
    raise REFUSALS[code](f"Chưa làm được việc số {code}. Hãy làm lại.")


@page(roles=("province",))
def for_the_head(request):
    return HttpResponse(current_address.get())


@polling
@page()
def ticking(request):
    return HttpResponse("tick")


@act()
def saving(request):
    return HttpResponse("saved")


urlpatterns = [
    path("tu-choi/<int:code>/", refusing),
    path("truong-ban/", for_the_head),
    path("nhip/", ticking),
    path("luu/", saving),
    path("", include("giaoban.urls")),
]
pytestmark = pytest.mark.urls(__name__)


@pytest.mark.parametrize("code", REFUSALS)
def test_a_refusal_is_a_page_with_its_status(cast, signed_in, code):
    answer = signed_in(cast.head).get(f"/tu-choi/{code}/")
    assert answer.status_code == code
    assert f"Chưa làm được việc số {code}." in answer.text
    assert 'role="alert"' in answer.text


def test_every_answer_is_kept_nowhere_and_runs_no_foreign_code(cast, signed_in, client):
    browser = signed_in(cast.head)
    for answer in (browser.get("/truong-ban/"), browser.get("/khong-co/"), client.get("/truong-ban/")):
        assert answer["Cache-Control"] == "no-store, private"
        assert "Cookie" in answer["Vary"]
        assert "default-src 'self'" in answer["Content-Security-Policy"]
        assert "unsafe" not in answer["Content-Security-Policy"]


def test_roles_open_a_page_and_refuse_others(cast, signed_in):
    assert signed_in(cast.head).get("/truong-ban/").status_code == 200
    for user in (cast.specialist, cast.outsider, cast.admin):
        assert signed_in(user).get("/truong-ban/").status_code == 403


def test_strangers_go_to_the_sign_in_and_come_back(client, db):
    assert client.get("/truong-ban/?nam=2016")["Location"] == "/dang-nhap/?next=%2Ftruong-ban%2F%3Fnam%3D2016"
    assert client.post("/luu/")["Location"] == "/dang-nhap/?next=%2F"
    fragment = client.get("/nhip/", headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/y-kien/?x=1"})
    assert (fragment.status_code, fragment["HX-Redirect"]) == (204, "/dang-nhap/?next=%2Fy-kien%2F%3Fx%3D1")


def test_methods_are_those_of_the_decorator(cast, signed_in):
    browser = signed_in(cast.head)
    assert browser.post("/truong-ban/").status_code == 405
    assert browser.get("/luu/").status_code == 405


def test_unknown_role_is_refused_at_import():
    with pytest.raises(ValueError, match="mayor"):
        page(roles=("mayor",))
    assert len(ALL_ROLES) == 11


@pytest.mark.parametrize(
    ("began", "seen", "is_over"),
    [(0, 0, False), (0, 29 * 60, False), (0, 31 * 60, True), (11 * 3600, 0, False), (12 * 3600 + 60, 0, True)],
)
def test_session_limits(cast, signed_in, began, seen, is_over):
    browser = signed_in(cast.head)
    session, now = browser.session, timezone.now().timestamp()
    session["began"], session["seen"] = now - began, now - seen
    session.save()
    assert (browser.get("/truong-ban/").status_code == 302) is is_over


def test_only_a_person_renews_the_idle_clock(cast, signed_in):
    browser = signed_in(cast.head)
    session, before = browser.session, timezone.now().timestamp() - 20 * 60
    session["began"] = session["seen"] = before
    session.save()
    browser.get("/nhip/")
    assert browser.session["seen"] == before
    browser.get("/truong-ban/")
    assert browser.session["seen"] > before
    assert browser.session["began"] == before


@pytest.mark.parametrize("data", [{"q": "a\x00b"}, {"a\x00": "b"}])
def test_unreadable_characters_never_reach_a_view(cast, signed_in, data):
    browser = signed_in(cast.head)
    for answer in (browser.get("/truong-ban/", data), browser.post("/luu/", data)):
        assert answer.status_code == 400
        assert "ký tự" in answer.text


def test_too_big_a_body_is_refused_before_it_is_read(client, settings, db):
    settings.REQUEST_LIMIT = 1000
    answer = client.post("/luu/", {"text": "x" * 2000})
    assert answer.status_code == 413
    assert "20 MB" in answer.text


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "6.6.6.6", "10.0.0.9"),
        (1, "6.6.6.6, 203.0.113.7", "203.0.113.7"),
        (2, "6.6.6.6, 203.0.113.7, 10.0.0.1", "203.0.113.7"),
        (1, "", "10.0.0.9"),
    ],
)
def test_the_address_is_what_our_proxy_saw(settings, proxies, forwarded, address):
    settings.TRUSTED_PROXIES = proxies
    request = RequestFactory().get("/", REMOTE_ADDR="10.0.0.9", headers={"X-Forwarded-For": forwarded})
    assert client_address(request) == address


def test_the_activity_log_learns_the_address(cast, signed_in):
    assert signed_in(cast.head).get("/truong-ban/", REMOTE_ADDR="192.0.2.5").text == "192.0.2.5"
    assert current_address.get() == ""
