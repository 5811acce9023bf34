"""Accounts: made, disabled and given new passwords by the administrator of the branch; never deleted."""

import re
import secrets

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from core.activity import record
from core.errors import Conflict, DomainError, NotAllowed
from people.access import may_give_role, may_manage_account
from people.enums import POSITION_OF_ROLE, ROLE_LEVELS, VILLAGE_POSITIONS, Position, Role, title_at
from people.models import Post, User, as_username
from people.reads import past_right_places, right_places
from people.services.posts import end_post, hold_post, new_person
from units.reads import place_on
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


_LETTERS = "abcdefghjkmnpqrstuvwxyz"
_DIGITS = "23456789"


def one_time_password():
    """Like `hmkt-39-wqbz-74`: about 48 bits, no letter that looks like a digit."""
    return "-".join((_some(_LETTERS, 4), _some(_DIGITS, 2), _some(_LETTERS, 4), _some(_DIGITS, 2)))


def _some(signs, count):
    return "".join(secrets.choice(signs) for _ in range(count))


@transaction.atomic
def create_account(
    *,
    actor,
    username,
    password,
    role,
    unit,
    today,
    name="",
    body=None,
    person=None,
    email="",
    is_sample=False,
    must_change_password=True,
    request_id=None,
):
    """An account with the post that gives it `role` at `unit`, as long as the unit lasts.

    Sample accounts keep the password they are given; all others must have a good one.
    """
    if request_id and (known := User.objects.filter(request_id=request_id).first()):
        return known
    username = clean_username(username)
    start = _start_of(unit, is_sample, today)
    _check_role(actor, role, unit, start)
    if User.objects.filter(username=username).exists():
        raise DomainError(f"Tên đăng nhập “{username}” đã có người dùng. Chọn tên khác.", "username")
    if person:
        _check_person(actor, person, today)
    if role == Role.VILLAGE and not name:
        person = person or village_speaker(unit, max(start, today))
    person = person or new_person(name or title_at(Role(role).label, unit.name), is_sample=is_sample)
    user = User(
        username=username,
        person=person,
        email=email,
        is_sample=is_sample,
        must_change_password=must_change_password and not is_sample,
        request_id=request_id,
    )
    _set_password(user, password, check=not is_sample)
    user.save()
    begin_right(actor=actor, person=person, unit=unit, role=role, start=start, body=body)
    record(actor.pk, "user.create", user, after={"username": username, "role": role, "unit": unit.key})
    return user


@transaction.atomic
def give_role(*, actor, person, unit, role, body=None, request_id=None, today):
    """One more role for somebody, from today."""
    return begin_right(actor=actor, person=person, unit=unit, role=role, start=today, body=body, request_id=request_id)


@transaction.atomic
def disable_account(*, actor, user, version, today):
    """The account signs in no more and its sessions end at once; everything it did stays."""
    user = _account_to_change(actor, user, version, today)
    if user.pk == actor.pk:
        raise DomainError("Không thể tự khóa tài khoản đang dùng. Đề nghị quản trị khác thực hiện.")
    return _save(actor, user, "user.disable", is_active=False)


@transaction.atomic
def enable_account(*, actor, user, version, today):
    user = _account_to_change(actor, user, version, today)
    return _save(actor, user, "user.enable", is_active=True)


@transaction.atomic
def reset_password(*, actor, user, version, today):
    """A one-time password, returned once; the old one and all sessions end."""
    user = _account_to_change(actor, user, version, today)
    password = one_time_password()
    user.set_password(password)
    _save(actor, user, "user.reset_password", password=user.password, must_change_password=not user.is_sample)
    return password


@transaction.atomic
def change_password(*, actor, password):
    """One's own password, checked already by the form; every other session ends."""
    user = User.objects.select_for_update().get(pk=actor.pk)
    user.set_password(password)
    _save(actor, user, "user.change_password", password=user.password, must_change_password=False)
    return user


@transaction.atomic
def change_email(*, actor, email, version):
    user = User.objects.select_for_update().get(pk=actor.pk)
    if user.version != version:
        raise Conflict(
            f"Thư điện tử vừa được sửa ở nơi khác thành “{user.email}”; đồng chí đang nhập “{email}”. Tải lại trang."
        )
    return _save(actor, user, "user.change_email", email=email)


def clean_username(value):
    """The name as sign-in reads it, whatever the case it is typed in."""
    username = as_username(value or "")
    if not re.fullmatch(r"[\w.@+-]{1,60}", username):
        message = "Tên đăng nhập gồm chữ, số và các dấu . _ - @ +, tối đa 60 ký tự, không có dấu cách."
        raise DomainError(message, "username")
    return username


def _start_of(unit, is_sample, today):
    ended = unit.valid_to is not None and unit.valid_to <= today
    return unit.valid_from if is_sample or ended else max(today, unit.valid_from)


def _check_role(actor, role, unit, day):
    if role not in ROLE_LEVELS or unit.level not in ROLE_LEVELS[role]:
        raise DomainError(f"Vai trò này không dùng cho {unit.name}. Chọn vai trò đúng cấp của đơn vị.", "role")
    if not may_give_role(actor, role, unit.level, place_on(unit, day)):
        raise NotAllowed("Chỉ quản trị của địa bàn được lập tài khoản cho đơn vị này.")


def _check_person(actor, person, today):
    places = right_places(person, today)
    if places and not may_manage_account(actor, places):
        raise NotAllowed("Người này có quyền ở nơi khác. Đề nghị quản trị cấp trên lập tài khoản.")


def _set_password(user, password, check):
    if check:
        try:
            validate_password(password, user)
        except ValidationError as error:
            raise DomainError(" ".join(error.messages), "password") from error
    user.set_password(password)


def _account_to_change(actor, user, version, today):
    user = User.objects.select_for_update(of=("self",)).select_related("person").get(pk=user.pk)
    if not may_manage_account(actor, right_places(user.person, today) or past_right_places(user.person)):
        raise NotAllowed("Tài khoản này có quyền ngoài địa bàn của đồng chí. Đề nghị quản trị cấp trên thực hiện.")
    if user.version != version:
        raise Conflict("Tài khoản vừa được người khác thay đổi. Tải lại trang rồi làm lại nếu vẫn cần.")
    return user


def _save(actor, user, verb, **values):
    for name, value in values.items():
        setattr(user, name, value)
    user.version += 1
    user.save(update_fields=[*values, "version"])
    record(actor.pk, verb, user)
    return user
