"""Chainable nouns over assignments, norms and visits."""

from django.apps import apps
from django.db.models import F, Q

from core.text import fold
from units.querysets import DatedQuerySet, in_force_on
from units.scoping import ScopedQuerySet, scope_of
from visits.enums import COUNTED

OWN_ROLES = {"cadre"}


class OwnOrBranchQuerySet(ScopedQuerySet):
    """Branch roles see their branch; a visiting cadre sees what is their own; nobody else sees anything."""

    def scope_filter(self, scope):
        own = {grant.person_id for grant in scope.grants if grant.role in OWN_ROLES}
        return super().scope_filter(scope) | Q(person_id__in=own)


class AssignmentQuerySet(OwnOrBranchQuerySet):
    def on(self, day):
        """In force on `day`: begun, not ended, the place and the post still there."""
        return self.filter(in_force_on(day), in_force_on(day, "unit__"), in_force_on(day, "post__"))

    def overlapping(self, period):
        """In force on at least one day of the period."""
        return self.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=period.first), valid_from__lte=period.last)


class ExemptionQuerySet(OwnOrBranchQuerySet):
    def overlapping(self, period):
        return self.filter(first_on__lte=period.last, last_on__gte=period.first)


class NormQuerySet(DatedQuerySet):
    def visible_to(self, user):
        """Norms are orders for a branch: those of the user's branch and of the levels above it."""
        lineage = apps.get_model("units", "UnitLineage").objects
        ids = {pk for grant in scope_of(user).grants for pk in grant.unit_ids}
        above = lineage.filter(unit_id__in=ids).values("ancestor_id")
        below = lineage.filter(ancestor_id__in=ids).values("unit_id")
        return self.filter(Q(unit_id__in=above) | Q(unit_id__in=below))


class VisitQuerySet(OwnOrBranchQuerySet):
    def counted(self):
        return self.filter(status__in=COUNTED)

    def in_period(self, period):
        return self.filter(visited_on__gte=period.first, visited_on__lte=period.last)

    def outside_assignment(self):
        """Marked "ngoài phân công": no assignment covered the place on the day."""
        return self.filter(assignment=None)

    def matching(self, text):
        return self.filter(search_text__contains=fold(text)) if text else self

    def newest_first(self):
        return self.order_by(F("visited_on").desc(), F("id").desc())


class OwnSheetQuerySet(OwnOrBranchQuerySet):
    """A cadre reads their own sheet, whoever keeps the branch reads those below."""


class PlannedVisitQuerySet(OwnOrBranchQuerySet):
    """Branch roles see the lines of their branch, a cadre their own."""


class SituationQuerySet(ScopedQuerySet):
    """Branch roles see their branch; the responsible cadre sees what they answer for."""

    def scope_filter(self, scope):
        own = {grant.person_id for grant in scope.grants if grant.role in OWN_ROLES}
        return super().scope_filter(scope) | Q(responsible_id__in=own)
