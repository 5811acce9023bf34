"""Open work of a unit that has ended goes to its heir on the day it ends (domain.md §7.5)."""

from collections import Counter

from django.db import transaction
from django.urls import reverse

from feedback.enums import Competence, OpinionStatus, Verb
from feedback.models import Opinion
from feedback.services.door import end_wait, enter, mark, save
from feedback.services.news import STAFF_ROLES
from journal.services import notify_many
from people.selectors import users_with_roles
from units.models import Unit, UnitHeritage

BATCH = 500
OF_THE_COMMUNE = (Competence.VILLAGE, Competence.COMMUNE)


def hand_over(today):
    """Give every open opinion of an ended unit to the unit that carries on; returns how many moved.

    A commune's go to its heir; a district's without heir go to the commune of origin if they are the commune's or
    the village's business, else to the province. The body is cleared, the due day stays; a plan (SCHEDULED) stays a
    plan, everything else waits to be assigned again. Run twice, the second finds nothing.
    """
    found = Opinion.objects.unresolved().filter(holder__valid_to__lte=today).order_by("pk")
    pks = list(found.values_list("pk", flat=True))
    return sum(_hand_over_some(pks[start : start + BATCH], today) for start in range(0, len(pks), BATCH))


@transaction.atomic
def _hand_over_some(pks, today):
    queryset = Opinion.objects.unresolved().filter(pk__in=pks, holder__valid_to__lte=today)
    opinions = list(queryset.select_related("holder").select_for_update(of=("self",)).order_by("pk"))
    carriers = _carriers(opinions, today)
    steps, counts = [], Counter()
    for opinion in opinions:
        target = _target(opinion, carriers)
        if target is not None:
            counts[opinion.holder.name, target] += 1
            is_home = target == carriers.get(opinion.commune_id)
            steps.append(_handed(opinion, target, today, is_home))
    save(steps, actor=None, today=today)
    _tell(counts, today)
    return len(steps)


def _carriers(opinions, today):
    """{unit id: id of the unit in force that carries on its work}; units in force carry on their own."""
    columns = ("holder_id", "commune_id", "district_id", "province_id")
    unit_ids = {getattr(opinion, column) for opinion in opinions for column in columns} - {None}
    alive = Unit.objects.on(today)
    carriers = {pk: pk for pk in alive.filter(pk__in=unit_ids).values_list("pk", flat=True)}
    heritage = UnitHeritage.objects.filter(origin_id__in=unit_ids - set(carriers), heir__in=alive)
    return carriers | dict(heritage.order_by("-heir_id").values_list("origin_id", "heir_id"))


def _target(opinion, carriers):
    """The unit that takes an opinion over, or None when nobody carries on."""
    own = carriers.get(opinion.holder_id)
    if own is not None:
        return own
    commune = carriers.get(opinion.commune_id) if opinion.competence in OF_THE_COMMUNE else None
    return commune or carriers.get(opinion.province_id)


def _handed(opinion, target, today, is_home):
    """The prepared step of one opinion; come home to its commune, nobody waits for a level above any longer."""
    note = f"{opinion.holder.name} kết thúc hoạt động, bàn giao theo sắp xếp đơn vị hành chính."
    step = mark(opinion, Verb.HAND_OVER, note)
    opinion.holder_id, opinion.body_id = target, None
    opinion.receipt_due_on = opinion.receipted_on = None
    if is_home and opinion.waiting_from:
        end_wait(opinion, today)
    kept = OpinionStatus.SCHEDULED
    enter(step, kept if opinion.status == kept else OpinionStatus.RECORDED, today)
    return step


def _tell(counts, today):
    """One notice per account and ended unit, however many opinions came."""
    users = users_with_roles({target for _, target in counts}, STAFF_ROLES, today)
    url = f"{reverse('opinion_list')}?giu=1"
    notify_many(
        (user_id, f"handover-{today}-{name}-{target}", f"Nhận bàn giao {count} ý kiến chưa xong của {name}.", url)
        for (name, target), count in counts.items()
        for user_id in users.get(target, ())
    )
