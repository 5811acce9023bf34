"""Writing notices, inside the transaction of the change they tell about."""

import logging
from datetime import timedelta
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.utils import timezone

from journal.models import Notice


def notify(recipient_ids, *, key, text, url=""):
    """Tell each person once about the thing named by `key`; told already = nothing happens."""
    return notify_many((recipient_id, key, text, url) for recipient_id in recipient_ids)


def notify_many(rows):
    """Bulk form of `notify` for (recipient id, key, text, url) rows; a fifth value holds the lines of a digest."""
    notices = [_notice(*row) for row in rows]
    return len(Notice.objects.bulk_create(notices, batch_size=500, ignore_conflicts=True))


def _notice(recipient_id, key, text, url, lines=()):
    return Notice(recipient_id=recipient_id, key=key[:120], text=text[:300], url=url, lines="\n".join(lines))


def read_notice(*, actor, notice, now):
    """One's own notice is read; opening it again keeps the first moment."""
    Notice.objects.visible_to(actor).unread().filter(pk=notice.pk).update(read_at=now)


def read_all_notices(*, actor, now):
    return Notice.objects.visible_to(actor).unread().update(read_at=now)


logger = logging.getLogger("giaoban.notices")
NO_MAIL = "django.core.mail.backends.dummy.EmailBackend"
STILL_NEWS = timedelta(days=3)
LINES_SHOWN = 60


def deliver_notices(now):
    """Mail what is unread and unsent; returns how many notices went out.

    From `settings.DIGEST_AT` on, and nobody twice on one day: what comes later waits for the next morning.
    Older than three days is no news: switching mail on does not send the past.
    """
    here = timezone.localtime(now)
    if settings.EMAIL_BACKEND == NO_MAIL or here.time() < settings.DIGEST_AT:
        return 0
    waiting = _waiting(now).order_by("recipient_id").values_list("recipient_id", flat=True).distinct()
    return sum(_deliver_to(recipient_id, now) for recipient_id in list(waiting))


def _waiting(now):
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    served = Notice.objects.filter(mailed_at__gte=midnight).values("recipient_id")
    waiting = Notice.objects.filter(
        mailed_at=None, read_at=None, created_at__gte=now - STILL_NEWS, recipient__is_active=True
    )
    return waiting.exclude(recipient__email="").exclude(recipient_id__in=served)


def _deliver_to(recipient_id, now):
    """Claim first, send after the claim is kept: two workers never send the same notice."""
    with transaction.atomic():
        notices = list(
            _waiting(now)
            .filter(recipient_id=recipient_id)
            .select_related("recipient")
            .select_for_update(of=("self",))
            .order_by("pk")
        )
        ids = [notice.pk for notice in notices]
        Notice.objects.filter(pk__in=ids, mailed_at=None).update(mailed_at=now)
    if not notices:
        return 0
    try:
        _digest(notices).send()
    except (SMTPException, OSError) as error:
        Notice.objects.filter(pk__in=ids, mailed_at=now).update(mailed_at=None)
        logger.warning("mail to user %s not sent (%s)", recipient_id, type(error).__name__)
        return 0
    return len(notices)


def _digest(notices):
    lines = [line for notice in notices for line in _lines(notice)]
    if len(lines) > LINES_SHOWN:
        lines[LINES_SHOWN:] = [f"- và {len(lines) - LINES_SHOWN} dòng khác"]
    body = "\n".join(["Đồng chí có thông báo mới:", "", *lines, "", "Mời đăng nhập phần mềm Giao ban cơ sở để xem."])
    subject = f"Giao ban cơ sở: {len(notices)} thông báo mới"
    return EmailMessage(subject, body, to=[notices[0].recipient.email], connection=get_connection())


def _lines(notice):
    """A notice in plain text: its sentence, and below it the lines of a digest."""
    return [f"- {notice.text}", *(f"  + {line}" for line in notice.lines.splitlines())]
