"""The calendar of a unit's published visits: who of the unit goes where, and who comes from above."""

from datetime import timedelta

from django.db.models import Q

from meetings.ical import CANCELLED, CONFIRMED, Happening, span_of
from units.enums import LEVEL_ORDER
from visits.enums import PlanState
from visits.models import PlannedVisit

SUBJECT = "visits"
PAST = timedelta(days=92)
MOST = 500


def feed_lines(unit, today):
    """Lines of the last three months and all to come: those of the unit's own cadres, and of levels above it."""
    above = [level for level in LEVEL_ORDER if LEVEL_ORDER.index(level) < LEVEL_ORDER.index(unit.level)]
    comes = Q(**{f"{unit.level}_id": unit.pk}, plan__level__in=above)
    lines = PlannedVisit.objects.filter(Q(plan__unit=unit) | comes, plan__state=PlanState.PUBLISHED)
    lines = lines.filter(planned_on__gte=today - PAST)
    return lines.select_related("person", "post__unit", "unit", "commune", "plan__unit").order_by("planned_on", "pk")[
        :MOST
    ]


def happening(line, url):
    """The cadre's post and name, the place, the group; nobody else's name, no reason."""
    first, last = span_of(line.planned_on, line.starts_at)
    return Happening(
        uid=f"planned-visit-{line.pk}.{line.plan.unit.key}@giaoban",
        sequence=line.version,
        summary=f"{line.get_group_display()} {line.unit.name}: {line.person.name}, {line.post.label} "
        f"{line.post.unit.name}",
        status=CANCELLED if line.is_cancelled else CONFIRMED,
        first=first,
        last=last,
        place=place_name(line.unit, line.commune),
        url=url,
    )


def place_name(unit, commune):
    """'Thôn 1, Xã Đồng Tâm'; a commune by itself."""
    return unit.name if commune is None or commune.pk == unit.pk else f"{unit.name}, {commune.name}"
