"""Monthly tallies of opinions, recomputed in the transaction that changes their facts."""

from django.db import models

from meetings.models import Placed


class OpinionMonth(Placed):
    """Tally of opinions of one place, table level and month; `unit` is the lowest unit of the branch columns."""

    year = models.PositiveSmallIntegerField()
    month = models.PositiveSmallIntegerField()
    received = models.PositiveIntegerField(default=0)
    recorded = models.PositiveIntegerField(default=0)
    assigned = models.PositiveIntegerField(default=0)
    in_progress = models.PositiveIntegerField(default=0)
    scheduled = models.PositiveIntegerField(default=0)
    escalated = models.PositiveIntegerField(default=0)
    transferred = models.PositiveIntegerField(default=0)
    answered_on_spot = models.PositiveIntegerField(default=0)
    resolved = models.PositiveIntegerField(default=0)
    explained = models.PositiveIntegerField(default=0)
    accepted = models.PositiveIntegerField(default=0)
    declined = models.PositiveIntegerField(default=0)
    redirected = models.PositiveIntegerField(default=0)
    duplicate = models.PositiveIntegerField(default=0)
    withdrawn = models.PositiveIntegerField(default=0)
    confirmed = models.PositiveIntegerField(default=0)
    on_time = models.PositiveIntegerField(default=0)
    on_time_extended = models.PositiveIntegerField(default=0)
    closed_late = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["unit", "level", "year", "month"], name="opinion_month_key")]
        indexes = [
            models.Index(fields=["year", "province"], name="opinion_month_province"),
            models.Index(fields=["district", "year"], name="opinion_month_district"),
        ]

    def __str__(self):
        return f"{self.unit_id} {self.year}-{self.month:02d}"
