"""Databases made for one report and dropped after it; the one of the settings is never touched."""

import shutil
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.db.utils import load_backend

from core.text import fold
from units.loading import rebuild_tree
from units.models import Unit, UnitVersion

ALIAS = "default"
SQLITE, POSTGRESQL = "SQLite", "PostgreSQL"
EMPTY = "empty"


def opened(details):
    """A connection of its own to `details` (as in DATABASES)."""
    return load_backend(details["ENGINE"]).DatabaseWrapper(details, ALIAS)


@contextmanager
def using(connection):
    """Inside, everything speaks through this connection."""
    kept, connections[ALIAS] = connections[ALIAS], connection
    try:
        yield connection
    finally:
        connections[ALIAS] = kept


@contextmanager
def connected(details):
    """Inside, `details` is the database of everything."""
    with closing(opened(details)) as connection, using(connection):
        yield connection


class SqliteFiles:
    """Files in a folder: an empty one with the schema, and copies of it."""

    name = SQLITE

    def __init__(self, folder):
        self.folder = Path(folder)

    def _details(self, name):
        given = settings.DATABASES[ALIAS]
        options = given["OPTIONS"] if "sqlite" in given["ENGINE"] else {}
        return _plain("django.db.backends.sqlite3", str(self.folder / f"{name}.sqlite3"), options)

    def prepare(self):
        with connected(self._details(EMPTY)):
            call_command("migrate", verbosity=0)

    def make(self, name):
        shutil.copy(self.folder / f"{EMPTY}.sqlite3", self.folder / f"{name}.sqlite3")
        return self._details(name)

    def drop(self):
        """The folder goes with the report."""


class PostgresDatabases:
    """Databases beside the one of the settings, named after it."""

    name = POSTGRESQL

    def __init__(self):
        self.given = connections[ALIAS].settings_dict
        self.made = []

    def _details(self, name):
        return {**self.given, "NAME": f"{self.given['NAME']}_bench_{name}", "CONN_MAX_AGE": 0}

    def prepare(self):
        self._create(EMPTY, "template0")
        with connected(self._details(EMPTY)):
            call_command("migrate", verbosity=0)

    def make(self, name):
        self._create(name, self._details(EMPTY)["NAME"])
        return self._details(name)

    def drop(self):
        for name in self.made:
            self._run(f'DROP DATABASE IF EXISTS "{name}"')

    def _create(self, name, template):
        name = self._details(name)["NAME"]
        self._run(f'DROP DATABASE IF EXISTS "{name}"')
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        self.made.append(name)

    def _run(self, sql):
        with connected({**self.given, "CONN_MAX_AGE": 0}) as connection, connection.cursor() as cursor:
            cursor.execute(sql)


def _plain(engine, name, options):
    """What a connection needs to know beside its engine and its name."""
    nothing = dict.fromkeys(("USER", "PASSWORD", "HOST", "PORT"), "")
    times = {"ATOMIC_REQUESTS": False, "AUTOCOMMIT": True, "CONN_MAX_AGE": 0, "CONN_HEALTH_CHECKS": False}
    return {"ENGINE": engine, "NAME": name, "OPTIONS": options, "TIME_ZONE": None, "TEST": {}, **nothing, **times}


def kinds(folder):
    """SQLite always; PostgreSQL, too, when the settings name one."""
    found = [SqliteFiles(folder)]
    if connections[ALIAS].vendor == "postgresql":
        found.append(PostgresDatabases())
    return found


BEGINNING = date(2014, 1, 1)


def plant(districts=14, communes=186):
    """Make the units, communes spread evenly over the districts; returns the province."""
    province = _unit("province", "99", "Tỉnh Đo Tải", "tinh")
    above = [_unit("district", f"99{n:02d}", f"Huyện Đo {n}", "huyen") for n in range(1, districts + 1)]
    below = [_unit("commune", f"99{n:03d}", f"Xã Đo {n}", "xa") for n in range(1, communes + 1)]
    Unit.objects.bulk_create([province, *above, *below])
    _attach(province, None)
    for district in above:
        _attach(district, province)
    for number, commune in enumerate(below):
        _attach(commune, above[number % districts])
    rebuild_tree()
    return province


def _unit(level, code, name, kind):
    return Unit(
        key=f"{level}-{code}-{BEGINNING:%Y%m%d}", level=level, code=code, name=name, kind=kind, search_text=fold(name),
        valid_from=BEGINNING, is_sample=True,
    )  # fmt: skip


def _attach(unit, parent):
    UnitVersion.objects.create(unit=unit, name=unit.name, kind=unit.kind, parent=parent, valid_from=BEGINNING)
