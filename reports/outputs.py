"""The same Table as a file for other programs: CSV that a Vietnamese Excel opens, JSON with plain numbers."""

import csv
import io
import json
from datetime import date
from decimal import Decimal

from core.display import day_text
from reports.figures import is_open
from reports.flat import lines_of_table, measures_of, shown_columns, word_of
from reports.reach import BOUNDARIES

FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
PART_TITLE = "Khối"


def as_csv(table):
    """UTF-8 with a mark, columns apart by ';', decimals with a comma; one line a row, the section in front if named."""
    has_parts = any(section.title for section in table.sections)
    columns, stream = shown_columns(table), io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=";", lineterminator="\r\n")
    writer.writerow([*([PART_TITLE] if has_parts else []), *(_csv_text(heading_text(column)) for column in columns)])
    for section, lines in lines_of_table(table):
        part = [_csv_text(section.title)] if has_parts else []
        writer.writerows([*part, *(_csv_text(line.row.cells.get(c.key)) for c in columns)] for line in lines)
    return stream.getvalue().encode("utf-8-sig")


def heading_text(column):
    """'Đã tổ chức: Tỷ lệ (%)': a heading that needs no second row."""
    title = f"{column.group}: {column.title}" if column.group else column.title
    return f"{title} ({column.unit})" if column.unit else title


def _csv_text(value):
    """Text that a spreadsheet could take for a formula gets a quote before it; numbers are ours and stay numbers."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:f}".replace(".", ",")
    if isinstance(value, date):
        return day_text(value)
    if isinstance(value, int):
        return str(value)
    text = str(value).replace("\x00", "")
    return f"'{text}" if text.startswith(FORMULA_SIGNS) or text.lstrip().startswith(FORMULA_SIGNS) else text


def as_json(table, unit, period, boundaries, today):
    """Numbers as numbers, days as ISO; columns, measures with their definitions, sections, notes."""
    columns = shown_columns(table)
    content = {
        "code": table.code,
        "title": table.title,
        "unit": {"key": unit.key, "name": unit.name, "level": unit.level},
        "period": {"code": period.code, "label": period.label, "first": period.first, "last": period.last},
        "boundaries": {"code": boundaries, "label": BOUNDARIES[boundaries]},
        "as_of": today,
        "is_provisional": is_open(period, today),
        "columns": [_column(column) for column in columns],
        "sections": [_section(section, lines, columns) for section, lines in lines_of_table(table)],
        "notes": list(table.notes),
        "facts": table.facts,
        "definitions": {m.word: {"label": m.label, "unit": m.unit, "text": m.definition} for m in measures_of(table)},
    }
    return json.dumps(content, ensure_ascii=False, default=_plain).encode()


def _column(column):
    facts = {"key": column.key, "title": column.title, "group": column.group, "unit": column.unit, "kind": column.kind}
    return facts | ({"period": column.period} if column.period else {})


def _section(section, lines, columns):
    rows = [
        {
            "kind": line.kind,
            "unit": line.row.unit_key,
            "cells": {column.key: line.row.cells.get(column.key, "") for column in columns},
            "measures": _words(line.row, columns, section.level),
        }
        for line in lines
    ]
    return {"title": section.title, "level": section.level, "rows": rows}


def _words(row, columns, level):
    words = {column.key: word_of(column, row, level) for column in columns}
    return {key: word for key, word in words.items() if word}


def _plain(value):
    return value.isoformat() if isinstance(value, date) else float(value)
