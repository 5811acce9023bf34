"""Two people, one form: a three-way merge of flat values against what each form was opened with.

Values are {key: text or list of texts}; nothing and a missing key are the same. What only one side changed is kept,
what both changed differently is a clash: both sides are shown and one is chosen. Nothing is dropped silently.
"""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import date, time

from django.core import signing
from django.forms import BooleanField, CharField, HiddenInput

from core.errors import Conflict, DomainError

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


def overtaken(what):
    """The sentence for a page that shows what is saved above the form with what was typed."""
    return f"{what} vừa được người khác lưu, nên chưa ghi đè. Bản đang lưu hiện ở trên, phần đồng chí nhập còn ở dưới."


def refuse(form, error, read_saved=None):
    """Put a refusal at its field. After a conflict the form takes the version of `read_saved()` over.

    Returns what is saved now, None without a conflict.
    """
    form.add_error(error.field if error.field in form.fields else None, error.message)
    if read_saved is None or not isinstance(error, Conflict):
        return None
    saved, form.data = read_saved(), form.data.copy()
    form.data[form.add_prefix("version")] = str(saved.version)
    return saved


TRIES = 3
"""How often a save is merged again when others save at the same moment."""
UNKNOWN = "\0"
"""What a field was opened with where nobody can say: it equals nothing that was typed or saved."""


class MergingForm:
    """Mixin of a form on something versioned: it carries what it was opened with and merges with what is saved now.

    `initial` holds what is saved now; `thing` names it ('opinion-12'). Fields `version` and `base` are never merged.
    """

    thing = ""

    def begin_merging(self, thing):
        """Call at the end of __init__: adds the hidden field of what the form is opened with."""
        self.thing = thing
        self.fields["base"] = CharField(required=False, widget=HiddenInput, initial=seal(thing, self._saved()))

    def _saved(self):
        return {name: plain(self.initial.get(name)) for name in self._merged_names()}

    def _merged_names(self):
        return [name for name, field in self.fields.items() if not field.widget.is_hidden]

    def merge(self):
        """(merge, typed data as merged) of a valid form. Without a base every difference is a clash."""
        mine = {name: plain(self.cleaned_data.get(name)) for name in self._merged_names()}
        base = unseal(self.thing, self.data.get("base"))
        is_current = base is None and self.cleaned_data.get("version") == self.initial["version"]
        saved = self._saved()
        unknown = dict.fromkeys(saved, UNKNOWN)
        found = merge(saved if is_current else base or unknown, mine, saved, self.data)
        data = self.data.copy()
        for name in self._merged_names():
            data[name] = found.values.get(name, "")
            if not data[name] and isinstance(self.fields[name], BooleanField):
                del data[name]
        data["version"], data["base"] = str(self.initial["version"]), seal(self.thing, found.base)
        return found, data

    def clash_rows(self, clashes):
        """Rows of the component that shows both sides."""
        return [clash_row(clash, self.fields[clash.key].label, self._word) for clash in clashes]

    def _word(self, key, value):
        choices = dict(getattr(self.fields[key], "choices", ()))
        return {str(code): label for code, label in choices.items()}.get(value, "có" if value == "on" else value)


def clash_row(clash, label, word):
    """What the component `_clashes.html` shows of one clash; `word(key, value)` says a value as people read it."""
    sides = [
        {"code": clash.choice(side), "text": word(clash.key, value) if value else "(để trống)"}
        for side, value in ((THEIRS, clash.theirs), (MINE, clash.mine))
    ]
    return {"label": label, "name": clash.name, "saved": sides[0], "typed": sides[1]}


