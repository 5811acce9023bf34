"""How long open opinions have been waiting, and with whom. Age counts from the day raised and never pauses."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Case, CharField, Count, Min, Q, Value, When

from feedback.enums import Visibility
from feedback.filters import AGE_CHOICES, AGES, NOBODY, OPEN_TO_ALL, RESTRICTED
from feedback.ladder import list_url
from feedback.querysets import overdue_when

WORDS = dict(AGE_CHOICES)
HIDDEN = "Ý kiến hạn chế xem"
MOST_HOLDERS = 40


def age_case(today):
    """The age group of an opinion, oldest first: each test only asks whether it is at least that old."""
    starts = sorted(((youngest, word) for word, (youngest, _) in AGES.items()), reverse=True)
    tests = [When(raised_on__lte=today - timedelta(days=days), then=Value(word)) for days, word in starts]
    return Case(*tests, default=Value(starts[-1][1]), output_field=CharField())


@dataclass(frozen=True)
class AgeRow:
    """A line of the picture: [(age, number, address of its list)] for each age, and for all of them."""

    label: str
    cells: list
    total: tuple


def ages_by_topic(opinions, today, address, kept):
    """Bars for all, and lines by topic; the restricted ones have a line of their own at the end."""
    shown = Case(
        When(visibility=Visibility.RESTRICTED, then=Value("")), default="topic__code", output_field=CharField()
    )
    counted = opinions.order_by().annotate(age=age_case(today), code=shown).values_list("code", "age")
    counts, names = defaultdict(Counter), {"": HIDDEN}
    for code, age, name, number in counted.annotate(name=Min("topic__name"), number=Count("pk")):
        counts[code][age] += number
        names.setdefault(code, name)
    total = sum(counts.values(), Counter())
    bars = [_bar(word, total[word], list_url(address, kept, {"tuoi": word})) for word in AGES]
    by_size = sorted(counts, key=lambda code: (code == "", -counts[code].total(), names[code]))
    return bars, [_row(names[code], counts[code], address, {**kept, **_topic_words(code)}) for code in by_size]


def _topic_words(code):
    return {"linh-vuc": code, "pham-vi": OPEN_TO_ALL} if code else {"pham-vi": RESTRICTED}


def _bar(word, number, url):
    return {"label": WORDS[word], "value": number, "url": url}


def _row(label, counts, address, kept):
    cells = [(WORDS[word], counts[word], list_url(address, kept, {"tuoi": word})) for word in AGES]
    return AgeRow(label, cells, (counts.total(), list_url(address, kept, {})))


@dataclass(frozen=True)
class HolderRow:
    """Who owes the next step, and how much of it is late; `oldest_on` is the day the oldest was raised."""

    label: str
    unit: str
    number: int
    overdue: int
    old: int
    oldest_on: object
    url: str
    late_url: str


def holders(opinions, today, address, kept):
    """(rows, how many holders there are): bodies, or units where none is charged yet; most overdue first.

    Restricted ones in one line at the end.
    """
    open_to_all = ~Q(visibility=Visibility.RESTRICTED)
    counts = {
        "number": Count("pk"),
        "late": Count("pk", filter=overdue_when(today)),
        "old": Count("pk", filter=Q(raised_on__lte=today - timedelta(days=AGES["tren-90"][0]))),
        "oldest": Min("raised_on"),
    }
    keys = ("holder__key", "holder__name", "body_id", "body__name")
    found = opinions.filter(open_to_all).order_by().values(*keys).annotate(**counts).order_by("-late", "-number", *keys)
    found = list(found)
    rows = [_holder(row, address, kept) for row in found[:MOST_HOLDERS]]
    hidden = opinions.exclude(open_to_all).aggregate(**counts)
    return rows + ([_restricted(hidden, address, kept)] if hidden["number"] else []), len(found)


def _holder(row, address, kept):
    words = {**kept, "giu-boi": row["holder__key"], "co-quan": row["body_id"] or NOBODY, "pham-vi": OPEN_TO_ALL}
    label = row["body__name"] or "Chưa giao cơ quan nào"
    return _holder_row(label, row["holder__name"], row, address, words)


def _restricted(counts, address, kept):
    return _holder_row(HIDDEN, "", counts, address, {**kept, "pham-vi": RESTRICTED})


def _holder_row(label, unit, counts, address, words):
    return HolderRow(
        label=label,
        unit=unit,
        number=counts["number"],
        overdue=counts["late"],
        old=counts["old"],
        oldest_on=counts["oldest"],
        url=list_url(address, words, {}),
        late_url=list_url(address, words, {"han": "qua-han"}),
    )
