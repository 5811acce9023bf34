"""Biểu 7: who came. The three posts of a village by name; what was only counted stands apart."""

from collections import Counter, defaultdict

from django.db.models import Count, Q

from meetings.enums import PRESENT_STATES
from meetings.models import Attendance, AttendancePost, Meeting, MeetingMonth
from people.enums import VILLAGE_POSITIONS
from reports.figures import summed, tallies_in, without_district
from reports.reach import completed, districts_of, lines_of, reach_of
from reports.table import COUNT, INDEX, RATIO, TEXT, Column, Ratio, Row, Section, Table, numbered
from units.enums import Level

PLACE = ("level", "district_id", "commune_id")
SEATS = "Lượt đại biểu"


def _columns_of(position):
    called, present = f"{position.value}_called", f"{position.value}_present"
    yield Column(called, "Phải dự", "lượt", group=position.label, width=9)
    yield Column(present, "Có mặt", "lượt", group=position.label, width=9)
    yield Column(f"{position.value}_rate", "Tỷ lệ", "%", RATIO, position.label, Ratio((present,), (called,)), width=8)


COLUMNS = (
    Column("no", "STT", kind=INDEX, width=5),
    Column("name", "Đơn vị", kind=TEXT, width=26),
    *(column for position in VILLAGE_POSITIONS for column in _columns_of(position)),
    Column("concurrent", "Số người kiêm nhiệm", "người", width=12),
    Column("attendance", "Tổng số", "lượt", group=SEATS, width=10, measure="attendance"),
    Column("named", "Điểm danh theo tên", "lượt", group=SEATS, width=10),
    Column("guests", "Trong đó khách mời", "lượt", group=SEATS, width=10),
    Column("counted", "Chỉ ghi số lượng", "lượt", group=SEATS, width=10),
    Column("note", "Ghi chú", kind=TEXT, width=20),
)
NOTES = (
    "Phải dự, có mặt (kể cả người dự thay) tính theo chức danh ở các hội nghị điểm danh theo tên: người giữ hai chức "
    "danh được tính ở cả hai, nhưng chỉ là một lượt đại biểu.",
    "Số người kiêm nhiệm: người có mặt giữ từ hai chức danh trở lên, mỗi người tính một lần ở mỗi đơn vị tổ chức.",
    "Chỉ ghi số lượng: lượt đại biểu của hội nghị không điểm danh theo tên, không chia được theo chức danh.",
)


def delegate_table(unit, period, boundaries, today, user=None):
    reach = reach_of(unit, boundaries, today, user)
    facts = _facts(reach, period)
    lines = lines_of(reach, period, today)
    sections = [_section(Level.COMMUNE, "I. CẤP XÃ", lines, facts, reach, period)]
    if unit.level != Level.COMMUNE and period.kind != "month":
        section = _section(
            Level.DISTRICT, "II. CẤP HUYỆN", districts_of(reach, period, today, lines), facts, reach, period
        )
        sections += [section] if section.rows else []
    return Table(
        code="B7",
        sheet="B7_DaiBieu",
        title="Biểu 7. Thành phần dự hội nghị giao ban",
        columns=COLUMNS,
        sections=tuple(sections),
        notes=NOTES,
    )


def _facts(reach, period):
    """[(level, place and numbers)] of posts, seats, persons with several posts and all turns; four queries."""
    held = Meeting.objects.filter(reach.facts & without_district(period)).held().in_period(period).order_by()
    posts = AttendancePost.objects.filter(attendance__meeting__in=held, post__position__in=VILLAGE_POSITIONS)
    seats = Attendance.objects.filter(meeting__in=held, presence__in=PRESENT_STATES)
    several = AttendancePost.objects.order_by().values("attendance_id").annotate(n=Count("pk")).filter(n__gt=1)
    doubled = seats.filter(is_guest=False, pk__in=several.values("attendance_id"))
    tallies = MeetingMonth.objects.filter(reach.facts & tallies_in(period)).order_by().values(*PLACE)
    was_there = Q(attendance__presence__in=PRESENT_STATES)
    return [
        *_by_place(posts, "attendance__meeting__", "post__position").annotate(
            called=Count("pk"), present=Count("pk", filter=was_there)
        ),
        *_by_place(seats).annotate(named=Count("pk"), guests=Count("pk", filter=Q(is_guest=True))),
        *_by_place(doubled, "meeting__", "meeting__unit_id").annotate(concurrent=Count("person", distinct=True)),
        *tallies.annotate(**summed(("attendance",))),
    ]


def _by_place(rows, path="meeting__", *more):
    return rows.order_by().values(*(f"{path}{name}" for name in PLACE), *more)


def _section(level, title, lines, facts, reach, period):
    cells = defaultdict(Counter)
    for fact in facts:
        place = {name.rpartition("__")[2]: value for name, value in fact.items()}
        if place["level"] == level:
            _add(cells[lines.home(place)], place)
    rows = [_row(line, cells[line.unit_id]) for line in completed(lines.rows, cells, lines.named_on)]
    return Section(numbered([("", rows)], COLUMNS), title=title, level=level, unit_key=reach.unit.key)


def _add(cells, fact):
    """One fact's numbers under the table's own column names; `counted` is what no name accounts for."""
    if "position" in fact:
        cells[f"{fact['position']}_called"] += fact["called"]
        cells[f"{fact['position']}_present"] += fact["present"]
    elif "sum_attendance" in fact:
        cells["attendance"] += fact["sum_attendance"]
        cells["counted"] += fact["sum_attendance"]
    else:
        for word in ("named", "guests", "concurrent"):
            cells[word] += fact.get(word, 0)
        cells["counted"] -= fact.get("named", 0)


def _row(line, cells):
    counts = {column.key: cells[column.key] for column in COLUMNS if column.kind == COUNT}
    return Row({**counts, "name": line.name, "note": line.note[:1].upper() + line.note[1:]}, line.key)