class MergingRows:
    """Mixin of a grid of saved lines and new ones: merged line by line against what the page was opened with.

    `lines` are the rows saved now, `saved` {pk: {field: value}} what the grid shows of them, `ended` the ids of those
    that cannot be changed any more. The page carries `base` and `version` as hidden fields of its own.
    """

    def begin_merging(self, thing, lines, saved, ended=frozenset()):
        """Call once, after it is built. A bound grid keeps what it was opened with, until it is merged."""
        self.thing, self.lines, self.ended, self.clashes = thing, lines, ended, []
        self.saved = {str(pk): row for pk, row in saved.items()}
        self.theirs = {f"{pk}:{name}": plain(value) for pk, row in self.saved.items() for name, value in row.items()}
        self.saved_version = sum(1 + line.version for line in lines)
        self.base = self.data.get("base", "") if self.is_bound else seal(thing, self.theirs)
        self.version = self.data.get("version", "") if self.is_bound else self.saved_version
        return self

    def merge(self):
        """(clashes, the grid as it would be typed with both sides) of a valid grid."""
        opened = unseal(self.thing, self.data.get("base"))
        if opened is None and self.data.get("version") == str(self.saved_version):
            opened = self.theirs
        filled = [form for form in self.forms if not form.is_blank]
        old = {str(form.cleaned_data["pk"]): form for form in filled if form.cleaned_data.get("pk")}
        typed = {
            f"{pk}:{name}": plain(form.cleaned_data.get(name))
            for pk, form in old.items()
            for name in form.fields
            if name != "pk"
        }
        base = dict.fromkeys(typed, UNKNOWN) if opened is None else opened
        found = merge(base, base | typed if opened else typed, self.theirs, self.data)
        clashes = [clash for clash in found.clashes if _owner(clash.key) not in self.ended]
        clashes += self._too_late(typed, base)
        known = {_owner(key) for key in base}
        fresh = [form for form in filled if not form.cleaned_data.get("pk") and not self._is_saved(form, known)]
        return clashes, self._retyped(found, [pk for pk in old if pk not in self.saved], known, fresh)

    def _too_late(self, typed, base):
        """Changes of lines that have ended: told once, they can go nowhere."""
        told = [
            Clash(key, value, self.theirs.get(key, ""))
            for key, value in typed.items()
            if _owner(key) in self.ended and value not in (base.get(key) or "", self.theirs.get(key) or "")
        ]
        return [clash for clash in told if not self.data.get(clash.name, "").endswith(clash.mark)]

    def _is_saved(self, form, known):
        """Was this very row saved since the page was opened, say by a second press of the button?"""
        row = {name: plain(form.cleaned_data.get(name)) for name in form.fields if name != "pk"}
        return any(
            all(plain(line.get(name)) == value for name, value in row.items())
            for pk, line in self.saved.items()
            if pk not in known
        )

    def _retyped(self, found, gone, known, fresh):
        data = self.data.copy()
        for name in [name for name in data if name.startswith(f"{self.prefix}-")]:
            del data[name]
        names, rows = [name for name in self.empty_form.fields if name != "pk"], []
        for pk in [*(pk for pk in self.saved if pk not in self.ended), *gone]:
            row = {name: found.values.get(f"{pk}:{name}", "") for name in names}
            if pk in self.saved or any(row.values()):
                rows.append(row | {"pk": "" if pk in gone and pk in known else pk})
        rows += [{name: self.data.get(form.add_prefix(name), "") for name in names} for form in fresh]
        data[f"{self.prefix}-TOTAL_FORMS"] = str(len(rows) + self.extra)
        data[f"{self.prefix}-INITIAL_FORMS"] = str(len(rows))
        for number, row in enumerate(rows):
            data.update({f"{self.prefix}-{number}-{name}": value for name, value in row.items()})
        data["version"], data["base"] = str(self.saved_version), seal(self.thing, found.base)
        return data


def _owner(key):
    """'12:text' -> '12'"""
    return key.partition(":")[0]


def save_rows(read, save, data):
    """(grid, refusal, status): saved (302) with what others saved meanwhile, or the grid to be mended or chosen from.

    `read(data)` gives the typed grid over what is saved at this moment; `save(grid)` raises Conflict when overtaken.
    """
    rows = read(data)
    for turn in range(TRIES):
        if not rows.is_valid():
            return rows, None, 422
        clashes, merged = rows.merge()
        rows = read(merged)
        rows.clashes = clashes
        if clashes:
            return rows, None, 409
        if not rows.is_valid():
            return rows, None, 422
        try:
            save(rows)
            return rows, None, 302
        except Conflict as refusal:
            if turn == TRIES - 1:
                return rows, refusal, refusal.status_code
            rows = read(merged)
        except DomainError as refusal:
            return rows, refusal, refusal.status_code
    return rows, None, 422
