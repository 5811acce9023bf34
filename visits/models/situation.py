"""Situations (nắm tình hình): what happened, who knew it when and from whom, who reported, who handled it."""

from django.db import models
from django.urls import reverse

from meetings.models import Placed
from people.models import Person, Post
from units.models import Unit
from visits.enums import Knower, SituationState
from visits.querysets import SituationQuerySet


class Situation(Placed):
    """An event at a place. `responsible`: who was assigned there on the day; times are moments in Việt Nam's clock."""

    village = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", verbose_name="thôn, khu")
    title = models.CharField("sự việc", max_length=250)
    account = models.TextField("diễn biến")
    happened_at = models.DateTimeField("xảy ra lúc")
    state = models.CharField("trạng thái", max_length=10, choices=SituationState.choices, default=SituationState.OPEN)
    responsible = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="situations")
    responsible_post = models.ForeignKey(Post, models.PROTECT, null=True, blank=True, related_name="+")
    reported_at = models.DateTimeField("báo cáo lúc", null=True, blank=True)
    reported_to = models.CharField("báo cáo với", max_length=200, blank=True)
    handling_at = models.DateTimeField("bắt đầu xử lý lúc", null=True, blank=True)
    closed_at = models.DateTimeField("kết thúc lúc", null=True, blank=True)
    outcome = models.TextField("kết quả xử lý", blank=True)
    reopened_for = models.CharField("lý do mở lại", max_length=500, blank=True)
    search_text = models.TextField(blank=True)
    is_sample = models.BooleanField("dữ liệu minh họa", default=False)
    request_id = models.CharField(max_length=64, null=True, unique=True)
    version = models.PositiveIntegerField(default=1)
    created_by_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = SituationQuerySet.as_manager()

    class Meta:
        ordering = ["-happened_at", "-id"]
        verbose_name = "tình hình cơ sở"
        indexes = [
            models.Index(fields=["province", "-happened_at", "-id"], name="situation_province"),
            models.Index(fields=["district", "-happened_at", "-id"], name="situation_district"),
            models.Index(fields=["commune", "-happened_at", "-id"], name="situation_commune"),
        ]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("situation_detail", args=[self.pk])


class Knowing(models.Model):
    """The first time one level, or the responsible cadre, knew of a situation, and from whom."""

    situation = models.ForeignKey(Situation, models.CASCADE, related_name="knowings")
    knower = models.CharField("ai biết", max_length=12, choices=Knower.choices)
    known_at = models.DateTimeField("biết lúc")
    from_whom = models.CharField("từ nguồn nào", max_length=200)
    noted_by_id = models.BigIntegerField(null=True)
    noted_by_name = models.CharField("người ghi", max_length=200, blank=True)

    class Meta:
        ordering = ["known_at", "id"]
        constraints = [models.UniqueConstraint(fields=["situation", "knower"], name="knowing_once")]

    def __str__(self):
        return f"{self.situation_id} {self.knower}"


class Explanation(models.Model):
    """The responsible cadre's right to be heard, and what the level above said to it."""

    situation = models.OneToOneField(Situation, models.CASCADE, related_name="explanation")
    text = models.TextField("giải trình")
    written_at = models.DateTimeField("giải trình lúc")
    written_by_id = models.BigIntegerField()
    reviewed_at = models.DateTimeField("xem xét lúc", null=True, blank=True)
    reviewed_by_id = models.BigIntegerField(null=True)
    reviewed_by_name = models.CharField("người xem xét", max_length=200, blank=True)
    review = models.TextField("ý kiến của cấp trên", blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-id"]

    def __str__(self):
        return f"{self.situation_id}"
