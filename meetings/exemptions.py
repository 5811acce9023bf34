"""Excusing a unit from one expected meeting: asked by the unit, decided above, or given to many at once."""

from collections import defaultdict

from django.db import transaction
from django.utils import timezone

from core.activity import record
from core.display import day_text
from core.errors import DomainError, NotAllowed
from core.periods import Period
from journal.services import notify_many
from meetings.access import DECIDERS, may_ask_exemption, may_decide_exemption
from meetings.closed import check_open
from meetings.models import Exemption, Occurrence, UnreachedUnit
from meetings.occurrences import refresh_occurrence
from meetings.rounds import missing_units
from people.enums import Role
from people.selectors import users_with_roles

ALREADY_HELD = "Kỳ này đã họp hoặc đang họp nên không miễn. Còn đơn vị chưa họp thì đề nghị kết thúc kỳ, nêu lý do."
UNIT_ROLES = (Role.COMMUNE, Role.COMMUNE_LEADER, Role.DISTRICT, Role.LEADER)


@transaction.atomic
def ask_exemption(occurrence_id, *, actor, reason, today):
    """One pending request for an occurrence; asking again while it waits returns that request."""
    occurrence = Occurrence.objects.select_for_update(of=("self",)).select_related("unit").get(pk=occurrence_id)
    if not may_ask_exemption(actor, occurrence):
        raise NotAllowed("Đồng chí không có quyền xin miễn cho đơn vị này.")
    _check_open(occurrence, reason)
    pending = occurrence.exemptions.filter(is_granted=None).first()
    if pending:
        return pending
    exemption = Exemption.objects.create(occurrence=occurrence, reason=reason, asked_by_id=actor.pk)
    record(actor.pk, "exemption.ask", occurrence, after={"exemption": exemption.pk, "reason": reason})
    _tell_above(exemption, occurrence, today)
    return exemption


@transaction.atomic
def ask_to_end(occurrence_id, *, actor, reasons, today):
    """Ask to end a begun round whose due day has passed; `reasons` {unit id: why} names every unit not reached.

    Pending already: that request. Only with the agreement of the level above does the round count as ended.
    """
    occurrence = Occurrence.objects.select_for_update(of=("self",)).select_related("unit").get(pk=occurrence_id)
    if not may_ask_exemption(actor, occurrence):
        raise NotAllowed("Đồng chí không có quyền đề nghị kết thúc kỳ của đơn vị này.")
    check_open([occurrence])
    if occurrence.begun_on is None or occurrence.met_on or occurrence.is_incomplete:
        raise DomainError("Chỉ đề nghị kết thúc được kỳ đang họp, còn đơn vị chưa họp. Tải lại trang để xem.")
    if today <= occurrence.due_on:
        raise DomainError(f"Còn hạn họp đến {day_text(occurrence.due_on)}. Họp tiếp với các đơn vị còn lại.")
    pending = occurrence.exemptions.filter(is_granted=None).first()
    if pending:
        return pending
    missing = missing_units(occurrence)
    silent = [each["name"] for each in missing if not reasons.get(each["pk"])]
    if silent:
        raise DomainError(f"Nhập lý do chưa họp của từng đơn vị; còn thiếu: {', '.join(silent)}.", "reasons")
    lines = [f"{each['name']}: {reasons[each['pk']]}" for each in missing]
    exemption = Exemption.objects.create(
        occurrence=occurrence, is_partial=True, reason="; ".join(lines)[:500], asked_by_id=actor.pk
    )
    UnreachedUnit.objects.bulk_create(
        UnreachedUnit(exemption=exemption, unit_id=each["pk"], reason=reasons[each["pk"]][:300]) for each in missing
    )
    record(actor.pk, "exemption.ask_to_end", occurrence, after={"exemption": exemption.pk, "reasons": lines})
    _tell_above(exemption, occurrence, today)
    return exemption


@transaction.atomic
def decide_exemption(exemption_id, *, actor, is_granted, note, today):
    """Grant or refuse a pending request; a refusal needs its reason. Decided already: a sentence, nothing changes."""
    exemption = Exemption.objects.get(pk=exemption_id)
    occurrence = (
        Occurrence.objects.select_for_update(of=("self",)).select_related("unit").get(pk=exemption.occurrence_id)
    )
    exemption.refresh_from_db()
    if not may_decide_exemption(actor, occurrence):
        raise NotAllowed("Chỉ cấp trên của đơn vị mới quyết định được việc miễn.")
    if exemption.is_granted is not None:
        raise DomainError("Đề nghị miễn này đã có quyết định. Tải lại trang để xem.")
    if is_granted and not exemption.is_partial:
        _check_open(occurrence, exemption.reason)
    elif not is_granted and not note:
        raise DomainError("Nhập lý do không đồng ý.", "note")
    _decide(exemption, actor, is_granted, note)
    exemption.save()
    if is_granted:
        refresh_occurrence(occurrence)
    record(
        actor.pk, "exemption.decide", occurrence, after={"exemption": exemption.pk, "granted": is_granted, "note": note}
    )
    _tell_units([(exemption, occurrence)], today)
    return exemption


