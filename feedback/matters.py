"""What the pages of matters show (reads only). Nothing restricted is named or counted here."""

from collections import Counter

from django.db.models import Count
from django.urls import reverse

from core.text import collation_key
from feedback.access import DECIDERS, STAFF, may_move, may_take_up, works_at
from feedback.enums import ReportGroup, Satisfaction, Verb, Visibility
from feedback.models import Matter, Opinion
from feedback.querysets import IS_ANSWERED, IS_CONFIRMED, IS_OPEN, in_group
from feedback.rows import COLUMNS, opinion_rows

MOST_FELLOWS = 20
COUNTS = {
    "all": Count("pk"),
    "places": Count("village", distinct=True),
    "communes": Count("commune", distinct=True),
    "open": Count("pk", filter=IS_OPEN),
    "answered": Count("pk", filter=IS_ANSWERED),
    "settled": Count("pk", filter=in_group(ReportGroup.SETTLED)),
    "confirmed": Count("pk", filter=IS_CONFIRMED),
}
NONE = dict.fromkeys(COUNTS, 0)


def members_of(matters, user):
    """The opinions of matters that a user may see; one that was restricted since is shown nowhere here."""
    visible = Opinion.objects.visible_to(user).filter(matter__in=matters)
    return visible.exclude(visibility=Visibility.RESTRICTED)


def matter_rows(found, user):
    """Prepared rows of a page of matters, in one more statement."""
    rows = list(found)
    counted = members_of([row["pk"] for row in rows], user).order_by().values("matter_id").annotate(**COUNTS)
    counts = {row["matter_id"]: row for row in counted}
    return [
        row | {"counts": counts.get(row["pk"], NONE), "url": reverse("matter_detail", args=[row["pk"]])} for row in rows
    ]


def matter_counts(matter, user):
    return members_of([matter], user).aggregate(**COUNTS)


def member_rows(matter, user, today):
    """Prepared rows of the members by place, each with what those who raised it say."""
    found = members_of([matter], user).order_by("commune__name", "village__name", "raised_on", "pk")
    rows = list(found.values(*COLUMNS, "satisfaction", "settled_on"))
    for row, shown in zip(rows, list(opinion_rows(rows, today)), strict=True):
        shown["said"] = Satisfaction(row["satisfaction"]).label if row["satisfaction"] else ""
        shown["settled_on"] = row["settled_on"]
        yield shown


ACTS = {Verb.RESOLVE: "answer", Verb.ESCALATE: "escalate", Verb.ASSIGN: "assign", Verb.EXTEND: "extend"}


def open_members(matter, user):
    return list(members_of([matter], user).unresolved().select_related("holder", "meeting", "body").order_by("pk"))


def open_acts(matter, user, opinions):
    """The acts that the user may take on at least one of the open members."""

    def may(opinion, verb):
        roles = DECIDERS if verb == Verb.ESCALATE else STAFF
        return may_move(user, opinion, verb) or may_take_up(user, matter, opinion, roles)

    acts = {name for verb, name in ACTS.items() if any(may(opinion, verb) for opinion in opinions)}
    if matter.level == "province" and all(opinion.holder.level == "province" for opinion in opinions):
        acts.discard("escalate")
    if works_at(user, matter.unit_id):
        acts.add("keep")
        if opinions and works_at(user, matter.unit_id, DECIDERS):
            acts.add("answer")
    return acts


def reach_of_acts(matter, user, opinions):
    """What an act on the matter will do, said before it: who gives up how many, and what stays where it is.

    {"taken": [(holder, count)], "taken_count", "left": [(id, holder)]}
    """
    taken, left = Counter(), []
    for opinion in opinions:
        if may_take_up(user, matter, opinion):
            taken[opinion.holder.name] += 1
        elif not may_move(user, opinion, Verb.ASSIGN):
            left.append((opinion.pk, opinion.holder.name))
    by_name = sorted(taken.items(), key=lambda each: collation_key(each[0]))
    return {"taken": by_name, "taken_count": taken.total(), "left": left}


def matter_panel(opinion, user):
    """What the page of an opinion says of its matter: title, the fellows one may see, how many there are besides."""
    if opinion.matter_id is None or opinion.is_restricted:
        return None
    matter = Matter.objects.get(pk=opinion.matter_id)
    everyone = Opinion.objects.filter(matter=matter).exclude(visibility=Visibility.RESTRICTED).exclude(pk=opinion.pk)
    seen = members_of([matter], user).exclude(pk=opinion.pk).order_by("pk")
    fellows = list(seen.values("pk", "village__name", "commune__name", "unit__name")[:MOST_FELLOWS])
    is_visible = Matter.objects.visible_to(user).filter(pk=matter.pk).exists()
    return {
        "title": matter.title,
        "url": matter.get_absolute_url() if is_visible else "",
        "fellows": fellows,
        "others": everyone.count() - len(fellows),
    }
