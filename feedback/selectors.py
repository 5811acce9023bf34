"""Reads that span models: what a form may offer, what the home pages count."""

from datetime import timedelta

from django.db.models import Count, Max, Q
from django.utils import timezone

from feedback.enums import Competence, OpinionStatus, ReportGroup, Verb
from feedback.models import Opinion, OpinionMove
from feedback.querysets import due_soon_when, in_group, overdue_when
from feedback.rows import COLUMNS, opinion_rows
from meetings.models import Meeting
from units.enums import Level
from units.models import Body, Unit, UnitLineage
from units.scoping import scope_of


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


def own_bodies(user, today):
    """The bodies of the units the user works for, for the bulk form of the desk."""
    units = scope_of(user).unit_ids()
    return Body.objects.filter(unit_id__in=units).on(today).order_by("name")


def desk_counts(user, today):
    """What waits for the user, in one query: keys unresolved, overdue, due_soon, unassigned, mine, escalated.

    As the lists they lead to: restricted ones that the user may not read count, too (`hidden` of the unresolved),
    except in what depends on who holds them. The same number for everybody of a branch.
    """
    scope = scope_of(user)
    hidden = Opinion.objects.hidden_filter(scope)
    held_here = Q(status=OpinionStatus.ESCALATED, holder_id__in=scope.unit_ids())
    return (
        Opinion.objects.totalled_for(user)
        .unresolved()
        .aggregate(
            unresolved=Count("pk"),
            hidden=Count("pk", filter=hidden),
            overdue=Count("pk", filter=overdue_when(today)),
            hidden_overdue=Count("pk", filter=overdue_when(today) & hidden),
            due_soon=Count("pk", filter=due_soon_when(today)),
            unassigned=Count("pk", filter=in_group(ReportGroup.UNASSIGNED)),
            mine=Count("pk", filter=Q(body_id__in=scope.body_ids(writing=True))),
            escalated=Count("pk", filter=held_here & ~hidden),
        )
    )


def most_overdue(user, today, limit=5):
    """Prepared rows (feedback.rows) of the longest overdue opinions the user sees."""
    found = Opinion.objects.visible_to(user).overdue(today).order_by("due_on", "pk")
    return list(opinion_rows(found.values(*COLUMNS)[:limit], today))


def answers_to_read_back(user, today, limit=20):
    """Prepared rows of what was answered since the last meeting of the user's communes and not yet confirmed.

    The answers given at the meeting itself have been heard.
    """
    communes = {pk for g in scope_of(user).content_grants if g.level == Level.COMMUNE for pk in g.unit_ids}
    if not communes:
        return []
    held = Meeting.objects.held().filter(level=Level.COMMUNE, unit_id__in=communes, held_on__lte=today)
    last = held.aggregate(day=Max("held_on"))["day"] or today - timedelta(days=60)
    answered = Opinion.objects.visible_to(user).filter(commune_id__in=communes, satisfaction="").answered()
    answered = answered.filter(answered_on__gte=last).exclude(status=OpinionStatus.ANSWERED_ON_SPOT)
    rows = answered.order_by("-answered_on", "-pk").values(*COLUMNS, "answer_status")[:limit]
    return list(opinion_rows((row | {"status": row["answer_status"]} for row in rows), today))


def raised_later(thing, on):
    """(number, day) of the opinions about a village raised on a day or later."""
    if not isinstance(thing, Unit):
        return ()
    rows = Opinion.objects.filter(village=thing, raised_on__gte=on).order_by("raised_on", "pk")
    return ((f"YK-{pk}", day) for pk, day in rows.values_list("pk", "raised_on")[:10])


def assigned_later(thing, on):
    """(number, day) of the opinions that a body was given on a day or later."""
    if isinstance(thing, Unit):
        return ()
    given = OpinionMove.objects.filter(body=thing, verb=Verb.ASSIGN, at__date__gte=on).order_by("at", "pk")
    return ((f"YK-{move.opinion_id}", timezone.localtime(move.at).date()) for move in given[:10])
