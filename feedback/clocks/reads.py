"""How long an opinion has, by the dated rules of a province and its calendar of working days."""

from bisect import bisect_right
from datetime import date

from django.db.models import Q

from core.display import day_text
from feedback.enums import Competence
from feedback.models import DueRule
from feedback.rules import ABOVE_DAYS, DEFAULT_DAYS, RECEIPT_DAYS, REMIND_DAYS, due_day, next_review, resumed_due
from meetings.cadence.workdays import calendar_for


class Clock:
    """The rules of one province on one day, read once and asked as often as needed.

    The working days are read by the year, when a day of that year is first asked for.
    """

    def __init__(self, province_id, day):
        rules = DueRule.objects.on(day).filter(Q(province=None) | Q(province_id=province_id))
        rows = rules.order_by("valid_from", "pk").values_list("province_id", "competence", "topic_id", "days")
        self._days = {(bool(province), competence, topic): days for province, competence, topic, days in rows}
        self._province_id, self._calendars = province_id, {}

    def days(self, competence, topic_id=None):
        """The nearest rule wins: the province's for the topic, its general one, then those for everywhere."""
        for own in (True, False):
            for topic in (topic_id, None):
                found = self._days.get((own, str(competence), topic))
                if found is not None:
                    return found
        return DEFAULT_DAYS[competence]

    def due_on(self, received_on, competence, topic_id=None):
        return due_day(received_on, self.days(competence, topic_id), self)

    def receipt_due_on(self, day):
        """By when those who received a matter on `day` must have said so."""
        return self._calendar(day.year).add(day, RECEIPT_DAYS)

    def resumed(self, due_on, waiting_from, today):
        return resumed_due(due_on, waiting_from, today, self)

    def review_on(self, today, planned_on):
        return next_review(today, planned_on, self)

    def roll_forward(self, day):
        """The first working day on or after `day`."""
        return self._calendar(day.year).roll_forward(day)

    def _calendar(self, year):
        if year not in self._calendars:
            self._calendars[year] = calendar_for(self._province_id, date(year, 1, 1), date(year, 12, 31))
        return self._calendars[year]


class ClocksOverTime:
    """One Clock for a province and a stretch of days on which no due rule begins or ends: for books of many years."""

    def __init__(self):
        rules = DueRule.objects.values_list("valid_from", "valid_to")
        self._turns = sorted({day for span in rules for day in span if day})
        self._clocks = {}

    def of(self, province_id, day):
        key = province_id, bisect_right(self._turns, day)
        if key not in self._clocks:
            self._clocks[key] = Clock(province_id, day)
        return self._clocks[key]


class Clocks:
    """One Clock a province, for many opinions on one day."""

    def __init__(self, today):
        self._today, self._clocks = today, {}

    def of(self, opinion):
        if opinion.province_id not in self._clocks:
            self._clocks[opinion.province_id] = Clock(opinion.province_id, self._today)
        return self._clocks[opinion.province_id]


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
