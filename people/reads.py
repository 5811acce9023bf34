"""Reads over people and posts."""

from collections import Counter, defaultdict
from datetime import timedelta
from itertools import groupby

from django.db.models import Case, Exists, IntegerField, OuterRef, Q, Value, When
from django.http import Http404

from core.display import moment_text
from core.text import fold
from people.access import may_read_phone
from people.enums import VILLAGE_POSITIONS, Position, Role, title_at
from people.models import Person, Post, User
from people.querysets import DIRECTORY_ROLES
from people.rules import holding, masked_phone
from units.enums import Level
from units.models import Unit, UnitLineage
from units.naming import names_for, placed_names
from units.panels import Panel, PanelLine
from units.reads import body_name_on, names_on, places_on


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


def told_apart(choices, today):
    """Choices of people [(person id, name)]: those of one name take the posts they hold and where, last their number.

    Two queries and those of the places; none where every name is one person's.
    """
    choices = list(choices)
    times = Counter(fold(name) for _, name in choices)
    shared = [pk for pk, name in choices if times[fold(name)] > 1]
    if not shared:
        return choices
    posts = list(Post.objects.on(today).filter(person_id__in=shared).select_related("unit", "body").order_by("pk"))
    places, held = placed_names({post.unit_id for post in posts}, today), defaultdict(list)
    for post in posts:
        held[post.person_id].append(title_at(post.label, places.get(post.unit_id, post.unit.name)))
    words = {pk: f"{name} – {'; '.join(held[pk][:2])}" if held[pk] else name for pk, name in choices if pk in shared}
    again = Counter(words.values())
    words |= {pk: f"{word} (mã {pk})" for pk, word in words.items() if again[word] > 1}
    return [(pk, words.get(pk, name)) for pk, name in choices]


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
    names = names_for(user, unit_ids, day)
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


PAGE_SIZE = 50
LAST_PAGE = 10_000


def page_of(request, rows, total):
    """(rows of the page asked by ?trang=, {"prev_url", "next_url"})."""
    word = request.GET.get("trang", "1")
    if not (word.isascii() and word.isdigit() and 1 <= int(word) <= LAST_PAGE):
        raise Http404
    number = int(word)
    start = (number - 1) * PAGE_SIZE
    return list(rows[start : start + PAGE_SIZE]), {
        "prev_url": _url(request, number - 1) if number > 1 else "",
        "next_url": _url(request, number + 1) if start + PAGE_SIZE < total else "",
    }


def _url(request, number):
    query = request.GET.copy()
    query["trang"] = str(number)
    return f"?{query.urlencode()}"


def village_posts(user, village, day, today):
    """Who holds each of the three posts on the day; a post that nobody holds is said."""
    if not user.scope.unit_ids(DIRECTORY_ROLES):
        return None
    holders = {}
    for post in posts_in(user, day, village).select_related("person"):
        holders.setdefault(post.position, []).append(post)
    lines = [
        PanelLine(position.label, ", ".join(post.person.name for post in holders.get(position, ())) or "chưa có người")
        for position in VILLAGE_POSITIONS
    ]
    return Panel("Ba chức danh của thôn, khu", lines, "")
