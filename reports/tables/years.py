"""Biểu 10: the same indicators of five years, as the units were and as they are now."""

from collections import Counter, defaultdict
from dataclasses import dataclass, replace

from django.db.models import Q

from core.periods import Period
from feedback.models import Opinion, OpinionMonth
from meetings.models import MeetingMonth, Occurrence
from reports.figures import (
    MEETING_WORDS,
    OPINION_COLUMNS,
    grouped,
    occurrence_counts,
    opinions_in,
    summed,
    tallies_in,
    timely,
    waiting_counts,
    without_district,
)
from reports.listings import AT_MEETINGS, meeting_listing, opinion_listing, round_listing, words_of
from reports.reach import NOW, THEN, reach_of
from reports.table import INDEX, RATIO, TEXT, Column, Listing, Ratio, Row, Section, Table, numbered
from units.enums import Level

YEARS = 5


@dataclass(frozen=True)
class Indicator:
    """`word`: of `figures`; or a `ratio` of such words. `listing`: the list behind the number."""

    label: str
    unit: str
    word: str = ""
    ratio: Ratio | None = None
    listing: Listing | None = None


def _meetings(level):
    """The indicators of the meetings of one level."""

    at_level = ("cap", level.value)

    def rounds(state):
        listing = round_listing(state)
        return replace(listing, words=(*listing.words, at_level))

    def word(name):
        return f"{level.value}_{name}"

    held = (word("occurrences_held"),)
    return (
        Indicator("Số kỳ phải tổ chức", "kỳ", word("expected"), listing=rounds("expected")),
        Indicator("Số kỳ đạt", "kỳ", word("occurrences_held"), listing=rounds("held")),
        Indicator("Tỷ lệ đạt", "%", ratio=Ratio(held, (word("expected"),), digits=2)),
        Indicator("Số hội nghị", "hội nghị", word("meetings"), listing=meeting_listing(at_level)),
        Indicator("Lượt đại biểu", "lượt", word("attendance")),
        Indicator("BQ đại biểu/hội nghị", "lượt", ratio=Ratio((word("attendance"),), (word("meetings"),), scale=1)),
        Indicator(
            "Ý kiến nêu tại hội nghị", "ý kiến", word("opinions"), listing=opinion_listing(at_level, AT_MEETINGS)
        ),
    )


def _state(group):
    return opinion_listing(("trang-thai", f"g-{group}"))


OPINIONS = (
    Indicator("Ý kiến tiếp nhận", "ý kiến", "opinions_received", listing=opinion_listing()),
    Indicator("Đã giải quyết", "ý kiến", "opinions_settled", listing=_state("settled")),
    Indicator("Đã giải trình, cung cấp thông tin", "ý kiến", "opinions_explained", listing=_state("explained")),
    Indicator("Đang giải quyết", "ý kiến", "opinions_in_progress", listing=_state("in_progress")),
    Indicator("Chưa giải quyết", "ý kiến", "opinions_unassigned", listing=_state("unassigned")),
    Indicator("Không tính (rút, trùng, KNTC)", "ý kiến", "opinions_excluded", listing=_state("excluded")),
    Indicator("Quá hạn", "ý kiến", "opinions_overdue", listing=opinion_listing(("han", "qua-han"))),
    Indicator("Đúng hạn đầu tiên", "ý kiến", "opinions_on_time", listing=opinion_listing(("han", "dung-han"))),
    Indicator(
        "Đúng hạn đã gia hạn",
        "ý kiến",
        "opinions_on_time_extended",
        listing=opinion_listing(("han", "dung-han-gia-han")),
    ),
    Indicator("Từng quá hạn", "ý kiến", "opinions_was_late", listing=opinion_listing(("han", "tung-qua-han"))),
    Indicator(
        "Tỷ lệ giải quyết",
        "%",
        ratio=Ratio(
            ("opinions_settled", "opinions_explained"), ("opinions_received",), less=("opinions_excluded",), digits=1
        ),
    ),
)
GROUPS = (
    ("Giao ban cấp xã", _meetings(Level.COMMUNE)),
    ("Giao ban cấp huyện", _meetings(Level.DISTRICT)),
    ("Ý kiến, kiến nghị", OPINIONS),
)
BLOCKS = {THEN: "I. THEO ĐƠN VỊ TẠI THỜI ĐIỂM", NOW: "II. QUY ĐỔI VỀ ĐƠN VỊ HIỆN HÀNH"}
NOTES = (
    "Mỗi cột tính trọn năm (hoặc cùng quý, cùng tháng của năm) ghi ở đầu cột.",
    "Ô trống: hệ thống không có số liệu của đơn vị trong kỳ đó, hoặc không có mẫu số.",
    "So năm trước = (năm cuối − năm trước) / năm trước × 100. Tỷ lệ tính từ tổng số của từng năm.",
    "Khối I tính hội nghị, ý kiến ghi nhận dưới chính đơn vị; khối II tính cả của các đơn vị mà đơn vị kế thừa.",
)
RUNNING_NOTE = (
    "Năm cuối chưa hết nên cột So năm trước so phần đã qua với cả năm trước; so đúng cùng kỳ ở trang So sánh cùng kỳ."
)


