"""How often cadres are to go, and the days on which they are excused."""

from django.db import models
from django.db.models import F, Q

from meetings.enums import PeriodKind
from people.models import Person
from units.enums import Level
from units.models import Dated, Unit
from visits.enums import NormBasis
from visits.querysets import ExemptionQuerySet, NormQuerySet


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
