"""Chainable nouns over the dated tree."""

from django.apps import apps
from django.db import models
from django.db.models import Exists, OuterRef, Q

from core.text import fold, place_sort_key
from units.scoping import scope_of


def in_force_on(day, prefix=""):
    """The condition that a dated row was in force on `day` (half-open dates)."""
    return Q(**{f"{prefix}valid_from__lte": day}) & (
        Q(**{f"{prefix}valid_to__isnull": True}) | Q(**{f"{prefix}valid_to__gt": day})
    )


def _lineage():
    return apps.get_model("units", "UnitLineage").objects


class DatedQuerySet(models.QuerySet):
    def on(self, day):
        """Rows in force on `day`."""
        return self.filter(in_force_on(day))


class SortedQuerySet(DatedQuerySet):
    def bulk_create(self, objs, *args, **options):
        """As one by one: what is sorted by its name takes the key of its name."""
        objs = list(objs)
        for each in objs:
            each.sort_key = place_sort_key(each.name)
        return super().bulk_create(objs, *args, **options)


class UnitQuerySet(SortedQuerySet):
    def level(self, level):
        return self.filter(level=level)

    def under(self, unit, day):
        """The unit itself and all that lay below it on `day`."""
        lineage = _lineage().filter(ancestor=unit, unit=OuterRef("pk")).on(day)
        return self.filter(Exists(lineage))

    def matching(self, text):
        """Units whose name contains `text`, whatever the diacritics."""
        return self.filter(search_text__contains=fold(text)) if text else self

    def visible_to(self, user, day=None):
        """Units of the user's branches, their predecessors and, for an administrator, of the administered branch.

        With `day`, those that lay there on that day (a village may have moved on to a successor since). The tree of
        the country itself is public knowledge; this is for pickers and lists of one's own.
        """
        scope = scope_of(user)
        ids = {pk for grant in scope.grants if grant.level for pk in grant.unit_ids}
        lineage = _lineage().filter(ancestor_id__in=ids, unit=OuterRef("pk"))
        return self.filter(Exists(lineage.on(day) if day else lineage))


class BodyQuerySet(SortedQuerySet):
    def visible_to(self, user):
        """Bodies of the user's branches and of the levels above them (work is sent up, too)."""
        scope = scope_of(user)
        ids = {pk for grant in scope.grants if grant.level for pk in grant.unit_ids}
        below = _lineage().filter(ancestor_id__in=ids, unit=OuterRef("unit"))
        above = _lineage().filter(unit_id__in=ids, ancestor=OuterRef("unit"))
        return self.filter(Exists(below) | Exists(above))
