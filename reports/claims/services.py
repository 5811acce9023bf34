"""Pinning a figure that was said, and taking it back."""

import logging
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction

from core.activity import record
from core.errors import Conflict, DomainError, NotAllowed
from core.periods import Period
from core.text import clean_text
from journal.services import notify
from papers.frame import day_within
from people.models import User
from people.reads import title_of
from reports.access import may_export
from reports.claims.reads import claim_holds, count_in, count_of, unknown_years
from reports.claims.rules import check_stated
from reports.enums import Comparison
from reports.figures import figures
from reports.measures import CLAIMABLE
from reports.models import Claim
from reports.reach import BOUNDARIES, THEN
from units.enums import Level
from units.models import Unit
from units.reads import place_on

MOST_WORDS = 500


@dataclass(frozen=True)
class ClaimDraft:
    """What is typed. `over`, `less`: words of the denominator of a rate; both empty for a plain number."""

    words: str
    unit: Unit
    measure: str
    comparison: str
    stated: Decimal
    period: str
    source: str = ""
    over: str = ""
    less: str = ""
    boundaries: str = THEN


@transaction.atomic
def pin_claim(draft, *, actor, today, request_id=None):
    """Keep the figure with what stands behind it today. Sent twice, it is pinned once."""
    if not may_export(actor, draft.unit):
        raise NotAllowed("Đồng chí chỉ ghim được số liệu của đơn vị mình phụ trách. Chọn lại đơn vị.")
    key = f"{actor.pk}-{request_id}"[:64] if request_id else None
    if key and (known := Claim.objects.filter(request_id=key).first()):
        return known
    period = _check(draft, today)
    claim = Claim(
        unit=draft.unit,
        level=draft.unit.level,
        **place_on(draft.unit, day_within(draft.unit, today)).columns,
        words=clean_text(draft.words),
        source=clean_text(draft.source)[:250],
        measure=draft.measure,
        over=draft.over,
        less=draft.less,
        comparison=draft.comparison,
        stated=draft.stated,
        period=period.code,
        boundaries=draft.boundaries,
        pinned_on=today,
        pinned_by_id=actor.pk,
        pinned_by_name=title_of(actor, today)[:200],
        request_id=key,
    )
    count = count_of(claim, today)
    if count != count_of(claim, today, actor):
        raise DomainError("Đồng chí chỉ xem được một phần số liệu của đơn vị này trong kỳ đã chọn. Chọn lại.", "unit")
    claim.pinned_part, claim.pinned_whole = count.part, count.whole
    note_count(claim, count, unknown_years(claim, today), today)
    claim.save(force_insert=True)
    record(actor.pk, "claim.pin", claim, after=_facts(claim))
    return claim


@transaction.atomic
def withdraw_claim(claim_id, *, actor, version, today):
    """It stays readable, but is not counted any more."""
    claim = Claim.objects.visible_to(actor).select_for_update(of=("self",)).filter(pk=claim_id).first()
    if claim is None or not may_export(actor, claim.unit):
        raise NotAllowed("Đồng chí chỉ bỏ ghim được số liệu của đơn vị mình phụ trách.")
    if claim.version != version:
        raise Conflict("Số liệu này vừa được người khác cập nhật. Tải lại trang rồi thực hiện lại nếu vẫn cần.")
    if claim.withdrawn_on:
        raise DomainError("Số liệu này đã bỏ ghim từ trước.")
    claim.withdrawn_on, claim.version = today, claim.version + 1
    claim.save(update_fields=["withdrawn_on", "version"])
    record(actor.pk, "claim.unpin", claim)
    return claim


def note_count(claim, count, unknown, today):
    """What was found today, on the claim in memory. `unknown`: years of its period without figures."""
    claim.checked_part, claim.checked_whole, claim.checked_on = count.part, count.whole, today
    claim.is_complete = not unknown
    claim.is_supported = claim_holds(claim, count, unknown)


def _check(draft, today):
    """The period, when everything fits together."""
    if not 1 <= len(clean_text(draft.words)) <= MOST_WORDS:
        raise DomainError(f"Ghi câu có số liệu trong {MOST_WORDS} ký tự.", "words")
    _check_measures(draft)
    if draft.comparison not in Comparison.values:
        raise DomainError("Chọn cách nói trong danh sách.", "comparison")
    check_stated(draft.stated, bool(draft.over))
    if draft.boundaries not in BOUNDARIES:
        raise DomainError("Chọn tính theo đơn vị nào trong danh sách.", "boundaries")
    period = Period.parse(draft.period)
    if period.first > today:
        raise DomainError(f"{period.label} chưa bắt đầu nên chưa có số liệu. Chọn kỳ khác.", "period")
    if period.kind == "month" and CLAIMABLE[draft.measure].level == Level.DISTRICT:
        raise DomainError("Số liệu cấp huyện chỉ tính theo quý và năm. Chọn quý hoặc năm.", "period")
    return period


def _check_measures(draft):
    if draft.measure not in CLAIMABLE:
        raise DomainError("Chọn số đo trong danh sách.", "measure")
    if draft.less and not draft.over:
        raise DomainError("Muốn trừ đi ở mẫu số thì chọn “Trên tổng” trước.", "less")
    for name in ("over", "less"):
        word = getattr(draft, name)
        if word and word not in CLAIMABLE:
            raise DomainError("Chọn số đo trong danh sách.", name)
        if word and CLAIMABLE[word].unit != CLAIMABLE[draft.measure].unit:
            raise DomainError(f"Tỷ lệ phải cùng đơn vị tính ({CLAIMABLE[draft.measure].unit}). Chọn lại.", name)
    if draft.over and draft.over == draft.measure:
        raise DomainError("Tỷ lệ của một số trên chính nó luôn là 100%. Chọn tổng khác.", "over")


def _facts(claim):
    names = ("measure", "over", "less", "comparison", "period", "boundaries", "pinned_part", "pinned_whole")
    return {name: getattr(claim, name) for name in names} | {"stated": str(claim.stated)}


logger = logging.getLogger("giaoban.claims")
CHECKED = ("checked_part", "checked_whole", "checked_on", "is_supported", "is_complete")


def check_claims(today):
    """Returns how many were found no longer borne out; running it again finds and tells nothing new."""
    claims = Claim.objects.filter(withdrawn_on=None).select_related("unit").order_by("unit_id", "period", "pk")
    counted, broken = {}, 0
    for claim in claims:
        place = (claim.unit_id, claim.period, claim.boundaries)
        try:
            if place not in counted:
                counted = {place: figures(claim.unit, Period.parse(claim.period), claim.boundaries, today)}
            broken += _check_claim(claim, count_in(counted[place], claim), unknown_years(claim, today), today)
        except (DomainError, KeyError) as error:
            logger.warning("claim %s was not counted (%s)", claim.pk, type(error).__name__)
    return broken


@transaction.atomic
def _check_claim(claim, count, unknown, today):
    was_supported = claim.is_supported
    note_count(claim, count, unknown, today)
    values = {name: getattr(claim, name) for name in CHECKED}
    same = Claim.objects.filter(pk=claim.pk, withdrawn_on=None, is_supported=was_supported)
    if not same.update(**values) or claim.is_supported or not was_supported:
        return False
    readers = User.objects.active().filter(pk=claim.pinned_by_id).values_list("pk", flat=True)
    text = f"Số liệu hôm nay không còn đỡ câu đã ghim: “{claim.words[:200]}”"
    notify(readers, key=f"claim-broken:{claim.pk}:{today}", text=text, url=claim.get_absolute_url())
    return True
