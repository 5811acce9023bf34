"""A Table prepared for a page: every cell is a text, so that the template only prints."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from core.display import day_text, group_digits, long_day_text
from reports.figures import is_open
from reports.listings import address_of
from reports.reach import THEN, naming_day
from reports.table import ASIDE, COUNT, DAY, GROUP, PLAIN, RATIO, TOTAL, lines_of_section, shown_columns, word_of
from units.enums import BodyKind
from units.models import Body
from units.reads import body_name_on, names_on, trail_of

CSS = {GROUP: "report-group", PLAIN: "", TOTAL: "report-total", ASIDE: "report-aside"}
LONG = 40
"""Columns as wide as this in the workbook hold sentences."""


class PageTable:
    """The same columns, rows and totals as the sheet, without the ordinal column."""

    def __init__(self, table, limit=None, first=0, address=None, period=None):
        """`address`: from a row's `record` (the id of what it shows) to a page. `limit`: rows shown at most, from the
        one numbered `first` on; totals are those of the whole.

        `period`: that of the table, for the addresses of the lists behind its numbers.
        """
        self.table, self.address = table, address
        self.period = period.code if period else ""
        self.columns = shown_columns(table)
        self._titles = Counter(column.title for column in self.columns)
        self.total = sum(len(section.rows) for section in table.sections)
        self.first = first if first < self.total else 0
        self.last = min(self.total, self.first + limit) if limit else self.total

    @property
    def is_part(self):
        return self.first > 0 or self.last < self.total

    @property
    def first_number(self):
        return min(self.first + 1, self.last)

    @property
    def width(self):
        return len(self.columns)

    @property
    def head(self):
        """Cells of the upper heading row: a column over two rows, or a group over its columns."""
        cells, grouped = [], self.has_groups
        for column in self.columns:
            if column.group and cells and cells[-1]["group"] == column.group:
                cells[-1]["span"] += 1
            else:
                text = column.group or column.title
                deep = 2 if grouped and not column.group else 1
                css = "report-span" if column.group else css_of(column)
                unit = "" if column.group else column.unit
                cells.append({"text": text, "unit": unit, "group": column.group, "span": 1, "deep": deep, "css": css})
        return cells

    @property
    def has_groups(self):
        return any(column.group for column in self.columns)

    @property
    def lower_head(self):
        return [column for column in self.columns if column.group]

    @property
    def sections(self):
        number = 0
        for section in self.table.sections:
            yield {"title": section.title, "rows": list(self._rows(section, number))}
            number += len(section.rows)

    def _rows(self, section, number):
        """Headings, totals and asides stand on every part; `number`: of the section's first row."""
        for line in lines_of_section(section, self.table.columns):
            if line.kind == PLAIN:
                number += 1
                if not self.first < number <= self.last:
                    continue
            yield self._row(line.row, CSS[line.kind], section, section.level if line.kind in (PLAIN, TOTAL) else "")

    def _row(self, row, css, section, level):
        url = self.address(row.record) if self.address and row.record else ""
        cells = [self._cell(column, row, section, level) for column in self.columns]
        key = "" if any(column.period for column in self.columns) else row.unit_key
        return {"css": css, "cells": cells, "key": key, "unit_key": row.unit_key, "url": url}

    def _cell(self, column, row, section, level):
        label = f"{column.group}: {column.title}" if self._titles[column.title] > 1 else column.title
        period = column.period or self.period
        return {
            "text": text_of(column, row.cells.get(column.key)),
            "css": css_of(column),
            "measure": word_of(column, row, level),
            "period": period,
            "label": label,
            "url": address_of(column, row, section, period),
        }


def css_of(column):
    """Numbers to the right, long texts with room."""
    if column.is_number:
        return "num"
    return "report-long" if column.width >= LONG else "report-name" if column.width >= 20 else ""


def text_of(column, value):
    """How a cell reads on a page: '1.716', '76,88', '31/12/2016', nothing when empty."""
    if value is None or value == "":
        return ""
    if column.kind == RATIO:
        return decimal_text(value)
    if column.kind == COUNT and isinstance(value, int):
        return group_digits(value)
    if column.kind == COUNT and isinstance(value, Decimal):
        return decimal_text(value)
    if column.kind == DAY and isinstance(value, date):
        return day_text(value)
    return str(value)


def decimal_text(value):
    whole, _, rest = f"{value:f}".partition(".")
    return f"{group_digits(whole)},{rest}" if rest else group_digits(whole)


@dataclass(frozen=True)
class ShownHeading:
    superior: str
    issuer: str
    place_and_day: str
    unit_line: str
    span_line: str


def heading_of(unit, period, today, boundaries=THEN):
    """Everybody bears the name of the day whose figures are shown, so that one paper calls a place by one name."""
    named_on = naming_day(boundaries, period, today)
    superior, issuer = issuer_of(unit, named_on)
    span = f"Số liệu tính từ {day_text(period.first)} đến {day_text(min(period.last, max(today, period.first)))}"
    return ShownHeading(
        superior=superior.upper(),
        issuer=issuer.upper(),
        place_and_day=f"{place_of(unit, named_on)}, {long_day_text(today)}",
        unit_line=f"{scope_name(unit, named_on)} – {period.label}",
        span_line=f"({span}{'; số liệu tạm tính' if is_open(period, today) else ''})",
    )


def scope_name(unit, day):
    """'Huyện Tiên Yên, Tỉnh Quảng Ninh' by the names of the day."""
    trail = trail_of(unit, day) or [unit]
    names = names_on([above.pk for above in trail], day)
    return ", ".join(names[above.pk] for above in reversed(trail))


def issuer_of(unit, day):
    """(superior, issuer) by their names of the day: the Party committee and its Ban Dân vận, if kept here."""
    found = {}
    for body in Body.objects.filter(unit=unit, kind__in=(BodyKind.MMD, BodyKind.COMMITTEE)).on(day).order_by("-pk"):
        found[body.kind] = body_name_on(body, day)
    party, board = found.get(BodyKind.COMMITTEE, ""), found.get(BodyKind.MMD, "")
    if board:
        return party, board
    return ("", party) if party else ("", names_on([unit.pk], day)[unit.pk])


def place_of(unit, day):
    """'Tỉnh Quảng Ninh' -> 'Quảng Ninh': a letter is dated at a place, not at a rank."""
    name, rank = names_on([unit.pk], day)[unit.pk], unit.get_kind_display()
    words = name.removeprefix(rank).strip()
    return words if words and not words.isdigit() else name
