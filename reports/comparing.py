"""A unit held against itself a year earlier, against its own last years, and beside named units of its kind."""

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Q

from core.display import group_digits
from core.periods import Period
from feedback.models import Opinion
from feedback.querysets import outcome_counts
from meetings.models import MeetingMonth, Occurrence
from reports.comparison import YearChange, fair_rate, same_months
from reports.compiling import rollups
from reports.figures import MEETING_LEVELS, MEETING_WORDS, NOTHING_COUNTED, occurrence_counts, summed
from reports.listings import list_url, meeting_listing, opinion_listing, words_of
from reports.reach import lines_of
from reports.tables.years import figures_by_year, periods_of
from units.enums import Level, UnitKind
from units.models import Unit, UnitVersion

WORDS = (
    ("commune_expected", "Số kỳ cấp xã phải tổ chức"),
    ("commune_occurrences_held", "Số kỳ cấp xã đạt"),
    ("commune_meetings", "Hội nghị cấp xã"),
    ("commune_attendance", "Lượt đại biểu cấp xã"),
    ("district_meetings", "Hội nghị cấp huyện"),
    ("opinions_received", "Ý kiến tiếp nhận"),
    ("opinions_settled", "Đã giải quyết"),
    ("opinions_explained", "Đã giải trình, cung cấp thông tin"),
)


@dataclass(frozen=True)
class SamePeriod:
    """`label`, `before_label`: the months compared; `rows`: (label, Change); `rates`: (label, now, before)."""

    label: str
    before_label: str
    rows: list
    rates: list

    @property
    def is_known_before(self):
        return any(change.before for _, change in self.rows)


@dataclass(frozen=True)
class Peer:
    """A unit beside others of its kind: rates with what they are taken of, in the official order."""

    name: str
    key: str
    held: str
    rate: str
    answered: str
    answered_rate: str


def same_period(reach, period, today):
    """The months that have ended and the same months a year before; None when no month has ended."""
    compared = same_months(period, today)
    if compared is None:
        return None
    now, before = (_counts(reach, months[0].first, months[-1].last, today) for months in compared)
    rows = [(label, YearChange(now[word], before[word])) for word, label in WORDS if now[word] or before[word]]
    rates = [(label, *(_share(part, whole, found) for found in (now, before))) for label, part, whole in _RATES]
    return SamePeriod(*(_label(months) for months in compared), rows, rates)


_ANSWERED = ("opinions_settled", "opinions_explained")
_RATES = (
    ("Tỷ lệ kỳ cấp xã đạt", ("commune_occurrences_held",), (("commune_expected",), ())),
    ("Tỷ lệ ý kiến đã trả lời", _ANSWERED, (("opinions_received",), ("opinions_excluded",))),
)


def _share(part, whole, found):
    """'188/240 (78,3%)'."""
    plus, less = whole
    number, over = sum(found[w] for w in part), sum(found[w] for w in plus) - sum(found[w] for w in less)
    return f"{group_digits(number)}/{group_digits(over)} ({fair_rate(number, over)})" if over else ""


def _label(months):
    first, last = months[0], months[-1]
    if first == last:
        return first.label
    if len(months) == 12:
        return Period.year(first.first.year).label
    return f"Tháng {first.first.month} đến tháng {last.first.month}/{last.first.year}"


def _counts(reach, first, last, today):
    """The words of `figures` over whole months of one year, three queries; a quarter counts when it has ended."""
    found = defaultdict(int)
    months = Q(year=first.year, month__range=(first.month, last.month), level__in=MEETING_LEVELS)
    for row in _by_level(MeetingMonth.objects.filter(reach.facts, months), **summed(MEETING_WORDS)):
        found |= {f"{row['level']}_{word}": row[f"sum_{word}"] for word in MEETING_WORDS}
    due = Occurrence.objects.filter(reach.facts, starts_on__gte=first, ends_on__lte=last, level__in=MEETING_LEVELS)
    for row in _by_level(due, **occurrence_counts(today)):
        found |= {f"{row['level']}_{word}": number for word, number in row.items() if word != "level"}
    opinions = Opinion.objects.filter(reach.opinions, period_first__gte=first, period_last__lte=last)
    counts = opinions.order_by().aggregate(**outcome_counts())
    return NOTHING_COUNTED | found | {f"opinions_{word}": number for word, number in counts.items()}


def _by_level(rows, **counts):
    return rows.order_by().values("level").annotate(**counts)


def trends(reach, period, today):
    """[(title, unit, points)] of those of the last five years of which anything is known; a point opens its list."""
    found = figures_by_year(reach, periods_of(period), today)
    periods = [part for part in periods_of(period) if any(found[part.last.year].values())]
    series = (
        ("Hội nghị cấp xã", "hội nghị", "commune_meetings", meeting_listing(("cap", Level.COMMUNE.value))),
        ("Ý kiến tiếp nhận", "ý kiến", "opinions_received", opinion_listing()),
    )
    common = {"don-vi": reach.unit.key, **dict(words_of(period, reach.boundaries))}
    return [
        (title, unit, [_point(part, found[part.last.year][word], listing, common, today) for part in periods])
        for title, unit, word, listing in series
    ]


def _point(period, number, listing, common, today):
    url = list_url(listing, {**common, "ky": period.code}) if number else ""
    return {"label": period.last.year, "value": number, "url": url, "is_partial": today in period}


def peers(reach, period, today, user):
    """([(kind in words, [Peer])], moment of the compilation): units of one kind beside each other, never ranked.

    A commune stands beside the communes that the user may see; a district or province shows what lies under it.
    """
    lines = _beside(reach.unit, period, user) if reach.unit.level == Level.COMMUNE else _below(reach, period, today)
    words, moment = rollups([pk for _, pk, _, _ in lines], period.first.year)
    groups = defaultdict(list)
    for kind, pk, key, name in lines:
        if pk in words:
            groups[kind].append(_peer(name, key, words[pk]))
    return [(UnitKind(kind).label, rows) for kind, rows in groups.items() if len(rows) > 1], moment


def _below(reach, period, today):
    lines = lines_of(reach, period, today).rows
    kinds = dict(Unit.objects.filter(pk__in=[line.unit_id for line in lines]).values_list("pk", "kind"))
    return [(kinds[line.unit_id], line.unit_id, line.key, line.name) for line in lines]


def _beside(unit, period, user):
    own = UnitVersion.objects.filter(unit=unit).on(period.last)
    alike = UnitVersion.objects.filter(parent__in=own.values("parent"), kind=unit.kind).on(period.last)
    seen = alike.filter(unit__in=Unit.objects.visible_to(user).values("pk"))
    return list(seen.order_by("unit__code").values_list("kind", "unit_id", "unit__key", "name"))


def _peer(name, key, words):
    held, expected = words["commune_occurrences_held"], words["commune_expected"]
    answered = words["opinions_settled"] + words["opinions_explained"]
    counted = words["opinions_received"] - words["opinions_excluded"]
    return Peer(
        name=name,
        key=key,
        held=f"{group_digits(held)}/{group_digits(expected)}",
        rate=fair_rate(held, expected),
        answered=f"{group_digits(answered)}/{group_digits(counted)}",
        answered_rate=fair_rate(answered, counted),
    )
