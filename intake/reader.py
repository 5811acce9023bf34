"""The child process that opens a workbook from outside: it may run out of memory or time, the caller may not.

Run as a script by `intake.books`: reads argv[1], writes lines of JSON. It imports nothing of ours, so a hostile file
meets a bare process. Lines: {"sheet": name, "merged": [areas], "hidden": is the sheet hidden?, "hidden_rows": [row
numbers], "hidden_columns": [numbers from 1]}, {"r": row number, "c": cells}, at last {"end": true}, or
{"fault": sentence}. A cell is null, [kind, value], or ["text", value, font] in a font of before Unicode.
"""

import json
import os
import re
import resource
import sys
import zipfile
from datetime import date, datetime, time

MEGABYTE = 1024 * 1024
MEMORY, CPU_SECONDS = 512 * MEGABYTE, 60
MOST_PARTS, MOST_A_PART, MOST_IN_ALL = 200, 50 * MEGABYTE, 100 * MEGABYTE
MOST_BESIDE = 5 * MEGABYTE
"""Styles, names, settings: openpyxl builds these as trees, so they stay small."""
MOST_RATIO, RATIO_FROM = 100, MEGABYTE
DIRECTORY_LIMIT = MEGABYTE
MOST_ROWS, MOST_COLUMNS, MOST_SHEETS = 20_000, 60, 40
MOST_LETTERS_A_CELL, MOST_LETTERS = 32_767, 60 * MEGABYTE
MOST_MERGED = 1000
BULKY = re.compile(r"^xl/(worksheets/[^/]+\.xml|sharedStrings\.xml|media/[^/]+)$", re.IGNORECASE)
DOCTYPE = [word.encode(code) for word in ("<!DOCTYPE", "<!ENTITY") for code in ("utf-8", "utf-16-le", "utf-16-be")]
ENCODING = re.compile(rb"<\?xml[^>]*encoding=[\"']([A-Za-z0-9._-]+)")
MERGED = re.compile(rb"mergeCell\b[^>]*\bref=[\"']([A-Z]{1,3}\d{1,7}:[A-Z]{1,3}\d{1,7})[\"']")
HIDDEN = re.compile(rb"<(?:\w+:)?(row|col)\b[^>]*\bhidden=[\"'](?:1|true)[\"'][^>]*>")
NUMBER = {word: re.compile(rb"\b%s=[\"'](\d{1,7})[\"']" % word) for word in (b"r", b"min", b"max")}
STRICT = b"http://purl.oclc.org/ooxml/"
OLD_FONTS = (".vn", "vni-")
CHUNK, OVERLAP = 4 * MEGABYTE, 2000

BROKEN = "Tệp bị hỏng hoặc không phải tệp Excel (.xlsx). Hãy mở tệp bằng Excel, chọn Lưu thành (Save As) rồi gửi lại."
TOO_BIG = "Tệp nở ra quá lớn khi mở nên không đọc. Hãy chép riêng phần danh sách sang tệp mới rồi gửi lại."
STRICT_KIND = (
    "Tệp được lưu theo dạng Strict Open XML nên không đọc được. Hãy mở tệp bằng Excel, chọn "
    "Lưu dưới dạng Excel Workbook (.xlsx) rồi gửi lại."
)
ACTIVE = "Tệp chứa khai báo XML không được phép nên không đọc. Hãy chép danh sách sang tệp mới rồi gửi lại."
TOO_LONG = (
    f"Trang tính “{{}}” dài quá {MOST_ROWS} dòng. Hãy chia thành nhiều tệp; "
    "nếu danh sách ngắn hơn, hãy xóa các dòng trống có định dạng ở cuối trang tính rồi gửi lại."
)
TOO_WIDE = f"Trang tính “{{}}” có dữ liệu ngoài cột thứ {MOST_COLUMNS} (dòng {{}}). Hãy xóa phần thừa rồi gửi lại."
TOO_WORDY = "Tệp chứa quá nhiều chữ. Hãy chia thành nhiều tệp rồi gửi lại."
LONG_CELL = f"Trang tính “{{}}”, dòng {{}}: một ô dài quá {MOST_LETTERS_A_CELL} ký tự. Hãy rút ngắn rồi gửi lại."


class Refused(Exception):
    """The sentence that names what to fix."""


def check_archive(path):
    """Limits before opening: the directory's size, the number and sizes of parts, no DTD anywhere."""
    with open(path, "rb") as file:
        file.seek(max(0, os.path.getsize(path) - 65_557))
        tail = file.read()
    mark = tail.rfind(b"PK\x05\x06")
    if mark < 0 or int.from_bytes(tail[mark + 12 : mark + 16], "little") > DIRECTORY_LIMIT:
        raise Refused(BROKEN if mark < 0 else TOO_BIG)
    if tail[max(0, mark - 20) : mark].startswith(b"PK\x06\x07"):
        raise Refused(TOO_BIG)
    with zipfile.ZipFile(path) as archive:
        parts = archive.infolist()
        _check_sizes(parts)
        for part in parts:
            if part.flag_bits & 1:
                raise Refused("Tệp được đặt mật khẩu nên không đọc được. Hãy bỏ mật khẩu rồi gửi lại.")
            if part.filename.lower().endswith((".xml", ".rels", ".vml")):
                _check_part(archive, part)


