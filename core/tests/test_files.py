"""Uploads: what may come in, under which name it is offered, and that no half file is ever seen."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import Http404

from core.errors import DomainError
from core.files import check_upload, file_answer, kept_path, safe_name, store_upload, whole_file

PDF = b"%PDF-1.7 content"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Biên bản.pdf", "Biên bản.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\tam\\a.pdf", "a.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "a Set-Cookie: x.pdf"),
        ("..", "tep"),
        ("ă" * 500 + ".pdf", "ă" * 146 + ".pdf"),
    ],
)
def test_safe_name(name, shown):
    assert safe_name(name) == shown


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.svg", b"<svg/>"),
        ("a.html", b"<html>"),
        ("a.pdf", b"<html>"),
        ("a.pdf", b""),
        ("a.pdf.exe", PDF),
        ("a.png", PDF),
        ("a", PDF),
    ],
)
def test_wrong_uploads_are_refused(name, content):
    with pytest.raises(DomainError):
        check_upload(SimpleUploadedFile(name, content))


def test_too_big_an_upload_is_refused(settings):
    settings.UPLOAD_LIMIT = 10
    with pytest.raises(DomainError, match="MB"):
        check_upload(SimpleUploadedFile("a.pdf", PDF))


def test_a_good_upload_is_kept_under_a_random_name_and_given_out_as_a_download():
    upload = SimpleUploadedFile("Biên bản.pdf", PDF)
    check_upload(upload)
    kept = store_upload(upload, "attachments")
    assert "Bi" not in kept
    answer = file_answer(kept, "Biên bản.pdf")
    assert b"".join(answer.streaming_content) == PDF
    assert answer["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer["Content-Security-Policy"]
    answer.file_to_stream.close()


@pytest.mark.parametrize("path", ["../secret_key", "/etc/passwd", "", "attachments/none.pdf"])
def test_nothing_outside_the_files_is_given_out(path):
    with pytest.raises(Http404):
        kept_path(path)


def test_a_file_that_breaks_off_leaves_nothing(tmp_path):
    def break_off():
        with whole_file(tmp_path / "a.xlsx") as file:
            file.write(b"half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        break_off()
    assert list(tmp_path.iterdir()) == []
