"""Who usually takes what: the unit's own rules first, then the bodies that settled the most of the same topic."""

from datetime import timedelta
from typing import NamedTuple

from django.db.models import Count

from core.errors import DomainError
from feedback.enums import ANSWERED, Competence, Verb, Visibility
from feedback.models import Opinion, RoutingRule, Topic
from units.enums import LEVEL_ORDER, Level
from units.models import Body, UnitLineage
from units.naming import placed_bodies, placed_names
from units.reads import heir_of, places_on

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


ELSEWHERE = "Khác địa bàn: giao cho cơ quan ngoài địa bàn của ý kiến"
BRANCH_LEVELS = [Level.PROVINCE, Level.DISTRICT, Level.COMMUNE]


def upper_unit(opinion, today, holder=None):
    """The next level up of the opinion's own branch that exists today, or None above the province; `holder`: above it.

    The branch is that of the opinion's day, followed to its heirs: those who see the opinion are those who get it.
    """
    higher = LEVEL_ORDER[: LEVEL_ORDER.index((holder or opinion.holder).level)]
    for level in reversed(higher):
        unit = _heir(opinion, level, today)
        if unit is not None:
            return unit
    return None


def lower_units(opinion, today):
    """The units of the opinion's branch below its holder that exist today, the nearest level first."""
    lower = [level for level in BRANCH_LEVELS if LEVEL_ORDER.index(level) > LEVEL_ORDER.index(opinion.holder.level)]
    heirs = (_heir(opinion, level, today) for level in lower)
    return [unit for unit in heirs if unit is not None]


def _heir(opinion, level, today):
    """The heir of the branch's unit at a level, looked up once however many forms of the page ask."""
    known = opinion.__dict__.setdefault("_heirs", {})
    if (level, today) not in known:
        known[level, today] = heir_of(getattr(opinion, level), today)
    return known[level, today]


def elsewhere(opinion, bodies, today):
    """Ids of the bodies that lie in another district or commune than the opinion's branch of today; one query.

    A body above the opinion or below it is on its branch; one beside it is not, whoever holds the opinion.
    """
    bodies = list(bodies)
    places = places_on({body.unit_id for body in bodies}, today)
    return {body.pk for body in bodies if _is_beside(opinion, places.get(body.unit_id), today)}


def _is_beside(opinion, place, today):
    for level in BRANCH_LEVELS:
        own, other = _heir(opinion, level, today), getattr(place, f"{level}_id", None)
        if own is not None and other is not None and own.pk != other:
            return True
    return False


def check_branch(opinion, body, place, today):
    """Refuse a body at a `place` of another branch by a sentence that names both; whoever means it ticks the box."""
    if not _is_beside(opinion, place, today):
        return
    unit_id = opinion.commune_id or opinion.district_id or opinion.province_id
    where = placed_names([unit_id], today)[unit_id]
    raise DomainError(
        f"{placed_bodies([body], today)[body.pk]} ở địa bàn khác; ý kiến này của {where}. "
        "Nếu đúng là giao ra ngoài địa bàn, đánh dấu ô “Khác địa bàn” rồi ghi lại.",
        "is_elsewhere",
    )


def sender_of(opinion, today):
    """Who sent the opinion to its present holder; the recording unit when the thread does not say."""
    moves = list(opinion.moves.select_related("holder").order_by("-at", "-pk"))
    sent = next((n for n, move in enumerate(moves) if move.verb in (Verb.ESCALATE, Verb.TRANSFER)), None)
    earlier = moves[sent + 1 :] if sent is not None else []
    sender = next((move.holder for move in earlier if move.holder_id), opinion.unit)
    return heir_of(sender, today) or opinion.holder
