"""Chainable nouns over occurrences and meetings."""

from django.apps import apps
from django.db.models import Exists, F, OuterRef, Q

from core.text import fold
from meetings.enums import CADENCE_KINDS, HELD_STATES, TaskingStatus
from units.enums import Level
from units.scoping import ScopedQuerySet, scope_of

RELAYERS = {Level.COMMUNE: {"commune", "commune_leader"}, Level.VILLAGE: {"village"}}
"""Who reports for a unit that it passed on what the meeting above it announced."""


def relaying_units(scope, writing=False):
    """Ids of the units (and their predecessors) for which the user may say that something was passed on."""
    grants = [grant for grant in scope.grants if grant.role in RELAYERS.get(grant.level, ())]
    return {pk for grant in grants if grant.writes or not writing for pk in grant.unit_ids}


CLOCKS = {"log": ("log_due_on", "logged_on"), "conclusion": ("conclusion_due_on", "conclusion_on")}
"""(due day, day done) of the clocks that run after a meeting."""


def clock_counts(clock, today):
    """A due day that has passed or was met: what the clock's rate is taken of."""
    due_on, done_on = CLOCKS[clock]
    return Q(**{f"{due_on}__isnull": False}) & (Q(**{f"{done_on}__isnull": False}) | Q(**{f"{due_on}__lt": today}))


def clock_kept(clock):
    """Done on the due day or before."""
    due_on, done_on = CLOCKS[clock]
    return Q(**{f"{done_on}__lte": F(due_on)})


TO_HOLD = Q(met_on=None, is_exempt=False, is_incomplete=False)
"""Neither held, nor excused, nor ended incomplete; a begun round is still to be held."""


def round_words(today):
    """{word: condition}: the one definition of what counts as what on `today`, for figures, lists and rates.

    All but `exempt` and `exempt_late` (its part that was granted after the period) lie inside `expected`;
    `occurrences_held` + `missing` + `incomplete` = `expected`, and on time, late and made up share out what was held,
    by the day on which a round was complete.
    """
    due = Q(due_on__lt=today)
    expected = due & Q(is_exempt=False)
    return {
        "expected": expected,
        "exempt": due & Q(is_exempt=True),
        "exempt_late": due & Q(is_exempt=True, is_exempt_late=True),
        "occurrences_held": expected & Q(met_on__isnull=False),
        "on_time": expected & Q(met_on__lte=F("due_on")),
        "late": expected & Q(met_on__gt=F("due_on"), met_on__lte=F("late_until")),
        "made_up": expected & Q(met_on__gt=F("late_until")),
        "missing": due & TO_HOLD,
        "incomplete": expected & Q(met_on=None, is_incomplete=True),
    }


class OccurrenceQuerySet(ScopedQuerySet):
    def counted(self, word, today):
        """Those that a word of the statistics counts (`round_words`)."""
        return self.filter(round_words(today)[word])

    def to_hold(self):
        return self.filter(TO_HOLD)

    def missing(self, today):
        """Due and still to be held, whether the days of grace are over or not."""
        return self.counted("missing", today)

    def overdue(self, today):
        """The same decision as `rules.is_overdue`."""
        return self.to_hold().filter(late_until__lt=today)

    def in_period(self, period):
        return self.filter(starts_on__gte=period.first, ends_on__lte=period.last)


class MeetingQuerySet(ScopedQuerySet):
    def scope_filter(self, scope):
        """Branch rows; a unit also sees meetings it took part in: through their sittings, or held jointly."""
        condition = super().scope_filter(scope)
        communes = {pk for g in scope.content_grants if g.level == "commune" for pk in g.unit_ids}
        districts = {pk for g in scope.content_grants if g.level == "district" for pk in g.unit_ids}
        if communes:
            condition |= Q(pk__in=_invited_meetings(communes)) | Q(pk__in=_joint_meetings(commune__in=communes))
        return condition | Q(pk__in=_joint_meetings(district__in=districts)) if districts else condition

    def held(self):
        return self.filter(status__in=HELD_STATES)

    def in_period(self, period):
        """Meetings whose own period (that of the occurrence, else of the day held) lies inside."""
        return self.filter(period_first__gte=period.first, period_last__lte=period.last)

    def beyond_rounds(self):
        """Held beyond the one that makes an occurrence held, as the tallies count `extra`: thematic ones, too."""
        rounds = Q(kind__in=CADENCE_KINDS, occurrence__isnull=False)
        earlier = self.model.objects.held().filter(occurrence=OuterRef("occurrence"), pk__lt=OuterRef("pk"))
        return self.filter(~rounds | Exists(earlier.filter(kind__in=CADENCE_KINDS)))

    def of_occurrence(self, occurrence):
        """The meetings of an expected meeting: its own, and the joint ones that it is credited with."""
        return self.filter(Q(occurrence=occurrence) | Q(pk__in=occurrence.joint_meetings.values("pk")))

    def clocked(self, clock, today):
        """Held meetings whose clock (`log`, `conclusion`) counts on `today`."""
        return self.held().filter(clock_counts(clock, today))

    def kept(self, clock):
        return self.filter(clock_kept(clock))

    def missed(self, clock):
        """Done late, or not done after the due day."""
        return self.exclude(clock_kept(clock))

    def matching(self, text):
        return self.filter(search_text__contains=fold(text)) if text else self


