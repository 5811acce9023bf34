"""What a reader is shown of a visit's words once a restricted opinion came of it."""

from visits.models import Visit
from visits.querysets import keeps_words_from

KEPT = "Nội dung hạn chế xem"
WORDS = ("findings", "help_given", "conduct")
"""What was found is what the opinion says; how it was helped and how the meeting was run may repeat it.

The content of the meeting stays: the whole place heard it.
"""


def kept_words(user, visit_ids):
    """{visit id: are its words kept from the user} of the visits whose whole record the user reads; one query."""
    whole = Visit.objects.read_whole_by(user).filter(pk__in=visit_ids)
    return dict(whole.annotate(is_kept=keeps_words_from(user)).order_by().values_list("pk", "is_kept"))


def shown_to(user, visit):
    """(does the user read the whole record, are its words kept): kept ones are replaced on `visit`, never saved."""
    is_kept = kept_words(user, [visit.pk]).get(visit.pk)
    if is_kept:
        for name in WORDS:
            setattr(visit, name, KEPT)
    return is_kept is not None, bool(is_kept)
