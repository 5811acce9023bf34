"""Mail: one digest a person, each notice once, nothing where nobody asked for it."""

from datetime import time, timedelta
from smtplib import SMTPException

import pytest
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone

from journal.models import Notice
from journal.services import deliver_notices, notify
from journal.tasks import deliver_notices as task


class BrokenMail(BaseEmailBackend):
    def send_messages(self, messages):
        raise SMTPException("no route")


@pytest.fixture
def told(cast):
    cast.commune.email, cast.leader.email = "xa@example.org", "huyen@example.org"
    for user in (cast.commune, cast.leader):
        user.save()
    notify([cast.commune.pk, cast.leader.pk, cast.head.pk], key="a", text="Hội nghị tháng 10 đã quá hạn")
    notify([cast.commune.pk], key="b", text="Ý kiến số 3 đã được trả lời")
    return cast


def test_one_digest_a_person_and_never_twice(told):
    now = timezone.now()
    assert deliver_notices(now) == 3
    assert deliver_notices(now) == 0
    task()
    mails = {message.to[0]: message for message in mail.outbox}
    assert set(mails) == {"xa@example.org", "huyen@example.org"}
    assert len(mail.outbox) == 2
    assert mails["xa@example.org"].subject == "Giao ban cơ sở: 2 thông báo mới"
    assert "- Ý kiến số 3 đã được trả lời" in mails["xa@example.org"].body


def test_what_comes_after_the_digest_waits_for_the_next_morning(told, settings):
    morning = timezone.localtime(timezone.now()).replace(hour=6, minute=45)
    settings.DIGEST_AT = time(6, 45)
    assert deliver_notices(morning - timedelta(minutes=1)) == 0
    assert deliver_notices(morning) == 3
    notify([told.commune.pk], key="c", text="Có chỉ đạo mới")
    assert deliver_notices(morning + timedelta(hours=8)) == 0
    assert deliver_notices(morning + timedelta(days=1)) == 1
    assert len(mail.outbox) == 3


def test_read_old_and_disabled_are_not_mailed(told):
    Notice.objects.filter(recipient=told.leader).update(read_at=timezone.now())
    Notice.objects.filter(key="b").update(created_at=timezone.now() - timedelta(days=4))
    told.commune.is_active = False
    told.commune.save()
    assert deliver_notices(timezone.now()) == 0
    assert mail.outbox == []


def test_a_mail_that_fails_is_tried_again(told, settings):
    working = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = f"{__name__}.BrokenMail"
    assert deliver_notices(timezone.now()) == 0
    settings.EMAIL_BACKEND = working
    assert deliver_notices(timezone.now()) == 3


def test_without_mail_notices_stay_here(told, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    assert deliver_notices(timezone.now()) == 0
    assert Notice.objects.filter(mailed_at=None).count() == 4
