"""Weak places that somebody helps: yearly ratings, the register of helped units, quarterly checks."""

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from meetings.models import Placed
from people.models import Post
from units.models import Body, Dated
from units.scoping import ScopedQuerySet
from visits.enums import GroupKind, HelpOutcome, Rating
from visits.querysets import HelpedUnitQuerySet, LocalGroupQuerySet


class CellRating(Placed):
    """What the party cell of a village (or the committee of a commune) was rated in a year, by which paper."""

    year = models.PositiveSmallIntegerField("năm")
    rating = models.CharField("xếp loại", max_length=10, choices=Rating.choices)
    document = models.CharField("văn bản xếp loại", max_length=120, blank=True)
    is_sample = models.BooleanField("dữ liệu minh họa", default=False)
    version = models.PositiveIntegerField(default=1)
    recorded_by_id = models.BigIntegerField(null=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-year", "unit_id"]
        verbose_name = "xếp loại chi bộ"
        constraints = [models.UniqueConstraint(fields=["unit", "year"], name="cell_rating_once")]
        indexes = [models.Index(fields=["commune", "year"], name="cell_rating_commune")]

    def __str__(self):
        return f"{self.unit} {self.year}"


class HelpedUnit(Placed):
    """One place helped in one year: why, by whom, how, until when, with what outcome. `level`: that of the helper."""

    year = models.PositiveSmallIntegerField("năm")
    reason = models.TextField("lý do cần giúp đỡ")
    helper_body = models.ForeignKey(Body, models.PROTECT, null=True, blank=True, verbose_name="cơ quan giúp đỡ")
    helper_post = models.ForeignKey(Post, models.PROTECT, null=True, blank=True, verbose_name="cán bộ giúp đỡ")
    document = models.CharField("văn bản đăng ký, phân công", max_length=120, blank=True)
    plan = models.TextField("kế hoạch giúp đỡ")
    registered_on = models.DateField("ngày đăng ký")
    exited_on = models.DateField("ngày kết thúc giúp đỡ", null=True, blank=True)
    outcome = models.CharField("kết quả", max_length=10, choices=HelpOutcome.choices, blank=True)
    outcome_note = models.TextField("đánh giá khi kết thúc", blank=True)
    is_sample = models.BooleanField("dữ liệu minh họa", default=False)
    request_id = models.CharField(max_length=64, null=True, unique=True)
    version = models.PositiveIntegerField(default=1)
    created_by_id = models.BigIntegerField(null=True)

    objects = HelpedUnitQuerySet.as_manager()

    class Meta:
        ordering = ["-year", "province_id", "district_id", "commune_id", "unit_id"]
        verbose_name = "đơn vị được giúp đỡ"
        constraints = [
            models.UniqueConstraint(fields=["unit", "year"], name="helped_unit_once_a_year"),
            models.CheckConstraint(
                condition=Q(helper_body__isnull=False) | Q(helper_post__isnull=False), name="helped_unit_has_helper"
            ),
            models.CheckConstraint(
                condition=Q(exited_on__isnull=True) | Q(exited_on__gte=F("registered_on")), name="helped_unit_span"
            ),
        ]
        indexes = [models.Index(fields=["commune", "year"], name="helped_unit_commune")]

    def __str__(self):
        return f"{self.unit} {self.year}"

    def get_absolute_url(self):
        return reverse("helped_unit_detail", args=[self.pk])

    @property
    def helper_name(self):
        """The body, or the person with the post, that helps, with its unit."""
        if self.helper_post is None:
            return f"{self.helper_body.name}, {self.helper_body.unit.name}"
        return f"{self.helper_post.person.name}, {self.helper_post.label}, {self.helper_post.unit.name}"


class HelpedCheck(models.Model):
    """The quarterly look at a helped unit (Hòa Vang): who went, what was seen, what is to be done."""

    helped = models.ForeignKey(HelpedUnit, models.CASCADE, related_name="checks")
    quarter = models.CharField("quý", max_length=7)
    checked_on = models.DateField("ngày kiểm tra")
    checked_by_name = models.CharField("người kiểm tra", max_length=200)
    progress = models.TextField("chuyển biến, tồn tại")
    next_steps = models.TextField("việc tiếp theo", blank=True)
    created_by_id = models.BigIntegerField(null=True)
    request_id = models.CharField(max_length=64, null=True, unique=True)

    class Meta:
        ordering = ["quarter", "checked_on"]
        constraints = [models.UniqueConstraint(fields=["helped", "quarter"], name="helped_check_once")]

    def __str__(self):
        return f"{self.helped_id} {self.quarter}"


class LocalGroup(Placed, Dated):
    """One group of one place, from its founding to its end. `level`: that of its place."""

    kind = models.CharField("loại tổ chức", max_length=20, choices=GroupKind.choices)
    name = models.CharField("tên tổ chức", max_length=160)
    member_count = models.PositiveIntegerField("số thành viên", null=True, blank=True)
    end_reason = models.CharField("lý do kết thúc", max_length=300, blank=True)
    is_sample = models.BooleanField("dữ liệu minh họa", default=False)
    request_id = models.CharField(max_length=64, null=True, unique=True)
    version = models.PositiveIntegerField(default=1)
    created_by_id = models.BigIntegerField(null=True)

    objects = LocalGroupQuerySet.as_manager()

    class Meta:
        ordering = ["province_id", "district_id", "commune_id", "unit_id", "kind", "name", "valid_from"]
        verbose_name = "tổ chức ở cơ sở"
        constraints = [
            models.UniqueConstraint(fields=["unit", "kind", "name", "valid_from"], name="local_group_once"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")), name="local_group_span"
            ),
        ]
        indexes = [models.Index(fields=["commune", "valid_from"], name="local_group_commune")]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("local_group_detail", args=[self.pk])
