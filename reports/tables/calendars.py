"""Biểu 2 and 3: who met in which month (communes) and in which quarter (districts)."""

from collections import Counter, defaultdict
from itertools import groupby
from types import SimpleNamespace

from core.display import group_digits
from core.errors import DomainError
from core.periods import ROMAN, Period
from meetings.cadence.reads import coverages
from meetings.enums import CELL_WORDS, JOINT, MeetingForm, Timeliness
from meetings.models import MeetingMonth, Occurrence
from reports.comparison import SMALL_NOTE
from reports.figures import occurrence_counts, summed, tallies_in, without_district
from reports.listings import AT_MEETINGS, meeting_listing, opinion_listing, round_listing, words_of
from reports.reach import communes_of, completed, districts_of, reach_of
from reports.table import INDEX, RATIO, TEXT, Column, Ratio, Row, Section, Table, numbered
from units.enums import Level

STATES = (Timeliness.EXEMPT, Timeliness.MISSING, Timeliness.INCOMPLETE)
EXEMPT, MISSING, INCOMPLETE = (CELL_WORDS[state] for state in STATES)
ABSENT = "–"
FORMS = [form.value for form in MeetingForm]
DISTRICT_SUMS = ("meetings", "attendance", "opinions", *FORMS)


def commune_calendar(unit, period, boundaries, today, user=None):
    """Communes × months: the number of meetings of each month."""
    _one_year(period)
    reach = reach_of(unit, boundaries, today, user)
    columns = _commune_columns(period.parts("month"))
    lines = communes_of(reach, period, today)
    found = by_month(reach, period, today, lines, Level.COMMUNE)
    begun = begun_rounds(reach, period, lines, Level.COMMUNE)
    rows = completed(lines.rows, {home for home, _ in found}, lines.named_on)
    return Table(
        code="B2",
        sheet="B2_CapXa",
        title="Biểu 2. Kết quả giao ban cấp xã theo tháng",
        columns=columns,
        sections=(
            Section(
                _by_parent(rows, found, begun, period, unit, columns),
                level=Level.COMMUNE,
                unit_key=unit.key,
                words=words_of(period, boundaries, Level.COMMUNE),
            ),
        ),
        notes=(
            "Số trong ô là số hội nghị của tháng; “thiếu”: đã đến hạn, chưa họp; “miễn”: được cấp trên đồng ý; "
            "“chung”: họp chung với đơn vị khác; ô trống: chưa đến hạn, chưa họp; "
            "“–”: đơn vị chưa thành lập hoặc đã kết thúc hoạt động.",
            "Tỷ lệ đạt = số tháng đạt / số tháng phải họp (đã đến hạn, không kể tháng được miễn) × 100.",
            SMALL_NOTE,
        ),
    )


def district_calendar(unit, period, boundaries, today, user=None):
    """Districts × quarters; empty where the period has no district."""
    _one_year(period)
    reach = reach_of(unit, boundaries, today, user)
    quarters = [] if period.kind == "month" else period.parts("quarter")
    columns = _district_columns(quarters)
    rows = _district_rows(reach, period, today, quarters) if unit.level != Level.COMMUNE and quarters else []
    return Table(
        code="B3",
        sheet="B3_CapHuyen",
        title="Biểu 3. Kết quả giao ban cấp huyện theo quý",
        columns=columns,
        sections=(
            Section(
                numbered([("", rows)], columns),
                level=Level.DISTRICT,
                unit_key=unit.key,
                words=words_of(period, boundaries, Level.DISTRICT),
            ),
        ),
        notes=(
            "Số trong ô là số hội nghị của quý; “thiếu”: đã đến hạn, chưa họp; “miễn”: được cấp trên đồng ý; "
            "ô trống: chưa đến hạn, chưa họp.",
            "Quý đạt: đã họp đủ các xã; đang họp hoặc hết hạn mà chưa đủ thì chưa đạt, ghi ở cột Ghi chú. "
            "Chưa họp đủ: quý được cấp trên đồng ý kết thúc, không tính là đạt.",
            SMALL_NOTE,
        ),
    )


