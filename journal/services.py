"""Writing notices, inside the transaction of the change they tell about."""

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
