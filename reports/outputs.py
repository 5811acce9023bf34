"""The same Table as a file for other programs: CSV that a Vietnamese Excel opens, JSON with plain numbers."""

import csv
import io
import json
from datetime import date
from decimal import Decimal
from io import BytesIO
from itertools import groupby
from xml.sax.saxutils import escape

from django.db import transaction
from docx import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt

from core.activity import record
from core.display import day_text
from core.errors import NotAllowed
from core.word import add_plain_rows, plain_words
from reports.access import may_export
from reports.display import text_of
from reports.figures import is_open
from reports.reach import BOUNDARIES
from reports.table import (
    ASIDE,
    DAY,
    GROUP,
    INDEX,
    PLAIN,
    lines_of_section,
    lines_of_table,
    measures_of,
    shown_columns,
    word_of,
)

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


@transaction.atomic
def note_download(what, form, unit, period, boundaries, *, actor):
    """Says that a file was taken, never what stood in it. `what`: the code of a table."""
    if not may_export(actor, unit):
        raise NotAllowed("Đồng chí chỉ tải được số liệu của đơn vị mình phụ trách. Chọn lại đơn vị.")
    after = {"table": what, "form": form, "period": period.code, "boundaries": boundaries}
    record(actor.pk, "report.table", unit, after=after)


FONT = "Times New Roman"
PAGE_MM, SIDE_MM, TOP_MM, BOTTOM_MM = (297, 210), 15, 20, 15
WIDTH_MM = PAGE_MM[0] - 2 * SIDE_MM
SIDES = ("top", "left", "bottom", "right", "insideH", "insideV")
SIGNERS = ("NGƯỜI LẬP BIỂU", "THỦ TRƯỞNG")
TWIPS = 56.7
LEAST = {INDEX: 8, DAY: 14}
"""Narrowest columns by kind, in the units of `Column.width`."""


def write_sheet(table, heading):
    """One table as a .docx of its own: who reports, title, table, notes, signatures."""
    document = Document()
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = FONT, Pt(12)
    normal.element.rPr.rFonts.set(qn("w:eastAsia"), FONT)
    normal.paragraph_format.space_after = Pt(0)
    _lay_across(document.sections[0])
    properties = document.core_properties
    properties.title, properties.author = plain_words(table.title)[:255], plain_words(heading.issuer)[:255]
    properties.comments, properties.language = "", "vi-VN"
    (left, right), (under_left, _) = add_plain_rows(document, (WIDTH_MM / 2, WIDTH_MM / 2), 2)
    _line(left.paragraphs[0], heading.superior or heading.issuer, 12, is_bold=not heading.superior)
    _line(right.paragraphs[0], heading.place_and_day, 12, is_italic=True)
    _line(under_left.paragraphs[0], heading.issuer if heading.superior else "", 12, is_bold=True)
    add_sheet(document, table, heading)
    _sign(document)
    stream = BytesIO()
    document.save(stream)
    return stream.getvalue()


def add_annexes(content, tables, heading):
    """The bytes of a .docx with the tables after its text, each on landscape pages."""
    document = Document(BytesIO(content))
    _lay_across(document.add_section(WD_SECTION.NEW_PAGE))
    for number, table in enumerate(tables):
        if number:
            document.add_page_break()
        add_sheet(document, table, heading)
    stream = BytesIO()
    document.save(stream)
    return stream.getvalue()


def add_sheet(document, table, heading):
    """Title, unit and span, the table, its notes."""
    _line(document.add_paragraph(), table.title.upper(), 13, is_bold=True).paragraph_format.space_before = Pt(8)
    _line(document.add_paragraph(), heading.unit_line, 12)
    _line(document.add_paragraph(), heading.span_line, 12, is_italic=True).paragraph_format.space_after = Pt(6)
    if table.is_empty and not any(section.asides for section in table.sections):
        _line(document.add_paragraph(), "Chưa có số liệu trong kỳ này.", 12, is_italic=True)
    else:
        document.element.body.insert_element_before(parse_xml(_Grid(table).xml()), "w:sectPr")
    for note in table.notes:
        paragraph = _line(document.add_paragraph(), note, 10, is_italic=True)
        paragraph.alignment = WD_ALIGN_PARAGRAPH.LEFT
        paragraph.paragraph_format.space_before = Pt(3)


def _lay_across(section):
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Mm(PAGE_MM[0]), Mm(PAGE_MM[1])
    section.left_margin = section.right_margin = Mm(SIDE_MM)
    section.top_margin, section.bottom_margin = Mm(TOP_MM), Mm(BOTTOM_MM)


def _line(paragraph, text, size, *, is_bold=False, is_italic=False):
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = paragraph.add_run(plain_words(text))
    run.bold, run.italic, run.font.size = is_bold or None, is_italic or None, Pt(size)
    return paragraph


