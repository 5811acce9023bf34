"""The job that writes the yearly workbook."""

from django.utils import timezone

from core.errors import DomainError
from core.jobs import job_kind, result_file
from people.models import User
from people.selectors import title_of
from reports.access import may_export
from reports.workbook import write_workbook
from units.models import Unit


def may_read_export(job, user):
    return may_export(user, Unit.objects.get(pk=job.params["unit_id"]))


@job_kind("export_year", may_read=may_read_export)
def export_year(job, progress):
    unit, user = Unit.objects.get(pk=job.params["unit_id"]), User.objects.get(pk=job.owner_id)
    if not may_export(user, unit):
        raise DomainError("Đồng chí không còn phụ trách đơn vị này nên tệp không được lập.")
    today, year = timezone.localdate(), job.params["year"]
    with result_file(job, f"Giao ban {year} - {unit.name}.xlsx") as file:
        write_workbook(
            file,
            unit=unit,
            year=year,
            boundaries=job.params["boundaries"],
            today=today,
            user=user,
            maker=title_of(user, today),
            progress=progress,
        )
