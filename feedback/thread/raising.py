"""An opinion heard outside a meeting, by somebody who went there: the same thread from its first step."""

from django.db import transaction
from django.utils import timezone

from core.activity import record
from core.errors import DomainError
from core.periods import Period
from core.text import clean_person_name, clean_text, fold
from feedback.access import works_at
from feedback.clocks.reads import Clock, Clocks
from feedback.enums import OpinionChannel, OpinionKind, OpinionStatus, Verb, Visibility
from feedback.models import Opinion, OpinionMove, Topic
from feedback.reads import competences_on
from feedback.rules import check_content
from feedback.tallies import recompute_all, tally_key
from feedback.thread.door import Step, clear_receipt, locked, make, mark, save, write
from feedback.thread.news import tell
from people.reads import title_of
from units.closed import check_open
from units.reads import place_on


@transaction.atomic
def raise_opinion(draft, *, origin, origin_id, unit, place_unit, raised_on, source_key, actor, today):
    """Record one opinion of `place_unit` with `unit` as its first holder; due day, move, tally, log and notices follow.

    For higher floors, which have asked whether the actor may. A holder that hears of it from somebody else owes a word
    of receipt. The same `source_key` again gives the first one back.
    """
    known = Opinion.objects.filter(source_key=source_key).first()
    if known:
        return known
    place, period = place_on(place_unit, raised_on), Period.of_day(raised_on, "month")
    check_open(place_unit, raised_on)
    text = _checked(draft, place, raised_on)
    clock = Clock(place.province_id, raised_on)
    opinion = Opinion.objects.create(
        origin=origin,
        origin_id=origin_id,
        source_key=source_key,
        unit=unit,
        level=unit.level,
        holder=unit,
        village_id=place.village_id,
        **place.columns,
        raised_by_name=clean_person_name(draft.raised_by_name)[:120],
        raised_on=raised_on,
        received_on=raised_on,
        period_first=period.first,
        period_last=period.last,
        year=raised_on.year,
        month=raised_on.month,
        kind=draft.kind,
        channel=OpinionChannel.RELAYED,
        topic_id=draft.topic_id,
        competence=draft.competence,
        visibility=draft.visibility,
        text=text,
        search_text=fold(text),
        due_on=clock.due_on(raised_on, draft.competence, draft.topic_id),
        receipt_due_on=None if works_at(actor, unit.pk) else clock.receipt_due_on(raised_on),
    )
    OpinionMove.objects.create(
        opinion=opinion,
        verb=Verb.RECORD,
        after=OpinionStatus.RECORDED,
        at=timezone.now(),
        actor_id=actor.pk,
        actor_name=title_of(actor, today)[:200],
        holder=unit,
        due_on=opinion.due_on,
    )
    record(actor.pk, "opinion.raise", opinion, after={"origin": origin, "origin_id": origin_id})
    recompute_all([tally_key(opinion)])
    tell([Step(opinion, Verb.RECORD, "")], actor=actor, today=today)
    return opinion


def _checked(draft, place, day):
    """The text as it is stored, when everything chosen was on offer."""
    text = clean_text(draft.text)
    check_content(text)
    if not Topic.objects.choices_on(day).filter(pk=draft.topic_id).exists():
        raise DomainError("Chọn lĩnh vực trong danh sách.", "topic")
    if draft.competence not in competences_on(place, day):
        raise DomainError("Chọn thẩm quyền giải quyết trong danh sách của địa bàn này.", "competence")
    if draft.kind not in OpinionKind.values:
        raise DomainError("Chọn loại ý kiến trong danh sách.", "kind")
    if draft.visibility not in Visibility.values:
        raise DomainError("Chọn phạm vi xem trong danh sách.", "visibility")
    return text


RELEASED = "Ý kiến đã gộp chung không còn được giải quyết chung; ý kiến này được xem xét riêng."


def locked_master(opinion_id, actor):
    """The opinion that one the actor sees was merged into, locked; None when it was not merged."""
    master_id = locked(actor).filter(pk=opinion_id).values_list("master_id", flat=True).first()
    return Opinion.objects.select_for_update(of=("self",)).filter(pk=master_id).first() if master_id else None


def _merged_into(opinions):
    """Whoever raised them and whoever sees them, locked."""
    merged = Opinion.objects.filter(master__in=opinions).select_related("holder", "master")
    return list(merged.select_for_update(of=("self",)).order_by("pk"))


def bring_merged(opinion, master):
    """Steps, in memory, of what was merged into `opinion`: it belongs to `master` now, one level deep always."""
    steps = []
    for merged in _merged_into([opinion]):
        steps.append(mark(merged, Verb.MERGE, f"Theo YK-{opinion.pk} vào YK-{master.pk}."))
        merged.master = master
        merged.version += 1
    return steps


def release_merged(masters, today, is_unlike_only=False):
    """No answer will come of these: what was merged into them is taken up again, each with its own clock.

    `is_unlike_only`: only what others may see than those who see its master now, whose answer is not for them.
    The system acts. Neither a thread nor a notice says what became of the others, which may be restricted.
    """
    clocks, steps, parted = Clocks(today), [], []

    def change(opinion):
        opinion.due_on = clocks.of(opinion).due_on(today, opinion.competence, opinion.topic_id)
        clear_receipt(opinion)

    for merged in _merged_into(masters):
        if is_unlike_only and merged.visibility == merged.master.visibility:
            continue
        parted.append(mark(merged.master, Verb.SPLIT_OFF, f"YK-{merged.pk}"))
        steps.append(make(merged, Verb.UNMERGE, today=today, note=RELEASED, change=change))
    if steps:
        write(steps, actor=None, today=today)
        save(parted, actor=None, today=today)
