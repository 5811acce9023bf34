"""The calendar of working days: the public one of Việt Nam, the country's own rows, and those of a province."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import holidays
from django.db import transaction
from django.db.models import F, Q

from core.activity import record
from core.errors import DomainError, NotAllowed
from core.periods import WorkCalendar
from core.text import clean_name
from meetings.access import may_keep_rules
from meetings.cadence.reads import refresh_dues
from meetings.models import SpecialDay
from units.models import Unit

PUBLIC = "Lịch nghỉ lễ, Tết của Nhà nước"
REACH = timedelta(days=60)
"""How far beyond the last day asked for a calendar knows its days: the longest clock, and Tết within it."""


@dataclass(frozen=True)
class MarkedDay:
    """A day that differs from the week: off, or worked at a weekend. `pk` when a province's own row says so."""

    day: date
    is_working: bool
    name: str
    source: str
    pk: int | None = None


@lru_cache(maxsize=64)
def public_days(year):
    """The public holidays and swapped days of a year, by day."""
    table = holidays.country_holidays("VN", years=(year, year + 1), language="vi")
    marked = {day: MarkedDay(day, False, name, PUBLIC) for day, name in table.items() if day.year == year}
    for day in table.weekend_workdays:
        if day.year == year:
            marked[day] = MarkedDay(day, True, _swap_name(table, day), PUBLIC)
    return marked


def _swap_name(table, day):
    off = next((each for each, name in table.items() if f"{day:%d/%m/%Y}" in name), None)
    return f"Làm bù cho ngày nghỉ {off:%d/%m/%Y}" if off else "Ngày làm bù"


def public_calendar(first, last):
    """The calendar of the package alone, of the years between two days and the one after."""
    return _calendar(_public(first, last + REACH))


def calendar_for(province_id, first, last):
    """The calendar that holds in a province from `first` to `last` and two months beyond; one query."""
    return _calendar(marked_days(province_id, first, last + REACH))


def marked_days(province_id, first, last):
    """{day: MarkedDay} between two days: public ones, over them the country's rows, over them the province's."""
    marked = {day: row for day, row in _public(first, last).items() if first <= day <= last}
    rows = SpecialDay.objects.filter(Q(province=None) | Q(province=province_id), day__range=(first, last))
    for row in rows.order_by(F("province").asc(nulls_first=True), "day"):
        marked[row.day] = MarkedDay(
            row.day, row.is_working, row.name, row.document or "", row.pk if row.province_id else None
        )
    return marked


def _public(first, last):
    years = range(first.year, last.year + 1)
    return {day: row for year in years for day, row in public_days(year).items()}


def _calendar(marked):
    return WorkCalendar(
        days_off=frozenset(day for day, row in marked.items() if not row.is_working),
        worked=frozenset(day for day, row in marked.items() if row.is_working),
    )


@transaction.atomic
def add_special_day(province_id, day, *, actor, is_working, name, document=""):
    """A day off, or a weekend day worked, of one province; open due days move with it. Twice changes nothing."""
    province = _lock(province_id, actor)
    name, document = clean_name(name)[:120], clean_name(document)[:120]
    known = SpecialDay.objects.filter(province=province, day=day).first()
    if known:
        if (known.is_working, known.name) == (is_working, name):
            return known
        raise DomainError(f"Ngày {day:%d/%m/%Y} đã được ghi là “{known.name}”. Bỏ dòng đó rồi thêm lại.", "day")
    if calendar_for(province.pk, day, day).is_working(day) == is_working:
        state = "ngày làm việc" if is_working else "ngày nghỉ"
        raise DomainError(f"Ngày {day:%d/%m/%Y} vốn là {state} nên không cần ghi thêm.", "day")
    row = SpecialDay.objects.create(province=province, day=day, is_working=is_working, name=name, document=document)
    refresh_dues(province.pk, day, calendar_for(province.pk, day - REACH, day))
    record(actor.pk, "special_day.add", row, after={"day": str(day), "is_working": is_working, "name": name})
    return row


@transaction.atomic
def remove_special_day(pk, *, actor):
    """Take back a province's own row; gone already: nothing to do."""
    row = SpecialDay.objects.exclude(province=None).filter(pk=pk).first()
    if row is None:
        return
    _lock(row.province_id, actor)
    before = {"day": str(row.day), "is_working": row.is_working, "name": row.name}
    record(actor.pk, "special_day.remove", row, before=before)
    row.delete()
    refresh_dues(row.province_id, row.day, calendar_for(row.province_id, row.day - REACH, row.day))


def _lock(province_id, actor):
    province = Unit.objects.select_for_update(no_key=True).get(pk=province_id)
    if not may_keep_rules(actor, province):
        raise NotAllowed("Đồng chí không có quyền sửa lịch làm việc của tỉnh này.")
    return province
