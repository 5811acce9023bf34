"""Books of old years on their way in."""

from django.db import models
from django.urls import reverse

from feedback.enums import LedgerState
from feedback.querysets import LedgerImportQuerySet
from units.models import Unit


class LedgerImport(models.Model):
    """A book of old years: what was read, what was written, whether it was taken back as a whole.

    `digest` is that of the rows: only what was seen is written, and the same book is known again. What it wrote
    carries `source_key` beginning with `prefix`; `planned` are the expected meetings that were made for it. The file
    is dropped once its rows are written.
    """

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="đơn vị")
    name = models.CharField("tên tệp", max_length=200)
    path = models.CharField(max_length=120, blank=True)
    state = models.CharField("tình trạng", max_length=12, choices=LedgerState.choices, default=LedgerState.READING)
    digest = models.CharField(max_length=64, blank=True)
    report = models.JSONField(default=dict)
    planned = models.JSONField(default=list)
    message = models.CharField(max_length=500, blank=True)
    job_id = models.BigIntegerField(null=True)
    created_by_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    applied_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)
    request_id = models.CharField(max_length=100, null=True, unique=True)

    objects = LedgerImportQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = "sổ nhập từ tệp"
        indexes = [models.Index(fields=["digest"], name="ledger_import_digest")]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("ledger_detail", args=[self.pk])

    @property
    def prefix(self):
        return f"so-{self.pk}-"

    @property
    def is_waiting(self):
        return self.state in (LedgerState.READING, LedgerState.APPLYING, LedgerState.UNDOING)
