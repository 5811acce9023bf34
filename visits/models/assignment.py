"""Who is assigned where by which decision."""

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from meetings.models import Placed
from people.models import Person, Post
from units.models import Dated
from visits.enums import GroupKind
from visits.models.group import LocalGroup
from visits.querysets import AssignmentQuerySet


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
