"""A paper as a value and as a Word file: whole, in form, and never broken by what people typed."""

import json
from datetime import date
from io import BytesIO
from types import SimpleNamespace
from zipfile import ZipFile

import pytest
from docx import Document
from docx.oxml.ns import qn
from docx.shared import Mm
from lxml import etree

from core.paper import (
    DRAFT,
    Bullets,
    Heading,
    PageBreak,
    Paper,
    PaperColumn,
    PaperTable,
    Paragraph,
    Run,
    Signature,
    from_json,
    paragraphs,
    to_json,
)
from core.word import write_docx

HOSTILE = "Ý kiến & <b>đề nghị</b> 🌾 {{7*191}} ${x} ]]> \"'" + " lúa chín vàng đồng" * 300
STYLE = SimpleNamespace(
    font="Times New Roman", top_mm=20, bottom_mm=20, left_mm=30, right_mm=15, motto_pt=15, issuer_pt=14, number_pt=14,
    place_pt=14, title_pt=16, subject_pt=14, body_pt=14, line_spacing=1.15,
)  # fmt: skip


def make_paper(regime="party", text=HOSTILE, **fields):
    columns = (PaperColumn("STT", 10, "center"), PaperColumn("Nội dung", 90))
    values = {
        "regime": regime,
        "superior": "ĐẢNG BỘ TỈNH QUẢNG NINH",
        "issuer": "ĐẢNG ỦY PHƯỜNG HÀ TU",
        "symbol": "…-TB/ĐU",
        "place": "Hà Tu",
        "signed_on": date(2026, 2, 5),
        "kind_title": "Thông báo",
        "subject": "Kết luận hội nghị",
        "blocks": (
            Heading("1. Đánh giá"),
            Paragraph((Run("Nêu: ", is_bold=True), Run(text, is_italic=True))),
            Bullets((text,)),
            PaperTable(columns, (("1", text), ("2", "hai\ndòng"))),
            PageBreak(),
        ),
        "signatures": (Signature("BÍ THƯ", "Nguyễn Văn An", "T/M BAN THƯỜNG VỤ"),),
        "recipients": ("Như trên", "Lưu Văn phòng"),
        "stamp": DRAFT,
    }
    return Paper(**(values | fields))


def opened(paper):
    content = write_docx(paper, STYLE)
    for name in ZipFile(BytesIO(content)).namelist():
        if name.endswith((".xml", ".rels")):
            etree.fromstring(ZipFile(BytesIO(content)).read(name))
    return Document(BytesIO(content))


def all_text(document):
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


def test_a_paper_survives_its_json():
    paper = make_paper(addressees=("Sở Xây dựng",))
    assert from_json(json.loads(json.dumps(to_json(paper)))) == paper


@pytest.mark.parametrize("regime", ["party", "gov"])
def test_hostile_text_comes_out_whole(regime):
    text = all_text(opened(make_paper(regime)))
    assert len(HOSTILE) > 5000
    assert text.count(HOSTILE) == 3


@pytest.mark.parametrize("wrong", ["\x00", "\x0b", "\x1f", "\ud800", "\ufffe", "\x85"])
def test_unprintable_characters_are_dropped(wrong):
    paper = make_paper(text=f"trước{wrong}sau", subject=f"Kết{wrong} luận", recipients=(f"Lưu{wrong}",))
    text = all_text(opened(paper))
    assert text.count("trướcsau") == 3
    assert wrong not in text


def test_lines_stay_lines():
    document = opened(make_paper(text="một\r\nhai"))
    assert "một\nhai" in all_text(document)
    assert [block.text for block in paragraphs("một\n\n  hai ", "Nêu: ")] == ["Nêu: một", "hai"]
    assert paragraphs("") == []


@pytest.mark.parametrize(
    ("regime", "symbol", "line", "motto"),
    [
        ("party", "05-TB/ĐU", "Số 05-TB/ĐU", "ĐẢNG CỘNG SẢN VIỆT NAM"),
        ("gov", "05/TB-UBND", "Số: 05/TB-UBND", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"),
    ],
)
def test_each_regime_has_its_form(regime, symbol, line, motto):
    text = all_text(opened(make_paper(regime, "a", symbol=symbol)))
    assert line in text
    assert motto in text
    assert "Hà Tu, ngày 05 tháng 02 năm 2026" in text
    assert "- Như trên," in text
    assert "- Lưu Văn phòng." in text


def test_page_and_tables_follow_the_rules():
    document = opened(make_paper(text="a"))
    section = document.sections[0]
    assert abs(section.page_width - Mm(210)) < Mm(0.1)
    assert abs(section.left_margin - Mm(30)) < Mm(0.1)
    assert section.different_first_page_header_footer
    assert "PAGE" in section.header._element.xml
    assert section.first_page_header.is_linked_to_previous
    fonts = document.styles["Normal"].element.rPr.rFonts
    assert {fonts.get(qn(f"w:{side}")) for side in ("ascii", "hAnsi", "eastAsia", "cs")} == {"Times New Roman"}
    grid = document.tables[1]
    assert "w:tblHeader" in grid.rows[0]._tr.xml
    assert all("w:cantSplit" in row._tr.xml for row in grid.rows)


def test_a_row_longer_than_a_page_may_break():
    grid = opened(make_paper()).tables[1]
    assert "w:cantSplit" not in grid.rows[1]._tr.xml


def test_a_letter_has_its_subject_under_the_number():
    letter = make_paper("party", "a", kind_title="", addressees=("Sở Xây dựng", "Sở Tài chính"))
    text = all_text(opened(letter))
    assert "V/v Kết luận hội nghị" in text
    assert "Kính gửi:" in text
    assert "- Sở Tài chính." in text
    assert "THÔNG BÁO" not in text


def test_a_number_takes_the_place_of_the_blank_and_the_stamp_goes():
    paper = make_paper().numbered(7)
    assert (paper.symbol, paper.stamp) == ("07-TB/ĐU", "")
    assert make_paper().numbered(112).symbol == "112-TB/ĐU"


@pytest.mark.parametrize(
    ("blocks", "closing"),
    [
        ((), 0),
        (paragraphs("một"), 1),
        ((Heading("4. Kết thúc"), *paragraphs("một")), 2),
        ((*paragraphs("một"), *paragraphs("hai")), 1),
        ((Heading("1"), Bullets(("a",))), 0),
    ],
)
def test_the_signature_takes_the_last_lines_to_its_page(blocks, closing):
    paper = make_paper(blocks=tuple(blocks))
    assert len(paper.closing_blocks) == closing
    assert paper.opening_blocks + paper.closing_blocks == paper.blocks
