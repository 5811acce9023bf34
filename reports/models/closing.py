"""Closed periods: the figures and tables as they were, and the hash of the workbook that was signed."""

from django.db import models
from django.db.models import Q
from django.urls import reverse

from meetings.models import Placed
from reports.enums import LIVE_CLOSURES, ClosureState
from units.models import Unit
from units.scoping import ScopedQuerySet


class PeriodClosure(Placed):
    """One unit's period whose figures no longer move by themselves. A reopened one stays as history."""

    period = models.CharField("kỳ", max_length=7)
    first_on = models.DateField()
    last_on = models.DateField()
    state = models.CharField("trạng thái", max_length=10, choices=ClosureState.choices, default=ClosureState.CLOSED)
    as_of = models.DateField("số liệu tính đến ngày")
    closed_at = models.DateTimeField("khóa lúc")
    closed_by_id = models.BigIntegerField(null=True)
    closed_by_name = models.CharField("người khóa", max_length=200, blank=True)
    accepted_at = models.DateTimeField("nhận lúc", null=True)
    accepted_by_id = models.BigIntegerField(null=True)
    accepted_by_name = models.CharField("người nhận", max_length=200, blank=True)
    reopened_at = models.DateTimeField("mở lại lúc", null=True)
    reopened_by_name = models.CharField("người mở lại", max_length=200, blank=True)
    reason = models.CharField("lý do mở lại", max_length=500, blank=True)
    workbook = models.CharField("tệp biểu đã chốt", max_length=200, blank=True)
    workbook_sha256 = models.CharField("mã băm SHA-256", max_length=64, blank=True)
    request_id = models.CharField(max_length=64, null=True, unique=True)
    version = models.PositiveIntegerField(default=1)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-first_on", "unit_id", "-id"]
        verbose_name = "kỳ đã khóa số liệu"
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "period"], condition=Q(state__in=LIVE_CLOSURES), name="closure_one_alive"
            ),
        ]
        indexes = [models.Index(fields=["province", "first_on"], name="closure_province")]

    def __str__(self):
        return f"{self.unit} {self.period}"

    def get_absolute_url(self):
        return reverse("closure_detail", args=[self.pk])


class FrozenFigures(models.Model):
    """The words of `figures` of one unit under a closure, as they were."""

    closure = models.ForeignKey(PeriodClosure, models.CASCADE, related_name="figures")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    boundaries = models.CharField(max_length=4)
    values = models.JSONField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["closure", "unit", "boundaries"], name="frozen_figures_once"),
        ]

    def __str__(self):
        return f"{self.closure_id} {self.unit_id}"


class FrozenTable(models.Model):
    """One biểu of the closed unit, cell for cell."""

    closure = models.ForeignKey(PeriodClosure, models.CASCADE, related_name="tables")
    code = models.CharField(max_length=12)
    boundaries = models.CharField(max_length=4)
    content = models.JSONField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["closure", "code", "boundaries"], name="frozen_table_once"),
        ]

    def __str__(self):
        return f"{self.closure_id} {self.code}"
