"""Biểu 1: meetings, delegates, opinions and their settlement, commune and district level apart."""

from collections import defaultdict
from dataclasses import replace

from django.db.models import Count, Q

from feedback.enums import Visibility
from feedback.models import Opinion, OpinionMonth
from meetings.models import MeetingMonth, Occurrence
from reports.comparison import SMALL_NOTE
from reports.figures import (
    OPINION_COLUMNS,
    grouped,
    occurrence_counts,
    opinions_in,
    summed,
    tallies_in,
    without_district,
)
from reports.listings import RESTRICTED, meeting_listing, opinion_listing, round_listing, words_of
from reports.reach import completed, districts_of, lines_of, reach_of
from reports.table import (
    COUNT,
    DEFAULT_WIDTH,
    INDEX,
    RATIO,
    TEXT,
    Column,
    Listing,
    Ratio,
    Row,
    Section,
    Table,
    numbered,
)
from units.enums import Level
from visits.enums import OPINION_ORIGIN

NARROW = 7.4
FROM_VISITS = ("nguon", OPINION_ORIGIN)
FORMS = ("hall", "cluster", "per_commune", "online", "hybrid")
MEETING_SUMS = ("meetings", "attendance", "thematic", *FORMS)
RESULTS = "Kết quả giải quyết"


def _form(key, title, word=""):
    return Column(key, title, "HN", group="Trong đó", listing=meeting_listing(("hinh-thuc", word or key)))


def _state(group, title, width=DEFAULT_WIDTH):
    listing = opinion_listing(("trang-thai", f"g-{group}"))
    return Column(group, title, "ý kiến", group=RESULTS, width=width, listing=listing)


def _apart(key, title):
    """A kind of round that is counted in a column of its own."""
    return Column(key, title, "kỳ", group="Kỳ tính riêng", measure=key, listing=round_listing(key))


COLUMNS = (
    Column("no", "STT", kind=INDEX, width=5),
    Column("name", "Đơn vị", kind=TEXT, width=23),
    Column("expected", "Phải tổ chức", "kỳ", measure="expected", listing=round_listing("expected")),
    Column("meetings", "Số hội nghị", "HN", group="Đã tổ chức", measure="meetings", listing=meeting_listing()),
    Column("held", "Số kỳ đạt", "kỳ", group="Đã tổ chức", measure="occurrences_held", listing=round_listing("held")),
    Column("rate", "Tỷ lệ", "%", RATIO, "Đã tổ chức", Ratio(("held",), ("expected",), digits=2)),
    _form("hall", "Tập trung"),
    _form("cluster", "Theo cụm"),
    _form("per_commune", "Từng xã"),
    _form("online", "Trực tuyến, kết hợp", "tu-xa"),
    Column(
        "thematic",
        "Chuyên đề",
        "HN",
        group="Trong đó",
        measure="thematic",
        listing=meeting_listing(("loai", "thematic")),
    ),
    Column("attendance", "Tổng số", "lượt", group="Đại biểu", measure="attendance"),
    Column("mean_attendance", "BQ/HN", "lượt", RATIO, "Đại biểu", Ratio(("attendance",), ("meetings",), scale=1)),
    Column("opinions", "Tổng số", "ý kiến", group="Ý kiến, kiến nghị", listing=opinion_listing()),
    Column(
        "mean_opinions", "BQ/HN", "ý kiến", RATIO, "Ý kiến, kiến nghị", Ratio(("opinions",), ("meetings",), scale=1)
    ),
    _state("settled", "Đã giải quyết"),
    _state("explained", "Đã giải trình"),
    _state("in_progress", "Đang giải quyết"),
    _state("unassigned", "Chưa giải quyết"),
    _state("excluded", "Không tính (rút, trùng, KNTC)", width=8),
    Column("overdue", "Quá hạn", "ý kiến", group=RESULTS, listing=opinion_listing(("han", "qua-han"))),
    Column(
        "settled_rate",
        "Tỷ lệ giải quyết",
        "%",
        RATIO,
        RESULTS,
        Ratio(("settled", "explained"), ("opinions",), less=("excluded",)),
    ),
    _apart("incomplete", "Chưa họp đủ"),
    _apart("exempt_late", "Miễn sau kỳ"),
    Column("note", "Ghi chú", kind=TEXT, width=17),
)
COLUMNS = tuple(replace(column, width=NARROW) if column.width == DEFAULT_WIDTH else column for column in COLUMNS)
NOTES = (
    "Phải tổ chức: số kỳ đã đến hạn, không kể kỳ được miễn. Tỷ lệ = số kỳ đạt / số kỳ phải tổ chức × 100.",
    "Số kỳ đạt: kỳ đã họp đủ các đơn vị cấp dưới. Chưa họp đủ: kỳ được đồng ý kết thúc sớm, không tính là đạt.",
    "HN: hội nghị; BQ: bình quân. Số hội nghị gồm cả hội nghị chuyên đề và hội nghị tổ chức thêm trong kỳ.",
    "Tỷ lệ giải quyết = (đã giải quyết + đã giải trình) / (tổng số − không tính) × 100. Ô trống: không có mẫu số.",
    "Quá hạn nằm trong số đang giải quyết và chưa giải quyết.",
    SMALL_NOTE,
)


