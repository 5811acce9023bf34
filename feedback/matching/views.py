"""The same matter while typing, and the yearly share of what could be answered at home."""

from django.template.response import TemplateResponse
from django.utils import timezone

from core.errors import DomainError
from core.routing import page
from feedback.matching.reads import shares_of_year, similar_opinions
from feedback.page.views import STAFF_ROLES

FIRST_YEAR = 2014


@page(roles=STAFF_ROLES)
def opinion_similar(request):
    """A fragment; the fields of a form's row come under their own names, such as `opinions-0-text`."""
    rows = similar_opinions(
        request.user,
        _typed(request.GET, "van-ban", "text"),
        timezone.localdate(),
        place_id=_number(_typed(request.GET, "thon", "village")),
        topic_id=_number(_typed(request.GET, "linh-vuc", "topic")),
        except_pk=_number(request.GET.get("tru", "")),
    )
    return TemplateResponse(request, "feedback/similar_list.html", {"rows": rows})


def _typed(query, name, field):
    """The value under its own word, else that of the first field of a form with that name."""
    fields = (key for key in query if key == field or key.endswith(f"-{field}"))
    return query.get(name) or query.get(next(fields, ""), "")


def _number(word):
    return int(word) if word.isascii() and word.isdecimal() and len(word) < 19 else None


@page(roles=STAFF_ROLES)
def wrong_level_shares(request):
    today = timezone.localdate()
    year = _year(request.GET.get("nam", ""), today)
    rows = shares_of_year(request.user, year)
    context = {
        "year": year,
        "year_word": str(year),
        "years": [str(one) for one in range(today.year, FIRST_YEAR - 1, -1)],
        "rows": rows,
        "number": sum(row["number"][0] for row in rows),
        "of": sum(row["of"][0] for row in rows),
    }
    return TemplateResponse(request, "feedback/wrong_level_shares.html", context)


def _year(word, today):
    if not word:
        return today.year
    year = _number(word)
    if year is None or not FIRST_YEAR <= year <= today.year:
        raise DomainError(f"Nhập năm từ {FIRST_YEAR} đến {today.year}, ví dụ {today.year}.", "nam")
    return year
