"""Who answered for a place on a day, and which levels knew of a situation before them."""

from visits.models import Assignment
from visits.situations.rules import known_above_first


def assigned_at(place, day):
    """The assignments that covered a place on a day: the nearest place first, main before deputy, the whole first."""
    units = [pk for pk in (place.village_id, place.commune_id, place.district_id) if pk]
    held = Assignment.objects.on(day).filter(unit__in=units).select_related("person", "post__unit", "unit")
    return sorted(held, key=lambda each: (units.index(each.unit_id), each.is_deputy, bool(each.group), each.pk))


def levels_before(situation, knowings):
    """The levels that knew before the responsible cadre; none where nobody was responsible."""
    if situation.responsible_post is None:
        return []
    known = {knowing.knower: knowing.known_at for knowing in knowings}
    return known_above_first(known, situation.responsible_post.unit.level)
