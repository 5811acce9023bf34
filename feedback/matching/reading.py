"""What a text says, as sets that can be compared: things, asks, names, numbers, and the words left over."""

import re
import unicodedata
from dataclasses import dataclass, field
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path

from core.text import fold

WORDS = Path(__file__).resolve().parent / "words"

_TONES = "\u0300\u0301\u0303\u0309\u0323"

THING, ASK, FRAME = "thing", "ask", "frame"


@lru_cache(maxsize=20_000)
def spell(syllable):
    """A syllable with its tone at the end: “hoá” and “hóa” are one."""
    parts = unicodedata.normalize("NFD", syllable)
    tone = "".join(c for c in parts if c in _TONES)
    return "".join(c for c in parts if c not in _TONES) + tone


@lru_cache(maxsize=20_000)
def plain(syllable):
    """A syllable without its marks."""
    return fold(syllable)


def key_of(phrase, is_accented):
    """The syllables of a phrase as the tables hold them."""
    words = phrase.replace(",", " ").split()
    return tuple(spell(word) if is_accented else plain(word) for word in words)


@cache
def meanings(is_accented):
    """{syllables: {(kind, code), …}}. Without diacritics one run of syllables may mean several things."""
    table = {}
    for kind, name in ((THING, "things"), (ASK, "asks")):
        for code, wordings in _lists(name).items():
            for wording in wordings:
                table.setdefault(key_of(wording, is_accented), set()).add((kind, code))
    for wording in _lists("frames")["frame"]:
        key = key_of(wording, is_accented)
        if len(key) == 1 and not is_accented:
            table[key] = set()  # “cho” is to give more often than a market
        table.setdefault(key, set()).add((FRAME, ""))
    return table


@cache
def phrases(name, is_accented):
    """One of the plain lists, as a set of syllable runs."""
    return frozenset(key_of(wording, is_accented) for wording in _lists("frames")[name])


@cache
def _lists(name):
    """{code: wordings} of a file of `words/`."""
    lines = (WORDS / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    rows = (line.partition(": ") for line in lines if line and not line.startswith("#"))
    return {code: wordings.split(", ") for code, _, wordings in rows}


@cache
def _reach(is_accented):
    """{first syllable: length of the longest run that begins with it}, so that most syllables are passed at once."""
    reach = {}
    for run in meanings(is_accented):
        reach[run[0]] = max(reach.get(run[0], 0), len(run))
    return reach


def longest(words, start, is_accented):
    """(length, what it means) of the longest run at `start`; it gives way to a longer run that begins inside it."""
    size, found = _run(words, start, is_accented)
    for ahead in range(1, size):
        if _run(words, start + ahead, is_accented)[0] > size:
            return _run(words, start, is_accented, ahead)
    return size, found


def _run(words, start, is_accented, most=None):
    table = meanings(is_accented)
    reach = most or _reach(is_accented).get(words[start], 0)
    for size in range(min(reach, len(words) - start), 0, -1):
        found = table.get(tuple(words[start : start + size]))
        if found:
            return size, found
    return 0, None


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