def _one_year(period):
    if period.kind == "years":
        raise DomainError("Biểu này lập cho từng năm. Chọn một năm, một quý hoặc một tháng.", "period")


def _commune_columns(months):
    return (
        Column("no", "STT", kind=INDEX, width=5),
        Column("name", "Đơn vị", kind=TEXT, width=26),
        *(
            Column(f"m{month.first.month}", f"T{month.first.month}", width=6, listing=_of_part(month))
            for month in months
        ),
        Column("meetings", "Tổng số", "hội nghị", measure="meetings", listing=meeting_listing()),
        Column("held", "Số tháng đạt", "tháng", width=10, measure="occurrences_held", listing=round_listing("held")),
        Column(
            "expected", "Số tháng phải họp", "tháng", width=12, measure="expected", listing=round_listing("expected")
        ),
        Column("rate", "Tỷ lệ đạt", "%", RATIO, ratio=Ratio(("held",), ("expected",), digits=2)),
        Column("note", "Ghi chú", kind=TEXT, width=22),
    )


def _of_part(part):
    """The meetings of a month or quarter of the table's period."""
    return meeting_listing(("ky", part.code))


def _district_columns(quarters):
    return (
        Column("no", "STT", kind=INDEX, width=5),
        Column("name", "Đơn vị", kind=TEXT, width=28),
        *(
            Column(f"q{_number(part)}", f"Quý {ROMAN[_number(part)]}", "hội nghị", width=9, listing=_of_part(part))
            for part in quarters
        ),
        Column("form", "Hình thức", kind=TEXT, width=30),
        Column("meetings", "Tổng số", "hội nghị", width=10, measure="meetings", listing=meeting_listing()),
        Column("attendance", "Lượt đại biểu", "lượt", width=12, measure="attendance"),
        Column(
            "opinions",
            "Ý kiến, kiến nghị",
            "ý kiến",
            width=12,
            measure="opinions",
            listing=opinion_listing(AT_MEETINGS),
        ),
        Column("held", "Số quý đạt", "quý", width=9, measure="occurrences_held", listing=round_listing("held")),
        Column("expected", "Số quý phải họp", "quý", width=9, measure="expected", listing=round_listing("expected")),
        Column(
            "incomplete",
            "Chưa họp đủ",
            "quý",
            width=9,
            measure="incomplete",
            listing=round_listing("incomplete"),
        ),
        Column("rate", "Tỷ lệ đạt", "%", RATIO, ratio=Ratio(("held",), ("expected",), digits=2), width=9),
        Column("note", "Ghi chú", kind=TEXT, width=24),
    )


def _number(quarter):
    return quarter.last.month // 3


def by_month(reach, period, today, lines, level):
    """{(row, month): counts} of meetings and occurrences of a level, in two queries."""
    place = ("district_id", "commune_id", "month")
    tallies = MeetingMonth.objects.filter(reach.facts & tallies_in(period), level=level).order_by().values(*place)
    due = Occurrence.objects.filter(reach.facts & without_district(period), level=level).in_period(period)
    counts = {f"due_{word}": count for word, count in occurrence_counts(today).items()}
    found = defaultdict(Counter)
    for fact in [*tallies.annotate(**summed(DISTRICT_SUMS)), *due.order_by().values(*place).annotate(**counts)]:
        cell = found[lines.home(fact), fact["month"]]
        cell.update({word: number for word, number in fact.items() if word.startswith(("sum_", "due_"))})
    return found


def _by_parent(rows, found, begun, period, unit, columns):
    """Communes under the heading of their district, then those right under the province, then former units."""
    rows = sorted(rows, key=lambda line: (line.parent_id is None, line.parent_id == unit.pk))
    by_parent = groupby(rows, key=lambda line: _heading(line, unit))
    groups = [(parent, [_commune_row(line, found, begun, period) for line in lines]) for parent, lines in by_parent]
    return numbered(groups if len(groups) > 1 else [("", rows) for _, rows in groups], columns)


