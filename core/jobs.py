"""Background jobs. The Job row is the truth; the message to the worker is only a bell that may get lost.

    @job_kind("export_year", may_read=may_read_export)   in <app>/tasks.py
    def export_year(job, progress):
        progress(0, 40)
        with result_file(job, "Số liệu 2016.xlsx") as file:   # file.name is its path while it grows
            ...

A kind may be run again from its beginning after the worker died, so running twice must change nothing.
"""

import logging
import secrets
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from celery import current_app
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.module_loading import autodiscover_modules

from core.errors import DomainError
from core.files import safe_name, whole_file
from core.models import Job, JobStatus, Pulse, Slot

logger = logging.getLogger("giaoban.jobs")

BEAT_SECONDS = 3
STALE = timedelta(seconds=15)
WAITED = timedelta(seconds=20)
MAX_RUNS = 5
KEPT = timedelta(days=7)
PROGRESS_SECONDS = 0.5
_KINDS = {}


class JobLost(Exception):
    """Another worker has taken this job over; stop without a trace."""


def job_kind(kind, may_read=None):
    """Register the function of a kind of job; `may_read(job, user)` is asked again at every download."""

    def register(run):
        _KINDS[kind] = (run, may_read)
        return run

    return register


def create_job(*, kind, title, params, owner_id, request_id=None):
    """Queue a piece of work, once for each `request_id`. A silent broker delays it and never loses it."""
    _lookup(kind)
    fields = {"kind": kind, "title": title[:200], "params": params, "owner_id": owner_id}
    if not request_id:
        job = Job.objects.create(**fields)
    else:
        key = f"{owner_id}:{request_id}"[:64]
        job, made = Job.objects.get_or_create(request_id=key, defaults=fields)
        if not made:
            return job
    transaction.on_commit(lambda: ring(job.pk))
    return job


def ring(job_id):
    """Tell a worker. When the broker is down the sweeper tells it later."""
    try:
        current_app.send_task("core.run_job", args=[job_id], retry=False)
    except Exception as error:  # the broker's libraries raise errors of many families
        logger.warning("job %s waits: the broker is unreachable (%s)", job_id, type(error).__name__)


def claim(job_id, now):
    """Take a queued job, or one whose worker fell silent. None when it is somebody else's or finished."""
    stale = Q(status=JobStatus.RUNNING, heartbeat_at__lt=now - STALE)
    free = Job.objects.filter(Q(status=JobStatus.QUEUED) | stale, pk=job_id, runs__lt=MAX_RUNS)
    if not free.update(status=JobStatus.RUNNING, heartbeat_at=now, runs=F("runs") + 1, done=0):
        return None
    return Job.objects.get(pk=job_id)


def run_job(job_id):
    """Claim and run one job to its end; the answer tells whether this call ran it."""
    job = claim(job_id, timezone.now())
    if job is None:
        return False
    try:
        with _heartbeat(job):
            _lookup(job.kind)[0](job, Progress(job))
    except JobLost:
        logger.warning("job %s was taken over", job.pk)
    except DomainError as error:
        _finish(job, JobStatus.FAILED, message=error.message[:500])
    except Exception:
        logger.exception("job %s (%s) failed", job.pk, job.kind)
        message = f"Công việc dừng vì lỗi của hệ thống. Hãy làm lại; nếu vẫn lỗi, báo quản trị số công việc {job.pk}."
        _finish(job, JobStatus.FAILED, message=message)
    else:
        _finish(job, JobStatus.DONE, file=job.file, file_name=job.file_name, message=job.message)
    return True


def sweep_jobs(now):
    """Ring again for what waits too long or lost its worker; give up after the fifth death."""
    dead = Job.objects.filter(status=JobStatus.RUNNING, heartbeat_at__lt=now - STALE, runs__gte=MAX_RUNS)
    message = "Công việc bị ngắt nhiều lần nên đã dừng. Hãy chia nhỏ yêu cầu hoặc báo quản trị."
    dead.update(status=JobStatus.FAILED, finished_at=now, message=message)
    waiting = waiting_jobs(now, WAITED)
    for job_id in waiting:
        ring(job_id)
    return waiting


