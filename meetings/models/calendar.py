"""Days off and swapped working days beside the public holidays, and the secret addresses of calendars."""

from django.db import models
from django.db.models import Q

from units.models import Unit


class SpecialDay(models.Model):
    """A day that differs from the public calendar: an extra day off, or a weekend day worked instead.

    Without a province it holds for the whole country; a province's own row wins.
    """

    province = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="special_days")
    day = models.DateField("ngày")
    is_working = models.BooleanField("là ngày làm việc", default=False)
    name = models.CharField("tên ngày", max_length=120)
    document = models.CharField("văn bản quy định", max_length=120, blank=True)

    class Meta:
        ordering = ["day", "id"]
        constraints = [
            models.UniqueConstraint(fields=["province", "day"], name="special_day_once"),
            models.UniqueConstraint(fields=["day"], condition=Q(province=None), name="special_day_national_once"),
        ]

    def __str__(self):
        return f"{self.day:%d/%m/%Y} {self.name}"


class CalendarFeed(models.Model):
    """The secret address at which a unit's calendar can be subscribed to; renewing it ends the one before.

    `subject`: whose calendar, in a word of the floor that fills it.
    """

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="calendar_feeds")
    subject = models.CharField(max_length=12, default="meetings")
    token = models.CharField(max_length=64, unique=True)
    made_by_id = models.BigIntegerField()
    made_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["unit", "subject"], condition=Q(ended_at=None), name="feed_one_alive")
        ]

    def __str__(self):
        return f"{self.unit_id}"
