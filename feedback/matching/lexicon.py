"""The word lists as look-up tables: a run of syllables → what it means. Built once, when first asked for."""

import unicodedata
from functools import cache, lru_cache
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
