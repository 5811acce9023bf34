"""Papers of a meeting: what may come in, and who gets them."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from core.errors import DomainError, NotAllowed
from meetings.enums import MeetingStatus
from meetings.files import attach
from meetings.models import Meeting, MeetingFile
from meetings.tests.builders import make_meeting

PDF = b"%PDF-1.7 bien ban"


@pytest.fixture
def meeting(cast):
    return make_meeting(cast.tree.a1, date(2026, 10, 12))


def test_kept_once_and_handed_out_to_those_who_see_the_meeting(cast, meeting, signed_in):
    for _ in range(2):
        attach(meeting, SimpleUploadedFile("../../Biên bản.pdf", PDF), actor=cast.commune)
    file = MeetingFile.objects.get()
    assert (file.name, file.size, file.content_type) == ("Biên bản.pdf", len(PDF), "application/pdf")
    url = f"/hoi-nghi/tep/{file.pk}/"
    answer = signed_in(cast.leader).get(url)
    assert b"".join(answer.streaming_content) == PDF
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    for who in (cast.other_commune, cast.other_leader, cast.agency, cast.outsider, cast.admin):
        assert signed_in(who).get(url).status_code == 404


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.svg", b"<svg>", "Chỉ nhận tệp"),
        ("a.pdf", b"<html>", "không phải dạng pdf"),
        ("a.exe", b"MZ", "Chỉ nhận tệp"),
    ],
)
def test_what_is_refused(cast, meeting, name, content, words):
    with pytest.raises(DomainError, match=words):
        attach(meeting, SimpleUploadedFile(name, content), actor=cast.commune)


def test_others_may_not_and_a_cancelled_meeting_takes_nothing(cast, meeting):
    with pytest.raises(NotAllowed):
        attach(meeting, SimpleUploadedFile("a.pdf", PDF), actor=cast.leader)
    Meeting.objects.update(status=MeetingStatus.CANCELLED)
    with pytest.raises(DomainError, match="đã hủy"):
        attach(meeting, SimpleUploadedFile("a.pdf", PDF), actor=cast.commune)
