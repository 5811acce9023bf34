"""A deeper look into an upload: it must be what it says all through, and hold nothing that runs."""

import re
import zipfile

from core.errors import DomainError

MAIN_PARTS = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml"}
RUNNING_PARTS = ("vbaproject", "activex", "macrosheets", "/embeddings/", "oleobject")
RUNNING_NAMES = (b"/JavaScript", b"/Launch")
MOST_PARTS, MOST_UNPACKED = 2_000, 300 * 1024 * 1024
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")


def check_inside(upload, suffix):
    """Refuse a broken file, and one with macros, programs or scripts. Compressed parts of a pdf stay unread."""
    if suffix in MAIN_PARTS:
        _check_office(upload, suffix)
    elif suffix == "pdf":
        _check_pdf(_whole(upload))
    elif suffix in ("jpg", "jpeg", "png"):
        end = b"IEND" if suffix == "png" else b"\xff\xd9"
        if end not in _whole(upload):
            raise _broken(suffix)
    upload.seek(0)


def _whole(upload):
    upload.seek(0)
    return upload.read()


def _check_office(upload, suffix):
    """The parts are only listed, never unpacked."""
    upload.seek(0)
    try:
        with zipfile.ZipFile(upload) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
        raise _broken(suffix) from None
    names = {part.filename for part in parts}
    if "[Content_Types].xml" not in names or MAIN_PARTS[suffix] not in names:
        raise _broken(suffix)
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise DomainError("Tệp giải nén ra quá lớn. Hãy chia nhỏ tệp rồi gửi lại.", "file")
    if any(word in f"/{name.lower()}" for name in names for word in RUNNING_PARTS):
        raise DomainError("Tệp có macro hoặc chương trình nhúng. Hãy lưu lại không có macro rồi gửi lại.", "file")


def _check_pdf(content):
    """Names may be written with #xx for a letter."""
    plain = _ESCAPED.sub(lambda found: bytes([int(found[1], 16)]), content)
    if any(name in plain for name in RUNNING_NAMES):
        raise DomainError("Tệp pdf có mã lệnh tự chạy. Hãy in lại ra pdf rồi gửi lại.", "file")


def _broken(suffix):
    return DomainError(f"Tệp {suffix} bị hỏng, không mở được. Hãy mở tệp, lưu lại rồi gửi lại.", "file")
