"""The dated rules of a province about how many days an answer may take."""

from django.db import transaction

from core.activity import record
from core.errors import DomainError, NotAllowed
from core.text import clean_name
from feedback.enums import Competence
from feedback.models import DueRule, Topic
from meetings.access import may_keep_rules
from units.models import Unit

MOST_DAYS = 365


@transaction.atomic
def add_due_rule(province_id, competence, topic_id, days, *, actor, valid_from, document=""):
    """A new rule from a day on; the one for the same competence and topic ends there. The same again changes nothing.

    Opinions that were received before keep the day they were given.
    """
    province = Unit.objects.select_for_update(no_key=True).get(pk=province_id)
    if not may_keep_rules(actor, province):
        raise NotAllowed("Đồng chí không có quyền sửa thời hạn giải quyết của tỉnh này.")
    document = clean_name(document)[:120]
    _check(competence, topic_id, days, valid_from)
    same = DueRule.objects.filter(province=province, competence=competence, topic=topic_id)
    replayed = same.filter(valid_from=valid_from, days=days, document=document).first()
    if replayed:
        return replayed
    before = _end_previous(same.order_by("-valid_from", "-pk").first(), valid_from)
    rule = DueRule.objects.create(
        province=province, competence=competence, topic_id=topic_id, days=days, document=document, valid_from=valid_from
    )
    after = {"competence": competence, "topic": topic_id, "days": days, "from": str(valid_from), "document": document}
    record(actor.pk, "due_rule.add", rule, before, after)
    return rule


def _check(competence, topic_id, days, valid_from):
    if competence not in Competence.values:
        raise DomainError("Chọn thẩm quyền giải quyết trong danh sách.", "competence")
    if not 1 <= days <= MOST_DAYS:
        raise DomainError(f"Số ngày giải quyết từ 1 đến {MOST_DAYS}.", "days")
    if topic_id is not None and not Topic.objects.choices_on(valid_from).filter(pk=topic_id).exists():
        raise DomainError("Lĩnh vực này không còn dùng vào ngày áp dụng.", "topic")


def _end_previous(previous, valid_from):
    """The rule before ends where the new one begins; returns what the log keeps of it."""
    if previous is None:
        return {}
    if valid_from <= previous.valid_from:
        day = previous.valid_from
        raise DomainError(f"Thời hạn đang có áp dụng từ {day:%d/%m/%Y}. Chọn ngày áp dụng muộn hơn.", "valid_from")
    if previous.valid_to is not None and previous.valid_to <= valid_from:
        return {}
    before = {"previous": previous.pk, "valid_to": str(previous.valid_to)}
    previous.valid_to = valid_from
    previous.save(update_fields=["valid_to"])
    return before
