"""The job that writes the yearly workbook."""

from celery import shared_task
from django.utils import timezone

from core.errors import DomainError
from core.jobs import job_kind, result_file
from core.models import Job
from core.periods import Period
from people.models import User
from people.reads import title_of
from reports import compiling
from reports.access import may_export
from reports.claims import services as claims_services
from reports.models import PeriodClosure
from reports.reach import naming_day
from reports.services import sameness_of
from reports.workbook import write_workbook
from reports.workbook.freezing import freeze_year
from units.models import Unit


def may_read_export(job, user):
    return may_export(user, Unit.objects.get(pk=job.params["unit_id"]))


def may_read_freeze(job, user):
    return PeriodClosure.objects.visible_to(user).filter(pk=job.params["closure_id"]).exists()


@job_kind("freeze_year", may_read=may_read_freeze)
def run_freeze(job, progress):
    closure = freeze_year(job.params["closure_id"], now=timezone.now(), progress=progress)
    job.message = f"Đã chốt số liệu; mã băm của tệp: {closure.workbook_sha256}"


@job_kind("export_year", may_read=may_read_export)
def export_year(job, progress):
    unit, user = Unit.objects.get(pk=job.params["unit_id"]), User.objects.get(pk=job.owner_id)
    if not may_export(user, unit):
        raise DomainError("Đồng chí không còn phụ trách đơn vị này nên tệp không được lập.")
    today, year, boundaries = timezone.localdate(), job.params["year"], job.params["boundaries"]
    for_signing = job.params.get("for_signing", False)
    before = sameness_of(unit, year, boundaries, actor=user, today=today, for_signing=for_signing)
    mark = " (bản trình ký)" if for_signing else ""
    with result_file(job, f"Giao ban {year} - {unit.name}{mark}.xlsx") as file:
        write_workbook(
            file,
            unit=unit,
            year=year,
            boundaries=boundaries,
            today=today,
            user=user,
            maker=title_of(user, today, naming_day(boundaries, Period.year(year), today)),
            progress=progress,
            for_signing=for_signing,
        )
    after = sameness_of(unit, year, boundaries, actor=user, today=today, for_signing=for_signing)
    job.params["sameness"] = after if after == before else ""
    Job.objects.filter(pk=job.pk, runs=job.runs).update(params=job.params)


@shared_task(name="reports.check_claims")
def check_claims():
    claims_services.check_claims(timezone.localdate())


@shared_task(name="reports.compile_figures")
def compile_yearly_figures():
    now = timezone.now()
    compiling.compile_figures(timezone.localdate(now), now)
