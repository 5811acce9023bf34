"""A page whose rows are in memory already: the SELECTs of one run are kept, later runs are answered from them."""

import time
from contextlib import contextmanager

from django.db import connection

FRAMES = ("BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK")
"""What frames a transaction asks nothing."""


class Kept:
    """Rows in place of a cursor; all that is no fetching goes to the real one."""

    def __init__(self, real, rows, description):
        self.real, self.left, self.description = real, list(rows), description

    def __getattr__(self, name):
        return getattr(self.real, name)

    def __iter__(self):
        return iter(self.fetchall())

    def fetchone(self):
        return self.left.pop(0) if self.left else None

    def fetchmany(self, size=1):
        taken, self.left = self.left[:size], self.left[size:]
        return taken

    def fetchall(self):
        taken, self.left = self.left, []
        return taken


class Recording:
    """The statements of a run: how many, how long the database took with them, and the answers of the SELECTs."""

    def __init__(self):
        self.count, self.seconds, self.answers = 0, 0.0, []

    def __call__(self, execute, sql, params, many, context):
        cursor = _freed(context["cursor"])
        began = time.perf_counter()
        result = execute(sql, params, many, context)
        if _reads(sql):
            rows, description = cursor.cursor.fetchall(), cursor.cursor.description
            cursor.cursor = Kept(cursor.cursor, rows, description)
            self.answers.append((sql, rows, description))
        self.seconds += time.perf_counter() - began
        self.count += not sql.startswith(FRAMES)
        return result


class Replay:
    """Answers each SELECT by what was recorded for it; a run that asks something else is no replay."""

    def __init__(self, recording):
        self.answers = iter(recording.answers)

    def __call__(self, execute, sql, params, many, context):
        cursor = _freed(context["cursor"])
        if not _reads(sql):
            return execute(sql, params, many, context)
        asked, rows, description = next(self.answers)
        if asked != sql:
            raise RuntimeError(f"The page asked {sql[:200]} where it had asked {asked[:200]}.")
        cursor.cursor = Kept(cursor.cursor, rows, description)
        return None


def _freed(cursor):
    """A cursor that is used again gets its real one back."""
    if isinstance(cursor.cursor, Kept):
        cursor.cursor = cursor.cursor.real
    return cursor


def _reads(sql):
    return sql.lstrip(" (").upper().startswith(("SELECT", "WITH"))


@contextmanager
def recorded():
    recording = Recording()
    with connection.execute_wrapper(recording):
        yield recording


def replayed(run, recording):
    """Run with the recorded answers."""
    with connection.execute_wrapper(Replay(recording)):
        return run()
