"""Pages of meetings and expected meetings. Those that need opinions, too, live in `feedback`."""

from django.urls import reverse


def trail_to(label, *between):
    """The way from the list of meetings to this page; `between` holds (label, URL name) pairs."""
    steps = [("Hội nghị", "meeting_list"), *between]
    return [*({"label": text, "url": reverse(name)} for text, name in steps), {"label": label}]
