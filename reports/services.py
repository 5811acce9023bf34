"""Asking for the yearly workbook; a worker writes it."""

import hashlib
import json
from functools import cache
from pathlib import Path

from django.conf import settings
from django.db import transaction

from core.activity import record
from core.errors import NotAllowed
from core.jobs import create_job
from core.models import Activity, Job, JobStatus
from people.reads import title_of
from reports.access import may_export
from reports.reach import BOUNDARIES
from units.scoping import scope_of

SILENT = (
    *("user.sign_in", "user.sign_out", "user.change_password", "user.change_email", "user.reset_password"),
    *("opinion.read_restricted", "opinion.print", "opinion.follow", "filter.save", "filter.drop", "feed.renew"),
    *("feed.end", "meetings.remind", "support.remind", "job.sweep", "report.export_year", "report.table"),
)
"""Acts that change nothing a report shows. An act that is not known here makes a new file."""
LINES = 200
"""So many last lines of the activity log tell one state of the data from another: a line that another transaction
numbered earlier and committed later stands among them."""


def sameness_of(unit, year, boundaries, *, actor, today, for_signing=False):
    """A word that stays the same while the file would: data, rights and title of the actor, day, and program."""
    lines = Activity.objects.exclude(verb__in=SILENT).order_by("-pk").values_list("pk", flat=True)[:LINES]
    rights = sorted((grant.role, grant.unit_id, sorted(grant.unit_ids)) for grant in scope_of(actor).grants)
    parts = [unit.pk, year, boundaries, str(today), actor.pk, title_of(actor, today), rights, list(lines), _program()]
    parts += ["for_signing"] if for_signing else []
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def same_export(actor, word):
    """The actor's newest export of this word that is under way or still has its file."""
    jobs = Job.objects.filter(kind="export_year", owner_id=actor.pk, params__sameness=word)
    for job in jobs.exclude(status=JobStatus.FAILED).order_by("-pk"):
        if job.status != JobStatus.DONE or (job.file and (settings.FILES / job.file).is_file()):
            return job
    return None


@cache
def _program():
    """The digest of the modules that make the reports."""
    folder = Path(__file__).parent
    modules = sorted(path for path in folder.rglob("*.py") if "tests" not in path.parts)
    return hashlib.sha256(b"".join(path.read_bytes() for path in modules)).hexdigest()


@transaction.atomic
def request_export(unit, year, boundaries, *, actor, request_id, today, for_signing=False):
    """Queue the workbook, once for each `request_id`; the actor's own job of the same file is taken up instead.

    Each request leaves a line in the activity log.
    """
    if not may_export(actor, unit):
        raise NotAllowed("Đồng chí chỉ xuất được số liệu của đơn vị mình phụ trách. Chọn lại đơn vị.")
    word = sameness_of(unit, year, boundaries, actor=actor, today=today, for_signing=for_signing)
    words = "Bản trình ký" if for_signing else "Xuất số liệu"
    job = same_export(actor, word) or create_job(
        kind="export_year",
        title=f"{words} năm {year} – {unit.name} ({BOUNDARIES[boundaries]})",
        params={
            "unit_id": unit.pk,
            "year": year,
            "boundaries": boundaries,
            "sameness": word,
            "for_signing": for_signing,
        },
        owner_id=actor.pk,
        request_id=request_id,
    )
    record(
        actor.pk,
        "report.export_year",
        unit,
        after={"year": year, "boundaries": boundaries, "for_signing": for_signing, "job": job.pk},
    )
    return job
