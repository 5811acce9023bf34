"""Background jobs: each ends once, whatever dies in between, and only its owner sees it."""

import os
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from core import jobs
from core.errors import DomainError
from core.models import Job, JobStatus

RUNS = []


@jobs.job_kind("test_write")
def write_file(job, progress):
    RUNS.append(job.pk)
    progress(0, 2)
    with jobs.result_file(job, "Số liệu 2016.xlsx") as file:
        file.write(b"content")
    progress(2)


@jobs.job_kind("test_refuse")
def refuse(job, progress):
    raise DomainError("Chưa có số liệu. Hãy chọn năm khác.")


@jobs.job_kind("test_break")
def break_down(job, progress):
    raise RuntimeError("secret text")


@jobs.job_kind("test_guarded", may_read=lambda job, user: job.params["open"])
def guarded(job, progress):
    write_file(job, progress)


@pytest.fixture
def owner(cast):
    RUNS.clear()
    return cast.specialist


def queue(owner, kind="test_write", **fields):
    return jobs.create_job(kind=kind, title="Xuất số liệu", params=fields, owner_id=owner.pk)


def status_of(browser, path):
    answer = browser.get(path)
    if answer.streaming:
        list(answer.streaming_content)  # reading to the end closes the file
    return answer.status_code


def test_job_runs_once_and_keeps_its_file(owner):
    job = queue(owner)
    assert jobs.run_job(job.pk) is True
    assert jobs.run_job(job.pk) is False
    job.refresh_from_db()
    assert (job.status, job.done, job.total, job.runs, RUNS) == (JobStatus.DONE, 2, 2, 1, [job.pk])
    assert job.file_name == "Số liệu 2016.xlsx"


def test_same_request_gives_the_same_job(owner, cast):
    fields = {"kind": "test_write", "title": "Xuất", "params": {}, "request_id": "r-1"}
    first = jobs.create_job(owner_id=owner.pk, **fields)
    assert jobs.create_job(owner_id=owner.pk, **fields) == first
    assert jobs.create_job(owner_id=cast.cadre.pk, **fields) != first


def test_message_is_sent_on_commit_only(owner, monkeypatch, django_capture_on_commit_callbacks):
    rung = []
    monkeypatch.setattr(jobs, "ring", rung.append)
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        job = queue(owner)
        assert rung == []
    assert rung == [job.pk]


@pytest.mark.parametrize(
    ("silent_seconds", "runs", "is_claimed"), [(5, 1, False), (16, 1, True), (16, 4, True), (16, 5, False)]
)
def test_a_silent_worker_loses_its_job(owner, silent_seconds, runs, is_claimed):
    now = timezone.now()
    job = queue(owner)
    heartbeat_at = now - timedelta(seconds=silent_seconds)
    Job.objects.filter(pk=job.pk).update(status=JobStatus.RUNNING, runs=runs, heartbeat_at=heartbeat_at)
    assert (jobs.claim(job.pk, now) is not None) is is_claimed


def test_a_worker_that_wakes_up_late_writes_nothing(owner):
    job = jobs.claim(queue(owner).pk, timezone.now())
    Job.objects.filter(pk=job.pk).update(runs=2)
    with pytest.raises(jobs.JobLost):
        jobs.Progress(job)(1, 10)
    assert Job.objects.get(pk=job.pk).done == 0


def test_sweep_rings_for_the_forgotten_and_fails_the_hopeless(owner):
    now = timezone.now()
    forgotten, fresh, stale, hopeless = (queue(owner) for _ in range(4))
    Job.objects.filter(pk=forgotten.pk).update(created_at=now - timedelta(minutes=1))
    silent = {"status": JobStatus.RUNNING, "heartbeat_at": now - timedelta(minutes=1)}
    Job.objects.filter(pk=stale.pk).update(runs=1, **silent)
    Job.objects.filter(pk=hopeless.pk).update(runs=5, **silent)
    assert jobs.sweep_jobs(now) == [forgotten.pk, stale.pk]
    hopeless.refresh_from_db()
    assert hopeless.status == JobStatus.FAILED
    assert hopeless.message
    fresh.refresh_from_db()
    assert fresh.status == JobStatus.QUEUED


