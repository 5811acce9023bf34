"""Reads about more time for answers: what was asked, and who decides."""

from feedback.access import may_decide_extension
from feedback.enums import ExtensionState
from feedback.models import Extension, Opinion
from people.selectors import users_of_bodies

MOST = 200


def has_extension(opinion):
    """Had it more time, or asked for it? What was refused does not count."""
    return Extension.objects.filter(opinion=opinion).exclude(state=ExtensionState.REFUSED).exists()


def pending_extension(opinion):
    """The request that waits for a decision, or None."""
    return Extension.objects.filter(opinion=opinion, state=ExtensionState.PENDING).first()


def is_bodys(asked, opinion, today):
    """Does the request come from an account of the body that has the opinion?"""
    return asked.asked_by_id in users_of_bodies([opinion.body_id], today).get(opinion.body_id, ())


def may_decide(actor, opinion, asked, today):
    return may_decide_extension(actor, opinion, asked.asked_by_id, is_bodys(asked, opinion, today))


def extensions_to_decide(user, today, limit=6):
    """Requests that wait for this very user, oldest first; two queries, however many there are."""
    visible = Opinion.objects.visible_to(user).unresolved()
    waiting = Extension.objects.filter(state=ExtensionState.PENDING, opinion__in=visible)
    rows = list(waiting.select_related("opinion__holder").order_by("asked_at", "pk")[:MOST])
    agents = users_of_bodies({row.opinion.body_id for row in rows if row.opinion.body_id}, today) if rows else {}
    found = []
    for row in rows:
        from_body = row.asked_by_id in agents.get(row.opinion.body_id, ())
        if may_decide_extension(user, row.opinion, row.asked_by_id, from_body):
            found.append(row)
    return found[:limit]