def _heading(line, unit):
    if line.parent_id == unit.pk and unit.level == Level.PROVINCE:
        return "Cấp xã trực thuộc tỉnh"
    return line.parent_name or "Đơn vị cũ"


def _commune_row(line, found, begun, period):
    cells = {"name": line.name, "note": _note(line, begun)}
    total = Counter()
    for year, month in period.months():
        cell = found.get((line.unit_id, month), Counter())
        total.update(cell)
        cells[f"m{month}"] = _cell(cell) or ("" if _lives(line, Period.month(year, month)) else ABSENT)
    cells["meetings"] = total["sum_meetings"]
    cells["held"], cells["expected"] = total["due_occurrences_held"], total["due_expected"]
    return Row(cells, line.key)


def _cell(cell):
    """The number of meetings; a word where a round was due and not held, or excused; empty where nothing is due."""
    if cell["sum_meetings"]:
        return cell["sum_meetings"]
    if cell["due_missing"]:
        return MISSING
    if cell["due_incomplete"]:
        return INCOMPLETE
    if cell["due_occurrences_held"]:
        return JOINT
    return EXEMPT if cell["due_exempt"] else ""


def _lives(line, month):
    """Was the unit in force on the last day of the month, when it is decided what is expected?"""
    return line.first is None or (line.first <= month.last and (line.until is None or line.until > month.last))


def _district_rows(reach, period, today, quarters):
    lines = districts_of(reach, period, today)
    found = by_month(reach, period, today, lines, Level.DISTRICT)
    begun = begun_rounds(reach, period, lines, Level.DISTRICT)
    rows = completed(lines.rows, {home for home, _ in found}, lines.named_on)
    return [_district_row(line, found, begun, quarters) for line in rows]


def _district_row(line, found, begun, quarters):
    cells, total = {"name": line.name, "note": _note(line, begun)}, Counter()
    for quarter in quarters:
        cell = Counter()
        for _, month in quarter.months():
            cell.update(found.get((line.unit_id, month), {}))
        total.update(cell)
        cells[f"q{_number(quarter)}"] = _cell(cell)
    for word in ("meetings", "attendance", "opinions"):
        cells[word] = total[f"sum_{word}"]
    for word, name in (("held", "occurrences_held"), ("expected", "expected"), ("incomplete", "incomplete")):
        cells[word] = total[f"due_{name}"]
    return Row({**cells, "form": _forms(total)}, line.key)


def begun_rounds(reach, period, lines, level):
    """{row: ['quý IV mới họp 5/11 xã']} of the rounds that have begun and are not complete."""
    place = ("district_id", "commune_id", "pk", "unit_id", "level", "ends_on", "period", "is_incomplete")
    rounds = Occurrence.objects.filter(reach.facts & without_district(period), level=level).in_period(period)
    rows = list(rounds.filter(begun_on__isnull=False, met_on=None).order_by("ends_on", "unit_id").values(*place))
    covered = coverages([SimpleNamespace(**row) for row in rows]) if rows else {}
    words = defaultdict(list)
    for row in rows:
        ended = "kết thúc khi mới" if row["is_incomplete"] else "mới"
        label = Period.parse(row["period"]).label_inside
        words[lines.home(row)].append(f"{label} {ended} họp {covered[row['pk']].count}")
    return words


def _note(line, begun):
    words = "; ".join(word for word in (line.note, *begun.get(line.unit_id, ())) if word)
    return words[:1].upper() + words[1:]


def _forms(total):
    """'Theo cụm' when all were alike, else each with its number."""
    held = [(form.label, total[f"sum_{form.value}"]) for form in MeetingForm if total[f"sum_{form.value}"]]
    if len(held) == 1:
        return held[0][0]
    return ", ".join(f"{label}: {group_digits(number)}" for label, number in sorted(held, key=lambda item: -item[1]))
