"""Who holds which post from when to when. Terms are half-open: `on` is the first day without the post."""

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Q

from core.activity import record
from core.errors import Conflict, DomainError, NotAllowed
from core.text import clean_name, clean_person_name, fold, person_sort_key
from people.access import may_give_role, may_manage_posts
from people.enums import VILLAGE_POSITIONS, Position, Role
from people.models import Person, Post
from people.reads import current_places
from people.rules import clean_phone, person_version
from units.closed import ONWARDS, check_open
from units.models import Unit
from units.reads import place_on


def new_person(name, phone="", email="", is_sample=False):
    """A person row with its derived columns; the caller decides whether the name is somebody already known."""
    name = clean_person_name(name)
    if not name:
        raise DomainError("Nhập họ và tên.", "name")
    return Person.objects.create(
        name=name,
        sort_key=person_sort_key(name),
        search_text=fold(name),
        phone=clean_phone(phone),
        email=_clean_email(email),
        is_sample=is_sample,
    )


def _clean_email(value):
    value = clean_name(value or "")
    try:
        if value:
            validate_email(value)
    except ValidationError as error:
        raise DomainError("Nhập thư điện tử dạng ten@co-quan.vn, hoặc để trống.", "email") from error
    return value


@transaction.atomic
def hold_post(*, actor, person, unit, position, valid_from, title="", role="", body=None, request_id=None):
    """Begin a term. A post that carries a role gives rights, so only an administrator begins one."""
    if request_id and (known := Post.objects.filter(request_id=request_id).first()):
        return known
    unit = Unit.objects.select_for_update().get(pk=unit.pk)
    place = place_on(unit, valid_from)
    _check_right(actor, unit, place, role)
    _check_shape(unit, position, title, role, body)
    _check_free(unit, person, position, clean_name(title), role, valid_from)
    post = Post.objects.create(
        person=person,
        unit=unit,
        body=body,
        position=position,
        title=clean_name(title),
        role=role,
        valid_from=valid_from,
        request_id=request_id,
    )
    record(actor.pk, "post.begin", post, after={"person": person.pk, "position": position, "role": role})
    return post


@transaction.atomic
def appoint(
    *, actor, unit, position, valid_from, person=None, name="", phone="", email="", title="", body=None, request_id=None
):
    """Put somebody into a post: a person already known, or a new one by name."""
    if request_id and (known := Post.objects.filter(request_id=request_id).first()):
        return known
    person = person or new_person(name, phone, email)
    return hold_post(
        actor=actor,
        person=person,
        unit=unit,
        position=position,
        valid_from=valid_from,
        title=title,
        body=body,
        request_id=request_id,
    )


@transaction.atomic
def end_post(*, actor, post, on):
    """The term ends: `on` is the first day without the post; the rights that came with it end, too."""
    post = Post.objects.select_for_update(of=("self",)).select_related("unit", "person").get(pk=post.pk)
    last_day = on - timedelta(days=1)
    if post.valid_to is not None:
        if post.valid_to == on:
            return post
        raise Conflict(f"Nhiệm kỳ này đã được ghi kết thúc từ ngày {post.valid_to:%d/%m/%Y}. Tải lại trang để xem.")
    if on <= post.valid_from:
        raise DomainError(f"Ngày thôi giữ chức danh phải sau ngày bắt đầu ({post.valid_from:%d/%m/%Y}).", "on")
    _check_right(actor, post.unit, place_on(post.unit, last_day), post.role, ending=True)
    check_open(post.unit, on, ONWARDS, "on")
    post.valid_to = on
    post.save(update_fields=["valid_to"])
    record(actor.pk, "post.end", post, after={"on": str(on)})
    return post


@transaction.atomic
def hand_over_post(*, actor, post, on, person=None, name="", phone="", email="", request_id=None):
    """One ends, the next begins on the same day, in one transaction. Returns the new post."""
    if request_id and (known := Post.objects.filter(request_id=request_id).first()):
        return known
    if post.role and post.role != Role.VILLAGE:
        raise DomainError("Chức danh này gắn với quyền sử dụng. Quản trị kết thúc và giao lại ở trang tài khoản.")
    ended = end_post(actor=actor, post=post, on=on)
    person = person or new_person(name, phone, email)
    if person.pk == ended.person_id:
        raise DomainError("Người nhận bàn giao phải khác người đang giữ chức danh.", "name")
    return hold_post(
        actor=actor,
        person=person,
        unit=ended.unit,
        position=ended.position,
        title=ended.title,
        body=ended.body,
        valid_from=on,
        request_id=request_id,
    )


@transaction.atomic
def edit_person(*, actor, person, name, phone, email, version, today):
    """Correct a name, phone or e-mail; both texts are told when somebody else was quicker."""
    person = Person.objects.select_for_update().get(pk=person.pk)
    places = current_places(person, today)
    if not places or not all(may_manage_posts(actor, place) for place in places):
        raise NotAllowed("Người này còn giữ chức danh ngoài địa bàn của đồng chí. Đề nghị đơn vị đó sửa.")
    name, phone, email = clean_person_name(name), clean_phone(phone), _clean_email(email)
    if version != person_version(person.name, person.phone, person.email):
        raise Conflict(
            f"Người khác vừa sửa thành “{person.name}”, điện thoại “{person.phone}”, thư “{person.email}”. "
            f"Đồng chí đang nhập “{name}”, điện thoại “{phone}”, thư “{email}”. "
            "Tải lại trang rồi sửa lại nếu vẫn cần."
        )
    person.name, person.phone, person.email = name, phone, email
    person.sort_key, person.search_text = person_sort_key(name), fold(name)
    person.save(update_fields=["name", "phone", "email", "sort_key", "search_text"])
    record(actor.pk, "person.edit", person)
    return person


def _check_right(actor, unit, place, role, ending=False):
    if not role or (ending and role == Role.VILLAGE):
        if not may_manage_posts(actor, place):
            raise NotAllowed("Chỉ cán bộ, lãnh đạo phụ trách hoặc quản trị của địa bàn được sửa chức danh ở đây.")
    elif not may_give_role(actor, role, unit.level, place):
        verb = "thu hồi" if ending else "giao"
        raise NotAllowed(f"Chỉ quản trị của địa bàn được {verb} vai trò này, và chỉ ở cấp phù hợp.")


def _check_shape(unit, position, title, role, body):
    if position not in Position.values:
        raise DomainError("Chọn chức danh trong danh sách.", "position")
    if position == Position.OTHER and not clean_name(title):
        raise DomainError("Ghi rõ tên chức danh khi chọn “Chức danh khác”.", "title")
    if body is not None and body.unit_id != unit.pk:
        raise DomainError(f"Chọn cơ quan của {unit.name}.", "body")
    if role == Role.AGENCY and body is None:
        raise DomainError("Chọn cơ quan mà tài khoản này trả lời thay.", "body")


def _check_free(unit, person, position, title, role, start):
    """Nobody holds one post twice at a time; each of the three village posts has one holder."""
    overlapping = Post.objects.filter(unit=unit, position=position).filter(Q(valid_to=None) | Q(valid_to__gt=start))
    if overlapping.filter(person=person, title=title, role=role).exists():
        raise DomainError(f"{person.name} đang giữ chức danh này ở {unit.name}. Không cần ghi lại.", "position")
    if position in VILLAGE_POSITIONS and (other := overlapping.select_related("person").first()):
        raise DomainError(
            f"{other.person.name} đang giữ chức danh {other.label} ở {unit.name}. "
            "Hãy bàn giao, hoặc kết thúc nhiệm kỳ đó trước.",
            "position",
        )
