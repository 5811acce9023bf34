"""Keyset paging: the hundredth page costs as much as the first, and rows that arrive do not shift the next page."""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db.models import Q

from core.errors import DomainError

SIZE = 50
AFTER, BEFORE = "sau", "truoc"


@dataclass(frozen=True)
class Page:
    """Rows (dicts) of one page, and the addresses of its neighbours ("" when there is none)."""

    rows: list
    next_url: str
    prev_url: str


def keyset_page(rows, keys, query, size=SIZE):
    """One page of a `values()` queryset ordered by `keys` (never-empty columns, "-" for falling, the last one unique).

    `query` is the request's GET; its other parameters are kept in the neighbours' addresses.
    """
    back = bool(query.get(BEFORE))
    token = query.get(BEFORE) or query.get(AFTER)
    ordered = rows.order_by(*(_turned(key) if back else key for key in keys))
    if token:
        ordered = ordered.filter(_beyond(rows.model, [_turned(key) if back else key for key in keys], token))
    found = list(ordered[: size + 1])
    is_more = len(found) > size
    found = found[:size][::-1] if back else found[:size]
    has_next, has_prev = (True, is_more) if back else (is_more, bool(token))
    return Page(
        found,
        _address(query, AFTER, found[-1], keys) if found and has_next else "",
        _address(query, BEFORE, found[0], keys) if found and has_prev else "",
    )


def _turned(key):
    return key[1:] if key.startswith("-") else f"-{key}"


def _beyond(model, keys, token):
    """What comes after the row named by `token`: (a, b) > (x, y) spelled out, so that each key has its direction."""
    condition, equal = Q(), Q()
    for key, value in zip(keys, _values(model, keys, token), strict=True):
        name, step = key.lstrip("-"), "lt" if key.startswith("-") else "gt"
        condition |= equal & Q(**{f"{name}__{step}": value})
        equal &= Q(**{name: value})
    return condition


def _values(model, keys, token):
    words = token.split("_")
    try:
        fields = [model._meta.pk if key.lstrip("-") == "pk" else model._meta.get_field(key.lstrip("-")) for key in keys]
        return [field.to_python(word) for field, word in zip(fields, words, strict=True)]
    except (ValidationError, ValueError, OverflowError) as error:
        raise DomainError("Địa chỉ của trang này không đọc được. Mở lại danh sách từ đầu.") from error


def _address(query, name, row, keys):
    kept = query.copy()
    for each in (AFTER, BEFORE):
        kept.pop(each, None)
    kept[name] = "_".join(str(row[key.lstrip("-")]) for key in keys)
    return f"?{kept.urlencode()}"
