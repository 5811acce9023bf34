"""From posts to rights: the one place where a user's Scope is made."""

from people.enums import Role
from people.rules import holding
from units.models import UnitHeritage
from units.scoping import Grant, Scope


def scope_on(user, today):
    """The Scope of a user on a day: active posts give roles, posts that ended with their unit give its archive."""
    if not user.is_active:
        return Scope()
    posts = [
        (post, state)
        for post in user.duties
        if (state := holding(post.valid_from, post.valid_to, post.unit.valid_to, today))
    ]
    origins = _origins({post.unit_id for post, _ in posts})
    return Scope(tuple(_grant(post, state, origins[post.unit_id]) for post, state in posts))


def _origins(unit_ids):
    """{unit id: itself and every unit whose records it inherited}, in one query."""
    origins = {unit_id: {unit_id} for unit_id in unit_ids}
    for heir_id, origin_id in UnitHeritage.objects.filter(heir_id__in=unit_ids).values_list("heir_id", "origin_id"):
        origins[heir_id].add(origin_id)
    return {unit_id: frozenset(ids) for unit_id, ids in origins.items()}


def _grant(post, state, unit_ids):
    return Grant(
        role=post.role,
        level=post.unit.level,
        unit_id=post.unit_id,
        unit_ids=unit_ids,
        body_id=post.body_id if post.role == Role.AGENCY else None,
        person_id=post.person_id,
        writes=state == "active",
    )