def _sign(document):
    document.add_paragraph()
    (cells,) = add_plain_rows(document, (WIDTH_MM / 2, WIDTH_MM / 2), 1)
    for cell, words in zip(cells, SIGNERS, strict=True):
        _line(cell.paragraphs[0], words, 12, is_bold=True)
        _line(cell.add_paragraph(), "(Ký, ghi rõ họ tên)", 12, is_italic=True)


class _Grid:
    """The XML of one ruled table; headings of one or two rows are repeated on every page."""

    def __init__(self, table):
        self.table, self.columns = table, table.columns
        widths = [max(column.width, LEAST.get(column.kind, 0)) for column in self.columns]
        self.widths = [round(WIDTH_MM * TWIPS * width / sum(widths)) for width in widths]
        self.half_points = 15 if len(self.columns) > 18 else 16 if len(self.columns) > 11 else 20

    def xml(self):
        rows = [*self._head(), *(row for section in self.table.sections for row in self._section(section))]
        lines = "".join(f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="000000"/>' for side in SIDES)
        sides = "".join(f'<w:{side} w:w="25" w:type="dxa"/>' for side in ("left", "right"))
        grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in self.widths)
        return (
            f"<w:tbl {nsdecls('w')}><w:tblPr>"
            f'<w:tblW w:w="{sum(self.widths)}" w:type="dxa"/><w:tblBorders>{lines}</w:tblBorders>'
            f'<w:tblLayout w:type="fixed"/><w:tblCellMar>{sides}</w:tblCellMar></w:tblPr>'
            f"<w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>"
        )

    def _head(self):
        """A column over both rows, or a group over its columns."""
        is_deep = any(column.group for column in self.columns)
        upper, lower, at = "", "", 0
        for group, members in groupby(self.columns, key=lambda column: column.group or id(column)):
            members = list(members)
            width = sum(self.widths[at : at + len(members)])
            if isinstance(group, str):
                upper += self._cell(group, width, "center", is_bold=True, span=len(members))
                for column, own in zip(members, self.widths[at:], strict=False):
                    lower += self._cell(_title(column), own, "center", is_bold=True)
            else:
                merge = "restart" if is_deep else ""
                upper += self._cell(_title(members[0]), width, "center", is_bold=True, merge=merge)
                lower += self._cell("", width, "center", merge="continue")
            at += len(members)
        ordinals = "".join(
            self._cell(f"({number})", width, "center", is_italic=True) for number, width in enumerate(self.widths, 1)
        )
        return [_row(cells, is_head=True) for cells in (upper, lower if is_deep else "", ordinals) if cells]

    def _section(self, section):
        if section.title:
            yield _row(self._cell(section.title, sum(self.widths), "left", is_bold=True, span=len(self.widths)))
        for line in lines_of_section(section, self.columns):
            looks = {"is_bold": line.kind not in (PLAIN, ASIDE), "is_italic": line.kind == ASIDE}
            if line.kind == GROUP and not section.has_total:
                words = next(str(value) for value in line.row.cells.values())
                yield _row(self._cell(words, sum(self.widths), "left", span=len(self.widths), **looks))
                continue
            cells = (
                self._cell(text_of(column, line.row.cells.get(column.key)), width, _side(column), **looks)
                for column, width in zip(self.columns, self.widths, strict=True)
            )
            yield _row("".join(cells))

    def _cell(self, text, width, side, *, is_bold=False, is_italic=False, span=1, merge=""):
        size = f'<w:sz w:val="{self.half_points}"/>'
        look = ("<w:b/>" if is_bold else "") + ("<w:i/>" if is_italic else "") + size
        shape = f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
        shape += f'<w:vMerge w:val="{merge}"/>' if merge else ""
        lines = plain_words(text).split("\n")
        runs = "<w:br/>".join(f'<w:t xml:space="preserve">{escape(line)}</w:t>' for line in lines)
        return (
            f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{shape}<w:vAlign w:val="center"/></w:tcPr>'
            f'<w:p><w:pPr><w:spacing w:before="20" w:after="20"/><w:jc w:val="{side}"/><w:rPr>{size}</w:rPr></w:pPr>'
            f"<w:r><w:rPr>{look}</w:rPr>{runs}</w:r></w:p></w:tc>"
        )


def _row(cells, is_head=False):
    return f"<w:tr><w:trPr><w:cantSplit/>{'<w:tblHeader/>' if is_head else ''}</w:trPr>{cells}</w:tr>"


def _title(column):
    return f"{column.title}\n({column.unit})" if column.unit else column.title


def _side(column):
    return "center" if column.kind == INDEX else "right" if column.is_number else "left"
