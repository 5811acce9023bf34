"""How far opinions came: received, answered, done, confirmed by those who raised them; each rung its own number.

Every rung is shown against both denominators: all that was received (less what is not counted), and what was due by
today, that is answered or overdue.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from django.db.models import Case, CharField, Count, Min, Q, Value, When

from core.display import group_digits, percent_of
from feedback.desk.filters import (
    AGE_CHOICES,
    AGES,
    ALL,
    BODY_LATE,
    BODY_ON_TIME,
    GROUP_PREFIX,
    NOBODY,
    NOT_ASKED,
    OPEN_TO_ALL,
    REPLIED,
    RESTRICTED,
    partly_done,
)
from feedback.enums import ReportGroup, Satisfaction, Visibility
from feedback.querysets import IS_ANSWERED, IS_OPEN, in_group, late_for_body_when, on_time_for_body_when, overdue_when

FEWEST = 10
"""Below this many a share says more than it knows: the fraction is shown alone."""

HIDDEN = "Ý kiến hạn chế xem"
MOST_BODIES = 20
_G = ReportGroup
RUNGS = (
    ("answered", "Đã trả lời dưới mọi hình thức", {"trang-thai": REPLIED}, 0),
    ("explained", "Giải trình, cung cấp thông tin, tiếp thu", {"trang-thai": f"{GROUP_PREFIX}{_G.EXPLAINED}"}, 1),
    ("settled", "Đã giải quyết xong hoặc trả lời ngay tại hội nghị", {"trang-thai": f"{GROUP_PREFIX}{_G.SETTLED}"}, 1),
    ("satisfied", "Người nêu xác nhận hài lòng", {"trang-thai": ALL, "hai-long": Satisfaction.SATISFIED}, 2),
    ("partly", "Người nêu hài lòng một phần", {"trang-thai": ALL, "hai-long": Satisfaction.PARTLY}, 2),
    ("not_satisfied", "Người nêu chưa hài lòng", {"trang-thai": ALL, "hai-long": Satisfaction.NOT}, 2),
    ("not_asked", "Đã trả lời, chưa hỏi lại người nêu", {"trang-thai": ALL, "hai-long": NOT_ASKED}, 2),
    ("partly_done", "Chưa xong, đã làm được một phần", {"tien-do": "on"}, 0),
    ("overdue", "Chưa xong, đã quá hạn", {"han": "qua-han"}, 0),
)
"""Word, label, the filters of the desk that list it, how deep it is drawn."""


@dataclass(frozen=True)
class Rung:
    word: str
    label: str
    number: int
    of_counted: str
    of_due: str
    url: str
    depth: int


def ladder_counts(opinions, today):
    """Every number of the ladder in one statement."""
    late = overdue_when(today)
    said = {word: IS_ANSWERED & Q(satisfaction=value) for word, value in _SAID.items()}
    return opinions.order_by().aggregate(
        received=Count("pk"),
        excluded=Count("pk", filter=in_group(_G.EXCLUDED)),
        due=Count("pk", filter=IS_ANSWERED | late),
        answered=Count("pk", filter=IS_ANSWERED),
        explained=Count("pk", filter=in_group(_G.EXPLAINED)),
        settled=Count("pk", filter=in_group(_G.SETTLED)),
        partly_done=Count("pk", filter=IS_OPEN & Q(partly_done())),
        overdue=Count("pk", filter=late),
        **{word: Count("pk", filter=condition) for word, condition in said.items()},
    )


_SAID = {
    "satisfied": Satisfaction.SATISFIED,
    "partly": Satisfaction.PARTLY,
    "not_satisfied": Satisfaction.NOT,
    "not_asked": "",
}


@dataclass(frozen=True)
class BodyRow:
    """How a body answered: of what it is judged by, how much by the first day promised to it and how much not."""

    label: str
    unit: str
    judged: int
    on_time: int
    late: int
    share: str
    on_time_url: str
    late_url: str


def bodies_timeliness(opinions, today, kept, address):
    """(rows, how many bodies there are): those with most to answer for, the restricted ones in one line at the end."""
    counts = {
        "on_time": Count("pk", filter=on_time_for_body_when()),
        "late": Count("pk", filter=late_for_body_when(today)),
    }
    judged = opinions.with_body_day().filter(on_time_for_body_when() | late_for_body_when(today)).order_by()
    open_to_all, keys = ~Q(visibility=Visibility.RESTRICTED), ("body__name", "body__unit__name", "body_id")
    found = list(judged.filter(open_to_all).values(*keys).annotate(n=Count("pk"), **counts).order_by("-n", *keys))
    rows = [
        _body_row(row["body__name"], row["body__unit__name"], row, address, {**kept, "co-quan": row["body_id"]})
        for row in found[:MOST_BODIES]
    ]
    hidden = judged.exclude(open_to_all).aggregate(**counts)
    if hidden["on_time"] or hidden["late"]:
        rows.append(_body_row(HIDDEN, "", hidden, address, {**kept, "pham-vi": RESTRICTED}))
    return rows, len(found)


def _body_row(label, unit, counts, address, words):
    words = {"trang-thai": ALL, "pham-vi": OPEN_TO_ALL, **words}
    total = counts["on_time"] + counts["late"]
    return BodyRow(
        label=label,
        unit=unit,
        judged=total,
        on_time=counts["on_time"],
        late=counts["late"],
        share=fraction(counts["on_time"], total),
        on_time_url=list_url(address, words, {"han": BODY_ON_TIME}),
        late_url=list_url(address, words, {"han": BODY_LATE}),
    )


def rungs(counts, kept, address):
    """The ladder as rows; `kept` are the filters of place and period that each list keeps."""
    counted, due = counts["received"] - counts["excluded"], counts["due"]
    return [
        Rung(
            word=word,
            label=label,
            number=counts[word],
            of_counted=fraction(counts[word], counted),
            of_due=fraction(counts[word], due) if word != "partly_done" else "",
            url=list_url(address, kept, words),
            depth=depth,
        )
        for word, label, words, depth in RUNGS
    ]


def list_url(address, kept, words):
    """The desk's list with these filters on top of the kept ones."""
    return f"{address}?{urlencode({name: value for name, value in {**kept, **words}.items() if value})}"


def fraction(part, whole):
    """'38/56 (67,9%)'; without a percentage when there are few, nothing when there is nothing."""
    if not whole:
        return ""
    words = f"{group_digits(part)}/{group_digits(whole)}"
    return words if whole < FEWEST else f"{words} ({percent_of(part, whole)})"


WORDS = dict(AGE_CHOICES)
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
