"""Somebody saved first: nothing is overwritten, what was typed stays, saving again is a choice."""

from django.forms import BooleanField, CharField, HiddenInput

from core.errors import Conflict
from core.merging import MINE, THEIRS, merge, plain, seal, unseal


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
