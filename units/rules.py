"""Pure decisions about dated trees. Dates are half-open: in force from `valid_from`, no longer on `valid_to`."""

from collections import defaultdict
from datetime import date

FOREVER = date.max


def in_force(valid_from, valid_to, day):
    """Was a thing with this half-open life in force on `day`?"""
    return valid_from <= day and (valid_to is None or day < valid_to)


def overlap(first, second):
    """The common part of two half-open spans (None as end = still in force), or None."""
    start = max(first[0], second[0])
    end = min(first[1] or FOREVER, second[1] or FOREVER)
    if start >= end:
        return None
    return start, None if end == FOREVER else end


def lineage_of(versions):
    """From (unit, parent or None, valid_from, valid_to) rows, parents first, the dated ancestors of every unit.

    Returns {unit: [(ancestor, valid_from, valid_to)]}; a unit is its own ancestor. Spans that touch are joined.
    """
    result = defaultdict(list)
    for unit, parent, valid_from, valid_to in versions:
        span = (valid_from, valid_to)
        result[unit].append((unit, *span))
        for ancestor, start, end in list(result.get(parent, ())) if parent is not None else ():
            common = overlap(span, (start, end))
            if common:
                result[unit].append((ancestor, *common))
    return {unit: _joined(rows) for unit, rows in result.items()}


def _joined(rows):
    joined = []
    for ancestor, start, end in sorted(rows, key=lambda row: (row[0], row[1])):
        if joined and joined[-1][0] == ancestor and joined[-1][2] == start:
            joined[-1] = (ancestor, joined[-1][1], end)
        else:
            joined.append((ancestor, start, end))
    return joined


def heirs_of(links):
    """From (predecessor, successor) pairs, every (heir, origin) pair, however many mergers lie between."""
    parents = defaultdict(set)
    for predecessor, successor in links:
        parents[successor].add(predecessor)
    pairs = set()
    for heir in list(parents):
        seen, stack = set(), [heir]
        while stack:
            for origin in parents.get(stack.pop(), ()):
                if origin not in seen:
                    seen.add(origin)
                    stack.append(origin)
        pairs.update((heir, origin) for origin in seen if origin != heir)
    return sorted(pairs)


_VILLAGE_WORDS = ("thôn", "bản", "khu", "tổ", "ấp", "xóm", "làng", "buôn", "khóm", "phố")


def village_name(kind_label, name):
    """A village is called by its kind and name: ('Thôn', 'Đầu') -> 'Thôn Đầu'; 'Khu 5' stays as it is."""
    first, _, rest = name.partition(" ")
    if rest and first.lower() in _VILLAGE_WORDS:
        return name[:1].upper() + name[1:]
    return f"{kind_label} {name}"
