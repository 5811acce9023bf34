"""What the breakdowns of opinions by unit have in common: rows, the restricted ones apart, the lists behind cells."""

from collections import Counter, defaultdict

from django.db.models import Case, F, When

from feedback.enums import Visibility
from feedback.models import Opinion
from reports.figures import opinions_in
from reports.listings import words_of
from reports.reach import completed, lines_of, reach_of
from reports.table import COUNT, Listing, Row, Section, numbered
from units.enums import Level

PLACE = ("district_id", "commune_id")
OF_NO_UNIT = Listing("opinion_list", (("chung", "on"),))
HIDDEN_NOTE = (
    "Hạn chế xem: chỉ tính vào tổng số của đơn vị, không chia theo {}. Tính mọi ý kiến của đơn vị trong kỳ, ở hội nghị "
    "các cấp và khi đi cơ sở."
)


def section_by_unit(unit, period, boundaries, today, user, column, columns, counts, add):
    """One row a unit. `column`: of Opinion, what the table is by, None for restricted ones; `counts`: aggregates.

    `add(cells, fact)` puts one group's numbers into the cells of its row.
    """
    reach = reach_of(unit, boundaries, today, user)
    lines, cells = lines_of(reach, period, today), defaultdict(Counter)
    for fact in _facts(reach, period, column, counts):
        add(cells[lines.home(fact)], fact)
    rows = rows_by_unit(lines, cells, period, columns, common_name(unit), OF_NO_UNIT)
    return Section(numbered([("", rows)], columns), unit_key=unit.key, words=words_of(period, boundaries))


def _facts(reach, period, column, counts):
    shown = Case(When(visibility=Visibility.RESTRICTED, then=None), default=F(column))
    opinions = Opinion.objects.filter(reach.opinions & opinions_in(period)).annotate(shown=shown)
    return opinions.order_by().values(*PLACE, "shown").annotate(**counts)


def rows_by_unit(lines, cells, period, columns, common, listing=None):
    """A row a unit, with what is special about its life in the period; `common` names the row of the others' facts.

    `listing`: how lists are narrowed to those others.
    """
    rows = [
        Row({**counts_of(cells[line.unit_id], columns), "name": line.name, "note": _capital(line.note)}, line.key)
        for line in completed(lines.rows, cells, lines.named_on)
    ]
    if None in cells:
        rows.append(Row({**counts_of(cells[None], columns), "name": common}, listing=listing))
    return rows


def _capital(words):
    return words[:1].upper() + words[1:]


def counts_of(cells, columns):
    return {column.key: cells[column.key] for column in columns if column.kind == COUNT}


def common_name(unit):
    """The row of what concerns no single unit below."""
    return {Level.PROVINCE: "Chung toàn tỉnh", Level.DISTRICT: "Chung toàn huyện"}.get(unit.level, "Chung")
