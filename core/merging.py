"""Two people, one form: a three-way merge of flat values against what each form was opened with.

Values are {key: text or list of texts}; nothing and a missing key are the same. What only one side changed is kept,
what both changed differently is a clash: both sides are shown and one is chosen. Nothing is dropped silently.
"""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import date, time

from django.core import signing

NAME = "giu:"
MINE, THEIRS = "toi", "da-luu"


@dataclass(frozen=True)
class Clash:
    """What both sides changed. `mark` names the saved value that was shown: a choice counts for that one only."""

    key: str
    mine: object
    theirs: object

    @property
    def name(self):
        return NAME + self.key

    @property
    def mark(self):
        seen = json.dumps([self.key, self.theirs], ensure_ascii=False)
        return hashlib.sha256(seen.encode()).hexdigest()[:12]

    def choice(self, side):
        return f"{side}-{self.mark}"


@dataclass
class Merge:
    """`values`: to be saved (the own side where it clashes); `taken`: keys that came from the other side.

    `base`: what the next try is compared with: the saved values, and the old base where a choice is still open.
    """

    values: dict = field(default_factory=dict)
    clashes: list = field(default_factory=list)
    taken: list = field(default_factory=list)
    base: dict = field(default_factory=dict)


def merge(base, mine, theirs, choices=None, needs=None):
    """Merge two edits of the same base. `choices` {name of a clash: its `choice(side)`} are decisions already made.

    `needs` {prefix: (key, values)}: rows under a prefix are saved only while that key has one of these values, so
    changing the key on one side clashes with rows that the other side changed.
    """
    choices, found = choices or {}, Merge()
    guarded = _guarded(base, mine, theirs, needs or {})
    for key in dict.fromkeys([*theirs, *mine, *base]):
        was, own, other = (_value(side, key) for side in (base, mine, theirs))
        value, is_open = own, False
        if own != other and ((own != was and other != was) or key in guarded):
            clash = Clash(key, own, other)
            chosen = choices.get(clash.name)
            is_open = chosen not in (clash.choice(MINE), clash.choice(THEIRS))
            value = other if chosen == clash.choice(THEIRS) else own
            found.clashes += [clash] if is_open else []
        elif own == was and other != was:
            value = other
            found.taken.append(key)
        _put(found.values, key, value)
        _put(found.base, key, _open_base(key, was, own, other, guarded) if is_open else other)
    return found


def _open_base(key, was, own, other, guarded):
    """A guarded key was changed by one side only; to stay open it must differ from both."""
    return [f"{own}", f"{other}"] if key in guarded and was in (own, other) else was


def _guarded(base, mine, theirs, needs):
    """Keys whose change by one side would drop rows that the other side changed."""
    found = set()
    for prefix, (key, values) in needs.items():
        for keeps, drops in ((mine, theirs), (theirs, mine)):
            if _value(drops, key) in (*values, _value(base, key)) or _value(keeps, key) not in values:
                continue
            rows = [row for row in {*keeps, *base} if row.startswith(prefix)]
            if any(_value(keeps, row) != _value(base, row) for row in rows):
                found.add(key)
    return found


def _value(side, key):
    return side.get(key) or ""


def _put(side, key, value):
    if value:
        side[key] = value


def plain(value):
    """A value of a form or of a row as the text that is compared, and typed again."""
    if value is None or value is False:
        return ""
    if value is True:
        return "on"
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return str(value).replace("\r\n", "\n").strip()


def seal(thing, values):
    """What a form of `thing` was opened with, to be carried by the form itself."""
    return signing.dumps(values, salt=f"form of {thing}", compress=True)


def unseal(thing, token):
    """The values a form was opened with; None when it carries none, or another thing's."""
    try:
        return signing.loads(token or "", salt=f"form of {thing}")
    except signing.BadSignature:
        return None
