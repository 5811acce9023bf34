"""Published figures beside ours: what this database counts for the same unit, period and definition, for one reader."""

from dataclasses import dataclass
from itertools import groupby

from core.display import group_digits
from core.errors import DomainError
from core.periods import Period
from reports.access import may_read_report
from reports.claims.counting import claim_holds, count_in, known_years, years_text
from reports.claims.rows import number_text, parts_of
from reports.figure_lists import lists_of
from reports.figures import figures
from reports.published import PUBLISHED
from reports.reach import THEN
from units.selectors import unit_by_key

SAME, OTHER = ("khớp", "done"), ("khác", "late")
PARTLY, NONE = ("chưa đủ dữ liệu", "soon"), ("không có số liệu", "neutral")
BEYOND = "ngoài phạm vi"


@dataclass(frozen=True)
class Place:
    """What the reader may know of a unit and period; no `found`, nothing to know."""

    unit: object = None
    found: dict | None = None
    links: dict | None = None
    is_hidden: bool = False


def beside(user, today):
    """[(unit and period, article, note, rows)] in the order of the articles."""
    places = {(each.place, each.period): None for each in PUBLISHED}
    for code, word in places:
        places[code, word] = _place(code, Period.parse(word), user, today)
    groups = groupby(PUBLISHED, key=lambda each: (each.unit_name, each.period, each.article))
    return [
        {
            "title": f"{unit_name}, {Period.parse(word).label_inside}",
            "article": article,
            "rows": [_row(each, places[each.place, each.period], today) for each in members],
        }
        for (unit_name, word, article), members in groups
    ]


def _place(code, period, user, today):
    try:
        unit = unit_by_key(code, period, today)
    except DomainError:
        return Place()
    if not may_read_report(user, unit):
        return Place(is_hidden=True)
    return Place(unit, figures(unit, period, THEN, today, user), lists_of(unit, period, THEN))


def _row(each, place, today):
    period = Period.parse(each.period)
    row = {
        "words": each.words,
        "note": each.note,
        "parts": parts_of(each, place.links or {}) if each.measure else [],
        "ours": "",
        "url": "",
        "gap": "",
    }
    if place.found is None or not each.measure:
        word, tone = (BEYOND, "neutral") if place.is_hidden else NONE
        return row | {"verdict": word, "tone": tone}
    return row | _ours(each, place, period, today)


def _ours(each, place, period, today):
    """Our number, the list behind it, and how it stands to the published one."""
    count = count_in(place.found, each)
    known, unknown = known_years(place.unit, period, THEN, today, each.measure)
    if not known:
        return {"verdict": NONE[0], "tone": NONE[1]}
    facts = {
        "ours": number_text(count.part, count.whole),
        "url": "" if each.over else (place.links or {}).get(each.measure, ""),
        "measure": "" if each.over else each.measure,
        "unit_key": place.unit.key,
        "code": period.code,
    }
    if unknown:
        facts["gap"] = f"mới có các năm {years_text(known)}"
    if claim_holds(each, count, unknown):
        word, tone = SAME
    elif unknown:
        word, tone = PARTLY
    else:
        word, tone = OTHER
        facts["gap"] = "" if each.over else f"chênh {_signed(count.part - int(each.stated))}"
    return facts | {"verdict": word, "tone": tone}


def _signed(number):
    return f"+{group_digits(number)}" if number > 0 else f"−{group_digits(-number)}"
