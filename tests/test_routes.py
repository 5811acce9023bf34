"""Every URL has a policy, and a stranger reaches only those that say why."""

import re

import pytest
from django.urls import get_resolver

from core.routing import ALL_ROLES
from giaoban.management.commands.routes import list_routes

SAMPLES = {"int": "1", "str": "a", "slug": "a", "uuid": "00000000-0000-0000-0000-000000000000", "path": "a"}
MOST_PUBLIC = 5


def sample_path(path):
    """A concrete address for a pattern: `<int:pk>` becomes 1."""
    return re.sub(r"<(?:(\w+):)?\w+>", lambda match: SAMPLES.get(match.group(1) or "str", "2016"), path)


def test_every_url_has_a_policy():
    routes = list_routes()
    assert len(routes) > 200
    assert [r["path"] for r in routes if not r["methods"]] == []
    assert [r["path"] for r in routes if not r["roles"] and not r["reason"]] == []
    assert [r["path"] for r in routes if set(r["roles"]) - set(ALL_ROLES)] == []
    assert [r["path"] for r in routes if not r["name"]] == []
    names = [r["name"] for r in routes]
    assert sorted(names) == sorted(set(names))


def test_few_urls_are_public_and_each_says_why():
    public = {route["path"]: route["reason"] for route in list_routes() if not route["login"]}
    assert len(public) <= MOST_PUBLIC, public
    assert all(len(reason) > 15 for reason in public.values())


def test_a_stranger_is_sent_to_the_sign_in(db, client):
    assert any(route["login"] for route in list_routes())
    for route in list_routes():
        path = sample_path(route["path"])
        for method in route["methods"]:
            answer = client.generic(method, path)
            if route["login"]:
                assert answer.status_code == 302, (method, path, answer.status_code)
                assert answer["Location"].startswith("/dang-nhap/?next="), (method, path)
            else:
                assert answer.status_code < 500 or path == "/healthz", (method, path)


def test_no_back_office(client, db):
    for path in ("/admin/", "/media/", "/media/secret_key", "/static/../manage.py", "/__debug__/"):
        assert client.get(path).status_code == 404
    assert get_resolver().url_patterns


@pytest.mark.parametrize(("pattern", "path"), [("/a/<int:pk>/", "/a/1/"), ("/b/<slug:s>.json", "/b/a.json")])
def test_sample_path(pattern, path):
    assert sample_path(pattern) == path
