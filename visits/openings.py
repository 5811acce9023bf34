"""What the forms offer: places to go to, cadres to write for, posts and units to assign."""

from datetime import timedelta

from django.db.models import Q

from people.models import Person, Post
from people.reads import told_apart
from units.enums import Level
from units.models import Unit, UnitLineage
from units.querysets import in_force_on
from units.reads import children_of
from visits.access import KEEPERS, VISITORS
from visits.enums import Knower
from visits.models import Assignment, LocalGroup

LATE_DAYS = 60
"""A visit may still be logged at a unit that ended not longer ago than this."""

NO_CHOICE = ("", "Chọn…")


def places_offered(user, today, with_villages=(Level.COMMUNE,)):
    """Grouped choices of the visit form: what one is assigned first, then the rest of one's branch.

    Villages are offered to duties of the levels `with_villages`; to the others their communes.
    """
    assigned = set(
        Assignment.objects.visible_to(user).on(today).filter(person_id=user.person_id).values_list("unit_id", flat=True)
    )
    wide, narrow = set(), set()
    for grant in user.scope.grants:
        if grant.writes and grant.role in VISITORS:
            (narrow if grant.level in with_villages else wide).add(grant.unit_id)
    own = _labels(assigned, today)
    rest = _labels(narrow, today) | _labels(wide, today, levels=[Level.COMMUNE])
    groups = [
        ("Địa bàn được phân công", own),
        ("Nơi khác trong địa bàn", {k: v for k, v in rest.items() if k not in own}),
    ]
    return [NO_CHOICE, *((title, list(labels.items())) for title, labels in groups if labels)]


def _labels(ancestor_ids, today, levels=(Level.COMMUNE, Level.VILLAGE)):
    """{unit id: 'Thôn 1 – Xã Đồng Tâm'} of communes and villages below some units, lately ended ones marked."""
    if not ancestor_ids:
        return {}
    below = UnitLineage.objects.filter(ancestor_id__in=ancestor_ids).values("unit_id")
    rows = UnitLineage.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=today - timedelta(days=LATE_DAYS)),
        unit_id__in=below, unit__level__in=levels, level=Level.COMMUNE, valid_from__lte=today,
    )  # fmt: skip
    fields = ("unit_id", "unit__name", "unit__level", "unit__valid_to", "ancestor__name")
    labels = {}
    for pk, name, level, valid_to, commune in rows.order_by(
        "ancestor__sort_key", "unit__level", "unit__sort_key"
    ).values_list(*fields):
        label = f"{name} – {commune}" if level == Level.VILLAGE else name
        ended = valid_to and valid_to <= today
        labels[pk] = f"{label} (đến hết {valid_to - timedelta(days=1):%d/%m/%Y})" if ended else label
    return labels


def groups_offered(unit, group, visited_on, local_group=None):
    """Choices of the groups of a place (its id) and kind on a day; the chosen one of that place stays, so that its
    refusal can be read."""
    wanted = Q(kind=group) & in_force_on(visited_on)
    wanted = wanted | Q(pk=local_group) if local_group else wanted
    rows = LocalGroup.objects.filter(wanted, unit_id=unit).order_by("name", "pk").values_list("pk", "name")
    return [("", "Không nêu tên tổ chức"), *rows] if rows else []


def assignable_groups(user, units, today):
    """The groups in force of the places offered for an assignment."""
    groups = LocalGroup.objects.visible_to(user).on(today).filter(unit__in=units)
    return groups.select_related("unit").order_by("unit__level", "unit__sort_key", "kind", "name")


def people_offered(user, today):
    """Oneself, and the cadres assigned in the branches whose assignments one keeps."""
    choices = [(user.person_id, f"{user.person.name} (tôi)")]
    if any(grant.role in KEEPERS.get(grant.level, ()) for grant in user.scope.grants if grant.writes):
        assigned = Assignment.objects.visible_to(user).on(today).values("person_id")
        others = Person.objects.visible_to(user).filter(pk__in=assigned).exclude(pk=user.person_id)
        choices += list(others.values_list("pk", "name"))
    return told_apart(choices, today)


def kept_units(user):
    """Ids of the units whose assignments the user writes down."""
    return {g.unit_id for g in user.scope.grants if g.writes and g.role in KEEPERS.get(g.level, ())}


def posts_offered(user, today):
    """Posts that may be assigned: those with a duty here, at the user's unit or at communes and districts below it."""
    below = UnitLineage.objects.filter(ancestor_id__in=kept_units(user)).on(today).exclude(unit__level=Level.VILLAGE)
    posts = Post.objects.visible_to(user).on(today).filter(unit_id__in=below.values("unit_id"), role__in=VISITORS)
    return posts.select_related("person", "unit").order_by("unit__level", "unit__sort_key", "person__sort_key")


def units_offered(user, parent, today):
    """Where somebody may be sent: a unit the user looks after and what lies directly below it."""
    children = [child.pk for child in children_of(parent, today)]
    own = [parent.pk] if parent.level != Level.PROVINCE else []
    return Unit.objects.visible_to(user).on(today).filter(pk__in=own + children)


def drawing_units(user, today):
    """The units for whose cadres the user may draw check pairs: their own."""
    return Unit.objects.visible_to(user).on(today).filter(pk__in=kept_units(user)).order_by("level", "sort_key")


def norm_units_offered(user, today):
    """Units of the user's branch that may have a norm of their own: provinces, districts, communes."""
    below = UnitLineage.objects.filter(ancestor_id__in=kept_units(user)).on(today).values("unit_id")
    units = Unit.objects.visible_to(user).on(today).filter(pk__in=below).exclude(level=Level.VILLAGE)
    return units.order_by("level", "sort_key")


def knowers_offered(user, today):
    """Who may have known: no district where the user's branch has none."""
    ids = {grant.unit_id for grant in user.scope.grants}
    around = UnitLineage.objects.filter(Q(unit_id__in=ids) | Q(ancestor_id__in=ids)).on(today)
    has_district = around.filter(Q(level=Level.DISTRICT) | Q(unit__level=Level.DISTRICT)).exists()
    return [knower for knower in Knower if has_district or knower != Knower.DISTRICT]
