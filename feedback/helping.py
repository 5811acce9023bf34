"""What offices say to each other on an opinion's page: who helps, whom a body proposed instead of itself, letters."""

from feedback.enums import Verb
from feedback.origins import page_parts
from feedback.services.disclaiming import proposal_of
from feedback.services.supporting import supports_of
from units.scoping import scope_of


def helping_context(opinion, user, today, verbs):
    """Nothing of it is for the village that raised the matter."""
    if not (scope_of(user).content_grants or scope_of(user).body_ids()):
        return {}
    proposal = proposal_of(opinion, today)
    return {
        "supports": _support_rows(opinion, user, today, verbs),
        "proposal": proposal,
        "may_accept": proposal is not None and Verb.ASSIGN in verbs,
        **page_parts(opinion, user, today),
    }


def _support_rows(opinion, user, today, verbs):
    """Late ones are named late while the opinion is open."""
    rows = supports_of(opinion, user)
    for row in rows:
        waits = opinion.is_open and row.replied_on is None
        row.is_late = waits and row.due_on < today
        row.may_reply = waits and row.is_own
        row.may_withdraw = waits and Verb.ASK_SUPPORT in verbs
    return rows
