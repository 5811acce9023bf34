"""The house itself: locks that work everywhere, an environment read strictly, commands and processes."""

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from urllib.request import urlopen

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import get_commands

from giaoban.environment import read_bool, read_count, read_secret_key

ROOT = Path(__file__).resolve().parent.parent
OUR_COMMANDS = [
    *("load_units", "seed_demo", "load_scenario", "create_account", "plan_occurrences", "flag_overdue"),
    *("escalate_overdue", "figures", "export_year", "close_period", "routes", "run_due", "run_all"),
    *("import_roster", "evaluate_detector"),
]
OUR_WORDS = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "DEBUG", "HOST", "HTTPS", "ALLOWED_HOSTS", "EMAIL_URL")


def manage(*words, var, **environment):
    kept = {key: value for key, value in os.environ.items() if key not in OUR_WORDS}
    kept |= {"GIAOBAN_VAR": str(var), "DJANGO_SETTINGS_MODULE": "giaoban.settings"} | environment
    return subprocess.Popen(
        [sys.executable, "manage.py", *words],
        cwd=ROOT,
        env=kept,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt", "requirements-e2e.txt"])
def test_locks_name_no_place(name):
    text = (ROOT / name).read_text()
    assert not re.search(r"file:|find-links|index-url|https?://", text)
    packages = re.findall(r"^[a-z0-9._-]+(?:\[.*\])?==", text, re.M)
    assert len(packages) >= 5
    assert text.count("--hash=sha256:") >= len(packages)


def test_requirements_fit_the_lock():
    wanted = {line.split("[")[0].split("~")[0] for line in (ROOT / "requirements.in").read_text().split()}
    locked = set(re.findall(r"^([a-z0-9-]+)(?:\[.*\])?==", (ROOT / "requirements.txt").read_text(), re.M))
    assert wanted <= locked


@pytest.mark.parametrize("word", ["maybe", "2", "đúng", "onn"])
def test_unreadable_yes_or_no_is_refused(monkeypatch, word):
    monkeypatch.setenv("HTTPS", word)
    with pytest.raises(ImproperlyConfigured, match="HTTPS=on or HTTPS=off"):
        read_bool("HTTPS")


@pytest.mark.parametrize(("word", "value"), [("1", True), ("On", True), ("false", False), ("", False), (None, True)])
def test_yes_and_no(monkeypatch, word, value):
    monkeypatch.delenv("HTTPS", raising=False)
    if word is not None:
        monkeypatch.setenv("HTTPS", word)
    assert read_bool("HTTPS", default=True) is value


@pytest.mark.parametrize("word", ["eight", "-1", "80.5", "²"])
def test_unreadable_numbers_are_refused(monkeypatch, word):
    monkeypatch.setenv("PORT", word)
    with pytest.raises(ImproperlyConfigured, match="PORT"):
        read_count("PORT", 8000)


def test_secret_key_is_refused_on_servers_and_made_once_on_a_workstation(monkeypatch, tmp_path):
    monkeypatch.delenv("SECRET_KEY", raising=False)
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY"):
        read_secret_key(tmp_path, may_make=False)
    key = read_secret_key(tmp_path, may_make=True)
    assert len(key) > 50
    assert read_secret_key(tmp_path, may_make=True) == key
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]


@pytest.mark.parametrize(
    ("environment", "word"),
    [
        ({"DATABASE_URL": "postgres://a@127.0.0.1/a"}, "SECRET_KEY"),
        ({"REDIS_URL": "redis://127.0.0.1"}, "SECRET_KEY"),
        ({"HOST": "0.0.0.0"}, "SECRET_KEY"),  # noqa: S104  a word under test
        ({"DEBUG": "perhaps"}, "DEBUG"),
    ],
)
def test_a_wrong_environment_is_told_in_one_sentence(tmp_path, environment, word):
    process = manage("check", var=tmp_path, **environment)
    out, err = process.communicate(timeout=60)
    assert process.returncode != 0
    assert err.startswith(f"giaoban: {word}")
    assert "Traceback" not in out + err


