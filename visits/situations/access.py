"""Who writes situations down, moves them on, explains and reviews. Buttons and services ask the same sentences."""

from people.enums import Role
from units.enums import LEVEL_ORDER, Level
from visits.access import KEEPERS, VISITORS, keeps
from visits.enums import SituationState

EXPLANATION_REVIEWERS = KEEPERS | {Level.COMMUNE: {Role.COMMUNE_LEADER}}
"""Whoever keeps the branch of the responsible cadre; in a commune, its leaders only."""


def may_record_situation(actor, place, assigned):
    """Whoever keeps the branch, and every cadre assigned there on the day (`assigned`: their assignments)."""
    if keeps(actor, place):
        return True
    is_visitor = any(grant.writes and grant.role in VISITORS for grant in actor.scope.grants)
    return is_visitor and any(assignment.person_id == actor.person_id for assignment in assigned)


def may_handle_situation(actor, situation):
    """Moves and the choice of the responsible cadre belong to those who keep the branch."""
    return keeps(actor, situation)


def may_edit_situation(actor, situation):
    """While it is not closed: those who keep the branch, and the cadre who wrote it down."""
    if situation.state == SituationState.CLOSED:
        return False
    wrote = situation.created_by_id == actor.pk and any(g.writes and g.role in VISITORS for g in actor.scope.grants)
    return wrote or keeps(actor, situation)


def may_explain(actor, situation, explanation, levels):
    """Only the responsible cadre, once a level above knew first, and until the level above has said its word."""
    own = actor.is_active and actor.person_id == situation.responsible_id
    return own and (explanation.reviewed_at is None if explanation else bool(levels))


def may_review_explanation(actor, situation, explanation):
    """Those who keep the cadre's own branch or one above; never the cadre."""
    if explanation is None or actor.person_id == situation.responsible_id:
        return False
    lowest = LEVEL_ORDER.index(situation.responsible_post.unit.level)
    return any(
        grant.writes
        and grant.role in EXPLANATION_REVIEWERS.get(grant.level, ())
        and LEVEL_ORDER.index(grant.level) <= lowest
        and grant.covers(situation)
        for grant in actor.scope.grants
    )
