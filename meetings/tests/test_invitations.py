"""Invitations by e-mail: one letter an address, none twice, failures told and sent again; no opinions in them."""

from datetime import time, timedelta
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected

import pytest
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core.errors import DomainError, NotAllowed
from core.jobs import run_job
from core.models import Job
from meetings.delegates.invitations import agenda_headings, invitees, queue_invitations
from meetings.enums import MeetingStatus
from meetings.models import InvitationMail, Meeting
from meetings.tests.builders import make_planned
from people.models import Person, Post

AGENDA = "1. Kết quả kỳ trước.\n- Đường liên thôn lầy lội (ý kiến số 3)\n2. Nghe ý kiến.\nÔng An nói về đất đai"


class NoServer(BaseEmailBackend):
    def send_messages(self, messages):
        raise SMTPServerDisconnected("gone")


class NoSuchAddress(BaseEmailBackend):
    def send_messages(self, messages):
        raise SMTPRecipientsRefused({})


@pytest.fixture
def planned(cast):
    people = [post.person for post in Post.objects.filter(unit__in=cast.tree.villages).order_by("pk")[:3]]
    for number, person in enumerate(people):
        Person.objects.filter(pk=person.pk).update(email=f"thon{number}@example.org")
    cast.commune_leader.email = "bithu@example.org"
    cast.commune_leader.save()
    return make_planned(
        cast.tree.a1,
        timezone.localdate() + timedelta(days=5),
        started_at=time(7, 30),
        place="Hội trường xã",
        agenda=AGENDA,
    )


def queue(cast, meeting, actor=None):
    return queue_invitations(meeting.pk, actor=actor or cast.commune, now=timezone.now())


def sent_to():
    return sorted(message.to[0] for message in mail.outbox)


def test_everybody_with_an_address_gets_one_letter(cast, planned):
    job = queue(cast, planned)
    assert mail.outbox == []
    assert run_job(job.pk)
    assert len(mail.outbox) == len(set(sent_to())) == InvitationMail.objects.count() >= 3
    assert "bithu@example.org" in sent_to()
    letter = mail.outbox[0]
    assert letter.subject.startswith(f"Giấy mời: {planned.title}")
    assert "Thời gian: 07:30, ngày" in letter.body
    assert "Địa điểm: Hội trường xã" in letter.body
    assert "1. Đọc lại các trả lời từ kỳ trước để thôn, khu xác nhận.\n2. Kết quả kỳ trước." in letter.body
    assert "lầy lội" not in letter.body + letter.subject
    assert "đất đai" not in letter.body
    ((name, content, kind),) = letter.attachments
    assert (name, kind) == ("giay-moi.ics", "text/calendar")
    assert f"UID:meeting-{planned.pk}." in content
    assert "lầy" not in content
    assert Job.objects.get(pk=job.pk).message == f"Đã gửi {len(mail.outbox)} thư, 0 thư không gửi được."


def test_nothing_is_sent_twice(cast, planned):
    job = queue(cast, planned)
    run_job(job.pk)
    count = len(mail.outbox)
    Job.objects.filter(pk=job.pk).update(status="queued")
    assert run_job(job.pk)
    assert queue(cast, planned) is None
    assert len(mail.outbox) == count


def test_two_jobs_waiting_send_one_letter_each(cast, planned):
    first, second = queue(cast, planned), queue(cast, planned)
    run_job(first.pk)
    run_job(second.pk)
    assert len(mail.outbox) == len(set(sent_to()))


def test_somebody_who_got_an_address_later_is_sent_the_same_letter(cast, planned):
    run_job(queue(cast, planned).pk)
    mail.outbox.clear()
    late = Person.objects.filter(posts__unit=cast.tree.villages[2], email="").first()
    Person.objects.filter(pk=late.pk).update(email="moi@example.org")
    run_job(queue(cast, planned).pk)
    assert sent_to() == ["moi@example.org"]


def test_a_new_day_is_a_new_revision(cast, planned):
    run_job(queue(cast, planned).pk)
    mail.outbox.clear()
    Meeting.objects.filter(pk=planned.pk).update(planned_on=planned.planned_on + timedelta(days=2))
    run_job(queue(cast, planned).pk)
    assert mail.outbox[0].subject.startswith("Giấy mời (thay đổi): ")
    assert "đã thay đổi so với giấy mời trước" in mail.outbox[0].body
    assert set(InvitationMail.objects.values_list("revision", flat=True)) == {1, 2}


