"""What villages put into the basket for the next meeting, and what was read back at the last ones."""

import random
from bisect import bisect_left
from collections import defaultdict
from datetime import timedelta

from feedback.enums import OpinionChannel, OpinionStatus, Visibility
from feedback.models import BasketItem, Opinion, ReadBack, Topic
from giaoban.demo.opinions import make_opinion
from giaoban.demo.store import Shelf, reset_sequences
from giaoban.demo.tables import moment
from meetings.models import Meeting
from people.enums import Role
from units.enums import Level

SHARE_SILENT = 0.35
PUT_IN_DAYS, READ_DAYS = 12, 183


def gather_and_read_back(world, name, seed, accounts):
    """After everything else is saved; a chance of its own, so that the rest of the demo stays as it is."""
    rng = random.Random(f"basket {name} {seed}")
    officers = [a for a in accounts.opened if a.role == Role.COMMUNE and world.is_alive(a.unit.pk, world.today)]
    speakers = {account.unit.pk: account for account in accounts.opened if account.role == Role.VILLAGE}
    shelves = [_baskets(world, rng, officers, speakers), _read_backs(world, officers)]
    for shelf in shelves:
        shelf.save()
    reset_sequences(shelves)


def _baskets(world, rng, officers, speakers):
    """Communes with an officer's account: about two villages of three have sent something, by now."""
    items, topics = Shelf(BasketItem), dict(Topic.objects.values_list("code", "pk"))
    for officer in officers:
        for village_id in world.villages(officer.unit.pk, world.today):
            speaker = speakers.get(village_id)
            if speaker or rng.random() > SHARE_SILENT:
                for _ in range(rng.randint(1, 3)):
                    items.add(**_item(world, rng, officer, speaker or officer, village_id, topics))
    return items


def _item(world, rng, officer, sender, village_id, topics):
    day = world.today - timedelta(days=rng.randint(0, PUT_IN_DAYS))
    place, commune = world.place(village_id, day), officer.unit
    district = world.name(place.district_id, day) if place.district_id else ""
    draft = make_opinion(
        rng, Level.COMMUNE, world.name(village_id, day), world.name(commune.pk, day), day.year, district_name=district
    )
    return {
        "unit_id": commune.pk,
        "level": Level.COMMUNE,
        "village_id": village_id,
        **place.columns,
        "text": draft.text,
        "kind": draft.kind,
        "topic_id": topics[draft.topic] if sender is officer else None,
        "channel": OpinionChannel.PRE_SUBMITTED,
        "raised_by_id": sender.term.someone.person_id if sender is not officer else None,
        "raised_by_name": sender.term.someone.name if sender is not officer else "",
        "put_in_on": day,
        "put_in_by_id": sender.user_id,
    }


def _read_backs(world, officers):
    """What was confirmed of late was said at the commune's next meeting."""
    since, held = world.today - timedelta(days=READ_DAYS), defaultdict(list)
    readers = {officer.unit.pk: officer.user_id for officer in officers}
    meetings = Meeting.objects.held().filter(level=Level.COMMUNE, unit_id__in=readers, held_on__gte=since)
    for unit_id, day, pk in meetings.order_by("held_on", "pk").values_list("unit_id", "held_on", "pk"):
        held[unit_id].append((day, pk))
    reads = Shelf(ReadBack)
    confirmed = Opinion.objects.filter(commune_id__in=readers, confirmed_on__gte=since).exclude(satisfaction="")
    confirmed = confirmed.exclude(visibility=Visibility.RESTRICTED).exclude(status=OpinionStatus.ANSWERED_ON_SPOT)
    for pk, commune_id, day, said in confirmed.order_by("pk").values_list(
        "pk", "commune_id", "confirmed_on", "satisfaction"
    ):
        rows = held.get(commune_id, ())
        at = bisect_left(rows, (day, 0))
        if at < len(rows):
            held_on, meeting_id = rows[at]
            reads.add(
                meeting_id=meeting_id, opinion_id=pk, satisfaction=said, read_by_id=readers[commune_id],
                read_at=moment(held_on, 8),
            )  # fmt: skip
    return reads
