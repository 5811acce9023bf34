"""The lines of a table in printed order, with the sums of groups and the total: what every form of it shows."""

from dataclasses import dataclass

from reports.measures import MEASURES
from reports.table import INDEX, Row, totals_of

PART, GROUP, PLAIN, TOTAL, ASIDE = "part", "group", "row", "total", "aside"
TOTAL_WORDS = "TỔNG CỘNG"


@dataclass(frozen=True)
class Line:
    """`kind`: the heading of a group with its sums, a row, the total, or a line that is part of it already."""

    kind: str
    row: Row


def shown_columns(table):
    """All but the ordinal number."""
    return [column for column in table.columns if column.kind != INDEX]


def lines_of_section(section, columns):
    """`columns` of the whole table; the first that is no ordinal holds the names."""
    name = next(column.key for column in columns if column.kind != INDEX)
    sums = totals_of(section.rows, columns)
    for group in section.groups:
        if group.title:
            cells = totals_of(group.rows, columns, sums) if section.has_total else {}
            yield Line(GROUP, Row({**cells, name: group.title}))
        for row in group.rows:
            yield Line(PLAIN, row)
    if section.has_total and section.rows:
        yield Line(TOTAL, Row({**sums, name: TOTAL_WORDS}, section.unit_key))
    for aside in section.asides:
        yield Line(ASIDE, aside)


def lines_of_table(table):
    """(section, its lines) in order."""
    for section in table.sections:
        yield section, lines_of_section(section, table.columns)


def word_of(column, row, level):
    """The word of `figures` that a cell shows, if it shows one."""
    if not row.unit_key:
        return ""
    if column.period:
        return row.measure
    return f"{level}_{column.measure}" if column.measure and level else column.measure


def measures_of(table):
    """The measures that a table shows, each once, in order."""
    words = {}
    for section in table.sections:
        for row in section.rows:
            words |= dict.fromkeys(word_of(column, row, section.level) for column in table.columns)
    return [MEASURES[word] for word in words if word in MEASURES]
