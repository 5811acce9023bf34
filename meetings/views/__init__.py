"""Pages of meetings and expected meetings. Those that need opinions, too, live in `feedback`."""

from django.urls import reverse

from core.activity import last_act
from core.conflicts import clash_row
from people.selectors import saved_by


def trail_to(label, *between):
    """The way from the list of meetings to this page; `between` holds (label, URL name) pairs."""
    steps = [("Hội nghị", "meeting_list"), *between]
    return [*({"label": text, "url": reverse(name)} for text, name in steps), {"label": label}]


def trail_of_meeting(meeting, label):
    """The way to a part of a meeting, through the meeting's own page."""
    *before, _ = trail_to(label)
    return [*before, {"label": meeting.title, "url": meeting.get_absolute_url()}, {"label": label}]


def version_of(request):
    """The version the actor saw; something unreadable agrees with none."""
    word = request.POST.get("version", "")
    return int(word) if word.isascii() and word.isdigit() and len(word) < 10 else -1


def place_error(filled, refusal):
    """Put a refusal of line "<index>-<name>" at its field; the answer is the sentence when it belongs to no field."""
    index, _, name = (refusal.field or "").partition("-")
    if index.isdigit() and name in filled[int(index)].fields:
        filled[int(index)].add_error(name, refusal.message)
        return None
    return refusal.message


def clashes_of(rows, lines, user):
    """What a grid of lines shows of two sides: each clash, and who saved the other one."""
    if not rows or not rows.clashes:
        return {"clashes": [], "saved_by": ""}
    names = {str(line.pk): f"Dòng {line.number}" for line in lines}
    fields = rows.empty_form.fields
    choices = {
        name: {str(code): label for code, label in getattr(field, "choices", ())} for name, field in fields.items()
    }
    told = []
    for clash in rows.clashes:
        pk, _, name = clash.key.partition(":")
        ended = " (việc đã kết thúc, không sửa được nữa)" if pk in rows.ended else ""
        label = f"{names.get(pk, 'Dòng vừa bị bỏ')}{ended}: {fields[name].label.lower()}"
        told.append(clash_row(clash, label, lambda _, value, name=name: choices[name].get(value, value)))
    acts = [last_act(line) for line in lines if any(clash.key.startswith(f"{line.pk}:") for clash in rows.clashes)]
    return {"clashes": told, "saved_by": saved_by(user, max(filter(None, acts), key=lambda act: act[1], default=None))}
