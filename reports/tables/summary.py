"""Biểu 1: meetings, delegates, opinions and their settlement, commune and district level apart."""

from collections import defaultdict
from dataclasses import replace

from django.db.models import Count, Q

from feedback.enums import Visibility
from feedback.models import Opinion, OpinionMonth
from meetings.models import MeetingMonth, Occurrence
from reports.figures import (
    OPINION_COLUMNS,
    grouped,
    occurrence_counts,
    opinions_in,
    summed,
    tallies_in,
    without_district,
)
from reports.lines import completed, districts_of, lines_of
from reports.reach import reach_of
from reports.table import COUNT, DEFAULT_WIDTH, INDEX, RATIO, TEXT, Column, Ratio, Row, Section, Table, numbered
from units.enums import Level

NARROW = 7.4
FORMS = ("hall", "cluster", "per_commune", "online", "hybrid")
MEETING_SUMS = ("meetings", "attendance", "thematic", *FORMS)
COLUMNS = (
    Column("no", "STT", kind=INDEX, width=5),
    Column("name", "Đơn vị", kind=TEXT, width=23),
    Column("expected", "Phải tổ chức", "kỳ", measure="expected"),
    Column("meetings", "Số hội nghị", "HN", group="Đã tổ chức", measure="meetings"),
    Column("held", "Số kỳ đạt", "kỳ", group="Đã tổ chức", measure="occurrences_held"),
    Column("rate", "Tỷ lệ", "%", RATIO, "Đã tổ chức", Ratio(("held",), ("expected",), digits=2)),
    Column("hall", "Tập trung", "HN", group="Trong đó"),
    Column("cluster", "Theo cụm", "HN", group="Trong đó"),
    Column("per_commune", "Từng xã", "HN", group="Trong đó"),
    Column("online", "Trực tuyến, kết hợp", "HN", group="Trong đó"),
    Column("thematic", "Chuyên đề", "HN", group="Trong đó", measure="thematic"),
    Column("attendance", "Tổng số", "lượt", group="Đại biểu", measure="attendance"),
    Column("mean_attendance", "BQ/HN", "lượt", RATIO, "Đại biểu", Ratio(("attendance",), ("meetings",), scale=1)),
    Column("opinions", "Tổng số", "ý kiến", group="Ý kiến, kiến nghị", measure="opinions"),
    Column(
        "mean_opinions", "BQ/HN", "ý kiến", RATIO, "Ý kiến, kiến nghị", Ratio(("opinions",), ("meetings",), scale=1)
    ),
    Column("settled", "Đã giải quyết", "ý kiến", group="Kết quả giải quyết"),
    Column("explained", "Đã giải trình", "ý kiến", group="Kết quả giải quyết"),
    Column("in_progress", "Đang giải quyết", "ý kiến", group="Kết quả giải quyết"),
    Column("unassigned", "Chưa giải quyết", "ý kiến", group="Kết quả giải quyết"),
    Column("excluded", "Không tính (rút, trùng, KNTC)", "ý kiến", group="Kết quả giải quyết", width=8),
    Column("overdue", "Quá hạn", "ý kiến", group="Kết quả giải quyết"),
    Column(
        "settled_rate",
        "Tỷ lệ giải quyết",
        "%",
        RATIO,
        "Kết quả giải quyết",
        Ratio(("settled", "explained"), ("opinions",), less=("excluded",)),
    ),
    Column("note", "Ghi chú", kind=TEXT, width=17),
)
COLUMNS = tuple(replace(column, width=NARROW) if column.width == DEFAULT_WIDTH else column for column in COLUMNS)
NOTES = (
    "Phải tổ chức: số kỳ đã đến hạn, không kể kỳ được miễn. Tỷ lệ = số kỳ đạt / số kỳ phải tổ chức × 100.",
    "HN: hội nghị; BQ: bình quân. Số hội nghị gồm cả hội nghị chuyên đề và hội nghị tổ chức thêm trong kỳ.",
    "Tỷ lệ giải quyết = (đã giải quyết + đã giải trình) / (tổng số − không tính) × 100. Ô trống: không có mẫu số.",
    "Quá hạn nằm trong số đang giải quyết và chưa giải quyết.",
)


