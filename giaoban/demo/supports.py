"""Helping bodies of some open opinions: asked, some answered, a few late, with their steps in the thread."""

import random
from collections import defaultdict
from datetime import datetime, time, timedelta

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from feedback.enums import UNRESOLVED, OpinionStatus, Verb, Visibility
from feedback.models import Opinion, OpinionMove, Support
from people.models import User
from people.selectors import title_of
from units.enums import BodyKind
from units.models import Body

ONE_IN, MOST = 3, 240
REQUESTS = (
    "Đề nghị cử cán bộ cùng kiểm tra thực địa và cho ý kiến bằng văn bản.",
    "Đề nghị cung cấp hồ sơ, số liệu liên quan để trả lời thôn, khu.",
    "Đề nghị cho ý kiến về phần việc thuộc lĩnh vực cơ quan phụ trách.",
)
REPLIES = (
    "Đã cử cán bộ cùng kiểm tra; đồng ý với phương án xử lý của cơ quan chủ trì.",
    "Đã gửi hồ sơ, số liệu liên quan; không có ý kiến khác.",
)


@transaction.atomic
def ask_for_help(world, world_name, seed, accounts):
    """For opinions held by units that have accounts; returns how many requests were made."""
    rng = random.Random(f"supports {world_name} {seed}")
    askers = {}
    for account in accounts.opened:
        if account.role in ("commune", "leader", "province"):
            askers.setdefault(account.unit.pk, account.user_id)
    working = Opinion.objects.filter(status__in=set(UNRESOLVED) - {OpinionStatus.RECORDED}, holder_id__in=askers)
    working = working.exclude(body=None).exclude(visibility=Visibility.RESTRICTED).order_by("-raised_on", "pk")
    settled = timezone.make_aware(datetime.combine(world.today - timedelta(days=3), time()))
    working = working.annotate(moved_at=Max("moves__at")).filter(moved_at__lt=settled)
    chosen = [opinion for opinion in working[: MOST * ONE_IN] if rng.randrange(ONE_IN) == 0]
    helpers = _bodies({opinion.holder_id for opinion in chosen}, world.today)
    users = {user.pk: user for user in User.objects.filter(pk__in=set(askers.values())).select_related("person")}
    titles = {pk: title_of(user, world.today) for pk, user in users.items()}
    supports, moves = [], []
    for opinion in chosen:
        others = [body for body in helpers[opinion.holder_id] if body.pk != opinion.body_id]
        for body in rng.sample(others, min(len(others), rng.choice((1, 1, 2)))):
            asker = askers[opinion.holder_id]
            support = _support(rng, opinion, body, asker, world.today)
            supports.append(support)
            moves += _moves(opinion, support, asker, titles[asker])
    Support.objects.bulk_create(supports, batch_size=500)
    OpinionMove.objects.bulk_create(moves, batch_size=500)
    return len(supports)


def _bodies(unit_ids, today):
    found = defaultdict(list)
    for body in Body.objects.on(today).filter(unit_id__in=unit_ids).exclude(kind=BodyKind.GOV).order_by("pk"):
        found[body.unit_id].append(body)
    return found


def _support(rng, opinion, body, asker, today):
    moved_on = timezone.localtime(opinion.moved_at).date()
    asked_on = max(moved_on + timedelta(days=1), today - timedelta(days=rng.randrange(2, 20)))
    due_on = asked_on + timedelta(days=rng.choice((7, 10, 15)))
    support = Support(
        opinion=opinion,
        body=body,
        request=rng.choice(REQUESTS),
        asked_on=asked_on,
        due_on=due_on,
        asked_by_id=asker,
    )
    if rng.random() < 0.4:
        support.reply = rng.choice(REPLIES)
        support.replied_on = min(today, asked_on + timedelta(days=rng.randrange(1, 9)))
    return support


def _moves(opinion, support, asker, title):
    steps = [(Verb.ASK_SUPPORT, support.asked_on, support.request, asker, title)]
    if support.replied_on:
        steps.append((Verb.REPLY_SUPPORT, support.replied_on, support.reply, None, support.body.name))
    return [
        OpinionMove(
            opinion=opinion,
            verb=verb,
            before=opinion.status,
            after=opinion.status,
            at=timezone.make_aware(datetime.combine(day, time(15, 30))),
            actor_id=actor_id,
            actor_name=name[:200],
            holder_id=opinion.holder_id,
            body_id=opinion.body_id,
            due_on=opinion.due_on,
            note=note,
        )
        for verb, day, note, actor_id, name in steps
    ]
