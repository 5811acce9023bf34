"""The yearly sheet about an assigned cadre: figures beside words, signed by a person, never a grade."""

from django.db import models
from django.urls import reverse

from meetings.models import Placed
from people.models import Person, Post
from visits.enums import SheetState
from visits.querysets import OwnSheetQuerySet


class YearlySheet(Placed):
    """One cadre's year as the unit that assigns sees it. `unit`: the cadre's own; `facts`: the figures when signed."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="yearly_sheets", verbose_name="cán bộ")
    post = models.ForeignKey(Post, models.PROTECT, related_name="+", verbose_name="chức danh")
    year = models.PositiveSmallIntegerField("năm")
    state = models.CharField("trạng thái", max_length=10, choices=SheetState.choices, default=SheetState.DRAFT)
    own_words = models.TextField("tự nhận xét", blank=True)
    remark = models.TextField("nhận xét của người phụ trách", blank=True)
    facts = models.JSONField("số liệu khi ký", default=dict)
    signed_at = models.DateTimeField("ký lúc", null=True)
    signed_by_id = models.BigIntegerField(null=True)
    signed_by_name = models.CharField("người ký", max_length=200, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = OwnSheetQuerySet.as_manager()

    class Meta:
        ordering = ["-year", "person__sort_key", "id"]
        verbose_name = "phiếu nhận xét năm"
        constraints = [models.UniqueConstraint(fields=["person", "unit", "year"], name="yearly_sheet_once")]

    def __str__(self):
        return f"{self.person} {self.year}"

    def get_absolute_url(self):
        return reverse("yearly_sheet_detail", args=[self.pk])

    @property
    def is_draft(self):
        return self.state == SheetState.DRAFT
