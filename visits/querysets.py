"""Chainable nouns over assignments, norms and visits."""

from datetime import UTC, datetime, time, timedelta

from django.apps import apps
from django.db.models import DateTimeField, Exists, F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from core.text import fold
from feedback.enums import Visibility
from feedback.models import Opinion
from units.querysets import DatedQuerySet, in_force_on
from units.scoping import ScopedQuerySet, scope_of
from visits.enums import COUNTED, KNOWERS_ABOVE, OPINION_ORIGIN, Knower, PlanState

OWN_ROLES = {"cadre"}
NEVER = Value(datetime(9000, 1, 1, tzinfo=UTC), output_field=DateTimeField())
"""Later than anything that is known."""


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


def restricted_findings():
    """Opinions that came of visits and are restricted now; asked anew each time, as they may be freed again."""
    return Opinion.objects.filter(
        origin=OPINION_ORIGIN, origin_id__isnull=False, visibility=Visibility.RESTRICTED
    ).order_by()


def keeps_words_from(user):
    """A restricted opinion that the user may not read came of the visit, and it is not the user's own record.

    One's own: the visit one made, or wrote down for another.
    """
    restricted = restricted_findings()
    kept = restricted.exclude(pk__in=restricted.visible_to(user).values("pk"))
    return Q(pk__in=kept.values("origin_id")) & ~Q(person_id=user.person_id) & ~Q(created_by_id=user.pk)


def tells_something():
    """A finding was written down; a visit of which a restricted opinion came tells so much by itself, and no more."""
    return ~Q(findings="") | Q(pk__in=restricted_findings().values("origin_id"))


class VisitQuerySet(OwnOrBranchQuerySet):
    """Branch and own; the visits of a sample for the cadre who drew them; a village's account sees those to it."""

    def scope_filter(self, scope):
        villages = scope.village_ids()
        whole = self.whole_filter(scope)
        return whole | Q(village_id__in=villages) if villages else whole

    def whole_filter(self, scope):
        """Visits whose whole record is read: what was found and how it was run are not the village's to read."""
        checkers = {grant.person_id for grant in scope.grants if grant.role in OWN_ROLES}
        if checkers and "drawn_visits" not in scope.memo:
            drawn = self.model._meta.get_field("checks").related_model.visits.through.objects
            rows = drawn.filter(checkpair__checker_id__in=checkers)
            scope.memo["drawn_visits"] = list(rows.values_list("visit_id", flat=True))
        whole = super().scope_filter(scope)
        return whole | Q(pk__in=scope.memo["drawn_visits"]) if scope.memo.get("drawn_visits") else whole

    def read_whole_by(self, user):
        return self.filter(self.whole_filter(scope_of(user)))

    def words_read_by(self, user):
        """Whose words may be searched for: the others answer no word, not even one of their own."""
        return self.read_whole_by(user).filter(~keeps_words_from(user))

    def telling(self):
        return self.filter(tells_something())

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


class HelpedUnitQuerySet(ScopedQuerySet):
    """Branch roles see their branch; whoever helps (by post or for a body) sees what they help."""

    def scope_filter(self, scope):
        helping = Q(helper_post_id__in=scope.post_ids()) | Q(helper_body_id__in=scope.body_ids())
        return super().scope_filter(scope) | helping

    def in_year(self, year):
        return self.filter(year=year)

    def running(self):
        """Still helped: no exit was written down."""
        return self.filter(exited_on=None)


class VisitPlanQuerySet(ScopedQuerySet):
    """A draft is its unit's alone; once published, the branch above reads it, and whoever reads a line of it."""

    def scope_filter(self, scope):
        lines = apps.get_model("visits", "PlannedVisit").objects
        read = lines.filter(lines.scope_filter(scope), plan=OuterRef("pk"))
        published = Q(state=PlanState.PUBLISHED) & (super().scope_filter(scope) | Exists(read))
        return published | Q(unit_id__in=scope.unit_ids())


class PlannedVisitQuerySet(OwnOrBranchQuerySet):
    """Published lines: one's branch, one's own, those that come to one's village; drafts: the unit that plans."""

    def scope_filter(self, scope):
        read = super().scope_filter(scope) | Q(village_id__in=scope.village_ids())
        return Q(plan__state=PlanState.PUBLISHED) & read | Q(plan__unit_id__in=scope.unit_ids())

    def in_period(self, period):
        return self.filter(planned_on__gte=period.first, planned_on__lte=period.last)

    def standing(self):
        """Not called off."""
        return self.filter(is_cancelled=False)

    def unmade(self):
        """Standing, and no visit that counts answers it yet."""
        return self.standing().exclude(visit__status__in=COUNTED)

    def coming(self, today):
        return self.unmade().filter(planned_on__gte=today)


class SituationQuerySet(ScopedQuerySet):
    """Branch roles see their branch; a cadre what they answer for and what they wrote down."""

    def visible_to(self, user):
        scope = scope_of(user)
        own = {grant.person_id for grant in scope.grants if grant.role in OWN_ROLES}
        written = Q(created_by_id=user.pk) if own else Q()
        return self.filter(self.scope_filter(scope) | Q(responsible_id__in=own) | written)

    def in_period(self, period):
        return self.filter(happened_at__gte=_midnight(period.first), happened_at__lt=_midnight(period.last, days=1))

    def matching(self, text):
        return self.filter(search_text__contains=fold(text)) if text else self

    def without_responsible(self):
        return self.filter(responsible=None)

    def known_above_first(self):
        """What `known_above_first` of the rules says, over rows: the level of the cadre or one above knew before."""
        knowings = apps.get_model("visits", "Knowing").objects.filter(situation=OuterRef("pk"))
        own = knowings.filter(knower=Knower.RESPONSIBLE).values("known_at")[:1]
        rows = self.annotate(responsible_at=Coalesce(Subquery(own), NEVER))
        earlier = knowings.filter(known_at__lt=OuterRef("responsible_at"))
        found = Q(pk__in=[])
        for level, knowers in KNOWERS_ABOVE.items():
            found |= Q(Exists(earlier.filter(knower__in=knowers)), responsible_post__unit__level=level)
        return rows.exclude(responsible=None).filter(found)


class TrainingQuerySet(ScopedQuerySet):
    def in_period(self, period):
        """A course belongs to the period of its last day."""
        return self.filter(ended_on__gte=period.first, ended_on__lte=period.last)

    def matching(self, text):
        return self.filter(search_text__contains=fold(text)) if text else self


class CommendationQuerySet(ScopedQuerySet):
    def in_period(self, period):
        return self.filter(decided_on__gte=period.first, decided_on__lte=period.last)

    def matching(self, text):
        return self.filter(search_text__contains=fold(text)) if text else self


def _midnight(day, days=0):
    return timezone.make_aware(datetime.combine(day + timedelta(days=days), time()))


class LocalGroupQuerySet(ScopedQuerySet, DatedQuerySet):
    """Groups of a branch, by the days on which they existed."""


class CheckPairQuerySet(ScopedQuerySet):
    """Those who see the drawing see all of its pairs; whoever checks sees their own."""

    scope_prefix = "draw__"

    def scope_filter(self, scope):
        own = {grant.person_id for grant in scope.grants if grant.writes and grant.person_id}
        return super().scope_filter(scope) | Q(checker_id__in=own)
