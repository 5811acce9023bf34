"""Writing the people and accounts of a file."""

from datetime import timedelta

from django.contrib.auth.hashers import make_password

from core.text import fold, person_sort_key
from giaoban.scenario.tree import end_of
from people.enums import POSITION_OF_ROLE, Position, Role
from people.models import Person, Post, User
from units.models import Unit
from units.services import ensure_default_body

BATCH = 1000
VILLAGE_WORDS = ("thôn", "bản", "khu", "khu phố", "ấp", "xóm", "làng", "buôn", "khóm")
VILLAGE_HEADS = {f"trưởng {word}" for word in VILLAGE_WORDS} | {"tổ trưởng dân phố", "tổ trưởng tổ dân phố"}
POSITIONS = {word.casefold(): position for position in Position for word in (position.value, position.label)}


def position_of(post):
    """(position, title) of a post as written: a known code or label, a village head by its local name, else a title."""
    word = post.casefold()
    if word in VILLAGE_HEADS:
        return Position.VILLAGE_HEAD, post
    position = POSITIONS.get(word, Position.OTHER)
    return (position, post) if position == Position.OTHER else (position, "")


def write_people(rows):
    """Persons with one post each, as long as the unit lasts."""
    people = Person.objects.bulk_create(
        [_person(row.name, phone=row.phone, source_key=f"scenario:{row.id}") for row in rows], batch_size=BATCH
    )
    posts = []
    for row, person in zip(rows, people, strict=True):
        position, title = position_of(row.post)
        posts.append(_post(person, row.unit, position=position, title=title))
    Post.objects.bulk_create(posts, batch_size=BATCH)


def write_accounts(rows, today):
    """Sample accounts: the given password stays, the post that gives the role lasts as long as the unit."""
    people = Person.objects.bulk_create(
        [_person(f"{Role(row.role).label} {row.unit.name}"[:120], is_sample=True) for row in rows], batch_size=BATCH
    )
    bodies = _bodies({row.unit.pk for row in rows if row.role == Role.AGENCY}, today)
    hashes = {password: make_password(password) for password in {row.password for row in rows}}
    users, posts = [], []
    for row, person in zip(rows, people, strict=True):
        users.append(User(username=row.username, person=person, password=hashes[row.password], is_sample=True))
        body_id = bodies[row.unit.pk] if row.role == Role.AGENCY else None
        position = POSITION_OF_ROLE[row.role]
        posts.append(_post(person, row.unit, position=position, role=row.role, body_id=body_id))
    User.objects.bulk_create(users, batch_size=BATCH)
    Post.objects.bulk_create(posts, batch_size=BATCH)


def _bodies(unit_ids, today):
    """{unit id: id of its People's Committee}, the body that answers where nobody named another."""
    units = Unit.objects.filter(pk__in=unit_ids)
    return {unit.pk: ensure_default_body(unit, _day_of(unit, today)).pk for unit in units}


def _day_of(unit, today):
    """Today, or for a unit that has ended its last day."""
    return min(today, unit.valid_to - timedelta(days=1)) if unit.valid_to else today


def _person(name, **columns):
    return Person(name=name, sort_key=person_sort_key(name), search_text=fold(name), **columns)


def _post(person, unit, **columns):
    return Post(person=person, unit_id=unit.pk, valid_from=unit.valid_from, valid_to=end_of(unit), **columns)
