"""Workbooks from outside: what is read keeps its type, what is hostile is refused quickly and says how to go on."""

import io
import time
import zipfile
from datetime import date, datetime

import pytest
from openpyxl import Workbook, load_workbook

from core.errors import DomainError
from intake.books import BookCell, read_sheets
from intake.templates import FormColumn, write_form

SECONDS = 15
"""Each refusal is due within 2 s on a quiet machine; the suite shares its processors."""


def save(book, path):
    book.save(path)
    return path


@pytest.fixture
def plain(tmp_path):
    book = Workbook()
    book.active.append(["Tên", "Số"])
    return save(book, tmp_path / "plain.xlsx")


def repacked(source, target, replace=None, add=()):
    """The same archive with parts replaced or added."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            new.writestr(part.filename, (replace or {}).get(part.filename, old.read(part.filename)))
        for name, content in add:
            new.writestr(name, content)
    return target


def test_types_rows_and_merged_areas_are_told(tmp_path):
    book = Workbook()
    sheet = book.active
    sheet.title = "Một"
    sheet.append(["Ngô Thị Hoà", 912345678, 1.5, date(2026, 11, 25), datetime(2026, 11, 25, 8, 30), True, "=1+1", "  "])
    sheet["A4"] = "sau hai dòng trống"
    sheet["B4"] = "=CMD()"
    sheet["B4"].data_type = "s"
    sheet.merge_cells("A6:B8")
    book.create_sheet("Hai")
    sheets = read_sheets(save(book, tmp_path / "types.xlsx"))
    first, fourth = sheets["Một"]
    assert [(cell.kind, cell.value) for cell in first.cells] == [
        ("text", "Ngô Thị Hoà"),
        ("number", 912345678),
        ("number", 1.5),
        ("date", date(2026, 11, 25)),
        ("moment", datetime(2026, 11, 25, 8, 30)),
        ("bool", True),
        ("formula", "="),
    ]
    assert (fourth.number, fourth.cell(0).text, fourth.cell(1).kind, fourth.cell(9)) == (
        4,
        "sau hai dòng trống",
        "text",
        None,
    )
    assert sheets["Một"].merged == ["A6:B8"]
    assert sheets["Hai"] == []


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (BookCell("number", 5.0), "5"),
        (BookCell("number", 1.5), "1.5"),
        (BookCell("date", date(2026, 2, 5)), "05/02/2026"),
    ],
)
def test_a_cell_as_text(cell, text):
    assert cell.text == text


def _declared(path, rows):
    """A sheet that says it is two rows long and is longer."""
    book = Workbook()
    for number in range(rows):
        book.active.append([number])
    book.save(path)
    with zipfile.ZipFile(path) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").replace(f"A1:A{rows}".encode(), b"A1:A2")
    return repacked(path, path.with_name("declared.xlsx"), {"xl/worksheets/sheet1.xml": sheet})


def test_the_size_a_file_declares_cuts_nothing_off(tmp_path):
    assert len(read_sheets(_declared(tmp_path / "a.xlsx", 30))["Sheet"]) == 30


def bomb(tmp_path, plain):
    return repacked(plain, tmp_path / "x.xlsx", {"xl/worksheets/sheet1.xml": b" " * 60_000_000})


def tight(tmp_path, plain):
    return repacked(plain, tmp_path / "x.xlsx", add=[("xl/sharedStrings.xml", b"<sst>" + b"a" * 20_000_000)])


def many_parts(tmp_path, plain):
    return repacked(plain, tmp_path / "x.xlsx", add=[(f"xl/media/{n}.png", b"") for n in range(10_000)])


def wide_styles(tmp_path, plain):
    return repacked(plain, tmp_path / "x.xlsx", {"xl/styles.xml": bytes(range(256)) * 30_000})


def far_cell(tmp_path, plain):
    book = Workbook()
    book.active["XFD1048576"] = "xa"
    return save(book, tmp_path / "x.xlsx")


def far_column(tmp_path, plain):
    book = Workbook()
    book.active["XFD2"] = "xa"
    return save(book, tmp_path / "x.xlsx")


def doctype(tmp_path, plain, code="utf-8"):
    text = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><worksheet>&x;</worksheet>'
    return repacked(plain, tmp_path / "x.xlsx", {"xl/worksheets/sheet1.xml": text.encode(code)})


def wide_doctype(tmp_path, plain):
    return doctype(tmp_path, plain, "utf-16")


def odd_encoding(tmp_path, plain):
    return repacked(
        plain, tmp_path / "x.xlsx", {"xl/worksheets/sheet1.xml": b'<?xml version="1.0" encoding="cp037"?><a/>'}
    )


def shared_string_bomb(tmp_path, plain):
    """One long text, shown in very many cells."""
    book = Workbook()
    for _ in range(4000):
        book.active.append(["a" * 32_000])
    return save(book, tmp_path / "x.xlsx")


def no_sheet(tmp_path, plain):
    path = tmp_path / "x.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", "a")
    return path


def written(tmp_path, content):
    path = tmp_path / "x.xlsx"
    path.write_bytes(content)
    return path


def cut_short(tmp_path, plain):
    return written(tmp_path, plain.read_bytes()[:-400])


def protected(tmp_path, plain):
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    return written(tmp_path, head + b"\0" * 500 + "EncryptedPackage".encode("utf-16-le"))


def old_kind(tmp_path, plain):
    return written(tmp_path, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500)


def comma_file(tmp_path, plain):
    return written(tmp_path, b"STT,Ten\n1,An\n")


def encrypted_parts(tmp_path, plain):
    content = bytearray(plain.read_bytes())
    for sign, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = content.find(sign)
        while start >= 0:
            content[start + offset] |= 1
            start = content.find(sign, start + 4)
    return written(tmp_path, bytes(content))


HOSTILE = [
    (bomb, "quá lớn"),
    (tight, "quá lớn"),
    (many_parts, "quá lớn"),
    (wide_styles, "quá lớn"),
    (far_cell, "20000 dòng"),
    (far_column, "cột thứ 60"),
    (doctype, "XML"),
    (wide_doctype, "XML"),
    (odd_encoding, "XML"),
    (shared_string_bomb, "quá lớn|quá nhiều chữ"),
    (no_sheet, "hỏng"),
    (cut_short, "hỏng"),
    (protected, "mật khẩu"),
    (old_kind, "xls"),
    (comma_file, "csv"),
    (encrypted_parts, "mật khẩu"),
]


@pytest.mark.parametrize(("make", "words"), HOSTILE, ids=lambda value: getattr(value, "__name__", ""))
def test_hostile_and_foreign_files_are_refused(tmp_path, plain, make, words):
    path = make(tmp_path, plain)
    began = time.monotonic()
    with pytest.raises(DomainError, match=words) as refusal:
        read_sheets(path)
    assert time.monotonic() - began < SECONDS
    assert "Hãy" in refusal.value.message


def test_a_form_writes_text_as_text_and_offers_its_lists():
    stream = io.BytesIO()
    columns = [FormColumn("Tên", 20, "Họ tên"), FormColumn("Loại", 20, choices="Loại", is_strict=True)]
    write_form(
        stream, sheet="Mau", columns=columns, guide=["=1+1"], lists={"Loại": ["+A", "B"]}, rows=[["=HYPERLINK(1)"]]
    )
    book = load_workbook(stream)
    sheet, guide = book["Mau"], book["HuongDan"]
    assert (sheet["A2"].value, sheet["A2"].data_type, guide["A1"].data_type) == ("=HYPERLINK(1)", "s", "s")
    rule = sheet.data_validations.dataValidation[0]
    area = guide[rule.formula1.split("!")[1].replace("$", "")]
    assert [cell.value for (cell,) in area] == ["+A", "B"]
