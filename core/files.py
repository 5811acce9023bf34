"""Files of people: what may come in, how a file is kept, how it is handed out."""

import os
import re
import secrets
import zipfile
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.http import FileResponse, Http404

from core.errors import DomainError
from core.text import clean_name

_SIGNS = {
    "pdf": b"%PDF-",
    "jpg": b"\xff\xd8\xff",
    "jpeg": b"\xff\xd8\xff",
    "png": b"\x89PNG\r\n\x1a\n",
    "docx": b"PK\x03\x04",
    "xlsx": b"PK\x03\x04",
}
FILE_POLICY = "default-src 'none'; sandbox"


def safe_name(name):
    """A file's name as it is shown and offered for download: no path, no control character, at most 150 letters."""
    name = clean_name(name.replace("\\", "/").rsplit("/", 1)[-1]).strip(". ")
    stem, dot, suffix = name.rpartition(".")
    return f"{stem[: 149 - len(suffix)]}{dot}{suffix}" if dot and stem else name[:150] or "tep"


def check_upload(upload, kinds=("pdf", "jpg", "jpeg", "png", "docx", "xlsx")):
    """Refuse what is too big, empty, of another kind, or not what its name says."""
    suffix = safe_name(upload.name).rpartition(".")[2].lower()
    if suffix not in kinds or suffix not in _SIGNS:
        raise DomainError(
            f"Chỉ nhận tệp {', '.join(kinds)}. Hãy lưu tệp theo một trong các dạng này rồi gửi lại.", "file"
        )
    if upload.size > settings.UPLOAD_LIMIT:
        raise DomainError(f"Tệp quá {settings.UPLOAD_LIMIT // 1024 // 1024} MB. Hãy nén hoặc chia nhỏ tệp.", "file")
    upload.seek(0)
    head = upload.read(16)
    upload.seek(0)
    if not head.startswith(_SIGNS[suffix]):
        raise DomainError(f"Nội dung tệp không phải dạng {suffix}. Hãy mở tệp, lưu lại đúng dạng rồi gửi lại.", "file")


def store_upload(upload, folder):
    """Keep a checked upload under a random name; the answer is its path relative to the files' root."""
    suffix = safe_name(upload.name).rpartition(".")[2].lower()
    path = settings.FILES / folder / f"{secrets.token_hex(16)}.{suffix}"
    with whole_file(path) as file:
        for chunk in upload.chunks():
            file.write(chunk)
    return str(path.relative_to(settings.FILES))


@contextmanager
def whole_file(path):
    """Write a file that appears under its name only when it is complete and on the disk."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with open(draft, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
        sync_folder(path.parent)
    finally:
        draft.unlink(missing_ok=True)


def sync_folder(folder):
    """Make a rename last through a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def kept_path(relative):
    """The real path of a kept file; anything outside the files' root is as if it were missing."""
    path = (settings.FILES / relative).resolve()
    if not relative or not path.is_relative_to(settings.FILES.resolve()) or not path.is_file():
        raise Http404
    return path


def file_answer(relative, name):
    """Hand out a kept file as a download that no browser opens as a page."""
    stream = kept_path(relative).open("rb")  # the answer closes it
    response = FileResponse(stream, as_attachment=True, filename=safe_name(name))
    response["Content-Security-Policy"] = FILE_POLICY
    response["X-Content-Type-Options"] = "nosniff"
    return response


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
