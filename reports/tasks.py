"""The job that writes the yearly workbook."""

from django.utils import timezone

from core.errors import DomainError
from core.jobs import job_kind, result_file
from core.models import Job
from people.models import User
from people.selectors import title_of
from reports.access import may_export
from reports.sameness import sameness_of
from reports.workbook import write_workbook
from units.models import Unit


def may_read_export(job, user):
    return may_export(user, Unit.objects.get(pk=job.params["unit_id"]))


@job_kind("export_year", may_read=may_read_export)
def export_year(job, progress):
    unit, user = Unit.objects.get(pk=job.params["unit_id"]), User.objects.get(pk=job.owner_id)
    if not may_export(user, unit):
        raise DomainError("Đồng chí không còn phụ trách đơn vị này nên tệp không được lập.")
    today, year, boundaries = timezone.localdate(), job.params["year"], job.params["boundaries"]
    before = sameness_of(unit, year, boundaries, actor=user, today=today)
    with result_file(job, f"Giao ban {year} - {unit.name}.xlsx") as file:
        write_workbook(
            file,
            unit=unit,
            year=year,
            boundaries=boundaries,
            today=today,
            user=user,
            maker=title_of(user, today),
            progress=progress,
        )
    after = sameness_of(unit, year, boundaries, actor=user, today=today)
    job.params["sameness"] = after if after == before else ""
    Job.objects.filter(pk=job.pk, runs=job.runs).update(params=job.params)
