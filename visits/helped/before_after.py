"""A helped place before help began and since: as many days on each side, with the numbers the shares come from.

Only "before" and "since" stand here; nothing says that one came from the other.
"""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import Count, Q, Sum
from django.urls import reverse

from core.display import day_text, group_digits, percent_of, share_of
from feedback.models import Opinion
from feedback.querysets import IS_ANSWERED
from visits.enums import Rating
from visits.helped.register import began_on
from visits.helped.rules import FEWEST_OPINIONS, FEWEST_VISITS, Span, equal_spans
from visits.models import CellRating, Visit

TOO_FEW = "chưa đủ số liệu"


@dataclass(frozen=True)
class Side:
    """One half of a line: the share or the words, the numbers behind, the list that holds them."""

    text: str
    note: str = ""
    url: str = ""


@dataclass(frozen=True)
class BeforeAfter:
    before: Span
    since: Span
    lines: list


def before_after(helped, user, today):
    """The figures of one helped unit; None on the very first day. Five queries.

    They count everything about the place; their lists open for those whose branch it lies in.
    """
    began = began_on(helped)
    spans = equal_spans(began, helped.exited_on or today)
    if spans is None:
        return None
    place = {f"{helped.unit.level}_id": helped.unit_id}
    links = _links(helped, spans) if user.scope.sees(helped) else [("", "")] * len(spans)
    visits, opinions = _visits(place, spans), _opinions(place, spans)
    sides = [
        [_attendance(*numbers, link[0]) for numbers, link in zip(visits, links, strict=True)],
        [_opinion_side(*numbers, link[1]) for numbers, link in zip(opinions, links, strict=True)],
        _ratings(helped, began.year),
    ]
    titles = ("Tỷ lệ có mặt ở các buổi cán bộ dự", "Ý kiến, kiến nghị đã nêu và đã trả lời", "Xếp loại")
    lines = [{"title": title, "before": pair[0], "since": pair[1]} for title, pair in zip(titles, sides, strict=True)]
    return BeforeAfter(*spans, lines)


def _within(field, span):
    return Q(**{f"{field}__gte": span.first, f"{field}__lte": span.last})


def _visits(place, spans):
    """[(visits with both numbers, due, present)] of the spans."""
    visits = Visit.objects.counted().filter(**place).exclude(members_due=None).order_by()
    sums = {}
    for number, span in enumerate(spans):
        inside = _within("visited_on", span)
        sums[f"n{number}"] = Count("pk", filter=inside)
        sums[f"due{number}"] = Sum("members_due", filter=inside, default=0)
        sums[f"present{number}"] = Sum("members_present", filter=inside, default=0)
    found = visits.aggregate(**sums)
    return [(found[f"n{n}"], found[f"due{n}"], found[f"present{n}"]) for n in range(len(spans))]


def _opinions(place, spans):
    """[(raised, answered)] of the spans; restricted ones are counted, and nothing else is said of them."""
    sums = {}
    for number, span in enumerate(spans):
        inside = _within("raised_on", span)
        sums[f"all{number}"] = Count("pk", filter=inside)
        sums[f"answered{number}"] = Count("pk", filter=inside & IS_ANSWERED)
    found = Opinion.objects.filter(**place).order_by().aggregate(**sums)
    return [(found[f"all{n}"], found[f"answered{n}"]) for n in range(len(spans))]


def _attendance(visits, due, present, url):
    if not visits:
        return Side("Không có buổi nào")
    note = f"{group_digits(present)}/{group_digits(due)} lượt người, {group_digits(visits)} buổi"
    if visits < FEWEST_VISITS or not due:
        return Side(TOO_FEW, f"{note}; cần từ {FEWEST_VISITS} buổi", url)
    return Side(share_of(present, due), note, url)


def _opinion_side(raised, answered, url):
    if not raised:
        return Side("Không có ý kiến nào")
    note = f"{group_digits(answered)}/{group_digits(raised)} ý kiến đã trả lời"
    if raised < FEWEST_OPINIONS:
        return Side(TOO_FEW, f"{note}; cần từ {FEWEST_OPINIONS} ý kiến để tính tỷ lệ", url)
    return Side(percent_of(answered, raised), note, url)


def _ratings(helped, first_year):
    """The rating of the year before help began, and the latest one since."""
    rows = CellRating.objects.filter(unit_id=helped.unit_id, year__gte=first_year - 1).order_by("year")
    found = dict(rows.values_list("year", "rating"))
    before = found.pop(first_year - 1, None)
    since = max(found, default=None)
    missing = Side("Chưa ghi xếp loại")
    return [
        Side(Rating(before).label, f"năm {first_year - 1}") if before else missing,
        Side(Rating(found[since]).label, f"năm {since}") if since else missing,
    ]


def _links(helped, spans):
    """Addresses of the lists that hold exactly the rows of a span."""
    links = []
    for span in spans:
        days = {"don-vi": helped.unit.key, "tu-ngay": day_text(span.first), "den-ngay": day_text(span.last)}
        visits = f"{reverse('visit_list')}?{urlencode(days | {'co-mat': 'on'})}"
        opinions = f"{reverse('opinion_list')}?{urlencode(days | {'trang-thai': 'all', 'ranh-gioi': 'then'})}"
        links.append((visits, opinions))
    return links
