"""A paper as a Word file: A4, Times New Roman, sizes and margins from a style."""

import re
from io import BytesIO

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from core.paper import GOV_MOTTO, PARTY_MOTTO

GRID_STYLE = "Table Grid"
CELL_SIDE_MM = 1.5


def add_plain_rows(document, widths_mm, count):
    """A table without lines or inner margins: a list of rows of cells."""
    table = document.add_table(rows=count, cols=len(widths_mm))
    _fix_layout(table, 0)
    set_widths(table, widths_mm)
    for row in table.rows:
        set_unbroken(row)
    return [row.cells for row in table.rows]


def add_grid(document, widths_mm):
    """A ruled table with its first row."""
    table = document.add_table(rows=1, cols=len(widths_mm))
    table.style = GRID_STYLE
    _fix_layout(table, CELL_SIDE_MM)
    return table


def set_widths(table, widths_mm):
    """Both the grid and every cell say the width: Word reads the one, LibreOffice the other."""
    for column, width in zip(table.columns, widths_mm, strict=True):
        column.width = Mm(width)
    for row in table.rows:
        for cell, width in zip(row.cells, widths_mm, strict=True):
            cell.width = Mm(width)


def set_repeated(row):
    """A head that is repeated on every page."""
    _row_flag(row, "w:cantSplit")
    _row_flag(row, "w:tblHeader")


def set_unbroken(row):
    _row_flag(row, "w:cantSplit")


def _row_flag(row, name):
    row._tr.get_or_add_trPr().append(OxmlElement(name))


def _fix_layout(table, side_mm):
    table.autofit = False
    properties = table._tbl.tblPr
    margins = OxmlElement("w:tblCellMar")
    for side in ("w:left", "w:right"):
        element = OxmlElement(side)
        element.set(qn("w:w"), str(round(side_mm * 56.7)))
        element.set(qn("w:type"), "dxa")
        margins.append(element)
    look = properties.find(qn("w:tblLook"))
    properties.insert(list(properties).index(look), margins) if look is not None else properties.append(margins)


A4 = (Mm(210), Mm(297))
HEADER_FROM_EDGE, INDENT = Mm(10), Mm(10)
POINT_MM = 0.3528
MOTTO_EM = {True: 13.78, False: 20.86}
"""Widths of the mottoes (party, government) in ems, which decide how wide the right half of the letterhead is."""

MOTTO_LINE_EM = {True: 13.78, False: 12.24}
"""Widths of the lines that are underlined."""

CELL_GAP = Pt(3)
SIGNING_LINES = 4
LONG_CELL = 900
"""A row with a longer cell may run over a page's end."""

SMALL = {"recipients": {True: 12, False: 11}, "recipients_head": {True: 14, False: 12}}
ALIGN = {
    "justify": WD_ALIGN_PARAGRAPH.JUSTIFY,
    "left": WD_ALIGN_PARAGRAPH.LEFT,
    "center": WD_ALIGN_PARAGRAPH.CENTER,
    "right": WD_ALIGN_PARAGRAPH.RIGHT,
}
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def write_docx(paper, style):
    """The bytes of a .docx. `style` has the columns of a paper style (font, …_mm, …_pt, line_spacing)."""
    return _Writer(paper, style).bytes()


def plain_words(text):
    """Text without characters that an XML file may not hold, lines ended as in Unix."""
    return _UNPRINTABLE.sub("", str(text).replace("\r\n", "\n").replace("\r", "\n"))


