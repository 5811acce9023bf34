"""Files of opinions: what comes in, who takes it away, and evidence of an answer."""

import io
import re
import zipfile
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from core.drafts import FILE_KEPT, tidy_files
from core.errors import DomainError
from core.files import check_inside
from core.models import Activity, KeptFile
from feedback.models import OpinionFile
from feedback.tests.builders import TODAY, record_one
from feedback.thread import moves

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7 bien ban %%EOF"
PNG = b"\x89PNG\r\n\x1a\n....IHDR....IEND...."


def office(*names):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return file.getvalue()


DOCX = office("[Content_Types].xml", "word/document.xml")


def upload(name="Bien ban.pdf", content=PDF):
    return SimpleUploadedFile(name, content)


@pytest.fixture
def opinion(cast):
    return record_one(cast.commune, cast.tree.a1, village_id=cast.tree.villages[0].pk)


def send(browser, opinion, file, **data):
    data = {"file": file, "no_secret": "on"} | data
    return browser.post(reverse("file_attach", args=[opinion.pk]), data)


@pytest.mark.parametrize("who", ["commune", "commune_leader", "village"])
def test_a_file_comes_in_once_and_goes_out_to_those_who_see_the_opinion(cast, opinion, signed_in, who):
    browser = signed_in(getattr(cast, who))
    assert send(browser, opinion, upload()).status_code == 302
    assert send(browser, opinion, upload()).status_code == 302
    file = OpinionFile.objects.get()
    url = reverse("opinion_file", args=[file.pk])
    answer = signed_in(cast.leader).get(url)
    assert b"".join(answer.streaming_content) == PDF
    assert answer["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer["Content-Security-Policy"]
    for stranger in (cast.other_commune, cast.agency, cast.outsider, cast.cadre):
        assert signed_in(stranger).get(url).status_code == 404
    assert "Bien ban.pdf" in browser.get(opinion.get_absolute_url()).content.decode()


def test_those_who_only_read_send_nothing(cast, opinion, signed_in):
    assert send(signed_in(cast.leader), opinion, upload()).status_code == 403
    assert send(signed_in(cast.other_commune), opinion, upload()).status_code == 404
    assert not OpinionFile.objects.exists()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.svg", b"<svg/>"),
        ("a.pdf", b"<html>"),
        ("Ke hoach (MẬT).pdf", PDF),
        ("a.pdf", b"%PDF-1.4 << /S /JavaScript /JS (app.alert(1)) >>"),
        ("a.pdf", b"%PDF-1.4 << /S /J#61vaScript >>"),
        ("a.docx", b"PK\x03\x04 broken"),
        ("a.docx", office("word/document.xml")),
        ("a.docx", office("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin")),
        ("a.xlsx", DOCX),
        ("a.png", b"\x89PNG\r\n\x1a\n cut off"),
    ],
)
def test_what_is_wrong_or_runs_is_refused_with_a_reason(cast, opinion, signed_in, name, content):
    answer = send(signed_in(cast.commune), opinion, upload(name, content))
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert not OpinionFile.objects.exists()


@pytest.mark.parametrize(("suffix", "content"), [("pdf", PDF), ("docx", DOCX), ("png", PNG)])
def test_honest_files_pass(suffix, content):
    check_inside(io.BytesIO(content), suffix)


def test_an_office_file_that_unpacks_to_too_much_is_refused(monkeypatch):
    monkeypatch.setattr("core.files.MOST_UNPACKED", 1)
    with pytest.raises(DomainError, match="quá lớn"):
        check_inside(io.BytesIO(DOCX), "docx")


def test_the_declaration_and_the_room_are_asked_for(cast, opinion, signed_in, settings):
    browser = signed_in(cast.commune)
    data = {"file": upload()}
    assert browser.post(reverse("file_attach", args=[opinion.pk]), data).status_code == 422
    assert browser.post(reverse("file_attach", args=[opinion.pk]), {"no_secret": "on"}).status_code == 422
    settings.UNIT_FILES_LIMIT = 10
    assert "dùng hết" in send(browser, opinion, upload()).content.decode()


def test_a_removed_file_is_gone_and_its_row_stays(cast, opinion, signed_in):
    send(signed_in(cast.village), opinion, upload())
    file = OpinionFile.objects.get()
    remove = reverse("file_remove", args=[file.pk])
    assert signed_in(cast.leader).post(remove).status_code == 403
    browser = signed_in(cast.commune)
    assert browser.post(remove).status_code == 302
    assert browser.get(reverse("opinion_file", args=[file.pk])).status_code == 404
    assert OpinionFile.objects.get().removed_at
    logged = Activity.objects.filter(verb__contains="tach").values_list("verb", flat=True)
    assert set(logged) == {"opinion.attach", "opinion.detach"}


