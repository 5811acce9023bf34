"""Who is assigned where, how often they are to go, what they saw, and the counted visits of old years."""

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from meetings.enums import PeriodKind
from meetings.models import Placed
from people.models import Person, Post
from units.enums import Level
from units.models import Dated, Unit
from units.scoping import ScopedQuerySet
from visits.enums import COUNTED, EDITABLE, GroupKind, NormBasis, VisitStatus
from visits.querysets import AssignmentQuerySet, ExemptionQuerySet, NormQuerySet, VisitQuerySet


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


class Assignment(Placed, Dated):
    """A decision attaches the holder of a post to one place or group there. `level`: the cadre's own level."""

    decision_number = models.CharField("số quyết định", max_length=60)
    decided_on = models.DateField("ngày quyết định")
    issuer = models.CharField("cơ quan ban hành", max_length=160)
    person = models.ForeignKey(Person, models.PROTECT, related_name="assignments", verbose_name="cán bộ")
    post = models.ForeignKey(Post, models.PROTECT, related_name="assignments", verbose_name="chức danh")
    group = models.CharField("tổ chức", max_length=20, choices=GroupKind.choices, blank=True)
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


class Visit(Placed):
    """One turn at one place. `level`: the cadre's own level; no assignment: "ngoài phân công"."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="visits", verbose_name="cán bộ")
    post = models.ForeignKey(Post, models.PROTECT, related_name="visits", verbose_name="chức danh")
    assignment = models.ForeignKey(
        Assignment, models.PROTECT, null=True, blank=True, related_name="visits", verbose_name="phân công"
    )
    village = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", verbose_name="thôn, khu")
    group = models.CharField("dự sinh hoạt với", max_length=20, choices=GroupKind.choices)
    visited_on = models.DateField("ngày đi")
    started_at = models.TimeField("giờ bắt đầu", null=True, blank=True)
    ended_at = models.TimeField("giờ kết thúc", null=True, blank=True)
    members_due = models.PositiveIntegerField("số thành viên phải dự", null=True, blank=True)
    members_present = models.PositiveIntegerField("số thành viên có mặt", null=True, blank=True)
    content = models.TextField("nội dung buổi sinh hoạt")
    conduct = models.TextField("cách điều hành, chất lượng", blank=True)
    findings = models.TextField("vấn đề nắm được", blank=True)
    help_given = models.TextField("việc đã giúp cơ sở", blank=True)
    reported_to = models.CharField("đã báo cáo với", max_length=200, blank=True)
    search_text = models.TextField(blank=True)
    status = models.CharField("trạng thái", max_length=12, choices=VisitStatus.choices, default=VisitStatus.LOGGED)
    reviewed_by_id = models.BigIntegerField(null=True)
    reviewed_by_name = models.CharField("người xác nhận", max_length=200, blank=True)
    reviewed_at = models.DateTimeField("xác nhận lúc", null=True)
    note = models.CharField("ý kiến của cơ sở, lý do rút", max_length=500, blank=True)
    logged_at = models.DateTimeField("ghi lúc", auto_now_add=True)
    is_sample = models.BooleanField("dữ liệu minh họa", default=False)
    source_key = models.CharField(max_length=80, null=True, unique=True)
    request_id = models.CharField(max_length=64, null=True, unique=True)
    version = models.PositiveIntegerField(default=1)
    created_by_id = models.BigIntegerField(null=True)

    objects = VisitQuerySet.as_manager()

    class Meta:
        ordering = ["-visited_on", "-id"]
        verbose_name = "lượt đi cơ sở"
        constraints = [
            models.CheckConstraint(
                condition=Q(members_due__isnull=True)
                | Q(members_present__isnull=True)
                | Q(members_present__lte=F("members_due")),
                name="visit_present_within_due",
            ),
        ]
        indexes = [
            models.Index(fields=["province", "-visited_on", "-id"], name="visit_province"),
            models.Index(fields=["district", "-visited_on", "-id"], name="visit_district"),
            models.Index(fields=["commune", "-visited_on", "-id"], name="visit_commune"),
            models.Index(fields=["person", "-visited_on", "-id"], name="visit_person"),
        ]

    def __str__(self):
        return f"{self.get_group_display()} {self.unit}"

    def get_absolute_url(self):
        return reverse("visit_detail", args=[self.pk])

    @property
    def is_editable(self):
        return self.status in EDITABLE

    @property
    def is_counted(self):
        return self.status in COUNTED


class CountedVisits(Placed):
    """Visits known only as a number: `unit` as in force on the last day, `level` of the visiting cadres."""

    first_on = models.DateField("từ ngày")
    last_on = models.DateField("đến ngày")
    visits = models.PositiveIntegerField("số lượt")
    members_due = models.PositiveIntegerField("số thành viên phải dự", default=0)
    members_present = models.PositiveIntegerField("số thành viên có mặt", default=0)
    note = models.CharField("ghi chú", max_length=300, blank=True)
    source = models.CharField("nguồn số liệu", max_length=200)
    is_sample = models.BooleanField("dữ liệu minh họa", default=False)
    source_key = models.CharField(max_length=80, null=True, unique=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-last_on", "level", "id"]
        verbose_name = "số lượt đi cơ sở đã tổng hợp"
        constraints = [
            models.CheckConstraint(condition=Q(last_on__gte=F("first_on")), name="counted_visits_span"),
            models.CheckConstraint(
                condition=Q(members_present__lte=F("members_due")), name="counted_visits_present_within_due"
            ),
        ]
        indexes = [models.Index(fields=["province", "last_on"], name="counted_visits_province")]

    def __str__(self):
        return f"{self.unit}: {self.visits}"
