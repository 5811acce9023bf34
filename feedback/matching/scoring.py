"""How alike two opinions are, and which settled one a raised one repeats."""

import re
from dataclasses import dataclass
from datetime import date
from functools import cache

from core.text import fold
from feedback.matching.reading import has_accents, read
from feedback.topics import TOPICS

COMMON_THINGS = {
    **dict.fromkeys(("road", "power", "school", "clean_water", "contribution", "stream", "new_rural", "poor"), 0.7),
    **dict.fromkeys(("pupil", "fund", "market", "elderly", "dust", "tree", "clearance", "furniture"), 0.8),
}
COMMON_ASKS = {**dict.fromkeys(("lack", "support", "grant", "guide", "clarify"), 0.4)}
HOLDERS = frozenset(
    [
        "clinic",
        "hospital",
        "school",
        "kindergarten",
        "primary",
        "secondary",
        "high_school",
        "market",
        "park",
        "culture_house",
        "one_stop",
        "road",
        "trunk_road",
        "village_link",
        "highway",
        "alley",
        "poor",
        "elderly",
        "pupil",
    ]
)
"""Things that hold many matters: sharing one of them says little when both speak of something more."""
EVERYWHERE = frozenset(("road", "trunk_road", "alley", "drain", "lighting", "power", "garbage", "tree", "canal"))
"""Things a village has in many places."""
ABOUT, ASKED, WORDED = 0.5, 0.25, 0.25
WHOLE = 0.6
"""How much a thing that only one of them names speaks against them; the rest is forgiven to short wordings."""
KINDS = (
    frozenset(("kindergarten", "primary", "secondary", "high_school")),
    frozenset(("trunk_road", "village_link", "commune_link", "province_road", "highway", "alley", "field_road")),
)
"""Things of which a text speaks of one: another one is another matter."""


def similarity(one, other, village=""):
    """0…1 for two texts raised at one village."""
    a, b = (read(text, village, has_accents(text)) for text in (one, other))
    if a.folded == b.folded:
        return 1.0
    return _likeness(a, b) * _contradiction(a, b)


def _likeness(a, b):
    worded = _worded(a, b)
    asked = _asked(a, b)
    if not a.things or not b.things:
        return 0.35 * asked + 0.65 * worded
    return ABOUT * _about(a, b) + ASKED * asked + WORDED * worded


def _about(a, b):
    """The share of things both name, the rarer and more central the heavier."""
    shared = sum(_weight(code) * (a.things[code] + b.things[code]) / 2 for code in a.things.keys() & b.things.keys())
    only = sum(_weight(code) * a.things[code] for code in a.things.keys() - b.things.keys())
    only_b = sum(_weight(code) * b.things[code] for code in b.things.keys() - a.things.keys())
    if not shared:
        return 0.0
    both = 2 * shared / (2 * shared + only + only_b)
    less = shared / (shared + min(only, only_b))
    return WHOLE * both + (1 - WHOLE) * less


def _weight(code):
    return COMMON_THINGS.get(code, 1.5)


def _asked(a, b):
    if not a.asks or not b.asks:
        return 0.4
    least = min(_load(a.asks), _load(b.asks))
    return min(1.0, _load(a.asks & b.asks) / least)


def _load(asks):
    return sum(COMMON_ASKS.get(code, 1.0) for code in asks)


def _worded(a, b):
    """Words that no list knows: shared ones, and shared runs of three letters against misspellings."""
    letters = _dice(_grams(a.said), _grams(b.said))
    if not a.rest or not b.rest:
        return letters
    return 0.5 * letters + 0.5 * len(a.rest & b.rest) / min(len(a.rest), len(b.rest))


def _grams(text):
    return {text[i : i + 3] for i in range(len(text) - 2)}


def _dice(a, b):
    return 2 * len(a & b) / (len(a) + len(b)) if a and b else 0.0


def _contradiction(a, b):
    """1 when nothing speaks against it; near 0 when the two name different things or want opposite ones."""
    factor = 1.0
    if a.is_thanks != b.is_thanks or a.is_against != b.is_against:
        factor *= 0.3
    if a.trend and b.trend and not a.trend & b.trend:
        factor *= 0.6
    if a.asks and b.asks and not a.asks & b.asks:
        factor *= 0.6 if a.asks - COMMON_ASKS.keys() and b.asks - COMMON_ASKS.keys() else 0.7
    if a.things and b.things:
        factor *= _centred(a.things, b.things)
    if any(_differ_in(kinds, a.things.keys(), b.things.keys()) for kinds in KINDS):
        factor *= 0.5
    if _lies_elsewhere(a, b):
        factor *= 0.7
    if a.places != b.places:
        factor *= 0.3
    for head in a.numbers.keys() & b.numbers.keys():
        if not any(_same_code(x, y) for x in a.numbers[head] for y in b.numbers[head]):
            factor *= 0.3
    return factor * _names_agree(a, b)


def _centred(a, b):
    """1 when both speak of one thing; less when what they share is only the place, or the house, it lies in."""
    shared = a.keys() & b.keys()
    if not shared:
        return 0.6
    inner_a, inner_b = _inner(a), _inner(b)
    if inner_a and inner_b:
        if inner_a & inner_b:
            return 1.0
        return 0.8 if inner_a & b.keys() or inner_b & a.keys() else 0.6
    central = any(a[code] == b[code] == 1 for code in shared)
    return 1.0 if central or (max(a.values()) < 1 and max(b.values()) < 1) else 0.6


def _inner(things):
    """The things a text is about, without the houses and roads that hold them."""
    return {code for code, weight in things.items() if weight == 1} - HOLDERS


def _differ_in(kinds, a, b):
    return bool(a & kinds and b & kinds and not a & b & kinds)


def _lies_elsewhere(a, b):
    """The road to the market is not the road to the school: an everyday thing at two places."""
    shared = a.things.keys() & b.things.keys()
    where_a, where_b = (_places(things) for things in (a.things, b.things))
    if not (where_a and where_b and shared <= EVERYWHERE):
        return False
    return not where_a & b.things.keys() and not where_b & a.things.keys()


def _places(things):
    return {code for code, weight in things.items() if weight < 1}


def _same_code(x, y):
    return x == y or (x.rstrip("abcd") == y.rstrip("abcd") and x[:1].isdigit())


def _names_agree(a, b):
    if not a.names or not b.names:
        return 1.0
    if any(_same_name(x, y) for x in a.names for y in b.names):
        return 1.0
    if any(_told_in(name, b) for name in a.names) or any(_told_in(name, a) for name in b.names):
        return 1.0
    return 0.35


def _told_in(name, reading):
    """A name of two or more words, found however it was typed; one word alone may be any word."""
    return len(name) > 1 and f" {' '.join(name)} " in reading.folded


def _same_name(x, y):
    return x == y or (x[-1] == y[-1] and 1 in (len(x), len(y)))


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
