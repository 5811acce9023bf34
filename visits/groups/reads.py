"""The register of groups as its page shows it: rows of a commune, counts below a wider unit, what is still missing."""

from collections import Counter, defaultdict

from django.db.models import Count

from units.enums import Level
from units.models import Unit, UnitLineage
from units.reads import children_of
from visits.enums import USUAL_GROUPS, GroupKind
from visits.models import Assignment, LocalGroup

KINDS = GroupKind.values


def rows_of(unit, user, today, kind="", with_ended=False):
    """The groups of a commune with its villages, or of one village, each with those assigned to it by name."""
    groups = LocalGroup.objects.visible_to(user).filter(**{_column(unit): unit.pk})
    groups = groups if with_ended else groups.on(today)
    groups = groups.filter(kind=kind) if kind else groups
    rows = list(groups.select_related("unit").order_by("unit__code", "name", "pk"))
    rows.sort(key=lambda group: (group.unit.level != Level.COMMUNE, group.unit.code, KINDS.index(group.kind)))
    named = defaultdict(list)
    held = Assignment.objects.visible_to(user).on(today).filter(local_group__in=[group.pk for group in rows])
    for assignment in held.select_related("person").order_by("is_deputy", "pk"):
        named[assignment.local_group_id].append(assignment)
    for group in rows:
        group.named = named[group.pk]
    return rows


def _column(unit):
    return "unit_id" if unit.level == Level.VILLAGE else f"{unit.level}_id"


def counts_below(unit, user, today):
    """[(place below, groups in force there, places of it without any)] for a district or province; three queries."""
    children = children_of(unit, today)
    child_of, villages = {}, Counter()
    lineage = UnitLineage.objects.filter(ancestor_id__in=[child.pk for child in children]).on(today)
    for pk, level, child in lineage.values_list("unit_id", "unit__level", "ancestor_id"):
        child_of[pk] = child
        villages[child] += level == Level.VILLAGE
    found, reached = Counter(), Counter()
    groups = LocalGroup.objects.visible_to(user).on(today).filter(unit__in=child_of).order_by()
    for pk, level, number in groups.values_list("unit_id", "unit__level").annotate(Count("pk")):
        found[child_of[pk]] += number
        reached[child_of[pk]] += level == Level.VILLAGE
    return [(child, found[child.pk], villages[child.pk] - reached[child.pk]) for child in children]


def places_of(unit, user, today):
    """The commune itself and its villages: where a group may be."""
    below = UnitLineage.objects.filter(ancestor=unit).on(today).values("unit_id")
    return Unit.objects.visible_to(user).on(today).filter(pk__in=below).order_by("level", "code")


def villages_lacking(unit, today):
    """{village id: the usual kinds it has no group of} of a commune, in two queries."""
    lineage = UnitLineage.objects.filter(ancestor=unit, unit__level=Level.VILLAGE).on(today)
    lacking = {pk: set(USUAL_GROUPS) for pk in lineage.values_list("unit_id", flat=True)}
    held = LocalGroup.objects.on(today).filter(unit__in=lacking).values_list("unit_id", "kind")
    for pk, kind in held:
        lacking[pk].discard(kind)
    return {pk: kinds for pk, kinds in lacking.items() if kinds}