@transaction.atomic
def grant_many(occurrence_ids, *, actor, reason, today):
    """Excuse many units at once for one reason (a storm); held and excused ones are passed over. Returns how many."""
    if not reason:
        raise DomainError("Nhập lý do miễn, ví dụ: ứng phó bão số 3.", "reason")
    rows = Occurrence.objects.select_for_update(of=("self",)).select_related("unit").filter(pk__in=occurrence_ids)
    rows = list(rows.filter(begun_on=None, is_exempt=False).order_by("pk"))
    if not all(may_decide_exemption(actor, row) for row in rows):
        raise NotAllowed("Chỉ cấp trên của đơn vị mới quyết định được việc miễn.")
    check_open(rows)
    ids = [row.pk for row in rows]
    asked = {
        exemption.occurrence_id: exemption
        for exemption in Exemption.objects.filter(occurrence__in=ids, is_granted=None)
    }
    granted = [
        _decide(
            asked.get(row.pk) or Exemption(occurrence=row, reason=reason, asked_by_id=actor.pk), actor, True, reason
        )
        for row in rows
    ]
    Exemption.objects.bulk_update(
        [e for e in granted if e.pk], ["decided_by_id", "decided_at", "is_granted", "decision_note"]
    )
    Exemption.objects.bulk_create([e for e in granted if not e.pk])
    Occurrence.objects.filter(pk__in=ids).update(is_exempt=True)
    for row in rows[:1]:
        record(actor.pk, "exemption.grant_many", row, after={"occurrences": ids, "reason": reason})
    _tell_units(list(zip(granted, rows, strict=True)), today)
    return len(rows)


def _check_open(occurrence, reason):
    check_open([occurrence])
    if occurrence.begun_on:
        raise DomainError(ALREADY_HELD)
    if occurrence.is_exempt:
        raise DomainError("Kỳ này đã được miễn.")
    if not reason:
        raise DomainError("Nhập lý do xin miễn, ví dụ: ứng phó bão số 3.", "reason")


def _decide(exemption, actor, is_granted, note):
    exemption.decided_by_id, exemption.decided_at = actor.pk, timezone.now()
    exemption.is_granted, exemption.decision_note = is_granted, note
    return exemption


def _words(occurrence):
    return f"kỳ {Period.parse(occurrence.period).label_inside} của {occurrence.unit.name}"


def _tell_above(exemption, occurrence, today):
    """The nearest level above that has somebody to decide."""
    for level in ("district", "province"):
        unit_id = getattr(occurrence, f"{level}_id")
        if unit_id and unit_id != occurrence.unit_id:
            users = users_with_roles([unit_id], tuple(DECIDERS[level]), today)[unit_id]
            if users:
                what = "Đề nghị kết thúc khi chưa họp đủ" if exemption.is_partial else "Đề nghị miễn"
                text = f"{what} {_words(occurrence)}: {exemption.reason}"
                notify_many(
                    (pk, f"exemption-asked:{exemption.pk}", text, occurrence.get_absolute_url()) for pk in users
                )
                return


def _tell_units(pairs, today):
    users = users_with_roles({row.unit_id for _, row in pairs}, UNIT_ROLES, today)
    by_unit = defaultdict(list, users)
    notify_many(
        (
            user_id,
            f"exemption-decided:{row.pk}:{exemption.pk or 'many'}",
            _answer(exemption, row),
            row.get_absolute_url(),
        )
        for exemption, row in pairs
        for user_id in by_unit[row.unit_id]
    )


def _answer(exemption, occurrence):
    verdict = "Đã miễn" if exemption.is_granted else "Không đồng ý miễn"
    if exemption.is_partial:
        verdict = f"{'Đồng ý' if exemption.is_granted else 'Không đồng ý'} kết thúc khi chưa họp đủ"
    note = f": {exemption.decision_note}" if exemption.decision_note else "."
    return f"{verdict} {_words(occurrence)}{note}"
