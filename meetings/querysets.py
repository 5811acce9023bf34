"""Chainable nouns over occurrences and meetings."""

from django.apps import apps
from django.db.models import F, Q

from core.text import fold
from meetings.enums import HELD_STATES, TaskingStatus
from units.scoping import ScopedQuerySet


class OccurrenceQuerySet(ScopedQuerySet):
    def due_by(self, today):
        """Their due day has passed."""
        return self.filter(due_on__lt=today)

    def expected(self, today):
        """What counts as expected on `today`: due, and not exempt."""
        return self.due_by(today).filter(is_exempt=False)

    def held(self):
        return self.filter(met_on__isnull=False)

    def on_time(self):
        return self.filter(met_on__lte=F("due_on"))

    def late(self):
        return self.filter(met_on__gt=F("due_on"), met_on__lte=F("late_until"))

    def made_up(self):
        return self.filter(met_on__gt=F("late_until"))

    def missing(self, today):
        """Due and not held, whether the days of grace are over or not."""
        return self.expected(today).filter(met_on=None)

    def overdue(self, today):
        """The same decision as `rules.is_overdue`."""
        return self.filter(met_on=None, is_exempt=False, late_until__lt=today)

    def in_period(self, period):
        return self.filter(starts_on__gte=period.first, ends_on__lte=period.last)


class MeetingQuerySet(ScopedQuerySet):
    def scope_filter(self, scope):
        """Branch rows; a commune also sees district meetings it was invited to (through their sittings)."""
        condition = super().scope_filter(scope)
        communes = {pk for g in scope.content_grants if g.level == "commune" for pk in g.unit_ids}
        return condition | Q(pk__in=_invited_meetings(communes)) if communes else condition

    def held(self):
        return self.filter(status__in=HELD_STATES)

    def in_period(self, period):
        """Meetings whose own period (that of the occurrence, else of the day held) lies inside."""
        return self.filter(period_first__gte=period.first, period_last__lte=period.last)

    def matching(self, text):
        return self.filter(search_text__contains=fold(text)) if text else self


class TaskingQuerySet(ScopedQuerySet):
    def scope_filter(self, scope):
        """Rows of the branch, and those a body is charged with for the accounts that answer for it."""
        bodies = scope.body_ids()
        own = Q(body_id__in=bodies) if bodies else Q(pk__in=[])
        return super().scope_filter(scope) | own

    def unfinished(self):
        return self.filter(status=TaskingStatus.OPEN)

    def overdue(self, today):
        """The same decision as `rules.is_tasking_overdue`."""
        return self.unfinished().filter(due_on__lt=today)


def _invited_meetings(commune_ids):
    sittings = apps.get_model("meetings", "Sitting").objects.filter(communes__in=commune_ids)
    return sittings.values("meeting_id")
