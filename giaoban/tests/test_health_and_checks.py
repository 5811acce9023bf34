"""The watch's page and the system checks that tell of a wrong deployment."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import connection
from django.utils import timezone

from core.jobs import beat_pulse
from giaoban import health


@pytest.mark.parametrize(
    ("worker_age", "schedule_age", "status", "down"),
    [(5, 5, 200, []), (61, 5, 503, ["worker"]), (5, 90, 503, ["schedule"]), (None, None, 503, ["worker", "schedule"])],
)
def test_healthz(client, db, worker_age, schedule_age, status, down):
    for name, age in (("worker", worker_age), ("schedule", schedule_age)):
        if age is not None:
            beat_pulse(name, timezone.now() - timedelta(seconds=age))
    answer = client.get("/healthz")
    assert answer.status_code == status
    assert list(answer.json()) == ["database", "worker", "schedule", "disk"]
    assert [name for name, state in answer.json().items() if state == "down"] == down
    assert "no-store" in answer["Cache-Control"]


def test_a_full_disk_is_told(client, db, monkeypatch):
    monkeypatch.setattr(health, "LEAST_FREE_BYTES", 1 << 62)
    assert client.get("/healthz").json()["disk"] == "down"


def check_as_server(settings, capsys):
    settings.EMBEDDED = False
    try:
        call_command("check", "--deploy", "--database", "default", fail_level="WARNING")
    except SystemCheckError as error:
        return str(error)
    return capsys.readouterr().err


def test_sample_accounts_on_a_server_are_told(cast, settings, capsys):
    assert "giaoban.W001" not in check_as_server(settings, capsys)
    type(cast.head).objects.filter(pk=cast.head.pk).update(is_sample=True)
    assert "giaoban.W001" in check_as_server(settings, capsys)


def test_a_reachable_server_without_https_is_told(db, settings, capsys):
    settings.HOST = "0.0.0.0"  # noqa: S104  a word under test
    assert "giaoban.W002" in check_as_server(settings, capsys)
    settings.HTTPS = True
    assert "giaoban.W002" not in check_as_server(settings, capsys)


def test_unsafe_sqlite_is_told(db, settings, capsys, monkeypatch):
    assert "giaoban.E00" not in check_as_server(settings, capsys)
    monkeypatch.setitem(settings.DATABASES["default"], "OPTIONS", {})
    is_sqlite = connection.vendor == "sqlite"
    assert ("giaoban.E002" in check_as_server(settings, capsys)) is is_sqlite