def _check_sizes(parts):
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_IN_ALL:
        raise Refused(TOO_BIG)
    if len({part.filename for part in parts}) < len(parts):
        raise Refused(BROKEN)
    for part in parts:
        limit = MOST_A_PART if BULKY.match(part.filename) else MOST_BESIDE
        packed_tight = part.file_size > RATIO_FROM and part.file_size > MOST_RATIO * max(part.compress_size, 1)
        if part.file_size > limit or packed_tight:
            raise Refused(TOO_BIG)


def _check_part(archive, part):
    for head, chunk in _chunks(archive, part.filename):
        if head:
            named = ENCODING.match(chunk.lstrip(b"\xef\xbb\xbf"))
            if named and named[1].lower() not in (b"utf-8", b"utf-16", b"us-ascii", b"ascii"):
                raise Refused(ACTIVE)
        if any(word in chunk for word in DOCTYPE):
            raise Refused(ACTIVE)


def _chunks(archive, name):
    """(is it the first?, bytes) with an overlap, so that no word is cut in two."""
    kept, head = b"", True
    with archive.open(name) as stream:
        while chunk := stream.read(CHUNK):
            yield head, kept + chunk
            kept, head = chunk[-OVERLAP:], False


def _layout(archive, name):
    """(joined areas, numbers of hidden rows, numbers of hidden columns): what the reader of cells does not tell."""
    merged, rows, columns = {}, set(), set()
    for _, chunk in _chunks(archive, name):
        if len(merged) <= MOST_MERGED:
            merged |= dict.fromkeys(area.decode() for area in MERGED.findall(chunk))
        for found in HIDDEN.finditer(chunk):
            first, last = (
                NUMBER[word].search(found[0]) for word in ((b"r",) * 2 if found[1] == b"row" else (b"min", b"max"))
            )
            if first and last:
                span = range(int(first[1]), min(int(last[1]), MOST_ROWS) + 1)
                (rows if found[1] == b"row" else columns).update(span)
    return list(merged)[:MOST_MERGED], sorted(rows), sorted(number for number in columns if number <= MOST_COLUMNS)


def _check_dialect(archive):
    """Strict files name other schemas; the reader would find no sheet in them."""
    for name in ("_rels/.rels", "xl/workbook.xml"):
        if name in archive.namelist() and any(STRICT in chunk for _, chunk in _chunks(archive, name)):
            raise Refused(STRICT_KIND)


def _old_fonts(book):
    """{style number: font name} of the fonts of before Unicode, in which letters mean other letters."""
    names = {number: (book._fonts[style.fontId].name or "") for number, style in enumerate(book._cell_styles)}
    return {number: name for number, name in names.items() if name.lower().startswith(OLD_FONTS)}


def write_rows(path, out):
    from openpyxl import load_workbook

    with zipfile.ZipFile(path) as archive:
        _check_dialect(archive)
    book = load_workbook(path, read_only=True, keep_links=False)
    sheets = [sheet for sheet in book.worksheets if hasattr(sheet, "reset_dimensions")]
    if not sheets or len(sheets) > MOST_SHEETS:
        raise Refused(TOO_BIG if sheets else BROKEN)
    room, fonts = MOST_LETTERS, _old_fonts(book)
    with zipfile.ZipFile(path) as archive:
        for sheet in sheets:
            merged, rows, columns = _layout(archive, sheet._worksheet_path)
            about = {"merged": merged, "hidden_rows": rows, "hidden_columns": columns}
            out.write(json.dumps({"sheet": sheet.title, "hidden": sheet.sheet_state != "visible", **about}) + "\n")
            for line in _lines(sheet, fonts):
                room -= len(line)
                if room < 0:
                    raise Refused(TOO_WORDY)
                out.write(line + "\n")
    out.write('{"end": true}\n')


def _lines(sheet, fonts):
    sheet.reset_dimensions()  # what the file says of its own size cuts rows off when it is wrong
    for number, row in enumerate(sheet.iter_rows(), 1):
        if number > MOST_ROWS:
            raise Refused(TOO_LONG.format(sheet.title))
        if any(cell.value is not None for cell in row[MOST_COLUMNS:]):
            raise Refused(TOO_WIDE.format(sheet.title, number))
        cells = [_cell(cell, sheet.title, number, fonts) for cell in row[:MOST_COLUMNS]]
        while cells and cells[-1] is None:
            cells.pop()
        if cells:
            yield json.dumps({"r": number, "c": cells})


def _cell(cell, title, number, fonts):
    value = cell.value
    if value is None or value == "":
        return None
    if cell.data_type == "f":
        return ["formula", "="]
    if cell.data_type == "e":
        return ["error", str(value)[:20]]
    if isinstance(value, bool):
        return ["bool", value]
    if isinstance(value, datetime):
        whole = value.time() == time(0)
        return ["date", value.date().isoformat()] if whole else ["moment", value.isoformat()]
    if isinstance(value, date):
        return ["date", value.isoformat()]
    if isinstance(value, int | float):
        return ["number", value]
    text = str(value)
    if len(text) > MOST_LETTERS_A_CELL:
        raise Refused(LONG_CELL.format(title, number))
    if not text.strip():
        return None
    font = fonts and fonts.get(cell._style_id)
    return ["text", text, font] if font else ["text", text]


def main(path):
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        check_archive(path)
        write_rows(path, sys.stdout)
    except Refused as refusal:
        fault = str(refusal)
    except MemoryError:
        fault = TOO_BIG
    except Exception:  # whatever a broken file makes the libraries raise
        fault = BROKEN
    else:
        return
    sys.stdout.write(json.dumps({"fault": fault}) + "\n")


if __name__ == "__main__":
    sys.path += [folder for folder in sys.argv[2:] if folder not in sys.path]
    main(sys.argv[1])
