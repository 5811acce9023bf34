"""What the page of due rules shows: the days in force for each competence with their source, and every dated rule."""

from django.db.models import Q

from core.display import day_text
from feedback.enums import Competence
from feedback.models import DueRule
from feedback.rules import ABOVE_DAYS, DEFAULT_DAYS, RECEIPT_DAYS, REMIND_DAYS

OWN_DEFAULT = "Mặc định của phần mềm; tỉnh quy định khác thì theo quy định của tỉnh"
PETITION_DEFAULT = "Mặc định của phần mềm, theo thông lệ trả lời kiến nghị cử tri"
FIXED = (
    ("Thông báo đã tiếp nhận", f"{RECEIPT_DAYS} ngày làm việc từ ngày nhận", "Quy định 11-QĐi/TW"),
    ("Nhắc trước hạn", f"{REMIND_DAYS} ngày, và đúng ngày đến hạn", "Mặc định của phần mềm"),
    ("Trình cấp trên xem xét", f"quá hạn từ {ABOVE_DAYS} ngày", "Mặc định của phần mềm"),
    (
        "Gia hạn",
        "cơ quan được giao: một lần khi còn hạn, có lý do; lần sau cấp đang giữ quyết định; đã quá hạn hoặc việc của "
        "chính đơn vị thì cấp trên quyết định",
        "Mặc định của phần mềm",
    ),
    ("Rà soát việc có lộ trình, kế hoạch", "cuối mỗi quý", "Mặc định của phần mềm"),
)


def days_in_force(province, today):
    """Prepared rows, one for each competence: the general days that hold today, and where they come from."""
    rules = DueRule.objects.on(today).filter(Q(province=None) | Q(province=province), topic=None)
    nearest = {rule.competence: rule for rule in rules.order_by("valid_from", "pk") if rule.province_id is None}
    nearest |= {rule.competence: rule for rule in rules.order_by("valid_from", "pk") if rule.province_id}
    return [_in_force(competence, nearest.get(competence.value)) for competence in Competence]


def _in_force(competence, rule):
    if rule is not None:
        source = rule.document or f"Quy định áp dụng từ {day_text(rule.valid_from)}"
        return {"competence": competence.label, "days": rule.days, "source": source}
    days = DEFAULT_DAYS[competence]
    return {"competence": competence.label, "days": days, "source": PETITION_DEFAULT if days == 60 else OWN_DEFAULT}


def rule_rows(provinces, today):
    """Every dated rule of the provinces, newest first."""
    rules = DueRule.objects.filter(province__in=provinces).select_related("province", "topic")
    return [
        {
            "pk": rule.pk,
            "province": rule.province.name,
            "competence": rule.get_competence_display(),
            "topic": rule.topic.name if rule.topic else "Mọi lĩnh vực",
            "days": rule.days,
            "document": rule.document,
            "valid_from": rule.valid_from,
            "valid_to": rule.valid_to,
            "is_ended": rule.valid_to is not None and rule.valid_to <= today,
        }
        for rule in rules.order_by("province_id", "competence", "topic__order", "-valid_from", "-pk")
    ]
