"""The yearly sheet on A4: figures, own words, remark, two signatures. Word and the printed page show this one value."""

from core.display import day_text
from core.paper import BLANK, DRAFT, Heading, Paper, PaperColumn, PaperTable, Paragraph, Run, Signature, paragraphs
from meetings.enums import HostBody
from papers.frame import letterhead_on
from visits.sheets.reads import counted_on, lines_of

COLUMNS = (PaperColumn("STT", 8, "center"), PaperColumn("Nội dung", 52), PaperColumn("Kết quả", 40))
NOTHING = "(Chưa ghi.)"


def sheet_paper(sheet, facts, today):
    """The Paper of a sheet; a draft says so, and its figures are those of today."""
    signed_on = sheet.signed_at.date() if sheet.signed_at else today
    head = letterhead_on(sheet.unit, HostBody.PARTY, signed_on)
    rows = tuple((str(n), line.label, line.text) for n, line in enumerate(lines_of(facts), 1))
    blocks = (
        _told("Họ và tên", sheet.person.name),
        _told("Chức danh", f"{sheet.post.label}, {sheet.unit.name}"),
        Heading(f"1. Số liệu đi cơ sở năm {sheet.year}, tính đến {counted_on(sheet, today)}"),
        PaperTable(COLUMNS, rows),
        Heading("2. Tự nhận xét"),
        *paragraphs(sheet.own_words or NOTHING),
        Heading("3. Nhận xét của người phụ trách"),
        *paragraphs(sheet.remark or NOTHING),
    )
    name, _, title = sheet.signed_by_name.removesuffix(f" {sheet.unit.name}").partition(", ")
    return Paper(
        regime=head.regime,
        superior=head.superior,
        issuer=head.issuer,
        symbol=BLANK,
        place=head.place,
        signed_on=signed_on,
        kind_title="PHIẾU NHẬN XÉT",
        subject=f"cán bộ được phân công đi cơ sở năm {sheet.year}",
        blocks=blocks,
        signatures=(
            Signature("NGƯỜI TỰ NHẬN XÉT", sheet.person.name),
            Signature(title.upper() or "NGƯỜI PHỤ TRÁCH", name),
        ),
        stamp="" if sheet.signed_at else DRAFT,
    )


def _told(label, text):
    return Paragraph((Run(f"{label}: ", is_bold=True), Run(text)), align="left")


def file_name(sheet):
    return f"Phiếu nhận xét {sheet.person.name} {sheet.year} ({day_text(sheet.signed_at) or 'dự thảo'})"
