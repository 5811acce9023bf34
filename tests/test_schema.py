"""The tables by themselves: a copy, a check or a backup of the file must not need this application."""

import sqlite3
from contextlib import closing

import pytest
from django.apps import apps
from django.db.utils import ConnectionHandler


@pytest.mark.django_db
def test_a_plain_sqlite_checks_and_copies_a_file_of_ours(tmp_path):
    made, copied = tmp_path / "made.sqlite3", tmp_path / "copied.sqlite3"
    connection = ConnectionHandler({"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(made)}})["default"]
    with connection.schema_editor() as editor:
        for model in apps.get_models():
            editor.create_model(model)
    connection.close()
    with closing(sqlite3.connect(made)) as plain:
        assert plain.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        plain.execute("VACUUM INTO ?", (str(copied),))
        tables = plain.execute("SELECT count(*) FROM sqlite_master WHERE type = 'table'").fetchone()
    with closing(sqlite3.connect(copied)) as plain:
        assert plain.execute("SELECT count(*) FROM sqlite_master WHERE type = 'table'").fetchone() == tables
        assert tables > (70,)
