"""The records behind the figures: one row for each meeting that counts."""

from itertools import chain

from core.display import day_text
from meetings.enums import MeetingForm, MeetingKind
from meetings.models import Meeting
from reports.figures import without_district
from reports.reach import naming_day, reach_of
from reports.table import COUNT, DAY, INDEX, TEXT, Column, Row, Section, Table, listed, read_in_chunks
from units.enums import Level
from units.reads import names_on

COLUMNS = (
    Column("no", "STT", kind=INDEX, width=6),
    Column("level", "Cấp", kind=TEXT, width=11),
    Column("district", "Đơn vị cấp huyện", kind=TEXT, width=22),
    Column("unit", "Đơn vị tổ chức", kind=TEXT, width=24),
    Column("period", "Kỳ", kind=TEXT, width=11),
    Column("held_on", "Ngày họp", kind=DAY, width=12),
    Column("kind", "Loại", kind=TEXT, width=12),
    Column("form", "Hình thức", kind=TEXT, width=26),
    Column("title", "Tên hội nghị", kind=TEXT, width=50),
    Column("sittings", "Số cuộc", "cuộc", COUNT),
    Column("attendance", "Lượt đại biểu", "lượt", COUNT),
    Column("opinions", "Ý kiến, kiến nghị", "ý kiến", COUNT),
)
FIELDS = (
    "pk", "level", "district_id", "unit_id", "occurrence__period", "held_on", "kind", "form", "title", "sitting_count",
    "attendance_count", "opinion_count",
)  # fmt: skip
LEVELS = {Level.COMMUNE: "Cấp xã", Level.DISTRICT: "Cấp huyện"}
KINDS, FORMS = dict(MeetingKind.choices), dict(MeetingForm.choices)


def meeting_records(unit, period, boundaries, today, user=None):
    reach = reach_of(unit, boundaries, today, user)
    held = Meeting.objects.filter(reach.facts & without_district(period)).held().in_period(period)
    names = names_on(places_of(held, "unit_id", "district_id"), naming_day(boundaries, period, today))
    ordered = held.order_by("level", "period_last", "held_on", "pk").values(*FIELDS)

    def rows():
        return (_row(no, row, names) for no, row in enumerate(chain.from_iterable(read_in_chunks(ordered)), 1))

    return Table(
        code="DuLieu_HN",
        sheet="DuLieu_HN",
        title="Dữ liệu hội nghị giao ban",
        columns=COLUMNS,
        sections=(Section(listed(rows, held.count()), unit_key=unit.key),),
        notes=(f"Các hội nghị được tính cho kỳ từ {day_text(period.first)} đến {day_text(period.last)}.",),
    )


def places_of(facts, *columns):
    """The units named in some columns of fact rows."""
    return {pk for row in facts.order_by().values_list(*columns).distinct() for pk in row} - {None}


def _row(no, row, names):
    return Row(
        {
            "no": no,
            "level": LEVELS.get(row["level"], ""),
            "district": names.get(row["district_id"], ""),
            "unit": names[row["unit_id"]],
            "period": row["occurrence__period"] or "",
            "held_on": row["held_on"],
            "kind": KINDS[row["kind"]],
            "form": FORMS[row["form"]],
            "title": row["title"],
            "sittings": row["sitting_count"],
            "attendance": row["attendance_count"],
            "opinions": row["opinion_count"],
        },
        record=row["pk"],
    )