def test_sqlite_is_opened_safely():
    options = settings.DATABASES["default"].get("OPTIONS", {})
    if "sqlite3" not in settings.DATABASES["default"]["ENGINE"]:
        assert settings.DATABASES["default"]["CONN_HEALTH_CHECKS"]
    else:
        assert options["transaction_mode"] == "IMMEDIATE"
        assert options["timeout"] == 20
        assert "journal_mode=WAL" in options["init_command"]
        assert "synchronous=FULL" in options["init_command"]


def test_every_command_of_the_contract_is_there():
    assert set(OUR_COMMANDS) - set(get_commands()) == set()


def test_nothing_names_the_machine():
    """Neither its folders nor its registries: the checkout works wherever it lies."""
    tops = [top for top in ROOT.iterdir() if not top.name.startswith((".", "var", "staticfiles"))]
    texts = [path for top in [*tops, ROOT / ".ci"] for path in [top, *top.rglob("*")]]
    texts = [path for path in texts if path.is_file() and path.suffix in TEXT_KINDS and "vendor" not in path.parts]
    banned = re.compile("/" + "work/|" + "shared" + "/|/" + "opt/|pypi" + r"\.org|npm" + r"js\.(?:org|com)")
    assert len(texts) > 100
    assert [path.name for path in texts if banned.search(path.read_text(encoding="utf-8"))] == []


TEXT_KINDS = {".py", ".sh", ".txt", ".in", ".md", ".html", ".toml", ".ini", ".yml", ".json", ".js", ".css", ""}


def test_supervisor_runs_watches_and_stops_everything(tmp_path):
    """All three come up; a killed worker comes back and hears the broker's bell; SIGTERM leaves nothing behind."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    migration = manage("migrate", "-v0", var=tmp_path)
    assert migration.communicate(timeout=120) == ("", "")
    broker = {"REDIS_URL": os.environ.get("REDIS_URL", ""), "SECRET_KEY": "only-for-this-test"}
    process = manage("run_all", var=tmp_path, PORT=str(port), **broker)
    try:
        wait_until(lambda: health(port) == (200, {"database": "ok", "worker": "ok", "schedule": "ok", "disk": "ok"}))
        children = children_of(process.pid)
        assert len(children) == 3
        worker = next(pid for pid, command in children.items() if "worker" in command and "celery" in command)
        os.kill(worker, signal.SIGKILL)
        wait_until(lambda: len(children_of(process.pid)) == 3 and worker not in children_of(process.pid))
        children |= children_of(process.pid)
        assert manage("shell", "-v0", "-c", RING, var=tmp_path, **broker).communicate(timeout=60) == ("", "")
        wait_until(lambda: job_states(tmp_path) == ["failed"])
    finally:
        process.terminate()
        out, _ = process.communicate(timeout=30)
    assert f"http://127.0.0.1:{port}/" in out
    assert process.returncode == 0
    assert [pid for pid in children if Path(f"/proc/{pid}").exists()] == []


RING = """
from core.models import Job
from core.jobs import ring
ring(Job.objects.create(kind="unknown", title="A job without a function ends as failed").pk)
"""


def job_states(var):
    with closing(sqlite3.connect(var / "giaoban.sqlite3")) as database:
        return [state for (state,) in database.execute("SELECT status FROM core_job")]


def health(port):
    try:
        with urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
            return answer.status, json.load(answer)
    except OSError:  # not yet, not any more, or 503
        return None


def children_of(pid):
    """Living children by process id, with their command lines, from /proc (a bare Debian has no ps)."""
    children = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = stat.read_text().rpartition(")")[2].split()[:2]
            if int(parent) == pid and state != "Z":
                children[int(stat.parent.name)] = (stat.parent / "cmdline").read_text().replace("\0", " ")
        except OSError:  # it ended while we looked
            continue
    return children


def wait_until(condition, seconds=120):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return
        time.sleep(0.3)
    raise AssertionError("it did not happen in time")
