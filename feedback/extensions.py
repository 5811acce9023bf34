"""Reads about more time for answers: what was asked, and who decides."""

from feedback.access import may_decide_extension
from feedback.enums import ExtensionState
from feedback.models import Extension, Opinion

MOST = 200


def pending_extension(opinion):
    """The request that waits for a decision, or None."""
    waiting = Extension.objects.filter(opinion=opinion, state=ExtensionState.PENDING)
    return waiting.select_related("holder").first()


def extensions_to_decide(user, limit=6):
    """Requests that wait for this very user, oldest first; one query, however many there are."""
    visible = Opinion.objects.visible_to(user).unresolved()
    waiting = Extension.objects.filter(state=ExtensionState.PENDING, opinion__in=visible)
    rows = waiting.select_related("opinion__holder", "holder").order_by("asked_at", "pk")[:MOST]
    return [row for row in rows if may_decide_extension(user, row.opinion, row)][:limit]
