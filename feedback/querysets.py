"""Chainable nouns over opinions."""

import re
from datetime import timedelta

from django.apps import apps
from django.db import models
from django.db.models import Case, Count, Exists, F, OuterRef, Q, Subquery, When
from django.db.models.functions import Coalesce, TruncDate

from core.text import fold
from feedback.enums import (
    ANSWERED,
    FOLLOWED_KINDS,
    GROUPS,
    LEDGER_KEEPERS,
    BasketState,
    OpinionStatus,
    ReportGroup,
    Satisfaction,
    Visibility,
)
from feedback.topics import NOT_CHOSEN
from units.scoping import ScopedQuerySet, scope_of

SEES_RESTRICTED_BELOW = {"leader", "province", "province_leader"}
"""Leaders see the restricted opinions of their whole branch (safety.md)."""

SOON_DAYS = 7
"""An opinion is due soon when its day is today or at most so many days away."""

IS_OPEN = Q(is_open=True)
WITH_DEADLINE = ~Q(kind__in=FOLLOWED_KINDS)
IS_ANSWERED = Q(status__in=ANSWERED)
IS_CONFIRMED = IS_ANSWERED & Q(satisfaction=Satisfaction.SATISFIED)
"""What the methods below filter by and every aggregate counts: each state has this one definition."""


def due_soon_when(today):
    """Open, due within `SOON_DAYS`, and not planned for a day that is still to come."""
    return IS_OPEN & Q(due_on__range=(today, today + timedelta(days=SOON_DAYS))) & ~_planned_from(today) & WITH_DEADLINE


def _planned_from(today):
    return Q(status=OpinionStatus.SCHEDULED, planned_on__gte=today)


def in_group(group):
    return Q(status__in=GROUPS[ReportGroup(group)])


def outcome_counts():
    """{"received", each group of the yearly report, "confirmed"}: aggregates over opinions."""
    groups = {group.value: Count("pk", filter=in_group(group)) for group in ReportGroup}
    return {"received": Count("pk"), **groups, "confirmed": Count("pk", filter=IS_CONFIRMED)}


def overdue_when(today):
    """The same decision as `rules.is_overdue`: for filters and for counts."""
    return IS_OPEN & Q(due_on__lt=today) & ~_planned_from(today) & WITH_DEADLINE


def answered_when():
    """Answered, of those with a deadline."""
    return IS_ANSWERED & WITH_DEADLINE


def on_time_when():
    return answered_when() & Q(settled_on__lte=F("first_due_on"))


def on_time_extended_when():
    """What was on time by the first day is by the last one, even where an earlier day was asked for since."""
    return answered_when() & (Q(settled_on__lte=F("due_on")) | Q(settled_on__lte=F("first_due_on")))


def closed_late_when():
    """Closed by now, and late before."""
    return Q(is_open=False, late_days__gt=0) & WITH_DEADLINE


def open_late_when(today):
    """Open, and late now or before."""
    return IS_OPEN & (Q(promised_on__lt=today) | Q(late_days__gt=0)) & WITH_DEADLINE


def was_late_when(today):
    """The same decision as `rules.days_ever_late`."""
    return closed_late_when() | open_late_when(today)


def on_time_for_body_when():
    """Of `with_body_day`."""
    return IS_ANSWERED & Q(settled_on__lte=F("body_due_on"))


def late_for_body_when(today):
    """Of `with_body_day`: together with those on time all that a body is judged by."""
    return (IS_ANSWERED & Q(settled_on__gt=F("body_due_on"))) | (IS_OPEN & Q(body_due_on__lt=today))


def judged_when(today):
    return answered_when() | was_late_when(today)


def number_in(text):
    """The number of an opinion when nothing else was typed: 'YK-26243', 'yk 26243', '26243'; else None."""
    found = re.fullmatch(r"\s*(?:yk)?[\s\-–.]*(\d{1,18})\s*", text, re.IGNORECASE)
    return int(found[1]) if found else None


def shares_answer(opinion, master):
    """May those who read `opinion` be told the answer of the one it was merged into? A restricted one's: where both
    were recorded by the same unit, whose people read it anyway."""
    return master.visibility != Visibility.RESTRICTED or (
        opinion.visibility == Visibility.RESTRICTED and opinion.unit_id == master.unit_id
    )


SHARED = ~Q(master__visibility=Visibility.RESTRICTED) | Q(
    visibility=Visibility.RESTRICTED, master__unit_id=F("unit_id")
)
"""`shares_answer` as a condition."""

HAS_ANSWER = IS_ANSWERED | (Q(status=OpinionStatus.DUPLICATE, master__status__in=ANSWERED) & SHARED)
"""`Opinion.answering` as a condition."""


class OpinionQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        """What the user may read: branch rows less the restricted ones kept from the user, and assigned ones."""
        scope = scope_of(user)
        branch = self.counted_filter(scope) & self._readable(scope)
        return self.filter(branch | self._beside_branch(scope) | self._of_village(scope))

    def counted_for(self, user):
        """Every opinion of the user's branches, restricted ones too: for totals only, never for showing rows."""
        return self.filter(self.counted_filter(scope_of(user)))

    def hidden_from(self, user):
        """The restricted opinions of the user's branches that the user may not read: only ever counted."""
        return self.filter(self.hidden_filter(scope_of(user)))

    def hidden_filter(self, scope):
        kept = Q(visibility=Visibility.RESTRICTED) & ~(self._readable(scope) | self._beside_branch(scope))
        return self.counted_filter(scope) & kept

    def totalled_for(self, user):
        """What a list counts for the user: all that is shown, and the restricted ones of `hidden_from`."""
        scope = scope_of(user)
        return self.filter(self.counted_filter(scope) | self._beside_branch(scope) | self._of_village(scope))

    def counted_filter(self, scope):
        condition = self.scope_filter(scope)
        communes = {pk for g in scope.content_grants if g.level == "commune" for pk in g.unit_ids}
        return condition | Q(holder_id__in=communes) if communes else condition

    def _readable(self, scope):
        condition = ~Q(visibility=Visibility.RESTRICTED)
        for grant in scope.content_grants:
            if grant.role in SEES_RESTRICTED_BELOW:
                condition |= Q(**{f"{grant.level}_id__in": grant.unit_ids})
            elif grant.level == "commune":
                condition |= Q(unit_id__in=grant.unit_ids) | Q(holder_id__in=grant.unit_ids, body=None)
            elif grant.role == "district":
                condition |= Q(unit_id__in=grant.unit_ids, meeting__locked_on=None)
        return condition

    def _beside_branch(self, scope):
        """What the user reads wherever it lies: assigned, asked to help with, opened to the user's post by name."""
        return self._assigned(scope) | self._supporting(scope) | self._named(scope)

    def _named(self, scope):
        """The ids are read once for a scope, and first, so that the rows are found by their keys."""
        posts = scope.post_ids()
        if posts and "named_opinions" not in scope.memo:
            readers = self.model._meta.get_field("named_readers").related_model.objects.filter(post_id__in=posts)
            scope.memo["named_opinions"] = list(readers.values_list("opinion_id", flat=True))
        return Q(pk__in=scope.memo.get("named_opinions", []))

    def _assigned(self, scope):
        bodies = scope.body_ids()
        return Q(body_id__in=bodies) if bodies else Q(pk__in=[])

    def _supporting(self, scope):
        """What a body was asked to help with; the ids are read first, so that the rows are found by their keys."""
        bodies = scope.body_ids()
        if not bodies:
            return Q(pk__in=[])
        asked = self.model._meta.get_field("supports").related_model.objects
        return Q(pk__in=list(asked.filter(body_id__in=bodies, withdrawn_on=None).values_list("opinion_id", flat=True)))

    def _of_village(self, scope):
        """What a village's own account reads: what it raised, never what is restricted."""
        villages = scope.village_ids()
        return Q(village_id__in=villages) & ~Q(visibility=Visibility.RESTRICTED) if villages else Q(pk__in=[])

    def answered(self):
        """Those with an answer for who raised them, their own or that of the one they were merged into."""
        return self.with_answer_day().filter(HAS_ANSWER)

    def with_answer_day(self):
        """`answered_on` is the day of that answer, `answer_status` its kind."""
        return self.annotate(
            answered_on=Coalesce("settled_on", "master__settled_on"),
            answer_status=Case(When(status=OpinionStatus.DUPLICATE, then="master__status"), default="status"),
        )

    def unresolved(self):
        return self.filter(IS_OPEN)

    def bulk_create(self, objs, *args, **kwargs):
        """As `save` does with one: a new row's first promised day is kept."""
        objs = list(objs)
        for opinion in objs:
            opinion.promise()
        return super().bulk_create(objs, *args, **kwargs)

    def with_deadline(self):
        """What must be answered by a day: all but initiatives and good practices."""
        return self.exclude(kind__in=FOLLOWED_KINDS)

    def overdue(self, today):
        """Unresolved and past today's day."""
        return self.filter(overdue_when(today))

    def on_time(self):
        """Answered by the first promised day."""
        return self.filter(on_time_when())

    def on_time_extended(self):
        """Answered by the last agreed day."""
        return self.filter(on_time_extended_when())

    def was_late(self, today):
        """A promised day of theirs passed unanswered, whatever has become of them since."""
        return self.filter(was_late_when(today))

    def judged(self, today):
        """What a rate of timeliness is taken of, answered or late at some time: no act without an answer shrinks it."""
        return self.filter(judged_when(today))

    def with_body_day(self):
        """`body_due_on`: the first day promised to the body that has them, which had not passed when it was given.

        A body that never had such a day is judged by the first promised day of all.
        """
        moves = self.model._meta.get_field("moves").related_model.objects
        given = moves.filter(opinion=OuterRef("pk"), body=OuterRef("body"), due_on__gte=TruncDate("at"))
        first = Subquery(given.order_by("at", "pk").values("due_on")[:1])
        return self.filter(WITH_DEADLINE, body__isnull=False).annotate(body_due_on=Coalesce(first, "first_due_on"))

    def on_time_for_body(self):
        """Answered by the first day promised to the body that has them."""
        return self.with_body_day().filter(on_time_for_body_when())

    def late_for_body(self, today):
        """Answered after that day, or not at all by now."""
        return self.with_body_day().filter(late_for_body_when(today))

    def due_soon(self, today):
        return self.filter(due_soon_when(today))

    def receipt_overdue(self, today):
        """The same decision as `rules.is_receipt_overdue`."""
        return self.filter(is_open=True, receipted_on=None, receipt_due_on__lt=today)

    def held_by(self, unit_ids):
        """Now the business of one of these units."""
        return self.filter(holder_id__in=unit_ids)

    def in_period(self, period):
        """Their own period lies inside. The year says nothing more; it lets the rows be found by branch and year."""
        years = (period.first.year, period.last.year)
        return self.filter(period_first__gte=period.first, period_last__lte=period.last, year__range=years)

    def matching(self, text):
        """Opinions whose content holds every word of `text`, whatever the diacritics; by its number ('YK-125', '125')
        the opinion of that number, too.
        """
        if number := number_in(text):
            return self.filter(Q(pk=number) | Q(search_text__contains=fold(text)))
        queryset = self
        for word in fold(text).split():
            queryset = queryset.filter(search_text__contains=word)
        return queryset


