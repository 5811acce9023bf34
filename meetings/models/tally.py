"""Monthly tallies, recomputed in the transaction that changes their facts."""

from django.db import models

from meetings.models.cadence import Placed


class MeetingMonth(Placed):
    """Tally of the meetings of one unit and month (a quarter is filed under its last month), recomputed on save."""

    year = models.PositiveSmallIntegerField()
    month = models.PositiveSmallIntegerField()
    meetings = models.PositiveIntegerField(default=0)
    sittings = models.PositiveIntegerField(default=0)
    attendance = models.PositiveIntegerField(default=0)
    opinions = models.PositiveIntegerField(default=0)
    thematic = models.PositiveIntegerField(default=0)
    extra = models.PositiveIntegerField(default=0)
    hall = models.PositiveIntegerField(default=0)
    per_commune = models.PositiveIntegerField(default=0)
    cluster = models.PositiveIntegerField(default=0)
    online = models.PositiveIntegerField(default=0)
    hybrid = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["unit", "level", "year", "month"], name="meeting_month_key")]
        indexes = [
            models.Index(fields=["year", "province"], name="meeting_month_province"),
            models.Index(fields=["district", "year"], name="meeting_month_district"),
        ]

    def __str__(self):
        return f"{self.unit_id} {self.year}-{self.month:02d}"
