"""A Table prepared for a page: every cell is a text, so that the template only prints."""

from collections import Counter
from datetime import date

from core.display import day_text, group_digits
from reports.table import COUNT, DAY, INDEX, RATIO, totals_of

LONG = 40
"""Columns as wide as this in the workbook hold sentences."""


class PageTable:
    """The same columns, rows and totals as the sheet, without the ordinal column."""

    def __init__(self, table, limit=None, address=None):
        """`address`: from a row's `record` (the id of what it shows) to a page. `limit`: rows shown at most."""
        self.table, self.limit, self.address = table, limit, address
        self.columns = [column for column in table.columns if column.kind != INDEX]
        self._titles = Counter(column.title for column in self.columns)
        self.left_out = max(0, sum(len(section.rows) for section in table.sections) - limit) if limit else 0

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
        left = self.limit
        for section in self.table.sections:
            yield {"title": section.title, "rows": list(self._rows(section, left))}
            left = None if left is None else max(0, left - len(section.rows))

    def _rows(self, section, left):
        sums = totals_of(section.rows, self.table.columns)
        shown = 0
        for group in section.groups:
            if group.title:
                cells = totals_of(group.rows, self.table.columns, sums) if section.has_total else {}
                yield self._row({**cells, self._name: group.title}, "report-group")
            for row in group.rows:
                if left is not None and shown >= left:
                    break
                shown += 1
                yield self._row(row.cells, "", row.unit_key, section.level, row.record)
        if section.has_total and section.rows:
            yield self._row({**sums, self._name: "TỔNG CỘNG"}, "report-total", section.unit_key, section.level)
        for aside in section.asides:
            yield self._row(aside.cells, "report-aside")

    @property
    def _name(self):
        return self.columns[0].key

    def _row(self, values, css, unit_key="", level="", record=None):
        url = self.address(record) if self.address and record else ""
        cells = [self._cell(column, values.get(column.key), unit_key, level) for column in self.columns]
        return {"css": css, "cells": cells, "unit_key": unit_key, "url": url}

    def _cell(self, column, value, unit_key, level):
        measure = f"{level}_{column.measure}" if column.measure and level and unit_key else ""
        label = f"{column.group}: {column.title}" if self._titles[column.title] > 1 else column.title
        return {
            "text": text_of(column, value),
            "css": css_of(column),
            "measure": measure,
            "label": label,
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
        whole, _, rest = f"{value:f}".partition(".")
        return f"{group_digits(whole)},{rest}" if rest else group_digits(whole)
    if column.kind == COUNT and isinstance(value, int):
        return group_digits(value)
    if column.kind == DAY and isinstance(value, date):
        return day_text(value)
    return str(value)