def summary_table(unit, period, boundaries, today, user=None):
    reach = reach_of(unit, boundaries, today, user)
    facts = _facts(reach, period, today)
    hidden = _hidden(reach, period)
    lines = lines_of(reach, period, today)
    sections = [_section(Level.COMMUNE, "I. CẤP XÃ", lines, facts, hidden, reach, period)]
    if unit.level != Level.COMMUNE and period.kind != "month":
        lines = districts_of(reach, period, today, lines)
        section = _section(Level.DISTRICT, "II. CẤP HUYỆN", lines, facts, hidden, reach, period)
        sections += [section] if section.rows else []
    return Table(
        code="B1",
        sheet="B1_TongHop",
        title="Biểu 1. Tổng hợp kết quả hội nghị giao ban",
        columns=COLUMNS,
        sections=tuple(sections),
        notes=NOTES + _elsewhere(facts),
    )


def _facts(reach, period, today):
    """[(level, place, counts)] of everything the table counts, one query for each kind of fact."""
    place = ("level", "district_id", "commune_id")

    def by_place(model, condition, **counts):
        return model.objects.filter(condition).order_by().values(*place).annotate(**counts)

    inside = reach.facts & tallies_in(period)
    due = reach.facts & without_district(period) & Q(starts_on__gte=period.first, ends_on__lte=period.last)
    late = Opinion.objects.filter(reach.opinions & opinions_in(period)).overdue(today).order_by().values(*place)
    return [
        *by_place(MeetingMonth, inside, **summed(MEETING_SUMS)),
        *by_place(Occurrence, due, **{f"due_{word}": count for word, count in occurrence_counts(today).items()}),
        *by_place(OpinionMonth, inside, **summed(OPINION_COLUMNS)),
        *late.annotate(overdue=Count("pk")),
    ]


def _hidden(reach, period):
    """{level: number of restricted opinions}: a line of their own in every breakdown."""
    restricted = Opinion.objects.filter(reach.opinions & opinions_in(period), visibility=Visibility.RESTRICTED)
    return dict(restricted.order_by().values_list("level").annotate(number=Count("pk")))


def _section(level, title, lines, facts, hidden, reach, period):
    cells = defaultdict(lambda: defaultdict(int))
    for fact in facts:
        if fact["level"] == level:
            _add(cells[lines.home(fact)], fact)
    rows = completed(lines.rows, cells, period)
    aside = {"name": "Trong đó: ý kiến hạn chế xem", "opinions": hidden.get(level, 0)}
    return Section(
        groups=_groups(rows, cells),
        title=title,
        level=level,
        asides=(Row(aside),) if hidden.get(level) else (),
        unit_key=reach.unit.key,
    )


def _add(cells, fact):
    """Put one fact's numbers under the table's own column names."""
    if "sum_meetings" in fact:
        for word in MEETING_SUMS:
            cells["online" if word == "hybrid" else word] += fact[f"sum_{word}"]
    elif "due_expected" in fact:
        cells["expected"] += fact["due_expected"]
        cells["held"] += fact["due_occurrences_held"]
        cells["exempt"] += fact["due_exempt"]
    elif "sum_received" in fact:
        counts = grouped(fact)
        cells["opinions"] += counts.pop("received")
        for word, number in counts.items():
            cells[word] += number
    else:
        cells["overdue"] += fact["overdue"]


def _groups(rows, cells):
    """One group, or two where the period saw two trees: by district, then communes right under the province."""
    districts = [_row(line, cells[line.unit_id]) for line in rows if line.level == Level.DISTRICT]
    communes = [_row(line, cells[line.unit_id]) for line in rows if line.level != Level.DISTRICT]
    both = districts and communes
    names = ("Theo đơn vị cấp huyện", "Cấp xã trực thuộc tỉnh") if both else ("", "")
    return numbered(zip(names, (districts, communes), strict=True), COLUMNS)


def _row(line, found):
    exempt = f"miễn {found['exempt']} kỳ" if found["exempt"] else ""
    notes = "; ".join(word for word in (line.note, exempt) if word)
    counts = {column.key: found[column.key] for column in COLUMNS if column.kind == COUNT}
    return Row({**counts, "name": line.name, "note": notes[:1].upper() + notes[1:]}, line.key)


def _elsewhere(facts):
    """Opinions that came in neither at a commune's nor at a district's table."""
    other = sum(fact.get("sum_received", 0) for fact in facts if fact["level"] not in (Level.COMMUNE, Level.DISTRICT))
    return (f"Ngoài ra có {other} ý kiến tiếp nhận ở cấp tỉnh, không thuộc hai khối trên.",) if other else ()
