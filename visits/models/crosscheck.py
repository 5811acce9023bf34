"""Cross-checks by lot: who looks at whose visits, drawn with a seed that anybody can repeat."""

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from meetings.models import Placed
from people.models import Person
from units.scoping import ScopedQuerySet
from visits.models.visit import Visit
from visits.querysets import CheckPairQuerySet


class CheckDraw(Placed):
    """One drawing of lots of a unit for a quarter. `candidates`: ids of the cadres, in the order drawn from."""

    period = models.CharField("kỳ", max_length=7)
    seed = models.CharField("số gieo", max_length=40)
    candidates = models.JSONField(default=list)
    sample_size = models.PositiveSmallIntegerField("số lượt đi kiểm tra mỗi người", default=2)
    drawn_at = models.DateTimeField("bốc thăm lúc")
    drawn_by_id = models.BigIntegerField()
    drawn_by_name = models.CharField("người bốc thăm", max_length=200)
    request_id = models.CharField(max_length=64, null=True, unique=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-drawn_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["unit", "period"], name="check_draw_once")]

    def __str__(self):
        return f"{self.unit} {self.period}"

    def get_absolute_url(self):
        return reverse("check_draw_detail", args=[self.pk])


class CheckPair(models.Model):
    """One cadre looks at some visits of another; what was found is said in words, nobody is graded.

    `pool`: ids of the visits that the sample was drawn from.
    """

    draw = models.ForeignKey(CheckDraw, models.CASCADE, related_name="pairs")
    number = models.PositiveSmallIntegerField()
    checker = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="người kiểm tra")
    checked = models.ForeignKey(Person, models.PROTECT, related_name="+", verbose_name="người được kiểm tra")
    pool = models.JSONField(default=list)
    visits = models.ManyToManyField(Visit, related_name="checks", verbose_name="lượt đi được chọn")
    result = models.TextField("kết quả kiểm tra", blank=True)
    checked_on = models.DateField("ngày kiểm tra", null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = CheckPairQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["draw", "number"], name="check_pair_number"),
            models.CheckConstraint(condition=~Q(checker=F("checked")), name="check_pair_two_people"),
        ]

    def __str__(self):
        return f"{self.checker} → {self.checked}"

    def get_absolute_url(self):
        return reverse("check_pair_detail", args=[self.pk])
