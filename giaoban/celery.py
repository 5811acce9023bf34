"""Background work: the Celery application and the schedule. Tasks are named by the apps that own them."""

import os

from celery import Celery
from celery.schedules import crontab

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "giaoban.settings")
app = Celery("giaoban", task_cls="giaoban.periodic:SlotTask")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

MINUTE, DAY = 60, 24 * 3600


def _entry(task, schedule, expires):
    return {"task": task, "schedule": schedule, "options": {"expires": expires}}


app.conf.beat_schedule = {
    "plan": _entry("meetings.plan_occurrences", crontab(hour=0, minute=10), DAY),
    "hand-over": _entry("feedback.hand_over", crontab(hour=0, minute=15), DAY),
    "remind-meetings": _entry("meetings.remind", crontab(hour=6, minute=0), 6 * 3600),
    "remind-meetings-again": _entry("meetings.remind", crontab(hour=9, minute=0), 6 * 3600),
    "overdue-meetings": _entry("meetings.flag_overdue", crontab(hour=6, minute=20), 6 * 3600),
    "overdue-opinions-night": _entry("feedback.flag_overdue", crontab(hour=0, minute=25), 6 * 3600),
    "overdue-opinions-morning": _entry("feedback.flag_overdue", crontab(hour=6, minute=5), 6 * 3600),
    "visits-short": _entry("visits.remind_overdue", crontab(hour=6, minute=15), DAY),
    "compile": _entry("reports.compile_figures", crontab(hour=1, minute=30), DAY),
    "claims": _entry("reports.check_claims", crontab(hour=4, minute=0), DAY),
    "escalate": _entry("feedback.escalate_overdue", crontab(hour=6, minute=10), DAY),
    "notices": _entry("journal.deliver_notices", crontab(minute="*/15"), 15 * MINUTE),
    "seal": _entry("core.seal_activity", crontab(), MINUTE),
    "tidy": _entry("core.tidy", crontab(hour=3, minute=0), DAY),
    "sweep": _entry("core.sweep_jobs", 10.0, 10),
}
