"""Ratios inside one run: both sides of a comparison are timed in every round, so that a busy machine hits both."""

import gc
import statistics
import time
from dataclasses import dataclass

WARM = 3


@dataclass(frozen=True)
class Line:
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
    return Line(operation, words(other), words(mine), f"{ratio:.3g}", f"≤ {goal:.3g}", ratio <= goal)


def counted(operation, number, goal, unit=""):
    """Is a number at most the goal?"""
    return Line(operation, "", f"{number:.4g}{unit}", "", f"≤ {goal:.4g}{unit}", number <= goal)


def equal(operation, ours, limit):
    """Are two answers the same?"""
    return Line(operation, str(limit)[:14], str(ours)[:14], "", "=", ours == limit)


def words(seconds):
    return f"{seconds * 1000:.2f} ms" if seconds < 1 else f"{seconds:.2f} s"
