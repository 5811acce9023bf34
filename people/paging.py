"""Pages of a list whose order has no single key: numbered, fifty rows each."""

from django.http import Http404

PAGE_SIZE = 50
LAST_PAGE = 10_000


def page_of(request, rows, total):
    """(rows of the page asked by ?trang=, {"prev_url", "next_url"})."""
    word = request.GET.get("trang", "1")
    if not (word.isascii() and word.isdigit() and 1 <= int(word) <= LAST_PAGE):
        raise Http404
    number = int(word)
    start = (number - 1) * PAGE_SIZE
    return list(rows[start : start + PAGE_SIZE]), {
        "prev_url": _url(request, number - 1) if number > 1 else "",
        "next_url": _url(request, number + 1) if start + PAGE_SIZE < total else "",
    }


def _url(request, number):
    query = request.GET.copy()
    query["trang"] = str(number)
    return f"?{query.urlencode()}"
