"""Yearly rollups made at night from the monthly tallies, and how far the compilation has come."""

from django.db import models

from units.models import Unit


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
