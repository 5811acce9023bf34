"""Who is assigned where by which decision."""

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from meetings.enums import PeriodKind
from meetings.models import Placed
from people.models import Person, Post
from units.enums import Level
from units.models import Dated, Unit
from visits.enums import GroupKind, NormBasis, SheetState
from visits.models.helped import LocalGroup
from visits.querysets import AssignmentQuerySet, ExemptionQuerySet, NormQuerySet, OwnSheetQuerySet


class Assignment(Placed, Dated):
    """A decision attaches the holder of a post to one place or group there. `level`: the cadre's own level."""

    decision_number = models.CharField("số quyết định", max_length=60)
    decided_on = models.DateField("ngày quyết định")
    issuer = models.CharField("cơ quan ban hành", max_length=160)
    person = models.ForeignKey(Person, models.PROTECT, related_name="assignments", verbose_name="cán bộ")
    post = models.ForeignKey(Post, models.PROTECT, related_name="assignments", verbose_name="chức danh")
    group = models.CharField("tổ chức", max_length=20, choices=GroupKind.choices, blank=True)
    local_group = models.ForeignKey(
        LocalGroup, models.PROTECT, null=True, blank=True, related_name="assignments", verbose_name="tổ chức cụ thể"
    )
    is_deputy = models.BooleanField("phụ trách phó", default=False)
    is_sample = models.BooleanField("dữ liệu minh họa", default=False)
    source_key = models.CharField(max_length=80, null=True, unique=True)
    request_id = models.CharField(max_length=64, null=True, unique=True)
    version = models.PositiveIntegerField(default=1)
    created_by_id = models.BigIntegerField(null=True)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        ordering = ["province_id", "district_id", "commune_id", "unit_id", "is_deputy", "valid_from"]
        verbose_name = "phân công"
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")), name="assignment_span"
            ),
        ]
        indexes = [
            models.Index(fields=["province", "valid_from"], name="assignment_province"),
            models.Index(fields=["district", "valid_from"], name="assignment_district"),
            models.Index(fields=["commune", "valid_from"], name="assignment_commune"),
        ]

    def __str__(self):
        return f"{self.person} – {self.unit}"

    def get_absolute_url(self):
        return reverse("assignment_detail", args=[self.pk])


class VisitNorm(Dated):
    """How often cadres of a level go, ordered by a document of a unit for everything below it."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="visit_norms", verbose_name="áp dụng tại")
    level = models.CharField("cán bộ", max_length=10, choices=Level.choices)
    basis = models.CharField("tính theo", max_length=10, choices=NormBasis.choices, default=NormBasis.PERSON)
    period_kind = models.CharField("chu kỳ", max_length=10, choices=PeriodKind.choices, default=PeriodKind.MONTH)
    times = models.PositiveSmallIntegerField("số lượt ít nhất", default=1)
    document = models.CharField("văn bản quy định", max_length=120)
    document_on = models.DateField("ngày văn bản", null=True, blank=True)

    objects = NormQuerySet.as_manager()

    class Meta:
        ordering = ["unit_id", "level", "-valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["unit", "level", "valid_from"], name="visit_norm_from"),
            models.CheckConstraint(condition=Q(times__gte=1), name="visit_norm_times"),
        ]

    def __str__(self):
        return f"{self.times} lượt {self.get_period_kind_display()}, {self.get_basis_display()}"


class VisitExemption(models.Model):
    """Days on which a cadre is not expected to go (leave, training, secondment), with the reason."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="visit_exemptions", verbose_name="cán bộ")
    province = models.ForeignKey(Unit, models.PROTECT, related_name="+", db_index=False)
    district = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", db_index=False)
    commune = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", db_index=False)
    first_on = models.DateField("từ ngày")
    last_on = models.DateField("đến hết ngày")
    reason = models.CharField("lý do", max_length=300)
    granted_by_id = models.BigIntegerField(null=True)
    request_id = models.CharField(max_length=64, null=True, unique=True)

    objects = ExemptionQuerySet.as_manager()

    class Meta:
        ordering = ["-first_on", "-id"]
        constraints = [models.CheckConstraint(condition=Q(last_on__gte=F("first_on")), name="visit_exemption_span")]

    def __str__(self):
        return self.reason


class YearlySheet(Placed):
    """One cadre's year as the unit that assigns sees it. `unit`: the cadre's own; `facts`: the figures when signed."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="yearly_sheets", verbose_name="cán bộ")
    post = models.ForeignKey(Post, models.PROTECT, related_name="+", verbose_name="chức danh")
    year = models.PositiveSmallIntegerField("năm")
    state = models.CharField("trạng thái", max_length=10, choices=SheetState.choices, default=SheetState.DRAFT)
    own_words = models.TextField("tự nhận xét", blank=True)
    remark = models.TextField("nhận xét của người phụ trách", blank=True)
    facts = models.JSONField("số liệu khi ký", default=dict)
    signed_at = models.DateTimeField("ký lúc", null=True)
    signed_by_id = models.BigIntegerField(null=True)
    signed_by_name = models.CharField("người ký", max_length=200, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = OwnSheetQuerySet.as_manager()

    class Meta:
        ordering = ["-year", "person__sort_key", "id"]
        verbose_name = "phiếu nhận xét năm"
        constraints = [models.UniqueConstraint(fields=["person", "unit", "year"], name="yearly_sheet_once")]

    def __str__(self):
        return f"{self.person} {self.year}"

    def get_absolute_url(self):
        return reverse("yearly_sheet_detail", args=[self.pk])

    @property
    def is_draft(self):
        return self.state == SheetState.DRAFT
