"""Reads behind the directory: who holds which post on a day, and which village posts nobody holds."""

from itertools import groupby

from django.db.models import Case, Exists, IntegerField, OuterRef, Q, Value, When

from core.text import fold
from people.access import may_read_phone
from people.enums import VILLAGE_POSITIONS, Position
from people.models import Person, Post
from people.querysets import DIRECTORY_ROLES
from people.rules import masked_phone
from units.enums import Level
from units.models import Unit, UnitLineage, UnitVersion
from units.selectors import places_on

POSITION_ORDER = {code: number for number, code in enumerate(Position.values)}
LEVEL_RANK = Case(
    When(unit__level=Level.PROVINCE, then=Value(0)),
    When(unit__level=Level.DISTRICT, then=Value(1)),
    default=Value(2),
    output_field=IntegerField(),
)


def posts_in(user, day, unit=None, body=None, position="", text=""):
    """The posts of a day that the user may see, filtered."""
    posts = Post.objects.visible_to(user, day).on(day).matching(text)
    if unit:
        posts = posts.under(unit, day)
    if body:
        posts = posts.filter(body=body)
    return posts.filter(position=position) if position else posts


def holders_of(posts):
    """One row per person and unit, a commune followed by its villages; names by the Vietnamese alphabet."""
    rows = posts.annotate(rank=LEVEL_RANK).values_list("unit_id", "person_id")
    return rows.order_by("rank", "unit__code", "unit_id", "person__sort_key", "person_id").distinct()


def groups_of(user, pairs, day):
    """The page's rows grouped by unit: [{"unit", "name", "rows": [{"person", "labels", "phone", …}]}]."""
    posts, unit_ids = {}, {pair[0] for pair in pairs}
    wanted = Post.objects.on(day).filter(unit__in=unit_ids, person__in={pair[1] for pair in pairs})
    for post in wanted.select_related("person", "unit", "body"):
        posts.setdefault((post.unit_id, post.person_id), []).append(post)
    names = dict(UnitVersion.objects.filter(unit__in=unit_ids).on(day).values_list("unit_id", "name"))
    places = places_on(unit_ids, day)
    return [
        {
            "unit": posts[pairs_of_unit[0]][0].unit,
            "name": names.get(unit_id),
            "rows": sorted((_row(user, posts[pair], places.get(unit_id)) for pair in pairs_of_unit), key=_rank),
        }
        for unit_id, group in groupby(pairs, key=lambda pair: pair[0])
        if (pairs_of_unit := [pair for pair in group if pair in posts])
    ]


def _row(user, posts, place):
    posts = sorted(posts, key=lambda post: POSITION_ORDER[post.position])
    person, unit_id = posts[0].person, posts[0].unit_id
    return {
        "person": person,
        "labels": [f"{post.label}, {post.body.name}" if post.body else post.label for post in posts],
        "is_concurrent": len(posts) > 1,
        "phone": person.phone if may_read_phone(user, unit_id, place) else masked_phone(person.phone),
        "since": min(post.valid_from for post in posts),
        "rank": POSITION_ORDER[posts[0].position],
    }


def _rank(row):
    return row["rank"]


def vacancies_in(user, day, unit=None, position="", text=""):
    """Villages of the user's branch that lack one of the three posts on a day, each lack as `lacks_<position>`."""
    branch = UnitLineage.objects.filter(ancestor_id__in=user.scope.unit_ids(DIRECTORY_ROLES), unit=OuterRef("pk"))
    villages = Unit.objects.level(Level.VILLAGE).filter(Exists(branch.on(day))).on(day).matching(text)
    if unit:
        villages = villages & Unit.objects.under(unit, day)
    held = Post.objects.on(day).filter(unit=OuterRef("pk"))
    lacks = {f"lacks_{code}": ~Exists(held.filter(position=code)) for code in VILLAGE_POSITIONS}
    wanted = [f"lacks_{position}"] if position in VILLAGE_POSITIONS else list(lacks)
    some = Q()
    for name in wanted:
        some |= Q(**{name: True})
    return villages.annotate(**lacks).filter(some).order_by("code", "pk")


def missing_of(village):
    """[(position, label)] that nobody holds in a village of `vacancies_in`."""
    return [(code.value, code.label) for code in VILLAGE_POSITIONS if getattr(village, f"lacks_{code}")]


def namesakes(user, name):
    """People of the user's branch with the same name, whatever the diacritics, with what they hold or held."""
    people = Person.objects.visible_to(user).filter(search_text=fold(name)) if name else Person.objects.none()
    return list(people.prefetch_related("posts__unit")[:20])