class _Writer:
    def __init__(self, paper, style):
        self.paper, self.style = paper, style
        self.is_party = paper.is_party
        self.width_mm = 210 - style.left_mm - style.right_mm
        self.document = Document()

    def bytes(self):
        self._set_up()
        self._letterhead()
        self._title()
        for block in self.paper.blocks:
            getattr(self, f"_{block.shape}")(block)
        self._signing()
        stream = BytesIO()
        self.document.save(stream)
        return stream.getvalue()

    def _set_up(self):
        style, section = self.style, self.document.sections[0]
        section.page_width, section.page_height = A4
        section.top_margin, section.bottom_margin = Mm(style.top_mm), Mm(style.bottom_mm)
        section.left_margin, section.right_margin = Mm(style.left_mm), Mm(style.right_mm)
        section.header_distance = HEADER_FROM_EDGE
        section.different_first_page_header_footer = True
        normal = self.document.styles["Normal"]
        normal.font.name, normal.font.size = style.font, Pt(style.body_pt)
        fonts = normal.element.rPr.rFonts
        for side in ("w:eastAsia", "w:cs", "w:hAnsi"):
            fonts.set(qn(side), style.font)
        language = OxmlElement("w:lang")
        for side in ("w:val", "w:eastAsia"):
            language.set(qn(side), "vi-VN")
        normal.element.rPr.append(language)
        normal.paragraph_format.space_after = Pt(0)
        normal.paragraph_format.space_before = Pt(0)
        self._page_number(section.header.paragraphs[0])
        properties = self.document.core_properties
        properties.title, properties.author = (
            plain_words(self.paper.subject)[:255],
            plain_words(self.paper.issuer).replace("\n", " ")[:255],
        )
        properties.comments, properties.language = "", "vi-VN"

    def _page_number(self, paragraph):
        """Arabic, centred, from the second page on."""
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        run = paragraph.add_run()
        for kind, text in (("begin", ""), ("", " PAGE "), ("end", "")):
            element = OxmlElement("w:fldChar" if kind else "w:instrText")
            if kind:
                element.set(qn("w:fldCharType"), kind)
            element.text = text or None
            run._r.append(element)

    def write(self, paragraph, text, size=None, *, is_bold=False, is_italic=False):
        run = paragraph.add_run(plain_words(text))
        run.bold, run.italic = is_bold or None, is_italic or None
        run.font.size = Pt(size) if size else None
        return run

    def line(self, cell, text, size, *, align="center", **looks):
        """One more line of a cell; the first takes the empty paragraph every cell has."""
        first = cell.paragraphs[0]
        fresh = len(cell.paragraphs) == 1 and not first.text and not first.runs and "pBdr" not in first._p.xml
        paragraph = first if fresh else cell.add_paragraph()
        paragraph.alignment = ALIGN[align]
        self.write(paragraph, text, size, **looks)
        return paragraph

    @staticmethod
    def rule(container, width_mm, length_mm):
        """A rule of a length, centred under what was written last."""
        paragraph = container.add_paragraph()
        side = Mm(max(0, (width_mm - length_mm) / 2))
        layout = paragraph.paragraph_format
        layout.left_indent = layout.right_indent = side
        layout.line_spacing_rule, layout.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(4)
        borders, top = OxmlElement("w:pBdr"), OxmlElement("w:top")
        for name, value in (("val", "single"), ("sz", "6"), ("space", "1"), ("color", "000000")):
            top.set(qn(f"w:{name}"), value)
        borders.append(top)
        properties = paragraph._p.get_or_add_pPr()
        properties.insert_element_before(borders, "w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc", "w:rPr")

    def _letterhead(self):
        paper, style = self.paper, self.style
        words_mm = MOTTO_EM[self.is_party] * style.motto_pt * POINT_MM + 3
        right_mm = min(self.width_mm * 0.62, max(self.width_mm * 0.5, words_mm))
        left_mm = self.width_mm - right_mm
        (left, right), (under_left, under_right) = add_plain_rows(self.document, (left_mm, right_mm), 2)
        if paper.superior:
            self.line(left, paper.superior, style.issuer_pt)
        self.line(left, paper.issuer, style.issuer_pt, is_bold=True)
        if self.is_party:
            self.line(left, "*", style.issuer_pt)
            self.line(right, PARTY_MOTTO, style.motto_pt, is_bold=True)
        else:
            self.rule(left, left_mm, left_mm * 0.4)
            self.line(right, GOV_MOTTO[0], style.motto_pt, is_bold=True)
            self.line(right, GOV_MOTTO[1], style.place_pt, is_bold=True)
        motto_pt = style.motto_pt if self.is_party else style.place_pt
        self.rule(right, right_mm, MOTTO_LINE_EM[self.is_party] * motto_pt * POINT_MM)
        self.line(under_left, paper.number_line, style.number_pt)
        if paper.is_letter:
            self.line(under_left, f"V/v {paper.subject}", 12, is_italic=self.is_party)
        if paper.stamp:
            self.line(under_left, paper.stamp, 12, is_bold=True).paragraph_format.space_before = Pt(4)
        self.line(under_right, paper.place_line, style.place_pt, is_italic=True)

    def _title(self):
        paper, style = self.paper, self.style
        if paper.is_letter:
            return self._addressees()
        title = self._centred(paper.kind_title.upper(), style.title_pt, before=16)
        title.paragraph_format.keep_with_next = True
        self._centred(paper.subject, style.subject_pt)
        if self.is_party:
            return self._set_after(self._centred("-----", style.subject_pt), 10)
        self.rule(self.document, self.width_mm, 40)
        return self._set_after(self.document.add_paragraph(), 4)

    def _centred(self, text, size, before=0):
        paragraph = self.document.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        paragraph.paragraph_format.space_before = Pt(before)
        self.write(paragraph, text, size, is_bold=True)
        return paragraph

    @staticmethod
    def _set_after(paragraph, points):
        paragraph.paragraph_format.space_after = Pt(points)

    def _addressees(self):
        """'Kính gửi:' with one addressee on its line, or each on a line of its own."""
        names = self.paper.addressees
        lines = [f"Kính gửi: {names[0]}"] if len(names) == 1 else ["Kính gửi:", *(f"- {name};" for name in names)]
        for number, text in enumerate(lines if names else []):
            paragraph = self.document.add_paragraph()
            paragraph.paragraph_format.left_indent = Mm(30 if number == 0 else 45)
            paragraph.paragraph_format.space_before = Pt(14 if number == 0 else 0)
            self.write(paragraph, text.removesuffix(";") + "." if number == len(lines) - 1 > 0 else text)
        self._set_after(self.document.add_paragraph(), 2)

    def _body(self, align="justify"):
        paragraph = self.document.add_paragraph()
        layout = paragraph.paragraph_format
        paragraph.alignment = ALIGN[align]
        layout.first_line_indent = INDENT if align == "justify" else None
        layout.space_after, layout.line_spacing = Pt(6), float(self.style.line_spacing)
        layout.widow_control = True
        return paragraph

    def _heading(self, block):
        paragraph = self._body()
        paragraph.paragraph_format.keep_with_next = True
        level = OxmlElement("w:outlineLvl")
        level.set(qn("w:val"), "0")
        paragraph._p.get_or_add_pPr().append(level)
        self.write(paragraph, block.text, is_bold=True)

    def _paragraph(self, block):
        paragraph = self._body(block.align)
        for run in block.runs:
            self.write(paragraph, run.text, is_bold=run.is_bold, is_italic=run.is_italic)

    def _bullets(self, block):
        for item in block.items:
            self.write(self._body(), f"- {item}")

    def _page_break(self, block):
        self.document.add_paragraph().add_run().add_break(WD_BREAK.PAGE)

    def _table(self, block):
        table = add_grid(self.document, [column.width * self.width_mm / 100 for column in block.columns])
        size = self.style.body_pt - 2
        self._fill(table.rows[0], [(column.title, "center") for column in block.columns], size, is_bold=True)
        set_repeated(table.rows[0])
        for cells in block.aligned_rows:
            row = table.add_row()
            self._fill(row, cells, size)
            if max((len(text) for text, _ in cells), default=0) <= LONG_CELL:
                set_unbroken(row)
        set_widths(table, [column.width * self.width_mm / 100 for column in block.columns])
        self._set_after(self.document.add_paragraph(), 2)

    def _fill(self, row, cells, size, **looks):
        for cell, (text, align) in zip(row.cells, cells, strict=True):
            layout = self.line(cell, text, size, align=align, **looks).paragraph_format
            layout.space_before = layout.space_after = CELL_GAP

    def _signing(self):
        paper, half = self.paper, self.width_mm / 2
        self.document.add_paragraph()
        for paragraph in self.document.paragraphs[-2:]:
            paragraph.paragraph_format.keep_with_next = True
        if len(paper.signatures) > 1:
            count = len(paper.signatures)
            (cells,) = add_plain_rows(self.document, [self.width_mm / count] * count, 1)
            for cell, signature in zip(cells, paper.signatures, strict=True):
                self._signature(cell, signature)
            if paper.recipients:
                self.document.add_paragraph()
                self._recipients(add_plain_rows(self.document, (half, half), 1)[0][0])
            return
        ((left, right),) = add_plain_rows(self.document, (half, half), 1)
        if paper.recipients:
            self._recipients(left)
        for signature in paper.signatures:
            self._signature(right, signature)

    def _signature(self, cell, signature):
        size = self.style.body_pt
        for text, is_bold in ((signature.authority, True), (signature.title, not self.is_party)):
            for line in filter(None, text.split("\n")):
                self.line(cell, line, size, is_bold=is_bold or not signature.authority)
        for _ in range(SIGNING_LINES):
            cell.add_paragraph()
        self.line(cell, signature.name, size, is_bold=True)
        for paragraph in cell.paragraphs[:-1]:
            paragraph.paragraph_format.keep_with_next = True

    def _recipients(self, cell):
        head = self.line(cell, "", 12, align="left")
        head_pt, list_pt = (SMALL[name][self.is_party] for name in ("recipients_head", "recipients"))
        run = self.write(head, "Nơi nhận:", head_pt, is_bold=not self.is_party, is_italic=not self.is_party)
        run.underline = self.is_party
        names = self.paper.recipients
        for number, name in enumerate(names, 1):
            end = "." if number == len(names) else ","
            self.line(cell, f"- {name.rstrip('.,; ')}{end}", list_pt, align="left")
