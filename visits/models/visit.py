"""What was seen on a visit, and the counted visits of old years."""

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from meetings.models import Placed
from people.models import Person, Post
from units.enums import Level
from units.models import Unit
from units.scoping import ScopedQuerySet
from visits.enums import COUNTED, EDITABLE, GroupKind, VisitStatus
from visits.models.assignment import Assignment
from visits.models.group import LocalGroup
from visits.querysets import VisitQuerySet


class Visit(Placed):
    """One turn at one place. `level`: the cadre's own level; no assignment: "ngoài phân công".

    `content_key`: the same for contents that read the same; empty for a few words.
    """

    person = models.ForeignKey(Person, models.PROTECT, related_name="visits", verbose_name="cán bộ")
    post = models.ForeignKey(Post, models.PROTECT, related_name="visits", verbose_name="chức danh")
    assignment = models.ForeignKey(
        Assignment, models.PROTECT, null=True, blank=True, related_name="visits", verbose_name="phân công"
    )
    village = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", verbose_name="thôn, khu")
    group = models.CharField("dự sinh hoạt với", max_length=20, choices=GroupKind.choices)
    local_group = models.ForeignKey(
        LocalGroup, models.PROTECT, null=True, blank=True, related_name="visits", verbose_name="tổ chức cụ thể"
    )
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
    content_key = models.CharField(max_length=32, blank=True)
    status = models.CharField("trạng thái", max_length=12, choices=VisitStatus.choices, default=VisitStatus.LOGGED)
    reviewed_by_id = models.BigIntegerField(null=True)
    reviewed_by_name = models.CharField("người xác nhận", max_length=200, blank=True)
    reviewed_level = models.CharField("cấp xác nhận", max_length=10, choices=Level.choices, blank=True)
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
            models.Index(fields=["content_key"], condition=~Q(content_key=""), name="visit_content"),
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
