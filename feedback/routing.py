"""Who usually takes what: the unit's own rules first, then the bodies that settled the most of the same topic."""

from datetime import timedelta
from typing import NamedTuple

from django.db.models import Count

from feedback.enums import ANSWERED, Competence, Visibility
from feedback.models import Opinion, RoutingRule, Topic
from units.enums import Level
from units.models import Body, UnitLineage

LOOKS_BACK = timedelta(days=730)
KEEPERS = {
    Level.COMMUNE: {"commune", "commune_leader"},
    Level.DISTRICT: {"leader", "specialist"},
    Level.PROVINCE: {"province", "specialist"},
}
"""Who keeps the routing rules of a unit."""

ANY = ""
"""Stands for every competence that has no rule of its own."""

COLUMNS = [(ANY, "Mọi thẩm quyền"), *Competence.choices]


class Suggestion(NamedTuple):
    body: Body
    reason: str


def suggest_bodies(opinion, today, limit=3):
    """Suggestions for one opinion, best first: three queries, restricted opinions never counted."""
    alive = Body.objects.on(today)
    rules = RoutingRule.objects.filter(unit_id=opinion.holder_id, topic_id=opinion.topic_id, body__in=alive)
    rules = {rule.competence: rule.body for rule in rules.select_related("body")}
    ruled = rules.get(opinion.competence) or rules.get(ANY)
    found = [Suggestion(ruled, "theo quy định phân công của đơn vị")] if ruled else []
    counts = _settled_by(opinion, today)
    bodies = alive.filter(pk__in=counts, unit_id__in=_below(opinion.holder_id, today)).in_bulk()
    for body_id, count in counts.items():
        if body_id in bodies and (ruled is None or body_id != ruled.pk):
            found.append(Suggestion(bodies[body_id], f"đã giải quyết {count} ý kiến cùng lĩnh vực"))
    return found[:limit]


def ruled_bodies(rows):
    """{opinion id: name of the body a rule names}, for rows with pk, holder_id, topic_id, competence; one query."""
    rows = list(rows)
    units, topics = {row["holder_id"] for row in rows}, {row["topic_id"] for row in rows}
    rules = RoutingRule.objects.filter(unit_id__in=units, topic_id__in=topics) if rows else RoutingRule.objects.none()
    named = {(r[0], r[1], r[2]): r[3] for r in rules.values_list("unit_id", "topic_id", "competence", "body__name")}
    found = {}
    for row in rows:
        place = row["holder_id"], row["topic_id"]
        found[row["pk"]] = named.get((*place, row["competence"])) or named.get((*place, ANY), "")
    return found


def kept_units(user):
    """Ids of the units whose rules the user keeps."""
    grants = user.scope.grants
    return {grant.unit_id for grant in grants if grant.writes and grant.role in KEEPERS.get(grant.level, ())}


def routing_matrix(unit, today):
    """Rows of topics in printed order: {topic, cells: [body name by competence]}, and how many topics have no rule."""
    named = {}
    for topic_id, competence, name in RoutingRule.objects.filter(unit=unit).values_list(
        "topic_id", "competence", "body__name"
    ):
        named[topic_id, competence] = name
    rows = []
    for topic in Topic.objects.choices_on(today):
        cells = [{"label": label, "name": named.get((topic.pk, code), "")} for code, label in COLUMNS]
        rows.append({"topic": topic, "usual": cells[0]["name"], "others": [cell for cell in cells[1:] if cell["name"]]})
    return rows, sum(not row["usual"] for row in rows)


def _settled_by(opinion, today):
    """{body id: how many of the topic it settled for this holder}, the most first."""
    past = Opinion.objects.filter(
        holder_id=opinion.holder_id,
        topic_id=opinion.topic_id,
        status__in=ANSWERED,
        settled_on__gte=today - LOOKS_BACK,
        settled_on__lte=today,
    )
    past = past.exclude(body=None).exclude(visibility=Visibility.RESTRICTED).exclude(pk=opinion.pk)
    ranked = past.order_by().values_list("body_id").annotate(count=Count("pk")).order_by("-count", "body_id")
    return dict(ranked[:20])


def _below(unit_id, today):
    return UnitLineage.objects.filter(ancestor_id=unit_id).on(today).values("unit_id")