def year_table(unit, period, boundaries, today, user=None):
    """The period's own months in each of five years; both ways of counting, whichever `boundaries` is chosen."""
    periods = periods_of(period)
    columns = _columns(periods)
    sections = []
    for block, title in BLOCKS.items():
        found = figures_by_year(reach_of(unit, block, today, user), periods, today)
        groups = [(name, _rows(indicators, found, periods, unit, block == boundaries)) for name, indicators in GROUPS]
        words = words_of(period, block)
        sections.append(
            Section(numbered(groups, columns), title=title, has_total=False, unit_key=unit.key, words=words)
        )
    return Table(
        code="B10",
        sheet="B10_SoSanh",
        title="Biểu 10. So sánh kết quả nhiều năm",
        columns=columns,
        sections=tuple(sections),
        notes=NOTES + ((RUNNING_NOTE,) if today <= period.last else ()),
    )


def figures_by_year(reach, periods, today):
    """{year: Counter of the words of `figures`} of meetings and opinions, in four queries."""
    whole = Period(periods[0].first, periods[-1].last)
    inside, due, opinions = Q(), Q(), Q()
    for period in periods:
        inside |= tallies_in(period)
        due |= Q(starts_on__gte=period.first, ends_on__lte=period.last)
        opinions |= opinions_in(period)
    years = Q(year__range=(whole.first.year, whole.last.year))
    found = defaultdict(Counter)
    held = MeetingMonth.objects.filter(reach.facts & inside, years).order_by().values("level", "year")
    for row in held.annotate(**summed(MEETING_WORDS)):
        found[row["year"]].update({f"{row['level']}_{word}": row[f"sum_{word}"] for word in MEETING_WORDS})
    rounds = Occurrence.objects.filter(reach.facts & without_district(periods[0]) & due, years).order_by()
    for row in rounds.values("level", "year").annotate(**occurrence_counts(today)):
        level, year = row.pop("level"), row.pop("year")
        found[year].update({f"{level}_{word}": number for word, number in row.items()})
    received = OpinionMonth.objects.filter(reach.facts & inside, years).order_by().values("year")
    for row in received.annotate(**summed(OPINION_COLUMNS)):
        found[row["year"]].update({f"opinions_{word}": number for word, number in (grouped(row) | timely(row)).items()})
    waiting, waits = Opinion.objects.filter(reach.opinions & opinions, years).unresolved(), waiting_counts(today)
    for row in waiting.order_by().values("year").annotate(**waits):
        found[row["year"]].update({f"opinions_{word}": row[word] for word in waits})
    return found


def periods_of(period):
    """The same months of five years, the last of them being the period itself or its last year."""
    last = period.last.year
    years = range(last - YEARS + 1, last + 1)
    if period.kind == "month":
        return [Period.month(year, period.last.month) for year in years]
    if period.kind == "quarter":
        return [Period.quarter(year, period.last.month // 3) for year in years]
    return [Period.year(year) for year in years]


def _key(period):
    return f"y{period.last.year}"


def _columns(periods):
    before, last = (_key(period) for period in periods[-2:])
    return (
        Column("no", "STT", kind=INDEX, width=6),
        Column("name", "Chỉ tiêu", kind=TEXT, width=40),
        Column("unit", "Đơn vị tính", kind=TEXT, width=14),
        *(Column(_key(period), period.label, width=15, period=period.code) for period in periods),
        Column("change", "So năm trước", "±, %", RATIO, ratio=Ratio((last,), (before,), minus=(before,)), width=14),
    )


def _rows(indicators, found, periods, unit, is_chosen):
    """None when no year has anything to say, as for districts where there are none."""
    if not any(found[period.last.year][indicator.word] for indicator in indicators for period in periods):
        return []
    return [_row(indicator, found, periods, unit, is_chosen) for indicator in indicators]


def _row(indicator, found, periods, unit, is_chosen):
    cells = {_key(period): _cell(indicator, found[period.last.year]) for period in periods}
    return Row(
        {"name": indicator.label, "unit": indicator.unit, **cells},
        unit.key,
        measure=indicator.word if is_chosen else "",
        listing=indicator.listing,
    )


def _cell(indicator, counts):
    """Nothing, not 0, for a year of which nothing is known, and for a share of nothing."""
    if not any(counts.values()):
        return ""
    if indicator.ratio:
        share = indicator.ratio.of(counts, counts)
        return "" if share is None else share
    return counts[indicator.word]
