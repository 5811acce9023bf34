"""Biểu 14: training turns by the unit that held the course, commendations by the place of who was commended."""

from collections import Counter, defaultdict
from dataclasses import replace

from django.db.models import Count, Q, Sum

from reports.reach import THEN, lines_of, reach_of
from reports.table import INDEX, TEXT, Column, Listing, Section, Table, numbered
from reports.tables.breakdown import rows_by_unit
from units.enums import Level
from visits.enums import CommendationForm
from visits.models import Commendation, TrainingCourse, TrainingTurn

PLACE = ("district_id", "commune_id")
TRAINING, PRAISE, COURSES = "Tập huấn, bồi dưỡng", "Khen thưởng", Listing("training_course_list")


def _praise_listing(*words):
    return Listing("commendation_list", words)


COLUMNS = (
    Column("no", "STT", kind=INDEX, width=5),
    Column("name", "Đơn vị", kind=TEXT, width=30),
    Column("courses", "Số lớp", "lớp", group=TRAINING, width=9, measure="training_courses", listing=COURSES),
    Column("turns", "Tổng số lượt", "lượt", group=TRAINING, width=10, measure="training_turns"),
    Column("counted", "Lượt chỉ có tổng số", "lượt", group=TRAINING, width=11),
    Column("people", "Số người (có tên)", "người", group=TRAINING, width=11),
    Column("commendations", "Tổng số", group=PRAISE, width=9, measure="commendations", listing=_praise_listing()),
    *(
        Column(form.value, form.label, group=PRAISE, width=10, listing=_praise_listing(("hinh-thuc", form.value)))
        for form in CommendationForm
    ),
    Column("initiatives", "Từ sáng kiến, hiến kế", group=PRAISE, width=11),
    Column("note", "Ghi chú", kind=TEXT, width=18),
)
NOTES = (
    "Lớp tính vào kỳ có ngày cuối của lớp, cho đơn vị mở lớp; khen thưởng tính theo ngày khen, cho nơi được khen.",
    "Một người dự hai lớp là hai lượt, một người. Một người học lớp của hai đơn vị có ở cả hai dòng, nên cộng số người "
    "của các dòng có thể nhiều hơn số người của toàn địa bàn.",
    "Lượt chỉ có tổng số: lớp cũ không còn danh sách, không biết số người.",
)
HELD_BY = {Level.PROVINCE: "Cấp tỉnh tổ chức", Level.DISTRICT: "Cấp huyện tổ chức", Level.COMMUNE: "Cấp xã tổ chức"}


def training_table(unit, period, boundaries, today, user=None):
    reach = reach_of(unit, boundaries, today, user)
    lines, cells = lines_of(reach, period, today), defaultdict(Counter)
    for fact in [*_courses(reach, period), *_commendations(reach, period)]:
        cells[lines.home(fact)].update(fact["numbers"])
    for home, people in _people(reach, period, lines).items():
        cells[home]["people"] = len(people)
    rows = rows_by_unit(lines, cells, period, COLUMNS, HELD_BY[unit.level]) if cells else []
    columns = COLUMNS if boundaries == THEN else tuple(replace(column, listing=None) for column in COLUMNS)
    return Table(
        code="B14",
        sheet="B14_TapHuan",
        title="Biểu 14. Tập huấn, bồi dưỡng và khen thưởng cán bộ cơ sở",
        columns=columns,
        sections=(Section(numbered([("", rows)], columns), unit_key=unit.key),),
        notes=NOTES,
    )


def _ended(reach, period):
    return TrainingCourse.objects.filter(reach.facts, ended_on__gte=period.first, ended_on__lte=period.last)


def _courses(reach, period):
    """Courses and their turns apart: joined, a counted course would be summed once a participant."""
    courses = _ended(reach, period)
    held = courses.order_by().values(*PLACE).annotate(courses=Count("pk"), counted=Sum("counted_turns", default=0))
    for row in held:
        yield {**row, "numbers": {"courses": row["courses"], "counted": row["counted"], "turns": row["counted"]}}
    turns = TrainingTurn.objects.filter(course__in=courses).order_by()
    places = {f"{name}": f"course__{name}" for name in PLACE}
    for row in turns.values(*places.values()).annotate(number=Count("pk")):
        yield {**{name: row[path] for name, path in places.items()}, "numbers": {"turns": row["number"]}}


def _people(reach, period, lines):
    """{row: ids of the persons who came}: sets, as one person may come to several places."""
    found = defaultdict(set)
    turns = TrainingTurn.objects.filter(course__in=_ended(reach, period)).order_by()
    fields = ("course__district_id", "course__commune_id", "person_id")
    for district_id, commune_id, person_id in turns.values_list(*fields).distinct():
        found[lines.home({"district_id": district_id, "commune_id": commune_id})].add(person_id)
    return found


def _commendations(reach, period):
    inside = {"decided_on__gte": period.first, "decided_on__lte": period.last}
    rows = Commendation.objects.filter(reach.facts, **inside).order_by().values(*PLACE, "form")
    rows = rows.annotate(number=Count("pk"), initiatives=Count("pk", filter=Q(initiative__isnull=False)))
    for row in rows:
        numbers = {"commendations": row["number"], row["form"]: row["number"], "initiatives": row["initiatives"]}
        yield {**row, "numbers": numbers}
