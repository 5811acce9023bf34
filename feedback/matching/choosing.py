"""Which of the settled opinions a raised one repeats: gates of place, time and field, then the likeness of words."""

import re
from dataclasses import dataclass
from datetime import date
from functools import cache

from core.text import fold
from feedback.matching.scoring import similarity
from feedback.topics import TOPICS

THRESHOLD = 0.42
OTHER_FIELD, OTHER_GROUP = 0.1, 0.2
"""How much more alike two opinions must be that were filed under different fields, or even groups of fields."""
_SHORT = ((r"\bkp\b", "khu pho"), (r"\btdp\b", "to dan pho"), (r"\bso (?=\d)", ""), (r"\b0+(?=\d)", ""))


@dataclass(frozen=True)
class Case:
    """One opinion as the engine sees it: where, about what, when (a settled one: the day it was settled)."""

    text: str
    village: str
    field: str
    on: date


def best_match(raised, settled, threshold=THRESHOLD):
    """The index of the settled case that `raised` repeats, or None; of equals the latest settled."""
    best, best_key = None, (threshold, date.min)
    for index, case in enumerate(settled):
        key = (score(raised, case), case.on)
        if key >= best_key:
            best, best_key = index, key
    return best


def score(raised, case):
    """0 when place or time exclude it."""
    if not is_within_a_year(raised.on, case.on) or not _may_be_same_village(raised.village, case.village):
        return 0.0
    return max(0.0, similarity(raised.text, case.text, case.village) - _distance(raised.field, case.field))


def is_within_a_year(raised_on, settled_on):
    """Raised after it was settled, and no more than twelve months after."""
    last = (settled_on.year + 1, settled_on.month, settled_on.day)
    return settled_on <= raised_on and (raised_on.year, raised_on.month, raised_on.day) <= last


def _may_be_same_village(one, other):
    """A raised opinion that names no village may be about any of the same table's."""
    return not one or _village(one) == _village(other)


def _village(word):
    word = fold(word or "")
    for short, full in _SHORT:
        word = re.sub(short, full, word)
    return word.strip()


def _distance(one, other):
    """Fields may be given by code or by name; one that is unknown or missing says nothing."""
    a, b = _fields().get(fold(one or "")), _fields().get(fold(other or ""))
    if a == b or a is None or b is None:
        return 0.0
    return OTHER_FIELD if a[1] == b[1] else OTHER_GROUP


@cache
def _fields():
    """{folded code, name, or first words of a name: (code, group)}."""
    found = {}
    for topic in TOPICS:
        words = (topic["code"], topic["name"], topic["name"].split(",")[0])
        found |= {fold(word): (topic["code"], topic["group"]) for word in words}
    return found
