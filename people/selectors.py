"""Reads over people and posts."""

from collections import defaultdict
from datetime import timedelta

from django.db.models import Exists, OuterRef

from core.display import moment_text
from people.enums import Role
from people.models import Post, User
from people.rules import holding
from people.words import title_at
from units.models import Unit, UnitLineage
from units.selectors import body_name_on, names_on, places_on


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


def title_of(user, today, named_on=None):
    """How an account signs its acts: 'Nguyễn Văn An, Bí thư Phường Hà Tu'; the place as it was called on `named_on`."""
    post = Post.objects.on(today).filter(person=user.person).exclude(role="").select_related("unit", "body").first()
    if post is None:
        return user.person.name
    place = post.body.name if post.body else post.unit.name
    if named_on:
        place = body_name_on(post.body, named_on) if post.body else names_on([post.unit_id], named_on)[post.unit_id]
    return f"{user.person.name}, {title_at(post.label, place)}"


def saved_by(user, act):
    """Who saved last, as a clause: 'chính đồng chí đã lưu lúc 14:05 21/11/2026'; `act` is (account id, moment)."""
    actor_id, at = act or (None, None)
    if at is None:
        return "người khác đã lưu"
    when = f"đã lưu lúc {moment_text(at)}"
    if actor_id == user.pk:
        return f"chính đồng chí {when}"
    name = User.objects.filter(pk=actor_id).values_list("person__name", flat=True).first()
    return f"đồng chí {name} {when}" if name else f"người khác {when}"


def current_places(person, today):
    """Where the units of a person's posts of the day lie."""
    return _places(person.posts.all(), today)


def right_places(person, today):
    """Where the units lie at which a person has rights on a day, archives of ended units included."""
    return _places(person.posts.exclude(role=""), today)


def past_right_places(person):
    """The same for somebody who has no rights any more: where they were held last."""
    posts = [post for post in person.posts.exclude(role="").select_related("unit") if post.valid_to]
    return _places_on_days((post.valid_to - timedelta(days=1), post.unit_id) for post in posts)


def _places(posts, today):
    """On the day itself, or on the last day of a unit that has ended."""
    days = []
    for post in posts.select_related("unit"):
        if holding(post.valid_from, post.valid_to, post.unit.valid_to, today):
            end = post.unit.valid_to
            days.append((end - timedelta(days=1) if end and end <= today else today, post.unit_id))
    return _places_on_days(days)


def _places_on_days(pairs):
    days = defaultdict(set)
    for day, unit_id in pairs:
        days[day].add(unit_id)
    return [place for day, unit_ids in days.items() for place in places_on(unit_ids, day).values()]


def account_with(username, role, unit):
    """The account of that name if it already holds the role at the unit, else None."""
    posts = Post.objects.filter(role=role, unit=unit, valid_to=None, person=OuterRef("person"))
    return User.objects.filter(Exists(posts), username=username).first()


def administered_units(user, today):
    """Units in force, villages too, at which the user may make accounts."""
    branch = user.scope.unit_ids({Role.ADMIN})
    lineage = UnitLineage.objects.filter(ancestor_id__in=branch, unit=OuterRef("pk")).on(today)
    return Unit.objects.filter(Exists(lineage))


def posts_begun(thing, on):
    """(label, first day) of posts at a unit or a body that begin on a day or later."""
    here = {"unit": thing} if isinstance(thing, Unit) else {"body": thing}
    posts = Post.objects.filter(**here, valid_from__gte=on).select_related("person").order_by("valid_from", "pk")
    return ((f"{post.label} {post.person.name}", post.valid_from) for post in posts[:10])
