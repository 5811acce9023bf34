"""The watch's page and the system checks that tell of a wrong deployment."""

import io
import os
import subprocess
import sys
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError, SystemCheckError
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


def test_a_probe_of_the_machine_itself_needs_no_name(client, db):
    """ALLOWED_HOSTS holds for people; the container's and the operator's probe ask by address."""
    assert client.get("/healthz", headers={"host": "10.1.2.3:8000"}).status_code == 503
    assert client.get("/healthz", headers={"host": "10.1.2.3:8000"}, REMOTE_ADDR="10.9.9.9").status_code == 400
    assert client.get("/dang-nhap/", headers={"host": "10.1.2.3:8000"}).status_code == 400


def test_uncollected_static_files_are_told(db, settings, capsys):
    assert "giaoban.E003" not in check_as_server(settings, capsys)
    kept = "whitenoise.storage.CompressedManifestStaticFilesStorage"
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": kept}}
    assert "giaoban.E003" in check_as_server(settings, capsys)
    (settings.STATIC_ROOT / "staticfiles.json").write_text('{"version": "1.1", "paths": {}}')
    try:
        assert "giaoban.E003" not in check_as_server(settings, capsys)
    finally:
        (settings.STATIC_ROOT / "staticfiles.json").unlink()


def test_a_broker_that_does_not_answer_is_told(db, settings, capsys):
    settings.REDIS_URL = ""
    assert "giaoban.E005" not in check_as_server(settings, capsys)
    for wrong in ("redis://127.0.0.1:1/0", "garbage"):
        settings.REDIS_URL = wrong
        assert "giaoban.E005" in check_as_server(settings, capsys)


def test_sample_accounts_are_not_made_on_a_server(db, settings):
    settings.EMBEDDED = False
    with pytest.raises(CommandError, match="máy chủ thật"):
        call_command("seed_demo")


def test_a_password_without_a_keyboard_is_refused_in_one_sentence(tree, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    with pytest.raises(CommandError, match="--password-stdin"):
        call_command("create_account", "moi", role="admin", unit=tree.province.key)


def run(*words, **environment):
    """The command line in a process of its own: (status, what it said)."""
    known = {"PATH": os.environ["PATH"], "SECRET_KEY": "only-for-this-test"}
    done = subprocess.run(
        [sys.executable, "manage.py", *words], env=known | environment, capture_output=True, text=True, timeout=60
    )
    return done.returncode, done.stderr


@pytest.mark.parametrize("url", ["garbage", "mysql://a@127.0.0.1/a", "postgres://a:b[@127.0.0.1:x/a"])
def test_a_wrong_database_address_is_one_sentence(url, tmp_path):
    status, said = run("check", DATABASE_URL=url, GIAOBAN_VAR=str(tmp_path))
    assert status == 1
    assert said.startswith("giaoban: DATABASE_URL is not ")
    assert said.count("\n") == 1


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    status, said = run("check", GIAOBAN_VAR=str(tmp_path / "file" / "var"))
    assert status == 1
    assert said.startswith("giaoban: GIAOBAN_VAR: ")
    assert said.count("\n") == 1


def test_a_database_that_does_not_answer_is_told(tmp_path):
    url = "postgres://nobody@127.0.0.1:1/nothing"
    status, said = run("check", "--deploy", DATABASE_URL=url, GIAOBAN_VAR=str(tmp_path))
    assert status == 1
    assert "giaoban.E004" in said
    assert "Traceback" not in said
