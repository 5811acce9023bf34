"""Pure decisions about the month's plan of visits."""

from core.display import clock_text, day_text
from core.errors import DomainError
from visits.rules import same_time

FARTHEST_AHEAD = 12
"""A plan is made for this month or one of the next twelve."""


def check_plan_month(month, today):
    if month.kind != "month":
        raise DomainError("Chọn một tháng để lập kế hoạch, ví dụ 2026-12.", "month")
    if month.last < today:
        raise DomainError(f"{month.label} đã qua. Lập kế hoạch cho tháng này hoặc các tháng tới.", "month")
    ahead = (month.first.year - today.year) * 12 + month.first.month - today.month
    if ahead > FARTHEST_AHEAD:
        raise DomainError(f"Chỉ lập kế hoạch trước nhiều nhất {FARTHEST_AHEAD} tháng. Chọn tháng gần hơn.", "month")


def check_planned_day(day, month, today):
    """A planned visit lies inside the month of its plan, and not in the past."""
    if day not in month:
        raise DomainError(
            f"Ngày {day_text(day)} không thuộc {month.label_inside}. "
            f"Chọn ngày từ {day_text(month.first)} đến {day_text(month.last)}.",
            "planned_on",
        )
    if day < today:
        raise DomainError(f"Ngày {day_text(day)} đã qua. Chọn từ hôm nay ({day_text(today)}) trở đi.", "planned_on")


def check_clash(person, day, starts_at, others):
    """`others`: the person's other visits as (day, start, name of the place); an hour lies between two of them."""
    for other_day, other_start, place in others:
        if same_time((day, starts_at, None, 0), (other_day, other_start, None, 1)):
            raise DomainError(
                f"{person} đã có lượt {clock_text(other_start)} ngày {day_text(day)} tại {place}. "
                "Hai lượt phải cách nhau ít nhất một giờ: chọn giờ khác hoặc sửa lượt kia.",
                "starts_at",
            )
