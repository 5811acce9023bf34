"""Asking for the yearly workbook; a worker writes it."""

from django.db import transaction

from core.activity import record
from core.errors import NotAllowed
from core.jobs import create_job
from reports.access import may_export
from reports.reach import BOUNDARIES
from reports.sameness import same_export, sameness_of


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
