"""Reads the word lists of the demo, once."""

import json
from functools import cache
from pathlib import Path

from core.text import fold

FOLDER = Path(__file__).parent / "data"


@cache
def word_list(name):
    """The content of `data/<name>.json`; callers must not change it."""
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


@cache
def lines_of(pattern):
    """All non-empty lines of the text files that match, comments left out, in the order of the file names."""
    lines = []
    for path in sorted(FOLDER.glob(pattern)):
        lines += [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    return [line for line in lines if line and not line.startswith("#")]


def fold_words(text):
    """The same as `fold`, quick for many texts of the same words."""
    return " ".join(_folded(word) for word in text.split())


_folded = cache(fold)
