"""What the accounts of the demo have been told by today: news of the last weeks unread, older news read."""

from collections import Counter
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from feedback.enums import Verb, Visibility
from feedback.models import OpinionMove
from feedback.services.news import excerpt_of
from giaoban.demo.store import update_rows
from journal.models import Notice
from journal.services import notify_many
from meetings.models import Occurrence
from people.enums import Role

TOLD_OF_MEETINGS, TOLD_OF_MOVES = 40, 21
UNREAD = 8
TOLD_VERBS = (Verb.ASSIGN, Verb.ESCALATE, Verb.TRANSFER, Verb.RESOLVE, Verb.EXPLAIN)
COLUMNS = (
    *("pk", "verb", "opinion_id", "opinion__text", "opinion__visibility"),
    *("holder_id", "opinion__commune_id", "body_id"),
)
HOLDERS = {Role.COMMUNE, Role.COMMUNE_LEADER, Role.DISTRICT, Role.LEADER, Role.SPECIALIST, Role.PROVINCE}


def tell_long_ago(world):
    """Missing meetings of former months were told of when they were new: today's news is today's only."""
    cutoff = world.today - timedelta(days=TOLD_OF_MEETINGS)
    missing = Occurrence.objects.overdue(cutoff).filter(province=world.province, flagged_on=None)
    rows = [(late + timedelta(days=1), pk) for pk, late in missing.values_list("pk", "late_until")]
    update_rows(Occurrence, ("flagged_on",), rows)


def tell_of_moves(accounts, today):
    """What was assigned, sent on or answered in the last weeks, to the accounts of those concerned."""
    units, bodies = {}, {}
    for account in accounts.opened:
        body_id = accounts.staff.post_rows[account.term.post_id]["body_id"]
        if account.role == Role.AGENCY:
            bodies.setdefault(body_id, []).append(account.user_id)
        elif account.role in HOLDERS:
            units.setdefault(account.unit.pk, []).append(account.user_id)
    moves = OpinionMove.objects.filter(verb__in=TOLD_VERBS, at__date__gt=today - timedelta(days=TOLD_OF_MOVES))
    rows = moves.order_by("at", "pk").values_list(
        "pk",
        "verb",
        "opinion_id",
        "opinion__text",
        "opinion__visibility",
        "holder_id",
        "opinion__commune_id",
        "body_id",
    )
    notify_many(notice for row in rows for notice in _notices(row, units, bodies))


def _notices(row, units, bodies):
    pk, verb, opinion_id, text, visibility, holder_id, commune_id, body_id = row
    if visibility == Visibility.RESTRICTED:
        return
    told = bodies.get(body_id, []) if verb == Verb.ASSIGN else [*units.get(holder_id, []), *units.get(commune_id, [])]
    text = f"{Verb(verb).label}: {excerpt_of(opinion_id, text, visibility)}"
    for user_id in sorted(set(told)):
        yield user_id, f"opinion-move-{pk}", text, reverse("opinion_detail", args=[opinion_id])


def read_old_notices():
    """All but the last few notices of each account have been read."""
    rows, seen = [], Counter()
    for pk, recipient_id in Notice.objects.order_by("-pk").values_list("pk", "recipient_id"):
        seen[recipient_id] += 1
        if seen[recipient_id] > UNREAD:
            rows.append((timezone.now(), pk))
    update_rows(Notice, ("read_at",), rows)
