"""Accounts: made, disabled and given new passwords by the administrator of the branch; never deleted."""

import re

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from core.activity import record
from core.errors import Conflict, DomainError, NotAllowed
from people.access import may_give_role, may_manage_account
from people.enums import ROLE_LEVELS, Role
from people.models import User, as_username
from people.passwords import one_time_password
from people.selectors import past_right_places, right_places
from people.services.posts import new_person
from people.services.rights import begin_right, village_speaker
from people.words import title_at
from units.selectors import place_on


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
