"""Excusing a unit from one expected meeting: asked by the unit, decided above, or given to many at once."""

from collections import defaultdict

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from core.activity import record
from core.display import day_text
from core.errors import DomainError, NotAllowed
from core.periods import Period
from journal.services import notify_many
from meetings.access import DECIDERS, late_deciders, may_ask_exemption, may_decide_exemption, may_decide_late
from meetings.cadence.reads import missing_units, refresh_occurrence
from meetings.closed import check_open
from meetings.models import Exemption, Occurrence, UnreachedUnit
from meetings.rules import is_late_exemption
from meetings.services.life import call_off
from people.enums import Role
from people.reads import users_with_roles

ALREADY_HELD = "Kỳ này đã họp hoặc đang họp nên không miễn. Còn đơn vị chưa họp thì đề nghị kết thúc kỳ, nêu lý do."
NOT_ABOVE = (
    "Chỉ cấp trên của đơn vị quyết định được việc miễn; đề nghị gửi khi kỳ và thời gian họp muộn đã hết "
    "thì do cấp trên nữa quyết định."
)
DECISION = ("decided_by_id", "decided_at", "is_granted", "decision_note", "document", "is_late")
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
    exemption = Exemption.objects.create(occurrence=occurrence, reason=reason, asked_by_id=actor.pk, asked_on=today)
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
        occurrence=occurrence, is_partial=True, reason="; ".join(lines)[:500], asked_by_id=actor.pk, asked_on=today
    )
    UnreachedUnit.objects.bulk_create(
        UnreachedUnit(exemption=exemption, unit_id=each["pk"], reason=reasons[each["pk"]][:300]) for each in missing
    )
    record(actor.pk, "exemption.ask_to_end", occurrence, after={"exemption": exemption.pk, "reasons": lines})
    _tell_above(exemption, occurrence, today)
    return exemption


@transaction.atomic
def decide_exemption(exemption_id, *, actor, is_granted, note, today, document=""):
    """Grant or refuse a pending request; decided already: a sentence, nothing changes.

    A refusal needs its reason, an exemption its document. What was asked when the period and its grace were over is
    for the level above the one that decides in time; what is granted then is counted as "miễn sau kỳ". A meeting on
    the calendar is cancelled, and those invited are told.
    """
    exemption = Exemption.objects.get(pk=exemption_id)
    occurrence = (
        Occurrence.objects.select_for_update(of=("self",)).select_related("unit").get(pk=exemption.occurrence_id)
    )
    exemption.refresh_from_db()
    if not may_decide(actor, occurrence, exemption, today):
        raise NotAllowed(NOT_ABOVE)
    if exemption.is_granted is not None:
        raise DomainError("Đề nghị miễn này đã có quyết định. Tải lại trang để xem.")
    if is_granted and not exemption.is_partial:
        _check_open(occurrence, exemption.reason)
        _check_document(document)
        exemption.document, exemption.is_late = document, is_late_exemption(today, occurrence.late_until)
    elif not is_granted and not note:
        raise DomainError("Nhập lý do không đồng ý.", "note")
    _decide(exemption, actor, is_granted, note)
    exemption.save()
    if is_granted:
        refresh_occurrence(occurrence)
    if is_granted and not exemption.is_partial:
        call_off([occurrence.pk], actor=actor, reason=_why([occurrence], exemption.reason, document))
    record(
        actor.pk, "exemption.decide", occurrence, after={"exemption": exemption.pk, "granted": is_granted, "note": note}
    )
    _tell_units([(exemption, occurrence)], today)
    return exemption


@transaction.atomic
def grant_many(occurrence_ids, *, actor, reason, document, today):
    """Excuse many units at once for one reason (a storm); held and excused ones are passed over. Returns how many."""
    if not reason:
        raise DomainError("Nhập lý do miễn, ví dụ: ứng phó bão số 3.", "reason")
    _check_document(document)
    rows = Occurrence.objects.select_for_update(of=("self",)).select_related("unit").filter(pk__in=occurrence_ids)
    rows = list(rows.filter(begun_on=None, is_exempt=False).order_by("pk"))
    ids = [row.pk for row in rows]
    pending = Exemption.objects.filter(occurrence__in=ids, is_granted=None)
    asked = {exemption.occurrence_id: exemption for exemption in pending}
    if not all(may_decide(actor, row, asked.get(row.pk), today) for row in rows):
        raise NotAllowed(NOT_ABOVE)
    check_open(rows)
    granted = [
        _decide(
            asked.get(row.pk) or Exemption(occurrence=row, reason=reason, asked_by_id=actor.pk, asked_on=today),
            actor,
            True,
            reason,
        )
        for row in rows
    ]
    for row, exemption in zip(rows, granted, strict=True):
        exemption.document, exemption.is_late = document, is_late_exemption(today, row.late_until)
    Exemption.objects.bulk_update([e for e in granted if e.pk], DECISION)
    Exemption.objects.bulk_create([e for e in granted if not e.pk])
    late = Q(late_until__lt=today)
    Occurrence.objects.filter(late, pk__in=ids).update(is_exempt=True, is_exempt_late=True)
    Occurrence.objects.filter(~late, pk__in=ids).update(is_exempt=True)
    if rows:
        call_off(ids, actor=actor, reason=_why(rows, reason, document))
    for row in rows[:1]:
        record(
            actor.pk, "exemption.grant_many", row, after={"occurrences": ids, "reason": reason, "document": document}
        )
    _tell_units(list(zip(granted, rows, strict=True)), today)
    return len(rows)


def may_decide(actor, occurrence, exemption, today):
    """May `actor` answer this request, or (None) excuse without one? Only what was asked in time lies one level up."""
    if exemption is not None and exemption.is_partial:
        return may_decide_exemption(actor, occurrence)
    asked_on = (exemption.asked_on or exemption.asked_at.date()) if exemption else today
    is_late = is_late_exemption(asked_on, occurrence.late_until)
    return may_decide_late(actor, occurrence) if is_late else may_decide_exemption(actor, occurrence)


def _check_document(document):
    if not document:
        raise DomainError("Nhập số, ký hiệu văn bản cho miễn, ví dụ: 45-CV/HU ngày 08/09/2026.", "document")


def _why(rows, reason, document):
    return f"Kỳ {Period.parse(rows[0].period).label_inside} được miễn họp theo {document}: {reason}"[:500]


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
    """The nearest level above that has somebody to decide; of what is asked late the level above that."""
    ways = [(level, DECIDERS[level]) for level in ("district", "province")]
    if not exemption.is_partial and is_late_exemption(today, occurrence.late_until):
        ways = [late_deciders(occurrence)]
    for level, roles in ways:
        unit_id = getattr(occurrence, f"{level}_id")
        if unit_id and unit_id != occurrence.unit_id:
            users = users_with_roles([unit_id], tuple(roles), today)[unit_id]
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