def test_an_answer_brings_its_evidence_or_neither_is_kept(cast, opinion, signed_in):
    browser, url = signed_in(cast.commune), reverse("opinion_explain", args=[opinion.pk])
    data = {"version": 1, "note": "Đã sửa xong đường", "file": upload("a.svg", b"<svg/>"), "no_secret": "on"}
    answer = browser.post(url, data)
    assert answer.status_code == 422
    assert "Đã sửa xong đường" in answer.content.decode()
    opinion.refresh_from_db()
    assert opinion.status == "recorded"
    assert browser.post(url, data | {"file": upload()}).status_code == 302
    file = OpinionFile.objects.get()
    assert file.move.verb == "explain"
    assert "giải trình</span>" in browser.get(opinion.get_absolute_url()).content.decode()


def test_a_restricted_opinions_file_is_kept_from_others_and_its_reading_logged(cast, signed_in):
    hidden = record_one(cast.commune, cast.tree.a1, visibility="restricted")
    send(signed_in(cast.commune), hidden, upload())
    url = reverse("opinion_file", args=[OpinionFile.objects.get().pk])
    assert signed_in(cast.specialist).get(url).status_code == 404
    answer = signed_in(cast.head).get(url)
    assert b"".join(answer.streaming_content) == PDF
    read = Activity.objects.filter(verb="opinion.read_restricted", actor_id=cast.head.pk)
    assert read.count() == 1


def test_the_page_costs_the_same_for_three_files_as_for_one(cast, opinion, signed_in):
    browser = signed_in(cast.commune)
    moves.comment_opinion(opinion.pk, actor=cast.leader, version=1, today=TODAY, note="Giải quyết sớm")
    counts = []
    for number in range(3):
        send(browser, opinion, upload(content=PDF + str(number).encode()))
        browser.get(opinion.get_absolute_url())
        with CaptureQueriesContext(connection) as seen:
            browser.get(opinion.get_absolute_url())
        counts.append(len(seen))
    assert counts[0] == counts[2]


def kept_in(answer):
    found = re.search(r'name="kept_file" value="(\d+)"', answer.content.decode())
    return found and found[1]


def test_a_refused_form_keeps_its_file_and_sends_it_with_the_next_try(cast, opinion, signed_in):
    browser, url = signed_in(cast.commune), reverse("file_attach", args=[opinion.pk])
    refused = browser.post(url, {"file": upload()})
    assert refused.status_code == 422
    assert "Bien ban.pdf" in refused.content.decode()
    again = browser.post(url, {"kept_file": kept_in(refused), "no_secret": "on"})
    assert again.status_code == 302
    file = OpinionFile.objects.get()
    assert file.name == "Bien ban.pdf"
    assert b"".join(browser.get(reverse("opinion_file", args=[file.pk])).streaming_content) == PDF
    assert not KeptFile.objects.exists()


def test_a_refused_answer_keeps_its_evidence(cast, opinion, signed_in):
    browser, url = signed_in(cast.commune), reverse("opinion_explain", args=[opinion.pk])
    refused = browser.post(url, {"version": opinion.version, "file": upload(), "no_secret": "on"})
    assert refused.status_code == 422
    assert kept_in(refused)
    page = refused.content.decode()
    assert page.count("Tệp “Bien ban.pdf” đã nhận") == 1
    form = page.partition(f'<form method="post" action="{url}"')[2].partition("</form>")[0]
    assert re.search(r'<details class="fold" open>\s*<summary>Kèm một tệp', form)
    assert "Tệp “Bien ban.pdf” đã nhận" in form


def test_a_kept_file_is_its_owners_for_that_form_and_may_be_dropped(cast, opinion, signed_in):
    browser, url = signed_in(cast.commune), reverse("file_attach", args=[opinion.pk])
    kept = kept_in(browser.post(url, {"file": upload()}))
    other = signed_in(cast.commune_leader)
    assert other.post(url, {"kept_file": kept, "no_secret": "on"}).status_code == 422
    assert browser.post(url, {"kept_file": kept, "drop_file": "on", "no_secret": "on"}).status_code == 422
    assert browser.post(url, {"kept_file": "x", "no_secret": "on"}).status_code == 422
    assert not OpinionFile.objects.exists()
    wrong = browser.post(url, {"file": upload("a.pdf", b"<html>"), "no_secret": "on"})
    assert kept_in(wrong) is None
    now = timezone.now()
    assert tidy_files(now + FILE_KEPT - timedelta(minutes=1)) == 0
    assert tidy_files(now + FILE_KEPT + timedelta(minutes=1)) == 1
