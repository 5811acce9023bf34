"""Cadence and what it makes expected."""

from django.db import models
from django.db.models import Q
from django.urls import reverse

from meetings.enums import PeriodKind
from meetings.querysets import OccurrenceQuerySet
from meetings.rules import timeliness
from units.enums import Level
from units.models import Dated, Unit
from units.querysets import DatedQuerySet


class Placed(models.Model):
    """A fact row keeps the unit and the branch as of its day; history is never repointed."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="đơn vị")
    level = models.CharField("cấp", max_length=10, choices=Level.choices)
    province = models.ForeignKey(Unit, models.PROTECT, related_name="+", db_index=False)
    district = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", db_index=False)
    commune = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta:
        abstract = True


class CadenceRule(Dated):
    """How often units of a level of a province meet, ordered by a document; `unit`: a rule for that unit alone.

    In force from and until the first day of a period. While a unit's own rule is in force, the province's is not.
    """

    province = models.ForeignKey(Unit, models.PROTECT, related_name="cadence_rules")
    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="own_rules", verbose_name="đơn vị"
    )
    level = models.CharField("cấp", max_length=10, choices=Level.choices)
    period_kind = models.CharField("chu kỳ", max_length=10, choices=PeriodKind.choices)
    early_days = models.PositiveSmallIntegerField("được họp sớm (ngày)", default=5)
    grace_days = models.PositiveSmallIntegerField("được họp muộn (ngày)", default=5)
    rolls_forward = models.BooleanField("hạn rơi vào ngày nghỉ thì lùi sang ngày làm việc sau", default=False)
    log_days = models.PositiveSmallIntegerField("hạn nhập (ngày làm việc)", default=3)
    conclusion_days = models.PositiveSmallIntegerField("hạn ra kết luận (ngày làm việc)", default=5)
    document = models.CharField("văn bản quy định", max_length=120)
    document_on = models.DateField("ngày văn bản", null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        ordering = ["province_id", "level", "valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["province", "level", "valid_from"], condition=Q(unit=None), name="cadence_from"
            ),
            models.UniqueConstraint(fields=["unit", "level", "valid_from"], name="cadence_own_from"),
        ]

    def __str__(self):
        return f"{self.get_level_display()} {self.get_period_kind_display()} ({self.document})"


class Occurrence(Placed):
    """One expected meeting: a unit and a period. `met_on` empty = not held; a missing meeting is a row.

    A round of several sittings is begun on the first of them and held (`met_on`) on the day by which every unit
    below was reached; all days and marks are derived from the meetings (`meetings/occurrences.py`).
    """

    rule = models.ForeignKey(CadenceRule, models.PROTECT, related_name="occurrences")
    period = models.CharField("kỳ", max_length=7)
    year = models.PositiveSmallIntegerField()
    month = models.PositiveSmallIntegerField()
    starts_on = models.DateField()
    ends_on = models.DateField()
    opens_on = models.DateField()
    due_on = models.DateField("hạn họp")
    late_until = models.DateField()
    begun_on = models.DateField("ngày bắt đầu họp", null=True, blank=True)
    met_on = models.DateField("ngày họp đủ", null=True, blank=True)
    is_exempt = models.BooleanField("được miễn", default=False)
    is_incomplete = models.BooleanField("kết thúc khi chưa họp đủ", default=False)
    is_exempt_late = models.BooleanField("miễn sau kỳ", default=False)
    flagged_on = models.DateField(null=True, blank=True)
    closed_on = models.DateField("ngày khóa số liệu", null=True, blank=True)

    objects = OccurrenceQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_on", "unit_id"]
        constraints = [models.UniqueConstraint(fields=["unit", "level", "period"], name="occurrence_once")]
        indexes = [
            models.Index(fields=["province", "year", "level"], name="occurrence_province_year"),
            models.Index(fields=["district", "year"], name="occurrence_district_year"),
            models.Index(fields=["commune", "year"], name="occurrence_commune_year"),
            models.Index(fields=["late_until", "unit"], condition=Q(met_on=None), name="occurrence_unmet"),
        ]

    def __str__(self):
        return f"{self.unit} {self.period}"

    def get_absolute_url(self):
        return reverse("occurrence_detail", args=[self.pk])

    def timeliness_on(self, today):
        return timeliness(self, today)


class Exemption(models.Model):
    """A unit asks to be excused from an occurrence; the level above decides.

    `is_partial`: from the rest of a round that has begun. Each unit it has not reached is named with the reason
    (`UnreachedUnit`), and the round ends incomplete: counted apart, never as held.
    `is_late`: granted when the period and its days of grace were over; counted in a column of its own.
    """

    occurrence = models.ForeignKey(Occurrence, models.PROTECT, related_name="exemptions")
    is_partial = models.BooleanField("kết thúc khi chưa họp đủ", default=False)
    reason = models.CharField("lý do", max_length=500)
    asked_by_id = models.BigIntegerField()
    asked_at = models.DateTimeField(auto_now_add=True)
    decided_by_id = models.BigIntegerField(null=True)
    decided_at = models.DateTimeField(null=True)
    is_granted = models.BooleanField("đồng ý", null=True)
    decision_note = models.CharField("ý kiến của cấp trên", max_length=500, blank=True)
    asked_on = models.DateField("ngày đề nghị", null=True, blank=True)
    document = models.CharField("văn bản cho miễn", max_length=120, blank=True)
    is_late = models.BooleanField("miễn sau kỳ", default=False)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["occurrence"], condition=Q(is_granted=None), name="exemption_one_pending")
        ]

    def __str__(self):
        return self.reason


class UnreachedUnit(models.Model):
    """A unit below that a round has not reached, and why."""

    exemption = models.ForeignKey(Exemption, models.CASCADE, related_name="unreached")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    reason = models.CharField("lý do", max_length=300)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["exemption", "unit"], name="unreached_once")]

    def __str__(self):
        return f"{self.unit_id}: {self.reason}"


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
