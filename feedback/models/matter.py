"""The same matter raised in several places: one group, answered once for all."""

from django.db import models
from django.urls import reverse

from feedback.models.codes import Topic
from feedback.querysets import MatterQuerySet
from meetings.models import Placed


class Matter(Placed):
    """A vấn đề: opinions of one branch about the same thing. Its members stay themselves.

    `unit`/`level`: who keeps the group. The branch columns say what it is about: the smallest place that holds its
    members, so that those it concerns see it on its way up.
    """

    title = models.CharField("tên vấn đề", max_length=250)
    search_text = models.CharField(max_length=300, blank=True)
    topic = models.ForeignKey(Topic, models.PROTECT, related_name="+", verbose_name="lĩnh vực")
    created_by_id = models.BigIntegerField()
    created_on = models.DateField("ngày lập")
    request_id = models.CharField(max_length=64, null=True, unique=True)
    version = models.PositiveIntegerField(default=1)

    objects = MatterQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = "vấn đề"

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("matter_detail", args=[self.pk])
