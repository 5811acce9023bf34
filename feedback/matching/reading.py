"""What a text says, as sets that can be compared: things, asks, names, numbers, and the words left over."""

import re
import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

from core.text import fold
from feedback.matching.lexicon import ASK, FRAME, THING, longest, meanings, phrases, plain, spell

_WORD = re.compile(r"\d+[.,]\d+|\w+(?:-\w+)*%?", re.UNICODE)
_ROAD_CODE = re.compile(r"\b(ql|tl|đt|dt|đh)[. ]?(\d)", re.IGNORECASE)
_SENTENCE = re.compile(r"[.!?:;\n“\"(]\s*$|^\s*$")
_CODE = re.compile(r"\d+[a-z]{0,2}\d*|[a-z]\d+[a-z]?")
_WHERE = {"gan", "canh", "tai", "truoc", "tu", "den", "ra", "qua", "ven", "doc", "ben", "trong", "quanh", "dau", "cuoi"}
_WHERE |= {"o", "vao", "cong", "sau", "ngay", "vuc", "giua"}
_QUANTITY = {"m", "km", "ha", "ho", "dong", "%", "tuoi", "bong", "nguoi", "chau", "phong", "gio", "ngay", "thang"}
_QUANTITY |= {"nam", "m2", "kg", "tan", "cot", "thung", "con", "trieu", "ti", "ty", "lan", "kw", "kv", "vu", "phut"}
_QUANTITY |= {"cap", "met", "suat", "tram", "hecta", "thon", "doan", "diem", "khu", "xe", "cay", "em", "tuan"}
_WANTS = ("thanks", "asking", "against", "upward", "downward")
ELSEWHERE = 0.5
"""The weight of a thing that only says where."""


@dataclass(frozen=True)
class Reading:
    """`things` {code: weight}; `names` runs of folded syllables; `numbers` {head: codes}; `places` other villages."""

    things: dict = field(default_factory=dict)
    asks: frozenset = frozenset()
    names: frozenset = frozenset()
    numbers: dict = field(default_factory=dict)
    places: frozenset = frozenset()
    rest: frozenset = frozenset()
    is_thanks: bool = False
    is_against: bool = False
    trend: frozenset = frozenset()
    folded: str = ""
    said: str = ""


def has_accents(text):
    """Was the text typed with diacritics?"""
    words = text.split()
    marked = sum(any(ord(c) > 127 for c in word) for word in words)
    return marked >= 0.3 * len(words)


@lru_cache(maxsize=20_000)
def read(text, village="", is_accented=True):
    """Read one text; `village` is where it was raised, whose own name says nothing more."""
    text = _ROAD_CODE.sub(r"\1 \2", unicodedata.normalize("NFC", text))
    words = [match.group() for match in _WORD.finditer(text)]
    spelled = [spell(w.lower()) if is_accented else plain(w) for w in words]
    folded = [plain(word) for word in words]
    things, asks, rest, said = _concepts(spelled, folded, is_accented)
    numbers, places = _numbers(folded, fold(village))
    runs = {tuple(spelled[i : i + size]) for size in (1, 2, 3, 4) for i in range(len(spelled) - size + 1)}
    wants = {name for name in _WANTS if not runs.isdisjoint(phrases(name, is_accented))}
    return Reading(
        things=things,
        asks=asks,
        names=_names(text, fold(village)) | _people(folded),
        numbers=numbers,
        places=places,
        rest=rest,
        is_thanks="thanks" in wants and "asking" not in wants,
        is_against="against" in wants,
        trend=frozenset(wants & {"upward", "downward"}),
        folded=f" {' '.join(folded)} ",
        said=said,
    )


def _concepts(spelled, folded, is_accented):
    """(things, asks, unknown words, all words but the frame): always taking the longest run that is known."""
    things, asks, rest, said = {}, set(), set(), []
    position = 0
    while position < len(spelled):
        size, found = _known(spelled, folded, position, is_accented)
        if not size:
            said.append(folded[position])
            if not folded[position][0].isdigit() and len(folded[position]) > 1:
                rest.add(folded[position])
            position += 1
            continue
        is_where = position > 0 and folded[position - 1] in _WHERE
        for kind, code in found:
            if kind == THING:
                things[code] = max(things.get(code, 0), ELSEWHERE if is_where else 1)
            elif kind == ASK:
                asks.add(code)
        if any(kind != FRAME for kind, _ in found):
            said += folded[position : position + size]
        position += size
    return things, frozenset(asks), frozenset(rest), f" {' '.join(said)} "


def _known(spelled, folded, position, is_accented):
    """What is known at a position; where diacritics were mistyped, what the letters alone say of two or more words."""
    size, found = longest(spelled, position, is_accented)
    if size < 2 and is_accented:
        other, guess = longest(folded, position, False)
        if other >= 2:
            return other, guess
    return size, found


def _numbers(folded, village):
    """({head: codes} of numbered things, other villages named by number) — quantities and dates say nothing."""
    heads, place_heads = phrases("numbered", False), phrases("place_heads", False)
    numbers, places = {}, set()
    for position, word in enumerate(folded):
        if not _CODE.fullmatch(word) or not position:
            continue
        following = folded[position + 1] if position + 1 < len(folded) else ""
        before = folded[position - 1]
        code = word.lstrip("0") or "0"
        if word.isdigit() and following in _QUANTITY and before not in ("so", "ngo", "thon", "khu", "to", "ap"):
            continue
        if (before,) in place_heads or tuple(folded[max(0, position - 2) : position]) in place_heads:
            places.add(code)
        elif (before,) in heads or not word.isdigit():
            head = _head(folded, position, word)
            numbers.setdefault(head, set()).add(code)
    own = set(re.findall(r"\w*\d\w*", village))
    return {head: frozenset(codes) for head, codes in numbers.items()}, frozenset(places - own)


def _head(folded, position, word):
    """What is numbered, in one word: “quốc lộ 18” and “QL18” are one, a code such as N2 stands for itself."""
    before = folded[position - 1]
    if before == "lo" and position > 1 and folded[position - 2] == "quoc":
        return "ql"
    return "so" if before in ("so", "nha") or not word[0].isdigit() else before


def _people(folded):
    """Who “ông …” and “bà …” are, however they were typed."""
    known = meanings(False)
    pairs = pairwise(folded)
    return {(name,) for title, name in pairs if title in ("ong", "ba") and name.isalpha() and (name,) not in known}


def _names(text, village):
    """Runs of capitalised words inside sentences, less the village's own name and common institutions."""
    common, names, run, end = phrases("not_names", False), set(), [], 0
    for match in [*_WORD.finditer(text), None]:
        word = match.group() if match else ""
        gap = text[end : match.start()] if match else "."
        starts = match is not None and bool(_SENTENCE.search(text[max(0, match.start() - 3) : match.start()]))
        if run and (not word[:1].isupper() or gap.strip()):
            names.add(tuple(run))
            run = []
        if word[:1].isupper() and not starts and not word.isdigit():
            run.append(plain(word))
        end = match.end() if match else end
    own = village.split()
    kept = (_trimmed(name, own, common) for name in names)
    return frozenset(name for name in kept if name)


def _trimmed(name, own, common):
    """A name without leading institution words; empty when nothing of its own is left."""
    if name in common or (own and " ".join(name) in " ".join(own)):
        return ()
    for size in range(len(name), 0, -1):
        if name[:size] in common:
            return _trimmed(name[size:], own, common) if name[size:] else ()
    return name
