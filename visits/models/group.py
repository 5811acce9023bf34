"""Groups with a life of their own: chi bộ, chi hội, chi đoàn, tổ hội, ban công tác mặt trận of a village or commune."""

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from meetings.models import Placed
from units.models import Dated
from visits.enums import GroupKind
from visits.querysets import LocalGroupQuerySet


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
