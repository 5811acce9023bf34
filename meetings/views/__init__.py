"""Pages of meetings and expected meetings. Those that need opinions, too, live in `feedback`."""

from django.urls import reverse


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
