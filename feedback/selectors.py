"""Reads that span models: what a form may offer, what the home pages count."""

from feedback.enums import Competence
from units.enums import Level
from units.models import UnitLineage


def competences_on(place, day):
    """The competences offered for a place on a day: the district's only where the tree has one (domain.md §3.4).

    `place` is anything with the branch columns, a meeting for one.
    """
    if place.district_id is not None or _has_districts(place.province_id, place.commune_id, day):
        return list(Competence)
    return [competence for competence in Competence if competence != Competence.DISTRICT]


def _has_districts(province_id, commune_id, day):
    """Does a province-wide table have districts below it that day? (A commune's own branch already said no.)"""
    if commune_id is not None:
        return False
    below = UnitLineage.objects.filter(ancestor_id=province_id, unit__level=Level.DISTRICT)
    return below.on(day).exists()
