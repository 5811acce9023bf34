"""What was raised above the commune is held against what its commune has settled, as it is written down."""

from django.db.models import Q

from feedback.enums import OpinionStatus, Visibility
from feedback.matching import Case, best_match
from feedback.models import Opinion, Topic
from units.enums import Level
from units.models import UnitHeritage

SETTLED = (
    OpinionStatus.RESOLVED,
    OpinionStatus.ANSWERED_ON_SPOT,
    OpinionStatus.EXPLAINED,
    OpinionStatus.ACCEPTED,
)
"""What a commune has answered; to raise again what it declined is no mistake."""

COLUMNS = ("pk", "text", "village_id", "village__name", "commune_id", "topic__code", "settled_on")


def note_settled_before(opinions):
    """Set `settled_before` of those raised at a district or province, in memory; three reads whatever their number.

    Candidates were settled by a commune in the twelve months before, about the same village, or, where the raised
    one names none, about the same commune or one it inherits from. Restricted opinions are never candidates.
    """
    raised = [o for o in opinions if o.level in (Level.DISTRICT, Level.PROVINCE) and o.commune_id]
    if not raised:
        return
    codes, families = dict(Topic.objects.values_list("pk", "code")), _families(raised)
    candidates = list(_candidates(raised, families))
    for opinion in raised:
        same = [row for row in candidates if _is_near(opinion, row, families) and row["pk"] != opinion.pk]
        name = same[0]["village__name"] if same and opinion.village_id else ""
        case = Case(opinion.text, name, codes.get(opinion.topic_id, ""), opinion.raised_on)
        found = best_match(case, [_case(row, name) for row in same])
        opinion.settled_before_id = None if found is None else same[found]["pk"]


def _families(raised):
    """{commune id: itself and those it inherits from} of the opinions that name no village."""
    families = {opinion.commune_id: {opinion.commune_id} for opinion in raised if not opinion.village_id}
    pairs = UnitHeritage.objects.filter(heir_id__in=families).values_list("heir_id", "origin_id") if families else ()
    for heir, origin in pairs:
        families[heir].add(origin)
    return families


def _candidates(raised, families):
    """Settled opinions of the villages and communes concerned, in one statement."""
    days = [opinion.raised_on for opinion in raised]
    first = min(days).replace(year=min(days).year - 1, day=min(min(days).day, 28))
    villages = {opinion.village_id for opinion in raised if opinion.village_id}
    near = Q(village_id__in=villages) | Q(commune_id__in={pk for family in families.values() for pk in family})
    found = Opinion.objects.filter(near, status__in=SETTLED, holder__level=Level.COMMUNE)
    found = found.filter(settled_on__range=(first, max(days))).exclude(visibility=Visibility.RESTRICTED)
    return found.order_by("settled_on", "pk").values(*COLUMNS)


def _is_near(opinion, row, families):
    if opinion.village_id:
        return row["village_id"] == opinion.village_id
    return row["commune_id"] in families[opinion.commune_id]


def _case(row, name):
    return Case(row["text"], name or row["village__name"] or "", row["topic__code"], row["settled_on"])