class TopicQuerySet(models.QuerySet):
    def choices_on(self, day):
        """Topics that may be chosen on a day, in their printed order."""
        alive = Q(valid_from__lte=day) & (Q(valid_to=None) | Q(valid_to__gt=day))
        return self.offered().filter(alive).order_by("order", "code")

    def offered(self):
        """Without the entry that stands for a field not chosen yet."""
        return self.exclude(code=NOT_CHOSEN["code"])

    def not_chosen(self):
        """The id of that entry."""
        return self.values_list("pk", flat=True).get(code=NOT_CHOSEN["code"])


class BasketQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        """The branch of the meeting's unit, less what is restricted to others; a village's account sees its own."""
        scope = scope_of(user)
        branch = self.scope_filter(scope)
        villages = scope.village_ids()
        own = Q(village_id__in=villages) if villages else Q(pk__in=[])
        return self.filter(branch & self._readable(scope) | own & ~Q(visibility=Visibility.RESTRICTED))

    def _readable(self, scope):
        condition = ~Q(visibility=Visibility.RESTRICTED)
        for grant in scope.content_grants:
            if grant.role in SEES_RESTRICTED_BELOW:
                condition |= Q(**{f"{grant.level}_id__in": grant.unit_ids})
            elif grant.level == "commune" or grant.role == "district":
                condition |= Q(unit_id__in=grant.unit_ids)
        return condition

    def waiting(self):
        return self.filter(state=BasketState.WAITING)


class MatterQuerySet(ScopedQuerySet):
    def visible_to(self, user):
        """The branch's matters; an answering body sees those of which it has an opinion, while it has it."""
        scope = scope_of(user)
        bodies, condition = scope.body_ids(), self.scope_filter(scope)
        if bodies:
            members = self.model.objects.filter(opinions__body_id__in=bodies)
            members = members.exclude(opinions__visibility=Visibility.RESTRICTED)
            condition |= Q(pk__in=members.values("pk"))
        return self.filter(condition)


class LedgerImportQuerySet(models.QuerySet):
    def visible_to(self, user):
        """The books of the units in whose branch one brings in books today."""
        grants = [grant for grant in scope_of(user).grants if grant.writes and grant.role in LEDGER_KEEPERS]
        branch = {pk for grant in grants for pk in grant.unit_ids}
        below = apps.get_model("units", "UnitLineage").objects.filter(ancestor_id__in=branch, unit=OuterRef("unit"))
        return self.filter(Exists(below))