class TaskingQuerySet(ScopedQuerySet):
    def scope_filter(self, scope):
        """Rows of the branch, those a body is charged with for its accounts, and what is one's own to do."""
        bodies = scope.body_ids()
        persons = {grant.person_id for grant in scope.grants if grant.writes and grant.person_id}
        condition = super().scope_filter(scope)
        condition |= Q(body_id__in=bodies) if bodies else Q(pk__in=[])
        return condition | Q(person_id__in=persons) if persons else condition

    def unfinished(self):
        return self.filter(status=TaskingStatus.OPEN)

    def overdue(self, today):
        """The same decision as `rules.is_tasking_overdue`."""
        return self.unfinished().filter(due_on__lt=today)


class AnnouncementQuerySet(ScopedQuerySet):
    scope_prefix = "meeting__"

    def visible_to(self, user):
        """Announcements of the branch's meetings, and those addressed to a unit that the user works for."""
        scope = scope_of(user)
        return self.filter(self.scope_filter(scope) | _addressed_to(relaying_units(scope), addressed_lines()))

    def current(self, first):
        """Of meetings that were held, since a day: what is older is no longer asked for."""
        return self.filter(meeting__status__in=HELD_STATES, meeting__held_on__gte=first)

    def waiting_at(self, unit_ids):
        """Of held meetings, addressed to one of these units, which has not passed it on yet."""
        return self.filter(_addressed_to(unit_ids, _silent_lines()), meeting__status__in=HELD_STATES)

    def still_to_pass_on(self):
        """Some unit below has not passed it on yet."""
        return self.filter(Exists(_silent_lines()))

    def waiting_for(self, user):
        """Some unit that the user answers for, below the meeting or the user's own, has not passed it on yet."""
        scope = scope_of(user)
        below = self.scope_filter(scope) & Exists(_silent_lines())
        return self.filter(below | _addressed_to(relaying_units(scope), _silent_lines()))


def _addressed_to(unit_ids, lines):
    if not unit_ids:
        return Q(pk__in=[])
    above = apps.get_model("units", "UnitLineage").objects.filter(unit_id__in=unit_ids).values("ancestor_id")
    return Q(meeting__unit_id__in=above) & Exists(lines.filter(unit_id__in=unit_ids))


def addressed_lines():
    """Lineage rows of the units one level below the meeting on its day: to whom its announcements are addressed."""
    day = OuterRef("meeting__held_on")
    below = Q(level=Level.COMMUNE, unit__level=Level.VILLAGE) | Q(level=Level.DISTRICT, unit__level=Level.COMMUNE)
    return apps.get_model("units", "UnitLineage").objects.filter(below, ancestor=OuterRef("meeting__unit")).on(day)


def _silent_lines():
    """Those of them that have not reported passing the announcement on."""
    relays = apps.get_model("meetings", "Relay").objects
    told = relays.filter(announcement=OuterRef(OuterRef("pk")), unit=OuterRef("unit_id"))
    return addressed_lines().filter(~Exists(told))


def _invited_meetings(commune_ids):
    sittings = apps.get_model("meetings", "Sitting").objects.filter(communes__in=commune_ids)
    return sittings.values("meeting_id")


def _joint_meetings(**place):
    credited = apps.get_model("meetings", "Occurrence").objects.filter(**place)
    return credited.filter(joint_meetings__isnull=False).order_by().values("joint_meetings")
