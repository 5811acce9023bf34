"""Biểu 11: cadres' turns at the grassroots by the place they went to, beside what the norms asked."""

from collections import Counter, defaultdict

from django.db.models import Count, Q

from feedback.enums import GROUPS, ReportGroup
from feedback.models import Opinion
from reports.figures import opinions_in
from reports.listings import opinion_listing, words_of
from reports.reach import lines_of, reach_of
from reports.table import INDEX, TEXT, Column, Section, Table, numbered
from reports.tables.breakdown import common_name, rows_by_unit
from reports.tables.visit_parts import (
    CONFIRMED,
    LEVELS,
    OUTSIDE,
    RATE_NOTE,
    TURN_NOTE,
    add_turns,
    counted_in,
    entry_counts,
    member_columns,
    turn_counts,
    unlisted_if,
    visit_listing,
    visits_in,
)
from visits.assignments.reads import dues_of, parts_of
from visits.enums import OPINION_ORIGIN
from visits.models import Assignment

PLACE = ("district_id", "commune_id")
HEARD, FROM_VISITS, ANSWERED = "Ý kiến từ lượt đi", ("nguon", OPINION_ORIGIN), ("trang-thai", "da-tra-loi")
REPLIED = GROUPS[ReportGroup.SETTLED] + GROUPS[ReportGroup.EXPLAINED]
NARROW = 8.4


def _level_columns():
    for level, label in LEVELS.items():
        measure, listing = f"{level}_visits", visit_listing(("cap", level.value))
        yield Column(f"{level}_expected", "Phải đi", group=label, width=NARROW, measure=f"{measure}_expected")
        yield Column(f"{level}_done", "Đã đi", group=label, width=NARROW, measure=measure, listing=listing)


COLUMNS = (
    Column("no", "STT", kind=INDEX, width=5),
    Column("name", "Nơi đến", kind=TEXT, width=27),
    *_level_columns(),
    Column("visits", "Tổng số lượt", width=9, listing=visit_listing()),
    Column("counted", "Số tổng hợp", group="Trong đó", width=9),
    Column("confirmed", "Cơ sở đã xác nhận", group="Trong đó", width=9, listing=visit_listing(CONFIRMED)),
    Column("outside", "Ngoài phân công", group="Trong đó", width=9, listing=visit_listing(OUTSIDE)),
    *member_columns("visits_members_due", "visits_members_present"),
    Column("opinions", "Tiếp nhận", group=HEARD, width=9, listing=opinion_listing(FROM_VISITS)),
    Column("answered", "Đã trả lời", group=HEARD, width=9, listing=opinion_listing(FROM_VISITS, ANSWERED)),
    Column("note", "Ghi chú", kind=TEXT, width=16),
)
NOTES = (
    f"{TURN_NOTE} Phải đi: theo định mức của các tháng, quý đã hết, không kể thời gian được miễn; mỗi định mức ghi vào "
    "một địa bàn nên cộng các dòng bằng tổng số.",
    "Số tổng hợp: lượt chỉ biết tổng số, không có từng lượt; ghi vào đơn vị có hiệu lực ngày cuối khoảng thời gian.",
    RATE_NOTE,
    "Đã trả lời: đã giải quyết hoặc đã giải trình tính đến ngày lập biểu. Số tiếp nhận gồm cả ý kiến hạn chế xem.",
)


def visit_table(unit, period, boundaries, today, user=None):
    reach = reach_of(unit, boundaries, today, user)
    lines, cells = lines_of(reach, period, today), defaultdict(Counter)
    for fact in _turns(reach, period):
        add_turns(cells[lines.home(fact)], fact)
    for fact in _dues(reach, period, today):
        cells[lines.home(fact)][f"{fact['level']}_expected"] += fact["times"]
    for fact in _opinions(reach, period):
        cells[lines.home(fact)].update(opinions=fact["number"], answered=fact["answered"])
    columns = unlisted_if(any(found["counted"] for found in cells.values()), COLUMNS)
    rows = rows_by_unit(lines, cells, period, COLUMNS, common_name(unit)) if cells else []
    return Table(
        code="B11",
        sheet="B11_DiCoSo",
        title="Biểu 11. Cán bộ đi cơ sở theo nơi đến",
        columns=columns,
        sections=(Section(numbered([("", rows)], columns), unit_key=unit.key, words=words_of(period, boundaries)),),
        notes=NOTES,
    )


def _turns(reach, period):
    yield from visits_in(reach, period).values(*PLACE, "level").annotate(**turn_counts())
    yield from counted_in(reach, period).values(*PLACE, "level").annotate(**entry_counts())


def _dues(reach, period, today):
    """What the norms asked, under the assignment each is filed under."""
    assignments = Assignment.objects.filter(reach.facts).overlapping(period)
    places = {row["pk"]: row for row in assignments.order_by().values("pk", *PLACE)}
    for due in dues_of(assignments, parts_of(period, today)):
        if not due.is_exempt:
            yield {**places[due.duty_pk], "level": due.level, "times": due.times}


def _opinions(reach, period):
    heard = Opinion.objects.filter(reach.opinions & opinions_in(period), origin=OPINION_ORIGIN).order_by()
    answered = Count("pk", filter=Q(status__in=REPLIED))
    return heard.values(*PLACE).annotate(number=Count("pk"), answered=answered)
