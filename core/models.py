"""Tables that know nothing of the domain: background jobs, pulses of the machinery, the activity log."""

from django.db import models
from django.db.models import Q


class JobStatus(models.TextChoices):
    QUEUED = "queued", "Đang chờ"
    RUNNING = "running", "Đang chạy"
    DONE = "done", "Xong"
    FAILED = "failed", "Không thành"


class Job(models.Model):
    """A piece of background work. The row is the truth; a message to the worker only carries its id."""

    kind = models.CharField(max_length=60)
    title = models.CharField(max_length=200)
    params = models.JSONField(default=dict)
    status = models.CharField(max_length=10, choices=JobStatus.choices, default=JobStatus.QUEUED)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    runs = models.PositiveSmallIntegerField(default=0)
    message = models.CharField(max_length=500, blank=True)
    file = models.CharField(max_length=200, blank=True)
    file_name = models.CharField(max_length=200, blank=True)
    owner_id = models.BigIntegerField(null=True, db_index=True)
    request_id = models.CharField(max_length=64, null=True, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    heartbeat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["status", "heartbeat_at"], name="job_sweep")]

    def __str__(self):
        return self.title


class Pulse(models.Model):
    """When a part of the machinery (worker, schedule) was last seen alive."""

    name = models.CharField(max_length=40, unique=True)
    at = models.DateTimeField()

    def __str__(self):
        return self.name


class Slot(models.Model):
    """A turn of a periodic piece of work, taken once, however many schedulers run."""

    name = models.CharField(max_length=60)
    slot_at = models.DateTimeField()
    taken_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "slot_at"], name="slot_once")]

    def __str__(self):
        return f"{self.name} {self.slot_at:%Y-%m-%d %H:%M}"


class Draft(models.Model):
    """What its owner typed into one page of a form and has not sent. Written only by `core.drafts`, never logged."""

    owner_id = models.BigIntegerField()
    form = models.CharField(max_length=120)
    tab = models.CharField(max_length=36)
    title = models.CharField(max_length=200)
    address = models.CharField(max_length=500)
    action = models.CharField(max_length=300, blank=True)
    content = models.JSONField(default=dict)
    earlier = models.JSONField(default=list)
    saved_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner_id", "form", "tab"], name="draft_tab_once")]

    def __str__(self):
        return f"{self.form} {self.tab}"


class KeptFile(models.Model):
    """A file that came with a refused form: its owner's, for that form, until the form is sent again."""

    owner_id = models.BigIntegerField(db_index=True)
    action = models.CharField(max_length=300)
    field = models.CharField(max_length=60)
    name = models.CharField(max_length=200)
    size = models.PositiveBigIntegerField()
    path = models.CharField(max_length=200)
    kept_at = models.DateTimeField(db_index=True)

    def __str__(self):
        return self.name


class Activity(models.Model):
    """One line of the activity log: who did what to what, before and after. Written only by `core.activity`.

    Scope columns are plain ids so that the lowest floor needs no key upward; restricted text is never copied here.
    """

    at = models.DateTimeField(db_index=True)
    actor_id = models.BigIntegerField(null=True, db_index=True)
    address = models.CharField(max_length=45, blank=True)
    verb = models.CharField(max_length=60)
    target_kind = models.CharField(max_length=60)
    target_id = models.BigIntegerField(null=True)
    unit_id = models.BigIntegerField(null=True)
    province_id = models.BigIntegerField(null=True)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    digest = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["target_kind", "target_id", "-id"], name="activity_target"),
            models.Index(fields=["province_id", "-id"], name="activity_province"),
            models.Index(fields=["id"], condition=Q(digest=""), name="activity_unsealed"),
        ]

    def __str__(self):
        return f"{self.verb} {self.target_kind} {self.target_id}"
