"""An opinion heard outside a meeting, by somebody who went there: the same thread from its first step."""

from django.db import transaction
from django.utils import timezone

from core.activity import record
from core.errors import DomainError
from core.periods import Period
from core.text import clean_person_name, clean_text, fold
from feedback.access import works_at
from feedback.clocks import Clock
from feedback.enums import OpinionChannel, OpinionKind, OpinionStatus, Verb, Visibility
from feedback.models import Opinion, OpinionMove, Topic
from feedback.rules import check_content
from feedback.selectors import competences_on
from feedback.services.door import Step
from feedback.services.news import tell
from feedback.tallies import recompute_all, tally_key
from people.selectors import title_of
from units.closed import check_open
from units.selectors import place_on


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