def test_failures_say_what_a_person_can_do(owner, caplog):
    refused, broken = queue(owner, "test_refuse"), queue(owner, "test_break")
    for job in (refused, broken):
        assert jobs.run_job(job.pk)
        job.refresh_from_db()
        assert job.status == JobStatus.FAILED
    assert refused.message == "Chưa có số liệu. Hãy chọn năm khác."
    assert str(broken.pk) in broken.message
    assert "secret text" not in broken.message


def test_old_files_are_dropped_and_others_kept(owner):
    now = timezone.now()
    old, young = queue(owner), queue(owner)
    jobs.run_job(old.pk)
    jobs.run_job(young.pk)
    Job.objects.filter(pk=old.pk).update(finished_at=now - timedelta(days=8))
    old.refresh_from_db()
    written = jobs.settings.FILES.joinpath(old.file)
    os.utime(written, (0, 0))
    assert jobs.tidy_jobs(now) == 1
    assert not written.exists()
    old.refresh_from_db()
    young.refresh_from_db()
    assert old.file == ""
    assert jobs.settings.FILES.joinpath(young.file).exists()


def test_pages_of_a_job(owner, signed_in):
    job = queue(owner)
    browser = signed_in(owner)
    waiting = browser.get(f"/cong-viec/{job.pk}/")
    assert "Đang chờ" in waiting.text
    assert "hx-get" in waiting.text
    state = browser.get(f"/cong-viec/{job.pk}.json").json()
    assert state == {"state": "queued", "done": 0, "total": 0, "runs": 0, "file": None}
    assert browser.get(f"/cong-viec/{job.pk}/tep/").status_code == 404
    jobs.run_job(job.pk)
    done = browser.get(f"/cong-viec/{job.pk}/tien-do/")
    assert "hx-get" not in done.text
    state = browser.get(f"/cong-viec/{job.pk}.json").json()
    assert state == {"state": "done", "done": 2, "total": 2, "runs": 1, "file": f"/cong-viec/{job.pk}/tep/"}
    answer = browser.get(state["file"])
    assert b"".join(answer.streaming_content) == b"content"
    assert "filename*=utf-8''S%E1%BB%91%20li%E1%BB%87u%202016.xlsx" in answer["Content-Disposition"]
    assert answer["Cache-Control"] == "no-store, private"
    assert "sandbox" in answer["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["/", ".json", "/tien-do/", "/tep/"])
def test_nobody_else_sees_a_job(owner, cast, signed_in, path):
    job = queue(owner)
    jobs.run_job(job.pk)
    for other in (cast.head, cast.admin, cast.outsider):
        browser = signed_in(other)
        foreign, missing = browser.get(f"/cong-viec/{job.pk}{path}"), browser.get(f"/cong-viec/999999{path}")
        assert foreign.status_code == missing.status_code == 404
    assert status_of(signed_in(owner), f"/cong-viec/{job.pk}{path}") == 200


def test_download_asks_the_rule_again_and_dies_with_the_account(owner, signed_in):
    job = queue(owner, "test_guarded", open=True)
    jobs.run_job(job.pk)
    browser = signed_in(owner)
    assert status_of(browser, f"/cong-viec/{job.pk}/tep/") == 200
    Job.objects.filter(pk=job.pk).update(params={"open": False})
    assert browser.get(f"/cong-viec/{job.pk}/tep/").status_code == 404
    Job.objects.filter(pk=job.pk).update(params={"open": True})
    type(owner).objects.filter(pk=owner.pk).update(is_active=False)
    assert browser.get(f"/cong-viec/{job.pk}/tep/").status_code == 302
