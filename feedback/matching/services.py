"""What was raised above the commune is held against what its commune has settled, as it is written down."""

from django.db.models import Q

from feedback.enums import OpinionKind, OpinionStatus, Visibility
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

NOTHING_ASKED = (OpinionKind.INITIATIVE, OpinionKind.GOOD_PRACTICE, OpinionKind.COMMENT)
SURE = 0.55
"""Most of what is raised was never settled before, so a tag needs more likeness than the measuring command asks for."""

COLUMNS = ("pk", "text", "village_id", "village__name", "commune_id", "topic__code", "settled_on")


def note_settled_before(opinions):
    """Set `settled_before` of those raised at a district or province, in memory; three reads whatever their number.

    Candidates were settled by a commune in the twelve months before, about the same village, or, where the raised
    one names none, about the same commune or one it inherits from. Restricted opinions are never candidates.
    """
    raised = [o for o in opinions if o.level in (Level.DISTRICT, Level.PROVINCE) and o.commune_id]
    raised = [o for o in raised if o.kind not in NOTHING_ASKED]
    if not raised:
        return
    codes, families = dict(Topic.objects.values_list("pk", "code")), _families(raised)
    by_place = _by_place(_candidates(raised, families))
    for opinion in raised:
        same = [row for row in _near(opinion, by_place, families) if row["pk"] != opinion.pk]
        name = same[0]["village__name"] if same and opinion.village_id else ""
        case = Case(opinion.text, name, codes.get(opinion.topic_id, ""), opinion.raised_on)
        found = best_match(case, [_case(row, name) for row in same], SURE)
        opinion.settled_before_id = None if found is None else same[found]["pk"]


def note_raised_since(day):
    """The same for opinions that came in without the form, as samples and old years do: how many were noted."""
    above = Opinion.objects.filter(level__in=(Level.DISTRICT, Level.PROVINCE), raised_on__gte=day)
    opinions = list(above.filter(settled_before=None))
    note_settled_before(opinions)
    noted = [opinion for opinion in opinions if opinion.settled_before_id]
    return Opinion.objects.bulk_update(noted, ["settled_before"], batch_size=200) if noted else 0


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
    found = found.exclude(kind__in=NOTHING_ASKED)
    return found.order_by("settled_on", "pk").values(*COLUMNS)


def _by_place(rows):
    """{("village", pk) or ("commune", pk): rows}"""
    found = {}
    for row in rows:
        found.setdefault(("village", row["village_id"]), []).append(row)
        found.setdefault(("commune", row["commune_id"]), []).append(row)
    return found


def _near(opinion, by_place, families):
    if opinion.village_id:
        return by_place.get(("village", opinion.village_id), [])
    return [row for pk in families[opinion.commune_id] for row in by_place.get(("commune", pk), [])]


def _case(row, name):
    return Case(row["text"], name or row["village__name"] or "", row["topic__code"], row["settled_on"])
