"""Initiatives and good practices, followed to where they are used: studied, adopted, spread, commended."""

from django.db import transaction

from core.activity import record
from core.errors import Conflict, DomainError, NotAllowed
from core.text import clean_name, clean_text
from feedback.access import may_commend, may_follow, may_report_spread
from feedback.enums import FOLLOWED_KINDS, InitiativeStage, Verb
from feedback.models import Initiative, Spread
from feedback.rules import check_content
from feedback.thread.door import enter, locked, mark, write
from units.closed import check_open

STALE = "Hiến kế, cách làm hay này vừa được người khác cập nhật. Xem nội dung mới nhất rồi thực hiện lại nếu vẫn cần."


@transaction.atomic
def follow_initiative(opinion_id, stage, *, actor, version, today, adopted_on=None, effect=""):
    """Say how far it has come: studied, adopted since a day with an effect, or not adopted and why."""
    opinion, initiative = _found(opinion_id, actor, version, may_follow)
    stage, effect = InitiativeStage(stage), _checked(effect, "effect")
    if stage == InitiativeStage.ADOPTED:
        _check_day(adopted_on, opinion.raised_on, today, "adopted_on")
        check_open(opinion.unit, adopted_on, field="adopted_on")
    if stage == InitiativeStage.DECLINED and not effect:
        raise DomainError("Nhập lý do không áp dụng để người nêu biết.", "effect")
    if stage != InitiativeStage.ADOPTED and initiative.pk and initiative.spreads.exists():
        raise DomainError("Đã có nơi áp dụng nên giai đoạn là “Đã áp dụng”.", "stage")
    before = {"stage": initiative.stage if initiative.pk else None}
    initiative.stage, initiative.effect = stage, effect
    initiative.adopted_on = adopted_on if stage == InitiativeStage.ADOPTED else None
    since = f" từ ngày {adopted_on:%d/%m/%Y}" if initiative.adopted_on else ""
    note = f"{stage.label}{since}." + (f" {effect}" if effect else "")
    return _save(opinion, initiative, Verb.FOLLOW_UP, note, before, {"stage": str(stage)}, actor, today)


@transaction.atomic
def spread_initiative(opinion_id, unit, adopted_on, *, actor, version, today, note=""):
    """Another village or unit uses it, too; from then on it counts as adopted."""
    opinion, initiative = _found(opinion_id, actor, version, lambda actor, o: may_report_spread(actor, o, unit, today))
    _check_day(adopted_on, opinion.raised_on, today, "adopted_on")
    check_open(unit, adopted_on, field="adopted_on")
    if unit.pk in (opinion.village_id, None):
        raise DomainError("Đây là nơi đã nêu cách làm này. Chọn nơi khác.", "unit")
    if initiative.pk and initiative.spreads.filter(unit=unit).exists():
        raise DomainError(f"{unit.name} đã có trong danh sách nơi áp dụng.", "unit")
    if initiative.stage == InitiativeStage.DECLINED:
        raise DomainError("Hiến kế này được ghi là không áp dụng. Sửa giai đoạn trước.", "unit")
    note = _checked(note, "note")
    if len(note) > 500:
        raise DomainError("Viết cách áp dụng, kết quả trong 500 ký tự.", "note")
    if initiative.stage != InitiativeStage.ADOPTED:
        initiative.stage, initiative.adopted_on = InitiativeStage.ADOPTED, adopted_on
    words = f"{unit.name}, từ ngày {adopted_on:%d/%m/%Y}." + (f" {note}" if note else "")
    _save(opinion, initiative, Verb.SPREAD, words, {}, {"unit": unit.pk}, actor, today)
    return Spread.objects.create(
        initiative=initiative, unit=unit, adopted_on=adopted_on, note=note, recorded_by_id=actor.pk
    )


@transaction.atomic
def propose_commendation(opinion_id, *, actor, version, today):
    """Put it on the list for commendation; only what is in use."""
    opinion, initiative = _found(opinion_id, actor, version, may_follow)
    if initiative.stage != InitiativeStage.ADOPTED:
        raise DomainError("Chỉ đề nghị khen hiến kế, cách làm hay đã được áp dụng.")
    if initiative.proposed_for_commendation_on:
        raise DomainError(f"Đã đề nghị khen ngày {initiative.proposed_for_commendation_on:%d/%m/%Y}.")
    initiative.proposed_for_commendation_on = today
    return _save(opinion, initiative, Verb.COMMEND, "Đề nghị khen thưởng.", {}, {"proposed": True}, actor, today)


@transaction.atomic
def commend(opinion_id, commendation, commended_on, *, actor, version, today):
    """The decision, by those who lead: what was awarded, and by which paper."""
    opinion, initiative = _found(opinion_id, actor, version, may_commend)
    if not initiative.proposed_for_commendation_on:
        raise DomainError("Đưa vào danh sách đề nghị khen trước khi ghi quyết định khen.")
    if initiative.commended_on:
        raise DomainError(f"Đã ghi khen thưởng ngày {initiative.commended_on:%d/%m/%Y}.")
    commendation = clean_name(commendation)
    if not commendation or len(commendation) > 250:
        raise DomainError("Nhập hình thức khen, số quyết định, trong 250 ký tự.", "commendation")
    _checked(commendation, "commendation")
    _check_day(commended_on, opinion.raised_on, today, "commended_on")
    check_open(opinion.unit, commended_on, field="commended_on")
    initiative.commendation, initiative.commended_on = commendation, commended_on
    note = f"{commendation}, ngày {commended_on:%d/%m/%Y}."
    return _save(opinion, initiative, Verb.COMMEND, note, {}, {"commended": True}, actor, today)


def _found(opinion_id, actor, version, may):
    """(opinion, its initiative), both locked; a first step makes the initiative, whose version was 0 till then."""
    opinion = locked(actor).filter(pk=opinion_id).first()
    if opinion is None or opinion.kind not in FOLLOWED_KINDS or not may(actor, opinion):
        raise NotAllowed("Đồng chí không có quyền cập nhật hiến kế, cách làm hay này.")
    initiative = Initiative.objects.select_for_update().filter(opinion=opinion).first()
    initiative = initiative or Initiative(opinion=opinion, version=0)
    if version != initiative.version:
        raise Conflict(STALE)
    return opinion, initiative


def _save(opinion, initiative, verb, note, before, after, actor, today):
    """The initiative, one step of the thread, and word to those concerned."""
    initiative.version += 1
    initiative.save()
    step = mark(opinion, verb, note)
    enter(step, opinion.status, today)
    write([step], actor=actor, today=today)
    record(actor.pk, f"initiative.{verb.value}", initiative, before, after)
    return initiative


def _check_day(day, first, today, field):
    if day is None or not first <= day <= today:
        raise DomainError(f"Ngày phải từ {first:%d/%m/%Y} (ngày nêu) đến hôm nay {today:%d/%m/%Y}.", field)


def _checked(words, field):
    """The words as they are stored; a state secret is refused."""
    words = clean_text(words)
    if words:
        try:
            check_content(words)
        except DomainError as refusal:
            raise DomainError(refusal.message, field) from None
    return words
