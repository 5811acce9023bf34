"""A Table prepared for a page: every cell is a text, so that the template only prints."""

from collections import Counter
from datetime import date
from decimal import Decimal
from urllib.parse import urlencode

from django.urls import reverse

from core.display import day_text, group_digits
from reports.table import COUNT, DAY, INDEX, RATIO, Row, totals_of

LONG = 40
"""Columns as wide as this in the workbook hold sentences."""


class PageTable:
    """The same columns, rows and totals as the sheet, without the ordinal column."""

    def __init__(self, table, limit=None, address=None, period=None):
        """`address`: from a row's `record` (the id of what it shows) to a page. `limit`: rows shown at most.

        `period`: that of the table, for the addresses of the lists behind its numbers.
        """
        self.table, self.limit, self.address = table, limit, address
        self.period = period.code if period else ""
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
                yield self._row(Row({**cells, self._name: group.title}), "report-group")
            for row in group.rows:
                if left is not None and shown >= left:
                    break
                shown += 1
                yield self._row(row, "", section.level)
        if section.has_total and section.rows:
            yield self._row(Row({**sums, self._name: "TỔNG CỘNG"}, section.unit_key), "report-total", section.level)
        for aside in section.asides:
            yield self._row(aside, "report-aside")

    @property
    def _name(self):
        return self.columns[0].key

    def _row(self, row, css, level=""):
        url = self.address(row.record) if self.address and row.record else ""
        cells = [self._cell(column, row, level) for column in self.columns]
        key = "" if any(column.period for column in self.columns) else row.unit_key
        return {"css": css, "cells": cells, "key": key, "unit_key": row.unit_key, "url": url}

    def _cell(self, column, row, level):
        value = row.cells.get(column.key)
        label = f"{column.group}: {column.title}" if self._titles[column.title] > 1 else column.title
        period = column.period or self.period
        listing = column.listing or (row.listing if column.period else None)
        return {
            "text": text_of(column, value),
            "css": css_of(column),
            "measure": _measure(column, row, level),
            "period": period,
            "label": label,
            "url": list_address(listing, row.unit_key, period) if listing and row.unit_key and value else "",
        }


def _measure(column, row, level):
    """The word of `figures` that a cell shows, if it shows one."""
    if not row.unit_key:
        return ""
    if column.period:
        return row.measure
    return f"{level}_{column.measure}" if column.measure and level else column.measure


def list_address(listing, unit_key, period):
    """Where the things stand that a number counts: of the unit as it was, in the period."""
    words = dict(listing.words) | {"don-vi": unit_key, "ky": period}
    return f"{reverse(listing.page)}?{urlencode(words)}"


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
