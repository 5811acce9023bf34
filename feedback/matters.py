"""What the pages of matters show (reads only). Nothing restricted is named or counted here."""

from django.db.models import Count, Q
from django.urls import reverse

from feedback.access import ANSWERED, DECIDERS, may_move, works_at
from feedback.enums import GROUPS, ReportGroup, Satisfaction, Verb, Visibility
from feedback.models import Matter, Opinion
from feedback.rows import COLUMNS, opinion_rows

MOST_FELLOWS = 20
COUNTS = {
    "all": Count("pk"),
    "places": Count("village", distinct=True),
    "communes": Count("commune", distinct=True),
    "open": Count("pk", filter=Q(is_open=True)),
    "answered": Count("pk", filter=Q(status__in=ANSWERED)),
    "settled": Count("pk", filter=Q(status__in=GROUPS[ReportGroup.SETTLED])),
    "confirmed": Count("pk", filter=Q(status__in=ANSWERED, satisfaction=Satisfaction.SATISFIED)),
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


def open_acts(matter, user):
    """The acts that the user may take on at least one open member."""
    opinions = list(members_of([matter], user).unresolved().select_related("holder", "meeting"))
    verbs = {Verb.RESOLVE: "answer", Verb.ESCALATE: "escalate", Verb.ASSIGN: "assign"}
    acts = {name for verb, name in verbs.items() if any(may_move(user, opinion, verb) for opinion in opinions)}
    if all(opinion.holder.level == "province" for opinion in opinions):
        acts.discard("escalate")
    if works_at(user, matter.unit_id):
        acts.add("keep")
        if opinions and works_at(user, matter.unit_id, DECIDERS):
            acts.add("answer")
    return acts


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
