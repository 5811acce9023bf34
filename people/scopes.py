"""From posts to rights: the one place where a user's Scope is made."""

from people.enums import Role
from people.rules import holding
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
    return Scope(tuple(_grant(post, state) for post, state in posts))


def _grant(post, state):
    return Grant(
        role=post.role,
        level=post.unit.level,
        unit_id=post.unit_id,
        unit_ids=frozenset(post.origin_ids),
        body_id=post.body_id if post.role == Role.AGENCY else None,
        person_id=post.person_id,
        writes=state == "active",
        post_id=post.pk,
    )
