"""The post that gives an account its right: begun, and taken back."""

from django.db import transaction
from django.db.models import Q

from core.activity import record
from core.errors import NotAllowed
from people.access import may_give_role
from people.enums import POSITION_OF_ROLE, VILLAGE_POSITIONS, Position, Role
from people.models import Post
from people.services.posts import end_post, hold_post
from units.selectors import place_on
from units.services import ensure_default_body

SPEAKERS = (Position.VILLAGE_HEAD, Position.CELL_SECRETARY, Position.FRONT_BOARD_HEAD)
"""Who speaks for a village, first ones first."""

HELPER = "Cán bộ thôn, khu"


def village_speaker(unit, day):
    """The person who holds the first of a village's posts on a day and has no account yet, or None."""
    posts = Post.objects.on(day).filter(unit=unit, position__in=SPEAKERS, person__users=None).select_related("person")
    return next((post.person for post in sorted(posts, key=lambda post: SPEAKERS.index(post.position))), None)


@transaction.atomic
def begin_right(*, actor, person, unit, role, start, body=None, request_id=None):
    """A post with the role from `start`. A village's right rides on the post its holder has there already."""
    if role == Role.VILLAGE:
        return _begin_village_right(actor, person, unit, start, request_id)
    if role == Role.AGENCY:
        body = body or ensure_default_body(unit, start)
    return hold_post(
        actor=actor,
        person=person,
        unit=unit,
        position=POSITION_OF_ROLE[role],
        valid_from=start,
        role=role,
        body=body if role == Role.AGENCY else None,
        request_id=request_id,
    )


def _begin_village_right(actor, person, unit, start, request_id):
    """On the post held at the village; else as its head while there is none, or as somebody who helps the three."""
    held = Post.objects.select_for_update().filter(unit=unit, position__in=VILLAGE_POSITIONS)
    rows = list(held.filter(Q(valid_to=None) | Q(valid_to__gt=start)).order_by("position", "pk"))
    own = next((post for post in rows if post.person_id == person.pk), None)
    if own is not None:
        return _add_right(actor, own, unit, start)
    is_headless = all(post.position != Position.VILLAGE_HEAD for post in rows)
    return hold_post(
        actor=actor,
        person=person,
        unit=unit,
        position=Position.VILLAGE_HEAD if is_headless else Position.OTHER,
        title="" if is_headless else HELPER,
        valid_from=start,
        role=Role.VILLAGE,
        request_id=request_id,
    )


def _add_right(actor, post, unit, day):
    if not may_give_role(actor, Role.VILLAGE, unit.level, place_on(unit, day)):
        raise NotAllowed("Chỉ quản trị của địa bàn được giao vai trò này.")
    post.role = Role.VILLAGE
    post.save(update_fields=["role"])
    record(actor.pk, "post.give_role", post, after={"person": post.person_id, "role": post.role})
    return post


@transaction.atomic
def end_right(*, actor, post, on):
    """Take the right back: the post that was begun for it ends; one of a village's three posts goes on without it."""
    if not (post.role == Role.VILLAGE and post.position in VILLAGE_POSITIONS):
        return end_post(actor=actor, post=post, on=on)
    post = Post.objects.select_for_update(of=("self",)).select_related("unit").get(pk=post.pk)
    if not may_give_role(actor, post.role, post.unit.level, place_on(post.unit, on)):
        raise NotAllowed("Chỉ quản trị của địa bàn được thu hồi vai trò này.")
    post.role = ""
    post.save(update_fields=["role"])
    record(actor.pk, "post.take_role", post, after={"person": post.person_id})
    return post
