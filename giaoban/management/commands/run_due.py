"""Everything the schedule would do, once, in the foreground, as of a moment."""

import json
import logging
from datetime import datetime

from django.core.management import BaseCommand, CommandError
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from core import activity, jobs
from feedback import jobs as clocks_jobs
from feedback import jobs as opinions_overdue
from journal import services as journal_services
from meetings import jobs as meetings_jobs
from meetings.cadence import services as cadence_services
from reports import compiling
from reports.claims import services as claims_services
from visits import jobs as visits_overdue
from visits.helped.jobs import remind_checks

logger = logging.getLogger("giaoban.periodic")


class Command(BaseCommand):
    help = "Do all periodic work once and print one JSON object of counts."

    def add_arguments(self, parser):
        parser.add_argument("--now", help="the moment to act as of, e.g. 2026-11-22T06:30 (default: now)")
        parser.add_argument("--json", action="store_true", help="accepted for uniformity; the output is always JSON")

    def handle(self, *, now=None, **options):
        counts, failed = run_due(read_moment(now))
        self.stdout.write(json.dumps(counts, ensure_ascii=False))
        if failed:
            raise CommandError(f"not done: {', '.join(failed)} (see the log)")


def read_moment(word):
    """A moment in Vietnam's zone unless it names another."""
    try:
        moment = parse_datetime(word) if word else timezone.now()
    except ValueError:
        moment = None
    if not isinstance(moment, datetime):
        raise CommandError(f"--now {word!r} is not a moment. Write for example 2026-11-22T06:30.")
    return moment if timezone.is_aware(moment) else timezone.make_aware(moment)


def run_due(now):
    """Every step in the order of a night; one that fails does not stop the rest."""
    today = timezone.localdate(now)
    steps = {
        "planned": lambda: cadence_services.plan_occurrences(cadence_services.end_of_next_month(today), today),
        "handed_over": lambda: clocks_jobs.hand_over(today),
        "meetings": lambda: _meetings(today),
        "opinions_flagged": lambda: opinions_overdue.flag_overdue(today),
        "escalated": lambda: clocks_jobs.escalate_overdue(today),
        "visits_reminded": lambda: visits_overdue.remind_overdue(today) + remind_checks(today),
        "figures": lambda: _compiled(today, now),
        "claims_broken": lambda: claims_services.check_claims(today),
        "jobs_run": lambda: sum(jobs.run_job(job_id) for job_id in jobs.waiting_jobs(timezone.now())),
        "notices_delivered": lambda: journal_services.deliver_notices(now),
        "sealed": activity.seal_activity,
    }
    counts, failed = {}, []
    for name, step in steps.items():
        try:
            done = step()
            counts |= done if isinstance(done, dict) else {name: done}
        except Exception:
            logger.exception("step %s failed", name)
            failed.append(name)
    return counts, failed


def _compiled(today, now):
    found = compiling.compile_figures(today, now)
    return {"figures_compiled": found["compiled"], "tallies_mended": found["drift"]}


def _meetings(today):
    told = meetings_jobs.remind(today)
    return {"meetings_flagged": told.flagged, "meetings_reminded": told.notices}
