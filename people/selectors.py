"""Reads over people and posts."""

from collections import defaultdict

from people.models import Post


def users_with_roles(unit_ids, roles, today):
    """{unit id: [user ids]} of active accounts whose post of the day gives one of `roles` at the unit."""
    found = defaultdict(list)
    posts = Post.objects.on(today).filter(unit_id__in=unit_ids, role__in=roles, person__users__is_active=True)
    for unit_id, user_id in posts.values_list("unit_id", "person__users__pk").distinct():
        found[unit_id].append(user_id)
    return found


def users_of_bodies(body_ids, today):
    """{body id: [user ids]} of active accounts that answer for the bodies on a day."""
    found = defaultdict(list)
    posts = Post.objects.on(today).filter(body_id__in=body_ids, role="agency", person__users__is_active=True)
    for body_id, user_id in posts.values_list("body_id", "person__users__pk").distinct():
        found[body_id].append(user_id)
    return found


def title_of(user, today):
    """How an account signs its acts: 'Nguyễn Văn An, Bí thư Phường Hà Tu'."""
    post = Post.objects.on(today).filter(person=user.person).exclude(role="").select_related("unit", "body").first()
    if post is None:
        return user.person.name
    return f"{user.person.name}, {post.label} {post.body.name if post.body else post.unit.name}"
