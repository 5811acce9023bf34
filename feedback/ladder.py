"""How far opinions came: received, answered, done, confirmed by those who raised them; each rung its own number.

Every rung is shown against both denominators: all that was received (less what is not counted), and what was due by
today, that is answered or overdue.
"""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import Count, Q

from core.display import group_digits, percent_of
from feedback.enums import ReportGroup, Satisfaction
from feedback.filters import ALL, GROUP_PREFIX, NOT_ASKED, REPLIED, partly_done
from feedback.querysets import IS_ANSWERED, IS_OPEN, in_group, overdue_when

FEW = 10
"""Below this many a share says more than it knows: the fraction is shown alone."""

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
    return words if whole < FEW else f"{words} ({percent_of(part, whole)})"
