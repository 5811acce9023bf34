"""What was recorded under a unit or a body on a day or later: it does not end before that.

A higher floor names its own facts here, when it is ready: (words, function of the thing and the day that gives the
facts as (name, day) rows).
"""

from itertools import islice

from core.display import day_text
from core.errors import DomainError

NAMED = 5
_kinds = []


def register_facts(words, rows):
    """`rows(thing, day)`: pairs (name of one fact, its day), on `day` or later, in their order; none for what is not
    theirs. Names go to whoever keeps the unit: never a text."""
    _kinds.append((words, rows))


def check_nothing_after(thing, on):
    """Refuse to end a unit or a body from `on`, with the list of what was recorded there since."""
    lines, last = [], None
    for words, rows in _kinds:
        found = list(islice(rows(thing, on), NAMED + 1))
        if found:
            named = ", ".join(f"{name} ({day_text(day)})" if name else day_text(day) for name, day in found[:NAMED])
            lines.append(f"{words}: {named}{' và các mục khác' if len(found) > NAMED else ''}")
            last = max([day for _, day in found] + ([last] if last else []))
    if lines:
        raise DomainError(
            f"Chưa kết thúc {thing.name} từ ngày {day_text(on)} được, vì từ ngày đó còn {'; '.join(lines)}. "
            f"Chọn ngày sau {day_text(last)}, hoặc sửa các mục này trước.",
            "on",
        )
