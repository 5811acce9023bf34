"""A statistical table as a value. The page and the workbook render the same Table, so they cannot disagree."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal
from itertools import count, islice

from reports.measures import MEASURES

DEFAULT_WIDTH = 9
TEXT, INDEX, COUNT, RATIO, DAY = "text", "index", "count", "ratio", "day"


@dataclass(frozen=True)
class Ratio:
    """(sum of `plus` − sum of `minus`) / (sum of `over` − sum of `less`) × scale; nothing when divided by 0.

    `of_total`: divided by the same columns of the section's total (a share).
    """

    plus: tuple
    over: tuple
    minus: tuple = ()
    less: tuple = ()
    scale: int = 100
    digits: int = 1
    of_total: bool = False

    def speaks_of(self, cells):
        """Is there a sense in dividing these cells? A share of shares would have none."""
        return not any(isinstance(cells.get(key), Decimal) for key in (*self.plus, *self.over))

    def of(self, cells, totals):
        part, whole = self._parts(cells, totals)
        if whole == 0:
            return None
        step = Decimal(1).scaleb(-self.digits)
        return (Decimal(part * self.scale) / whole).quantize(step, ROUND_HALF_UP)

    def as_calculated(self, cells, totals):
        """The number a spreadsheet gets from the same formula, not rounded; "" when divided by 0."""
        part, whole = self._parts(cells, totals)
        return part / whole * self.scale if whole else ""

    def _parts(self, cells, totals):
        whole_cells = totals if self.of_total else cells
        part = _sum(cells, self.plus) - _sum(cells, self.minus)
        return part, _sum(whole_cells, self.over) - _sum(whole_cells, self.less)


@dataclass(frozen=True)
class Listing:
    """The list whose length a number is: the name of its page and its filters, less the unit and the period."""

    page: str
    words: tuple = ()


@dataclass(frozen=True)
class Column:
    """`group`: a heading over neighbours. `measure`: the word of `figures` (less its level, where the section has one)
    that the cells show. `listing`: the list behind each cell. `period`: the code of the period, if not the table's.
    `may_be_unknown`: its sum is blank, not 0, where no row knows a number.
    """

    key: str
    title: str
    unit: str = ""
    kind: str = COUNT
    group: str = ""
    ratio: Ratio | None = None
    measure: str = ""
    width: float = DEFAULT_WIDTH
    listing: Listing | None = None
    period: str = ""
    may_be_unknown: bool = False

    @property
    def is_number(self):
        return self.kind in (COUNT, RATIO)


@dataclass(frozen=True)
class Row:
    """`cells` by column key; counts may be words ("x") or shares (Decimal), which no sum counts.

    `unit_key`: the unit it shows. `record`: the id of the one thing it shows. `measure`, `listing`: as of a column,
    where the cells of one row show the same thing of several periods; else `listing` narrows the lists of its columns.
    """

    cells: dict
    unit_key: str = ""
    record: int | None = None
    measure: str = ""
    listing: Listing | None = None


@dataclass(frozen=True)
class LazyRows:
    """Rows that are read, anew each time, while somebody walks over them: a list too long to be held.

    `read()`: an iterable of rows; `number`: how many they are.
    """

    read: Callable
    number: int

    def __iter__(self):
        return iter(self.read())

    def __len__(self):
        return self.number


@dataclass(frozen=True)
class Group:
    """Rows (a tuple, or LazyRows) under a heading of their own; no title, no heading."""

    rows: tuple | LazyRows
    title: str = ""


@dataclass(frozen=True)
class Section:
    """Groups that add up to one TỔNG CỘNG. `asides`: lines below it that are part of it already.

    `words`: the filters that all lists behind its numbers have in common.
    """

    groups: tuple
    title: str = ""
    level: str = ""
    has_total: bool = True
    asides: tuple = ()
    unit_key: str = ""
    words: tuple = ()

    @property
    def rows(self):
        return [row for group in self.groups for row in group.rows]

    @property
    def row_count(self):
        return sum(len(group.rows) for group in self.groups)


@dataclass(frozen=True)
class Table:
    """`sheet`: its name in the workbook. `notes`: how to read it, printed under it."""

    code: str
    sheet: str
    title: str
    columns: tuple
    sections: tuple
    notes: tuple = ()
    facts: dict = field(default_factory=dict)

    @property
    def is_list(self):
        """Nothing in a row is computed from its neighbours, so its rows can be written without being held."""
        return not any(column.kind == RATIO for column in self.columns)

    @property
    def is_empty(self):
        return not any(section.row_count for section in self.sections)


def totals_of(rows, columns, totals=None):
    """The sums of the counts, and the ratios of those sums (never the mean of ratios)."""
    sums = {column.key: sum_of(rows, column) for column in columns if column.kind == COUNT}
    return with_ratios(sums, columns, totals or sums)


def sum_of(rows, column):
    """The sum of a column of counts; "" where nothing is known (see `Column.may_be_unknown`)."""
    known = [number for row in rows if isinstance(number := row.cells.get(column.key), int)]
    return sum(known) if known or not (rows and column.may_be_unknown) else ""


def with_ratios(cells, columns, totals):
    """The cells together with every ratio computed from them."""
    return {**cells, **{column.key: column.ratio.of(cells, totals) for column in columns if column.kind == RATIO}}


def numbered(groups, columns):
    """(title, rows) pairs as Groups whose rows carry their ordinal number (column `no`) and their ratios."""
    groups = [(title, list(rows)) for title, rows in groups]
    totals = totals_of([row for _, rows in groups for row in rows], columns)
    ordinals = count(1)
    return tuple(
        Group(
            tuple(
                replace(row, cells={"no": next(ordinals), **with_ratios(row.cells, columns, totals)}) for row in rows
            ),
            title,
        )
        for title, rows in groups
        if rows
    )


def listed(read, number):
    """Groups of a list that is read while it is written; the rows carry their ordinal number already."""
    return (Group(LazyRows(read, number)),) if number else ()


def read_in_chunks(query, size=2_000):
    """Lists of at most `size` rows of a query, so that no list is ever held whole."""
    rows = query.iterator(chunk_size=size)
    while chunk := list(islice(rows, size)):
        yield chunk


def _number(value):
    return value if isinstance(value, int) else 0


def _sum(cells, keys):
    return sum(_number(cells.get(key)) for key in keys)


PART, GROUP, PLAIN, TOTAL, ASIDE = "part", "group", "row", "total", "aside"
TOTAL_WORDS = "TỔNG CỘNG"


@dataclass(frozen=True)
class TableLine:
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
            yield TableLine(GROUP, Row({**cells, name: group.title}))
        for row in group.rows:
            yield TableLine(PLAIN, row)
    if section.has_total and section.rows:
        yield TableLine(TOTAL, Row({**sums, name: TOTAL_WORDS}, section.unit_key))
    for aside in section.asides:
        yield TableLine(ASIDE, aside)


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
