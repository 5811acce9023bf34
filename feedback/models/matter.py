"""The same matter raised in several places: one group, answered once for all."""

from django.db import models
from django.urls import reverse

from feedback.models.codes import Topic
from feedback.querysets import MatterQuerySet
from meetings.models import IssuedPaper, Placed


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


class BoardPoint(models.Model):
    """One point of a report of the Ban Dân vận: a matter or a single opinion, followed until it is answered.

    `direction`: what was said of it from above; its opinions get that in their threads.
    """

    paper = models.ForeignKey(IssuedPaper, models.PROTECT, related_name="points")
    number = models.PositiveSmallIntegerField("điểm số")
    title = models.CharField("nội dung", max_length=300)
    matter = models.ForeignKey(Matter, models.PROTECT, null=True, blank=True, related_name="+")
    opinions = models.ManyToManyField("Opinion", related_name="board_points")
    direction = models.TextField("ý kiến chỉ đạo", blank=True)
    direction_document = models.CharField("số văn bản chỉ đạo", max_length=120, blank=True)
    directed_on = models.DateField("ngày chỉ đạo", null=True, blank=True)
    directed_by_name = models.CharField("người cho ý kiến", max_length=200, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["paper_id", "number"]
        verbose_name = "điểm báo cáo của Ban Dân vận"
        constraints = [models.UniqueConstraint(fields=["paper", "number"], name="board_point_once")]

    def __str__(self):
        return f"{self.number}. {self.title}"
