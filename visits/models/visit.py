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
from visits.models.helped import LocalGroup
from visits.querysets import CheckPairQuerySet, VisitQuerySet


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


class CheckDraw(Placed):
    """One drawing of lots of a unit for a quarter. `candidates`: ids of the cadres, in the order drawn from."""

    period = models.CharField("kỳ", max_length=7)
    seed = models.CharField("số gieo", max_length=40)
    candidates = models.JSONField(default=list)
    sample_size = models.PositiveSmallIntegerField("số lượt đi kiểm tra mỗi người", default=2)
    drawn_at = models.DateTimeField("bốc thăm lúc")
    drawn_by_id = models.BigIntegerField()
    drawn_by_name = models.CharField("người bốc thăm", max_length=200)
    request_id = models.CharField(max_length=64, null=True, unique=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-drawn_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["unit", "period"], name="check_draw_once")]

    def __str__(self):
        return f"{self.unit} {self.period}"

    def get_absolute_url(self):
        return reverse("check_draw_detail", args=[self.pk])


class CheckPair(models.Model):
    """One cadre looks at some visits of another; what was found is said in words, nobody is graded.

    `pool`: ids of the visits that the sample was drawn from.
    """

    draw = models.ForeignKey(CheckDraw, models.CASCADE, related_name="pairs")
    number = models.PositiveSmallIntegerField()
    checker = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="người kiểm tra")
    checked = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="người được kiểm tra")
    pool = models.JSONField(default=list)
    visits = models.ManyToManyField(Visit, related_name="checks", verbose_name="lượt đi được chọn")
    result = models.TextField("kết quả kiểm tra", blank=True)
    checked_on = models.DateField("ngày kiểm tra", null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = CheckPairQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["draw", "number"], name="check_pair_number"),
            models.CheckConstraint(condition=~Q(checker=F("checked")), name="check_pair_two_people"),
        ]

    def __str__(self):
        return f"{self.checker} → {self.checked}"

    def get_absolute_url(self):
        return reverse("check_pair_detail", args=[self.pk])
