"""Biểu 4: opinions by topic. Restricted ones have a line of their own and no topic."""

from collections import Counter, defaultdict
from dataclasses import replace

from django.db.models import Case, Count, F, Q, When

from core.periods import Period
from feedback.enums import GROUPS, Visibility
from feedback.models import Opinion, Topic
from feedback.querysets import outcome_counts, overdue_when
from reports.figures import opinions_in
from reports.listings import OPEN_TO_ALL, RESTRICTED, opinion_listing, words_of
from reports.reach import reach_of
from reports.table import (
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

HIDDEN, HIDDEN_ROW = "Hạn chế xem", "Ý kiến hạn chế xem"
RESULTS = "Kết quả giải quyết"


def _state(group, title, width=DEFAULT_WIDTH):
    listing = opinion_listing(("trang-thai", f"g-{group}"))
    return Column(group, title, "ý kiến", group=RESULTS, width=width, listing=listing)


COLUMNS = (
    Column("no", "STT", kind=INDEX, width=5),
    Column("name", "Lĩnh vực", kind=TEXT, width=46),
    Column("opinions", "Tổng số", "ý kiến", listing=opinion_listing()),
    Column("share", "Tỷ trọng", "%", RATIO, ratio=Ratio(("opinions",), ("opinions",), of_total=True)),
    _state("settled", "Đã giải quyết"),
    _state("explained", "Đã giải trình"),
    _state("in_progress", "Đang giải quyết"),
    _state("unassigned", "Chưa giải quyết"),
    _state("excluded", "Không tính (rút, trùng, KNTC)", width=11),
    Column("overdue", "Quá hạn", "ý kiến", group=RESULTS, listing=opinion_listing(("han", "qua-han"))),
    Column("before", "Cùng kỳ năm trước", "ý kiến", width=11),
    Column("change", "So cùng kỳ", "±, %", RATIO, ratio=Ratio(("opinions",), ("before",), minus=("before",))),
)
NOTES = (
    "Tính mọi ý kiến của đơn vị trong kỳ, ở hội nghị các cấp và khi đi cơ sở.",
    "So cùng kỳ = (tổng số − cùng kỳ năm trước) / cùng kỳ năm trước × 100. Ô trống: cùng kỳ không có ý kiến.",
    "Ý kiến hạn chế xem được tính ở dòng riêng, không chia theo lĩnh vực.",
)


def topic_table(unit, period, boundaries, today, user=None):
    reach = reach_of(unit, boundaries, today, user)
    counts = _counts(reach, period, today)
    before = _numbers(reach, a_year_before(period))
    topics = list(Topic.objects.values_list("pk", "name", "group", "code"))
    columns, groups = _columns(period), []
    for heading in dict.fromkeys(group for _, _, group, _ in topics):
        rows = [
            _row(name, counts[pk], before[pk], ("linh-vuc", code), OPEN_TO_ALL)
            for pk, name, group, code in topics
            if group == heading and counts[pk]["opinions"] + before[pk]
        ]
        groups.append((heading, rows))
    if counts[None]["opinions"] + before[None]:
        groups.append(("", [_row(HIDDEN_ROW, counts[None], before[None], RESTRICTED)]))
    return Table(
        code="B4",
        sheet="B4_LinhVuc",
        title="Biểu 4. Ý kiến, kiến nghị theo lĩnh vực",
        columns=columns,
        sections=(Section(numbered(groups, columns), unit_key=unit.key, words=words_of(period, boundaries)),),
        notes=NOTES,
    )


def topic_counts(reach, period):
    """[(topic name, code, number)] most first, and the restricted ones in a last line without a code."""
    rows = _topics(Opinion.objects.filter(reach.opinions & opinions_in(period)))
    found, hidden = [], 0
    for name, code, is_shown, number in (
        rows.annotate(is_shown=Q(shown_topic__isnull=False))
        .values_list("topic__name", "topic__code", "is_shown")
        .annotate(number=Count("pk"))
    ):
        found += [(name, code, number)] if is_shown else []
        hidden += 0 if is_shown else number
    return sorted(found, key=lambda row: (-row[2], row[0])) + ([(HIDDEN, None, hidden)] if hidden else [])


def a_year_before(period):
    """The same months one year earlier."""
    if period.kind == "month":
        return Period.month(period.first.year - 1, period.first.month)
    if period.kind == "quarter":
        return Period.quarter(period.first.year - 1, period.last.month // 3)
    years = period.last.year - period.first.year + 1
    return Period(
        period.first.replace(year=period.first.year - years), period.last.replace(year=period.last.year - years)
    )


def _topics(opinions):
    """Opinions grouped by topic, the restricted ones by none."""
    shown = Case(When(visibility=Visibility.RESTRICTED, then=None), default=F("topic_id"))
    return opinions.order_by().annotate(shown_topic=shown)


def _counts(reach, period, today):
    """{topic id, None for restricted ones: counts by column}, in one query."""
    inside = Opinion.objects.filter(reach.opinions & opinions_in(period))
    counts = outcome_counts() | {"overdue": Count("pk", filter=overdue_when(today))}
    found = defaultdict(Counter)
    for row in _topics(inside).values("shown_topic").annotate(**counts):
        found[row.pop("shown_topic")].update(row, opinions=row["received"])
    return found


def _numbers(reach, period):
    rows = _topics(Opinion.objects.filter(reach.opinions & opinions_in(period)))
    return Counter(dict(rows.values_list("shown_topic").annotate(number=Count("pk"))))


def _columns(period):
    """What came in a year earlier is listed of that period."""
    earlier = opinion_listing(("ky", a_year_before(period).code))
    return tuple(replace(column, listing=earlier) if column.key == "before" else column for column in COLUMNS)


def _row(name, counts, before, *filters):
    words = ("opinions", *(group.value for group in GROUPS), "overdue")
    cells = {"name": name, **{word: counts[word] for word in words}, "before": before}
    return Row(cells, listing=Listing("opinion_list", filters))
