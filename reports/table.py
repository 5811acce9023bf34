"""A statistical table as a value. The page and the workbook render the same Table, so they cannot disagree."""

from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from itertools import count

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

    def of(self, cells, totals):
        whole_cells = totals if self.of_total else cells
        part = _sum(cells, self.plus) - _sum(cells, self.minus)
        whole = _sum(whole_cells, self.over) - _sum(whole_cells, self.less)
        if whole == 0:
            return None
        step = Decimal(1).scaleb(-self.digits)
        return (Decimal(part * self.scale) / whole).quantize(step, ROUND_HALF_UP)


@dataclass(frozen=True)
class Column:
    """`group`: a heading over neighbours. `measure`: the word of `figures` (without its level) the cells show."""

    key: str
    title: str
    unit: str = ""
    kind: str = COUNT
    group: str = ""
    ratio: Ratio | None = None
    measure: str = ""
    width: float = DEFAULT_WIDTH

    @property
    def is_number(self):
        return self.kind in (COUNT, RATIO)


@dataclass(frozen=True)
class Row:
    """`cells` by column key; counts may be words ("x"), which no sum counts.

    `unit_key`: the unit it shows. `record`: the id of the one thing it shows.
    """

    cells: dict
    unit_key: str = ""
    record: int | None = None


@dataclass(frozen=True)
class Group:
    """Rows under a heading of their own; no title, no heading."""

    rows: tuple
    title: str = ""


@dataclass(frozen=True)
class Section:
    """Groups that add up to one TỔNG CỘNG. `asides`: lines below it that are part of it already."""

    groups: tuple
    title: str = ""
    level: str = ""
    has_total: bool = True
    asides: tuple = ()
    unit_key: str = ""

    @property
    def rows(self):
        return [row for group in self.groups for row in group.rows]


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
    def is_empty(self):
        return not any(section.rows for section in self.sections)


def totals_of(rows, columns, totals=None):
    """The sums of the counts, and the ratios of those sums (never the mean of ratios)."""
    sums = {column.key: _sum_column(rows, column.key) for column in columns if column.kind == COUNT}
    return with_ratios(sums, columns, totals or sums)


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
                Row({"no": next(ordinals), **with_ratios(row.cells, columns, totals)}, row.unit_key, row.record)
                for row in rows
            ),
            title,
        )
        for title, rows in groups
        if rows
    )


def _number(value):
    return value if isinstance(value, int) else 0


def _sum(cells, keys):
    return sum(_number(cells.get(key)) for key in keys)


def _sum_column(rows, key):
    return sum(_number(row.cells.get(key)) for row in rows)
