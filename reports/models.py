"""A figure said in a speech or paper, pinned with its definition, scope and day."""

from django.db import models
from django.db.models import Q
from django.urls import reverse

from meetings.models import Placed
from reports.enums import LIVE_CLOSURES, ClosureState, Comparison
from units.models import Unit
from units.scoping import ScopedQuerySet


class Claim(Placed):
    """`words`: what was said of `unit`. `measure` (over `over`, when it is a rate) names words of `figures`."""

    words = models.CharField("câu nói có số liệu", max_length=500)
    source = models.CharField("nêu ở đâu", max_length=250, blank=True)
    measure = models.CharField("số đo", max_length=60)
    over = models.CharField("trên tổng", max_length=60, blank=True)
    less = models.CharField("trừ đi ở mẫu số", max_length=60, blank=True)
    comparison = models.CharField("cách nói", max_length=10, choices=Comparison.choices)
    stated = models.DecimalField("con số nêu", max_digits=14, decimal_places=2)
    period = models.CharField("kỳ", max_length=10)
    boundaries = models.CharField(max_length=4, default="then")
    pinned_part = models.BigIntegerField("tử số khi ghim")
    pinned_whole = models.BigIntegerField("mẫu số khi ghim", null=True, blank=True)
    pinned_on = models.DateField("ngày ghim")
    pinned_by_id = models.BigIntegerField(null=True)
    pinned_by_name = models.CharField("người ghim", max_length=200, blank=True)
    checked_part = models.BigIntegerField("tử số khi kiểm tra", default=0)
    checked_whole = models.BigIntegerField("mẫu số khi kiểm tra", null=True, blank=True)
    checked_on = models.DateField("ngày kiểm tra")
    is_supported = models.BooleanField("số liệu đỡ câu này", default=True)
    is_complete = models.BooleanField("đủ dữ liệu các năm của kỳ", default=True)
    """Both as of `checked_on`; the page of a claim counts anew, this remembers for the list and for who was told."""

    withdrawn_on = models.DateField("ngày rút", null=True, blank=True)
    is_sample = models.BooleanField("dữ liệu minh họa", default=False)
    request_id = models.CharField(max_length=64, null=True, unique=True)
    version = models.PositiveIntegerField(default=1)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-pinned_on", "-id"]
        verbose_name = "số liệu đã ghim"
        indexes = [models.Index(fields=["is_supported", "-id"], name="claim_order")]

    def __str__(self):
        return self.words

    def get_absolute_url(self):
        return reverse("claim_detail", args=[self.pk])


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


class YearRollup(models.Model):
    """The words of `figures` of one unit and year, boundaries as of the time; recomputed, never added to."""

    unit = models.ForeignKey(Unit, models.CASCADE, related_name="+")
    year = models.PositiveSmallIntegerField()
    values = models.JSONField()
    compiled_at = models.DateTimeField()

    class Meta:
        ordering = ["year", "unit_id"]
        constraints = [models.UniqueConstraint(fields=["unit", "year"], name="year_rollup_once")]
        indexes = [models.Index(fields=["year"], name="year_rollup_year")]

    def __str__(self):
        return f"{self.unit_id} {self.year}"


class Compilation(models.Model):
    """The fill state of one province and year: begun and not done means that a run died there and is done again."""

    province = models.ForeignKey(Unit, models.CASCADE, related_name="+")
    year = models.PositiveSmallIntegerField()
    begun_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    through_activity_id = models.BigIntegerField(default=0)
    """The last line of the activity log that the rows know of."""

    drift = models.PositiveIntegerField(default=0)
    """Tallies that the run found wrong and mended."""

    class Meta:
        ordering = ["province_id", "year"]
        constraints = [models.UniqueConstraint(fields=["province", "year"], name="compilation_once")]

    def __str__(self):
        return f"{self.province_id} {self.year}"
