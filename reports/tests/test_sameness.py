"""The same request gives the same file as long as it would be the same."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from conftest import make_user
from core import jobs
from core.activity import record
from core.files import kept_path
from core.models import Activity, Job
from reports.services import SILENT, request_export
from reports.tasks import export_year

pytestmark = pytest.mark.django_db


@pytest.fixture
def ask(cast):
    def ask(number, *, actor=cast.leader, unit=cast.tree.a, year=2016, boundaries="then", today=None):
        today = today or timezone.localdate()
        return request_export(unit, year, boundaries, actor=actor, request_id=f"r{number}", today=today)

    return ask


def run(job):
    assert jobs.run_job(job.pk)
    job.refresh_from_db()
    assert job.status == "done", job.message
    return job


def test_a_second_request_takes_up_the_first(ask, cast):
    first = ask(1)
    assert ask(2) == first
    run(first)
    assert ask(3) == first
    assert not jobs.run_job(first.pk)
    assert Activity.objects.filter(verb="report.export_year", actor_id=cast.leader.pk).count() == 3


@pytest.mark.parametrize("verb", SILENT)
def test_acts_that_change_no_report_make_no_new_file(ask, cast, verb):
    first = ask(1)
    record(cast.leader.pk, verb, cast.tree.a1)
    assert ask(2) == first


@pytest.mark.parametrize("verb", ["opinion.resolve", "meeting.log", "unit.rename", "post.begin", "something.new"])
def test_any_other_act_makes_a_new_file(ask, cast, verb):
    first = run(ask(1))
    record(cast.leader.pk, verb, cast.tree.a1)
    second = ask(2)
    assert second != first
    assert ask(3) == second


def test_a_line_numbered_earlier_and_committed_later_is_seen(ask, cast):
    late = record(cast.leader.pk, "opinion.resolve", cast.tree.a1)
    line = Activity.objects.filter(pk=late.pk).values().get()
    record(cast.leader.pk, "opinion.resolve", cast.tree.a1)
    Activity.objects.filter(pk=late.pk).delete()
    first = ask(1)
    Activity.objects.create(**line)
    assert ask(2) != first


def test_another_user_unit_year_tree_or_day_has_its_own(ask, cast):
    first = run(ask(1))
    other = make_user("pho.yenson", "leader", cast.tree.a)
    again = [ask(2, actor=other), ask(3, unit=cast.tree.a1), ask(4, year=2017), ask(5, boundaries="now")]
    again.append(ask(6, today=timezone.localdate() + timedelta(1)))
    assert len({first.pk, *(job.pk for job in again)}) == 6
    assert again[0].owner_id == other.pk
    assert not jobs.may_read(first, other)


def test_a_file_that_is_gone_is_made_again(ask):
    first = run(ask(1))
    (settings.FILES / first.file).unlink()
    second = run(ask(2))
    assert second != first
    jobs.tidy_jobs(timezone.now() + timedelta(8))
    assert ask(3) not in (first, second)


def test_a_failed_job_is_not_taken_up(ask):
    first = ask(1)
    Job.objects.filter(pk=first.pk).update(status="failed")
    assert ask(2) != first


def test_what_changed_before_the_worker_began_is_in_the_file(ask, cast):
    first = ask(1)
    record(cast.leader.pk, "opinion.resolve", cast.tree.a1)
    run(first)
    assert ask(2) == first


def test_what_changed_while_the_worker_wrote_is_not(ask, cast):
    first = ask(1)

    def progress(done, total):
        if done == 1:
            record(cast.leader.pk, "opinion.resolve", cast.tree.a1)

    job = Job.objects.get(pk=first.pk)
    export_year(job, progress)
    job.refresh_from_db()
    assert job.params["sameness"] == ""
    assert ask(2) != first


def test_two_files_of_the_same_data_are_equal(ask):
    first = run(ask(1))
    content = kept_path(first.file).read_bytes()
    kept_path(first.file).unlink()
    assert kept_path(run(ask(2)).file).read_bytes() == content
