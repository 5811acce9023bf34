"""The commendation register: who or which village, by whom, by which decision, for what."""

from dataclasses import dataclass
from datetime import date

from django.db import transaction

from core.activity import record
from core.conflicts import overtaken
from core.errors import Conflict, DomainError, NotAllowed
from core.text import clean_name, clean_text, fold
from feedback.models import Initiative
from feedback.rules import check_content
from people.models import Post
from units.closed import check_open
from units.models import Unit
from units.selectors import place_on
from visits.access import keeps
from visits.enums import CommendationForm
from visits.models import Commendation
from visits.registers.initiatives import readable_initiatives

STALE = overtaken("Mục khen thưởng này")
CHANGED = "Mục khen thưởng này vừa được người khác sửa nên chưa bỏ. Xem lại rồi bấm lần nữa nếu vẫn cần bỏ."


@dataclass(frozen=True)
class CommendationFacts:
    """`post` (a person by the post they hold) or `village`: exactly one of them was commended."""

    form: str
    issuer: str
    decided_on: date
    reason: str
    post: Post | None = None
    village: Unit | None = None
    decision_number: str = ""
    initiative: Initiative | None = None


@transaction.atomic
def record_commendation(facts, *, actor, request_id=None, today):
    """A new line of the register. Replaying a `request_id` gives the first one back."""
    known = Commendation.objects.filter(request_id=request_id).first() if request_id else None
    if known:
        return known
    commendation = Commendation(created_by_id=actor.pk, request_id=request_id)
    _fill(commendation, facts, actor, today)
    commendation.save()
    record(actor.pk, "commendation.create", commendation, after=_summary(commendation))
    return commendation


@transaction.atomic
def edit_commendation(commendation_id, facts, *, actor, version, today):
    commendation = _locked(commendation_id, actor, version)
    before = _summary(commendation)
    _fill(commendation, facts, actor, today)
    commendation.version += 1
    commendation.save()
    record(actor.pk, "commendation.edit", commendation, before=before, after=_summary(commendation))
    return commendation


@transaction.atomic
def drop_commendation(commendation_id, *, actor, version):
    """A line written down by mistake leaves the register; the activity log keeps what it was."""
    commendation = _locked(commendation_id, actor, version, CHANGED)
    record(actor.pk, "commendation.drop", commendation, before=_summary(commendation))
    commendation.delete()


def _locked(commendation_id, actor, version, sentence=STALE):
    rows = Commendation.objects.visible_to(actor).select_for_update(of=("self",)).select_related("unit")
    commendation = rows.filter(pk=commendation_id).first()
    if commendation is None or not keeps(actor, commendation):
        raise NotAllowed("Chỉ đơn vị quản lý địa bàn được sửa sổ khen thưởng.")
    if version != commendation.version:
        raise Conflict(sentence)
    check_open(commendation.unit, commendation.decided_on)
    return commendation


def _fill(commendation, facts, actor, today):
    """Check and copy what was typed; the place is that of whoever was commended, on the day of the decision."""
    if (facts.post is None) == (facts.village is None):
        raise DomainError("Chọn một người hoặc một thôn, khu được khen; không chọn cả hai.", "post")
    if facts.form not in CommendationForm.values:
        raise DomainError("Chọn hình thức khen trong danh sách.", "form")
    if facts.decided_on > today:
        raise DomainError(f"Ngày khen {facts.decided_on:%d/%m/%Y} ở tương lai. Nhập ngày đã khen.", "decided_on")
    if facts.post and facts.post.valid_from > facts.decided_on:
        raise DomainError(
            f"Người này giữ chức danh từ {facts.post.valid_from:%d/%m/%Y}, sau ngày khen. Chọn lại người hoặc ngày.",
            "decided_on",
        )
    unit = facts.post.unit if facts.post else facts.village
    check_open(unit, facts.decided_on, field="decided_on")
    place = place_on(unit, facts.decided_on)
    for name, value in place.columns.items():
        setattr(commendation, name, value)
    if not keeps(actor, commendation):
        raise NotAllowed("Chỉ ghi khen thưởng của người, thôn, khu thuộc địa bàn mình quản lý.", "post")
    _check_initiative(commendation, facts, actor)
    commendation.unit, commendation.level, commendation.village_id = unit, unit.level, place.village_id
    commendation.post, commendation.person_id = facts.post, facts.post and facts.post.person_id
    commendation.form, commendation.decided_on = facts.form, facts.decided_on
    commendation.initiative = facts.initiative
    _write(commendation, facts, unit)


def _check_initiative(commendation, facts, actor):
    """An initiative that was linked before stays; a new one is one that the actor may read."""
    if facts.initiative is None or facts.initiative.pk == commendation.initiative_id:
        return
    if not readable_initiatives(actor).filter(pk=facts.initiative.pk).exists():
        raise DomainError("Hiến kế, cách làm hay vừa chọn không có trong danh sách. Chọn lại.", "initiative")


def _write(commendation, facts, unit):
    reason = clean_text(facts.reason)
    issuer = clean_name(facts.issuer)[:160]
    if not issuer:
        raise DomainError("Nhập cơ quan khen, ví dụ Ủy ban nhân dân xã.", "issuer")
    if not reason:
        raise DomainError("Nhập thành tích được khen, một hai câu là đủ.", "reason")
    try:
        check_content(reason)
    except DomainError as refusal:
        raise DomainError(refusal.message, "reason") from None
    commendation.issuer, commendation.reason = issuer, reason
    commendation.decision_number = clean_name(facts.decision_number)[:60]
    name = facts.post.person.name if facts.post else ""
    commendation.search_text = fold(f"{name} {unit.name} {issuer} {commendation.decision_number} {reason}")


def _summary(commendation):
    return {
        "unit": commendation.unit_id,
        "person": commendation.person_id,
        "form": str(commendation.form),
        "on": commendation.decided_on.isoformat(),
        "initiative": commendation.initiative_id,
    }
