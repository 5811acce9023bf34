"""Keyset paging of lists ordered by day and id, newest first: page 1,000 costs what page 1 costs."""

import re
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

SIZE = 50
_KEY = re.compile(r"(\d{4})(\d{2})(\d{2})-(\d{1,18})")


@dataclass(frozen=True)
class Page:
    rows: list
    next_key: str = ""
    prev_key: str = ""


def read_key(word):
    """(day, id) of a key from the address; None when it is not one."""
    match = _KEY.fullmatch(word or "")
    if not match:
        return None
    year, month, day, pk = (int(part) for part in match.groups())
    try:
        return date(year, month, day), pk
    except ValueError:
        return None


def page_of(queryset, after="", before="", column="visited_on", size=SIZE):
    """The rows after (or before) a key; an unreadable key means the first page."""
    back = read_key(before)
    key = back or read_key(after)
    if key:
        step = "gt" if back else "lt"
        queryset = queryset.filter(Q(**{f"{column}__{step}": key[0]}) | Q(**{column: key[0], f"pk__{step}": key[1]}))
    order = [column, "pk"] if back else [f"-{column}", "-pk"]
    rows = list(queryset.order_by(*order)[: size + 1])
    more, rows = len(rows) > size, rows[:size]
    rows = rows[::-1] if back else rows
    has_next, has_prev = (True, more) if back else (more, key is not None)
    return Page(
        rows=rows,
        next_key=_key_of(rows[-1], column) if rows and has_next else "",
        prev_key=_key_of(rows[0], column) if rows and has_prev else "",
    )


def _key_of(row, column):
    return f"{getattr(row, column):%Y%m%d}-{row.pk}"
