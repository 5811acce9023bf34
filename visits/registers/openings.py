"""What the forms of the registers offer: units of one's own, communes, recipients and initiatives."""

from datetime import timedelta

from django.db.models import Q

from people.models import Post
from units.enums import Level
from units.models import Unit, UnitLineage
from visits.openings import kept_units
from visits.registers.initiatives import readable_initiatives

MOST_INITIATIVES = 100
RETIRED_DAYS = 366
"""Whoever left the post not longer ago than this may still be chosen."""


def course_units(user, today):
    """Choices of the units that hold courses: those the user keeps, the wide ones first."""
    units = Unit.objects.filter(pk__in=kept_units(user)).exclude(level=Level.VILLAGE).on(today)
    return list(units.order_by("code", "pk").values_list("pk", "name"))


def communes_below(unit, day):
    """The communes of a unit's branch on a day, by name; none where the unit is a commune itself."""
    if unit.level == Level.COMMUNE:
        return []
    return Unit.objects.filter(level=Level.COMMUNE).under(unit, day).order_by("name", "pk")


def kept_communes(user, today):
    """The communes of the branches whose registers the user keeps."""
    below = UnitLineage.objects.filter(ancestor_id__in=kept_units(user)).on(today)
    return Unit.objects.filter(level=Level.COMMUNE, pk__in=below.values("unit_id")).on(today).order_by("name", "pk")


def recipients(user, unit, today):
    """(choices of posts, choices of villages) of a commune, or of a higher unit's own posts."""
    places = Unit.objects.under(unit, today) if unit.level == Level.COMMUNE else Unit.objects.filter(pk=unit.pk)
    lasting = Q(valid_to__isnull=True) | Q(valid_to__gt=today - timedelta(days=RETIRED_DAYS))
    posts = Post.objects.visible_to(user).filter(lasting, unit__in=places.values("pk"), valid_from__lte=today)
    ordered = posts.select_related("person", "unit").order_by("unit__level", "unit__name", "person__sort_key", "pk")
    villages = places.filter(level=Level.VILLAGE).on(today).order_by("name", "pk")
    return [(post.pk, recipient_label(post)) for post in ordered], list(villages.values_list("pk", "name"))


def recipient_label(post):
    return f"{post.person.name}, {post.unit_title}"


def initiatives_offered(user, unit):
    """The newest initiatives of the unit's branch that the user may read."""
    rows = readable_initiatives(user).filter(**{f"opinion__{unit.level}_id": unit.pk})
    return rows.select_related("opinion").order_by("-pk")[:MOST_INITIATIVES]