def summary_table(unit, period, boundaries, today, user=None):
    reach = reach_of(unit, boundaries, today, user)
    facts = _facts(reach, period, today)
    parts = _parts(reach, period)
    lines = lines_of(reach, period, today)
    sections = [_section(Level.COMMUNE, "I. CẤP XÃ", lines, facts, parts, reach, period)]
    if unit.level != Level.COMMUNE and period.kind != "month":
        lines = districts_of(reach, period, today, lines)
        section = _section(Level.DISTRICT, "II. CẤP HUYỆN", lines, facts, parts, reach, period)
        sections += [section] if section.rows else []
    return Table(
        code="B1",
        sheet="B1_TongHop",
        title="Biểu 1. Tổng hợp kết quả hội nghị giao ban",
        columns=COLUMNS,
        sections=tuple(sections),
        notes=NOTES + _elsewhere(facts),
        facts={"from_visits": parts[-1][2]},
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


def _parts(reach, period):
    """[(line, filter, {level: number})] of what is part of the opinions already: restricted, raised on visits."""
    opinions = Opinion.objects.filter(reach.opinions & opinions_in(period)).order_by()
    counts = {
        "hidden": Count("pk", filter=Q(visibility=Visibility.RESTRICTED)),
        "visit": Count("pk", filter=Q(origin=OPINION_ORIGIN)),
    }
    found = {row.pop("level"): row for row in opinions.values("level").annotate(**counts)}
    return [
        ("Trong đó: ý kiến hạn chế xem", RESTRICTED, {level: row["hidden"] for level, row in found.items()}),
        ("Trong đó: ý kiến khi đi cơ sở", FROM_VISITS, {level: row["visit"] for level, row in found.items()}),
    ]


def _section(level, title, lines, facts, parts, reach, period):
    cells = defaultdict(lambda: defaultdict(int))
    for fact in facts:
        if fact["level"] == level:
            _add(cells[lines.home(fact)], fact)
    rows = completed(lines.rows, cells, lines.named_on)
    asides = [
        Row({"name": name, "opinions": counts[level]}, listing=Listing("opinion_list", (word,)))
        for name, word, counts in parts
        if counts.get(level)
    ]
    return Section(
        groups=_groups(rows, cells),
        title=title,
        level=level,
        asides=tuple(asides),
        unit_key=reach.unit.key,
        words=words_of(period, reach.boundaries, level),
    )


def _add(cells, fact):
    """Put one fact's numbers under the table's own column names."""
    if "sum_meetings" in fact:
        for word in MEETING_SUMS:
            cells["online" if word == "hybrid" else word] += fact[f"sum_{word}"]
    elif "due_expected" in fact:
        cells["expected"] += fact["due_expected"]
        cells["held"] += fact["due_occurrences_held"]
        cells["incomplete"] += fact["due_incomplete"]
        cells["exempt"] += fact["due_exempt"]
        cells["exempt_late"] += fact["due_exempt_late"]
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
