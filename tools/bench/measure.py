"""Ratios inside one run: both sides of a comparison are timed in every round, so that a busy machine hits both."""

import gc
import statistics
import time
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection

WARM = 3


@dataclass(frozen=True)
class BenchLine:
    """One line of the report. `ours`, `limit`: seconds or a number with its unit, as words."""

    operation: str
    limit: str
    ours: str
    ratio: str
    goal: str
    passed: bool


def seconds_of(run):
    began = time.perf_counter()
    run()
    return time.perf_counter() - began


def rounds_of(count, *runs):
    """[(seconds of the first, of the second, …)] of every round, after some that do not count."""
    for _ in range(min(WARM, count // 2)):
        for run in runs:
            run()
    if count > 1:
        gc.collect()
    return [tuple(seconds_of(run) for run in runs) for _ in range(count)]


def compare(operation, ours, limit, goal, count):
    """Is `ours` at most `goal` times as slow as `limit`? The median of the ratios of the rounds."""
    rounds = rounds_of(count, ours, limit)
    ratio = statistics.median(mine / other for mine, other in rounds)
    mine, other = (statistics.median(side) for side in zip(*rounds, strict=True))
    return BenchLine(operation, words(other), words(mine), f"{ratio:.3g}", f"≤ {goal:.3g}", ratio <= goal)


def counted(operation, number, goal, unit=""):
    """Is a number at most the goal?"""
    return BenchLine(operation, "", f"{number:.4g}{unit}", "", f"≤ {goal:.4g}{unit}", number <= goal)


def equal(operation, ours, limit):
    """Are two answers the same?"""
    return BenchLine(operation, str(limit)[:14], str(ours)[:14], "", "=", ours == limit)


def words(seconds):
    return f"{seconds * 1000:.2f} ms" if seconds < 1 else f"{seconds:.2f} s"


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
