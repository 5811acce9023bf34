"""The visits behind Biểu 11 to 13: one row each, then the entries known only as a number."""

from core.display import day_text
from reports.reach import naming_day, reach_of
from reports.table import COUNT, DAY, INDEX, TEXT, Column, Row, Section, Table, numbered
from reports.tables.visit_parts import LEVELS, counted_in, visits_in
from units.reads import names_on
from visits.enums import GroupKind, VisitStatus

COLUMNS = (
    Column("no", "STT", kind=INDEX, width=7),
    Column("level", "Cán bộ cấp", kind=TEXT, width=16),
    Column("person", "Cán bộ", kind=TEXT, width=24),
    Column("district", "Đơn vị cấp huyện", kind=TEXT, width=20),
    Column("commune", "Đơn vị cấp xã", kind=TEXT, width=20),
    Column("place", "Nơi đến", kind=TEXT, width=22),
    Column("group", "Tổ chức", kind=TEXT, width=20),
    Column("visited_on", "Ngày đi", kind=DAY, width=13),
    Column("visits", "Số lượt", "lượt", COUNT),
    Column("due", "Thành viên phải dự", "người", COUNT),
    Column("present", "Thành viên có mặt", "người", COUNT),
    Column("status", "Trạng thái", kind=TEXT, width=14),
    Column("note", "Ghi chú", kind=TEXT, width=34),
)
FIELDS = (
    *("pk", "level", "person__name", "district_id", "commune_id", "unit_id", "group", "visited_on", "members_due"),
    *("members_present", "status", "assignment_id"),
)
SUMS = ("level", "district_id", "commune_id", "unit_id", "first_on", "last_on", "visits", "members_due",
        "members_present", "note")  # fmt: skip
GROUPS, STATUSES = dict(GroupKind.choices), dict(VisitStatus.choices)


def visit_records(unit, period, boundaries, today, user=None):
    reach = reach_of(unit, boundaries, today, user)
    visits = list(visits_in(reach, period).order_by("visited_on", "pk").values(*FIELDS))
    sums = list(counted_in(reach, period).order_by("last_on", "level", "pk").values(*SUMS))
    places = {row[key] for row in [*visits, *sums] for key in ("district_id", "commune_id", "unit_id")}
    names = names_on(places - {None}, naming_day(boundaries, period, today)) | {None: ""}
    rows = [*(_visit(row, names) for row in visits), *(_sum(row, names) for row in sums)]
    return Table(
        code="DuLieu_DCS",
        sheet="DuLieu_DCS",
        title="Dữ liệu lượt đi cơ sở",
        columns=COLUMNS,
        sections=(Section(numbered([("", rows)], COLUMNS), unit_key=unit.key),),
        notes=(f"Các lượt đi từ {day_text(period.first)} đến {day_text(period.last)}, không kể lượt đã rút.",),
    )


def _placed(row, names):
    return {
        "level": LEVELS[row["level"]],
        "district": names[row["district_id"]],
        "commune": names[row["commune_id"]],
        "place": names[row["unit_id"]],
        "due": row["members_due"] or 0,
        "present": row["members_present"] or 0,
    }


def _visit(row, names):
    return Row(
        {
            **_placed(row, names),
            "person": row["person__name"],
            "group": GROUPS[row["group"]],
            "visited_on": row["visited_on"],
            "visits": 1,
            "status": STATUSES[row["status"]],
            "note": "" if row["assignment_id"] else "Ngoài phân công",
        },
        record=row["pk"],
    )


def _sum(row, names):
    span = f"Số tổng hợp từ {day_text(row['first_on'])} đến {day_text(row['last_on'])}"
    note = f"{span}. {row['note']}" if row["note"] else span
    return Row({**_placed(row, names), "visits": row["visits"], "note": note})
