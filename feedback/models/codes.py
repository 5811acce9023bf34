"""What opinions are sorted by, how long they may take, and which body usually takes them."""

from django.db import models

from feedback.enums import Competence
from feedback.querysets import TopicQuerySet
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