def waiting_jobs(now, at_least=timedelta(0)):
    """The ids of jobs nobody is working on, oldest first."""
    stale = Q(status=JobStatus.RUNNING, heartbeat_at__lt=now - STALE)
    queued = Q(status=JobStatus.QUEUED, created_at__lte=now - at_least)
    return list(Job.objects.filter(stale | queued).order_by("pk").values_list("pk", flat=True)[:500])


def tidy_jobs(now):
    """Drop the files of jobs finished a week ago, and drafts that a dead worker left behind."""
    old = Job.objects.filter(finished_at__lt=now - KEPT).exclude(file="")
    old.update(file="", message="Tệp đã được xóa sau 7 ngày. Hãy làm lại nếu còn cần.")
    kept = {settings.FILES / name for name in Job.objects.exclude(file="").values_list("file", flat=True)}
    dropped = 0
    for path in (settings.FILES / "jobs").glob("*"):
        if path not in kept and path.stat().st_mtime < (now - timedelta(days=1)).timestamp():
            path.unlink(missing_ok=True)
            dropped += 1
    return dropped


def may_read(job, user):
    """Only its owner reads a job, and only while the kind's own rule still holds."""
    if job.owner_id != user.pk or not user.is_active:
        return False
    rule = _lookup(job.kind)[1]
    return rule is None or rule(job, user)


@contextmanager
def result_file(job, name):
    """The file a job hands out; it gets its name only when it is whole."""
    name = safe_name(name)
    suffix = name.rpartition(".")[2].lower()
    path = settings.FILES / "jobs" / f"{job.pk}-{secrets.token_hex(8)}.{suffix}"
    with whole_file(path) as file:
        yield file
    job.file, job.file_name = str(path.relative_to(settings.FILES)), name


class Progress:
    """Call it with (done, total) as often as you like; it writes twice a second at most."""

    def __init__(self, job):
        self.job = job
        self.written_at = 0.0

    def __call__(self, done, total=None):
        job = self.job
        job.done = done
        changed = total is not None and total != job.total
        if changed:
            job.total = total
        if changed or time.monotonic() - self.written_at >= PROGRESS_SECONDS:
            self.written_at = time.monotonic()
            if not _own(job).update(done=job.done, total=job.total, heartbeat_at=timezone.now()):
                raise JobLost


def _own(job):
    """The row while it is still this run's: `runs` is the fence against a worker that wakes up late."""
    return Job.objects.filter(pk=job.pk, runs=job.runs, status=JobStatus.RUNNING)


def _finish(job, status, **fields):
    _own(job).update(status=status, finished_at=timezone.now(), done=job.done, total=job.total, **fields)


def _lookup(kind):
    if kind not in _KINDS:
        autodiscover_modules("tasks")
    return _KINDS[kind]


@contextmanager
def _heartbeat(job):
    """A thread says every three seconds that the run is alive, even during one long statement."""
    stop = threading.Event()

    def beat():
        while not stop.wait(BEAT_SECONDS):
            try:
                _own(job).update(heartbeat_at=timezone.now())
            except Exception as error:  # the next beat may succeed; silence for 15 s means a new claim
                logger.warning("job %s: heartbeat not written (%s)", job.pk, type(error).__name__)
        connection.close()

    thread = threading.Thread(target=beat, daemon=True, name=f"job-{job.pk}")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


TURNS_KEPT = timedelta(days=3)


def slot_of(now, step_seconds):
    """The turn a moment belongs to, the same for every scheduler."""
    stamp = int(now.timestamp())
    return datetime.fromtimestamp(stamp - stamp % step_seconds, UTC)


def take_slot(name, slot_at):
    """True for the first who asks for this turn, False for all others."""
    try:
        with transaction.atomic():
            Slot.objects.create(name=name, slot_at=slot_at)
    except IntegrityError:
        return False
    return True


def give_back_slot(name, slot_at):
    """The turn failed; whoever comes next may take it."""
    Slot.objects.filter(name=name, slot_at=slot_at).delete()


def drop_old_slots(now):
    return Slot.objects.filter(slot_at__lt=now - TURNS_KEPT).delete()[0]


def beat_pulse(name, now):
    """Write down that a part of the machinery is alive."""
    Pulse.objects.update_or_create(name=name, defaults={"at": now})
