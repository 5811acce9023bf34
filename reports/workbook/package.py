"""The file of a workbook: what openpyxl wrote with the spooled rows and the values of formulas in their places, and no
clock in it.

The same workbook of the same day is the same file, byte for byte.
"""

import re
from datetime import datetime, time
from tempfile import TemporaryFile
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl.packaging.core import DocumentProperties
from openpyxl.xml.functions import tostring

from reports.workbook.styles import formula_values

LEVEL = 4
ROW = re.compile(rb'<row r="(\d+)"')
FORMULA = re.compile(rb'<c r="(\w+)"([^>]*)>(<f>[^<]*</f>)<v ?(?:/>|></v>)')
PROPERTIES = "docProps/core.xml"


def save_workbook(book, spool, stream, today):
    """Write `book` into `stream`, its sheets completed by the rows of `spool`."""
    sheets = {f"xl/worksheets/sheet{number}.xml": sheet for number, sheet in enumerate(book.worksheets, 1)}
    book.calculation.fullCalcOnLoad = True
    with TemporaryFile() as draft:
        book.save(draft)
        with ZipFile(draft) as source, ZipFile(stream, "w", ZIP_DEFLATED, compresslevel=LEVEL) as target:
            for name in source.namelist():
                content = _properties(today) if name == PROPERTIES else source.read(name)
                parts = []
                if name in sheets:
                    content = _with_values(content, formula_values(sheets[name]))
                    parts = spool.parts.get(sheets[name].title, [])
                with target.open(_entry(name, today), "w") as file:
                    _write(file, content, parts, spool.file)


def _entry(name, today):
    entry = ZipInfo(name, (today.year, today.month, today.day, 0, 0, 0))
    entry.compress_type, entry.external_attr = ZIP_DEFLATED, 0o600 << 16
    entry._compresslevel = LEVEL
    return entry


def _properties(today):
    midnight = datetime.combine(today, time())
    return tostring(DocumentProperties(creator="giaoban", created=midnight, modified=midnight).to_tree())


def _with_values(content, values):
    """Every formula with its value, for readers who do not calculate; the others calculate anew on opening."""

    def complete(found):
        place, attributes, formula = found.groups()
        value = values[place.decode()]
        if isinstance(value, str):
            return b'<c r="%s"%s t="str">%s<v>%s</v>' % (place, attributes, formula, escape(value).encode())
        return b'<c r="%s"%s>%s<v>%s</v>' % (place, attributes, formula, repr(value).encode())

    return FORMULA.sub(complete, content)


def _write(file, content, parts, rows):
    """`content` with every part before the first of its rows that comes after the part."""
    places = [(int(found[1]), found.start()) for found in ROW.finditer(content)]
    written = 0
    for first, start, length in parts:
        place = next(position for number, position in places if number > first)
        file.write(content[written:place])
        rows.seek(start)
        _copy(rows, file, length)
        written = place
    file.write(content[written:])


def _copy(source, target, length, at_once=256 * 1024):
    while length:
        piece = source.read(min(at_once, length))
        target.write(piece)
        length -= len(piece)
