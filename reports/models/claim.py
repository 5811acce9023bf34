"""A figure said in a speech or paper, pinned with its definition, scope and day."""

from django.db import models
from django.urls import reverse

from meetings.models import Placed
from reports.enums import Comparison
from units.scoping import ScopedQuerySet


class Claim(Placed):
    """`words`: what was said of `unit`. `measure` (over `over`, when it is a rate) names words of `figures`."""

    words = models.CharField("câu nói có số liệu", max_length=500)
    source = models.CharField("nêu ở đâu", max_length=250, blank=True)
    measure = models.CharField("số đo", max_length=60)
    over = models.CharField("trên tổng", max_length=60, blank=True)
    less = models.CharField("trừ đi ở mẫu số", max_length=60, blank=True)
    comparison = models.CharField("cách nói", max_length=10, choices=Comparison.choices)
    stated = models.DecimalField("con số nêu", max_digits=14, decimal_places=2)
    period = models.CharField("kỳ", max_length=10)
    boundaries = models.CharField(max_length=4, default="then")
    pinned_part = models.BigIntegerField("tử số khi ghim")
    pinned_whole = models.BigIntegerField("mẫu số khi ghim", null=True, blank=True)
    pinned_on = models.DateField("ngày ghim")
    pinned_by_id = models.BigIntegerField(null=True)
    pinned_by_name = models.CharField("người ghim", max_length=200, blank=True)
    checked_part = models.BigIntegerField("tử số khi kiểm tra", default=0)
    checked_whole = models.BigIntegerField("mẫu số khi kiểm tra", null=True, blank=True)
    checked_on = models.DateField("ngày kiểm tra")
    is_supported = models.BooleanField("số liệu đỡ câu này", default=True)
    is_complete = models.BooleanField("đủ dữ liệu các năm của kỳ", default=True)
    """Both as of `checked_on`; the page of a claim counts anew, this remembers for the list and for who was told."""

    withdrawn_on = models.DateField("ngày rút", null=True, blank=True)
    is_sample = models.BooleanField("dữ liệu minh họa", default=False)
    request_id = models.CharField(max_length=64, null=True, unique=True)
    version = models.PositiveIntegerField(default=1)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-pinned_on", "-id"]
        verbose_name = "số liệu đã ghim"
        indexes = [models.Index(fields=["is_supported", "-id"], name="claim_order")]

    def __str__(self):
        return self.words

    def get_absolute_url(self):
        return reverse("claim_detail", args=[self.pk])