@pytest.mark.parametrize(
    ("backend", "words"), [("NoServer", "Máy chủ thư không trả lời."), ("NoSuchAddress", "không nhận địa chỉ này")]
)
def test_failures_are_told_and_can_be_sent_again(cast, planned, settings, signed_in, backend, words):
    working = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = f"{__name__}.{backend}"
    run_job(queue(cast, planned).pk)
    assert not InvitationMail.objects.exclude(sent_at=None).exists()
    assert words in signed_in(cast.commune).get(f"/hoi-nghi/{planned.pk}/moi-hop/").content.decode()
    settings.EMAIL_BACKEND = working
    run_job(queue(cast, planned).pk)
    assert len(mail.outbox) == InvitationMail.objects.filter(failure="").count() > 0


def test_a_meeting_called_off_meanwhile_is_not_announced(cast, planned):
    job = queue(cast, planned)
    Meeting.objects.filter(pk=planned.pk).update(status=MeetingStatus.CANCELLED)
    run_job(job.pk)
    assert mail.outbox == []
    assert not InvitationMail.objects.filter(failure="").exists()


@pytest.mark.parametrize(
    "change", [{"status": "postponed"}, {"planned_on": "2020-01-02"}, {"status": "held", "held_on": "2026-01-02"}]
)
def test_what_cannot_be_announced_is_refused(cast, planned, change):
    Meeting.objects.filter(pk=planned.pk).update(**change)
    with pytest.raises(DomainError):
        queue(cast, planned)


@pytest.mark.parametrize("who", ["other_commune", "leader", "specialist", "outsider", "agency", "admin"])
def test_only_the_keepers_invite(cast, planned, who, signed_in):
    with pytest.raises(NotAllowed):
        queue(cast, planned, getattr(cast, who))
    browser = signed_in(getattr(cast, who))
    assert browser.get(f"/hoi-nghi/{planned.pk}/moi-hop/").status_code in (403, 404)
    assert browser.post(f"/hoi-nghi/{planned.pk}/moi-hop/gui/").status_code in (403, 404)
    assert not InvitationMail.objects.exists()


def test_the_page_says_who_can_be_reached(cast, planned, signed_in):
    browser = signed_in(cast.commune)
    page = browser.get(f"/hoi-nghi/{planned.pk}/moi-hop/")
    text = page.content.decode()
    assert text.count("data-key=") == page.context["total"]
    assert "thon2@example.org" in text
    assert "chưa có" in text
    assert browser.post(f"/hoi-nghi/{planned.pk}/moi-hop/gui/").status_code == 302
    assert "Đang chờ gửi" in browser.get(f"/hoi-nghi/{planned.pk}/moi-hop/").content.decode()


def test_without_a_mail_server_the_page_says_so(cast, planned, signed_in, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    browser = signed_in(cast.commune)
    assert "chưa cài máy chủ thư" in browser.get(f"/hoi-nghi/{planned.pk}/moi-hop/").content.decode()
    assert browser.post(f"/hoi-nghi/{planned.pk}/moi-hop/gui/").status_code == 422


def test_the_page_costs_the_same_for_more_people(cast, planned, signed_in):
    browser, counts = signed_in(cast.commune), []
    for number in range(3):
        person = Person.objects.filter(posts__unit__in=cast.tree.villages, email="").first()
        Person.objects.filter(pk=person.pk).update(email=f"them{number}@example.org")
        browser.get(f"/hoi-nghi/{planned.pk}/moi-hop/")
        with CaptureQueriesContext(connection) as seen:
            browser.get(f"/hoi-nghi/{planned.pk}/moi-hop/")
        counts.append(len(seen))
    assert max(counts) == min(counts) <= 15


def test_only_numbered_headings_leave_the_house():
    assert agenda_headings(AGENDA) == ["1. Kết quả kỳ trước.", "2. Nghe ý kiến."]
    assert agenda_headings("Ông An nói") == []


def test_who_has_no_address_is_counted_and_gets_a_printed_slip(cast, planned, signed_in):
    browser, page = signed_in(cast.commune), f"/hoi-nghi/{planned.pk}/moi-hop/"
    without = [invitee for invitee in invitees(planned) if not invitee.address]
    with_address = [invitee for invitee in invitees(planned) if invitee.address]
    assert without
    assert with_address
    assert f"{len(without)} chưa có" in " ".join(browser.get(page).content.decode().split())
    slips = browser.get(f"{page}in/").content.decode()
    assert f'data-total="{len(without)}"' in slips
    assert slips.count("Kính gửi đồng chí") == len(without)
    assert all(invitee.name in slips for invitee in without)
    assert not any(f"<strong>{invitee.name}</strong>" in slips for invitee in with_address)
    assert "1. Đọc lại các trả lời từ kỳ trước để thôn, khu xác nhận." in slips
    assert "lầy lội" not in slips
    assert signed_in(cast.leader).get(f"{page}in/").status_code == 403
    assert signed_in(cast.other_commune).get(f"{page}in/").status_code == 404
