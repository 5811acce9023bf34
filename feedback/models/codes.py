"""What opinions are sorted by, how long they may take, and which body usually takes them."""

from django.db import models
from django.urls import reverse

from feedback.enums import Competence
from feedback.querysets import MatterQuerySet, TopicQuerySet
from meetings.models import IssuedPaper, Placed
from units.models import Body, Dated, Unit
from units.querysets import DatedQuerySet


class Topic(Dated):
    """Lĩnh vực: an editable two-level list."""

    code = models.CharField("mã", max_length=20, unique=True)
    name = models.CharField("tên lĩnh vực", max_length=120)
    group = models.CharField("nhóm", max_length=120)
    order = models.PositiveSmallIntegerField("thứ tự", default=0)

    objects = TopicQuerySet.as_manager()

    class Meta:
        ordering = ["order", "code"]
        verbose_name = "lĩnh vực"

    def __str__(self):
        return self.name


class DueRule(Dated):
    """Days to resolve, by competence and perhaps topic, in a province (empty: everywhere)."""

    province = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="due_rules")
    competence = models.CharField("thẩm quyền", max_length=10, choices=Competence.choices)
    topic = models.ForeignKey(Topic, models.PROTECT, null=True, blank=True, related_name="due_rules")
    days = models.PositiveSmallIntegerField("số ngày giải quyết")
    document = models.CharField("văn bản quy định", max_length=120, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        ordering = ["competence", "valid_from"]

    def __str__(self):
        return f"{self.get_competence_display()}: {self.days} ngày"


class RoutingRule(models.Model):
    """Which body of a unit usually takes a topic, perhaps only for one competence (empty: for all)."""

    unit = models.ForeignKey(Unit, models.CASCADE, related_name="routing_rules")
    topic = models.ForeignKey(Topic, models.CASCADE, related_name="routing_rules")
    competence = models.CharField("thẩm quyền", max_length=10, choices=Competence.choices, blank=True)
    body = models.ForeignKey(Body, models.CASCADE, related_name="routing_rules")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["unit", "topic", "competence"], name="routing_once")]

    def __str__(self):
        return f"{self.topic} → {self.body}"


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
