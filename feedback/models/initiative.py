"""Initiatives and good practices, followed from the village that had the idea to the villages that took it up."""

from django.db import models

from feedback.enums import InitiativeStage
from feedback.models.opinion import Opinion
from units.models import Unit


class Initiative(models.Model):
    """What became of a hiến kế or a cách làm hay."""

    opinion = models.OneToOneField(Opinion, models.PROTECT, related_name="initiative")
    stage = models.CharField(
        "giai đoạn", max_length=10, choices=InitiativeStage.choices, default=InitiativeStage.PROPOSED
    )
    adopted_on = models.DateField("ngày áp dụng", null=True, blank=True)
    effect = models.TextField("hiệu quả", blank=True)
    proposed_for_commendation_on = models.DateField("ngày đề nghị khen", null=True, blank=True)
    commended_on = models.DateField("ngày được khen", null=True, blank=True)
    commendation = models.CharField("hình thức khen, số quyết định", max_length=250, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-id"]
        verbose_name = "sáng kiến"

    def __str__(self):
        return f"{self.opinion_id} {self.get_stage_display()}"


class Spread(models.Model):
    """Another unit that took an initiative up."""

    initiative = models.ForeignKey(Initiative, models.CASCADE, related_name="spreads")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="nơi áp dụng")
    adopted_on = models.DateField("ngày áp dụng")
    note = models.CharField("cách áp dụng, kết quả", max_length=500, blank=True)
    recorded_by_id = models.BigIntegerField()

    class Meta:
        ordering = ["adopted_on", "id"]
        constraints = [models.UniqueConstraint(fields=["initiative", "unit"], name="spread_once")]

    def __str__(self):
        return f"{self.initiative_id} → {self.unit_id}"
