"""The month's plan of visits: drafted from the weakest place, edited by a person, published."""

from django.db import models
from django.urls import reverse

from core.periods import Period
from meetings.models import Placed
from people.models import Person, Post
from units.models import Unit
from visits.enums import GroupKind, LineState, PlanState
from visits.models.assignment import Assignment
from visits.models.helped import LocalGroup
from visits.models.visit import Visit
from visits.querysets import PlannedVisitQuerySet, VisitPlanQuerySet


class VisitPlan(Placed):
    """The visits of the cadres of one unit in one month. `level`: that of the unit."""

    month = models.DateField("tháng")  # always the first of the month (`propose_plan`)
    state = models.CharField("trạng thái", max_length=10, choices=PlanState.choices, default=PlanState.DRAFT)
    published_at = models.DateTimeField("công bố lúc", null=True)
    published_by_id = models.BigIntegerField(null=True)
    published_by_name = models.CharField("người công bố", max_length=200, blank=True)
    is_sample = models.BooleanField("dữ liệu minh họa", default=False)
    version = models.PositiveIntegerField(default=1)

    objects = VisitPlanQuerySet.as_manager()

    class Meta:
        ordering = ["-month", "unit_id"]
        verbose_name = "kế hoạch đi cơ sở"
        constraints = [models.UniqueConstraint(fields=["unit", "month"], name="visit_plan_once")]

    def __str__(self):
        return f"{self.unit} {self.month:%m/%Y}"

    def get_absolute_url(self):
        return reverse("visit_plan_detail", args=[self.pk])

    @property
    def period(self):
        return Period.of_day(self.month, "month")

    @property
    def is_draft(self):
        return self.state == PlanState.DRAFT


class PlannedVisit(Placed):
    """One line of a plan: who goes where on which day, and why there. `unit` and branch are those of the place."""

    plan = models.ForeignKey(VisitPlan, models.CASCADE, related_name="lines")
    person = models.ForeignKey(Person, models.PROTECT, related_name="planned_visits", verbose_name="cán bộ")
    post = models.ForeignKey(Post, models.PROTECT, related_name="+", verbose_name="chức danh")
    assignment = models.ForeignKey(Assignment, models.PROTECT, null=True, blank=True, related_name="+")
    village = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", verbose_name="thôn, khu")
    group = models.CharField("dự sinh hoạt với", max_length=20, choices=GroupKind.choices)
    local_group = models.ForeignKey(LocalGroup, models.PROTECT, null=True, blank=True, related_name="+")
    planned_on = models.DateField("ngày dự kiến")
    starts_at = models.TimeField("giờ dự kiến", null=True, blank=True)
    reasons = models.JSONField("lý do chọn nơi đến", default=list)
    is_cancelled = models.BooleanField("thôi không đi", default=False)
    note = models.CharField("ghi chú, lý do thôi", max_length=300, blank=True)
    visit = models.OneToOneField(Visit, models.PROTECT, null=True, blank=True, related_name="planned")
    is_sample = models.BooleanField("dữ liệu minh họa", default=False)
    version = models.PositiveIntegerField(default=1)

    objects = PlannedVisitQuerySet.as_manager()

    class Meta:
        ordering = ["planned_on", "starts_at", "id"]
        indexes = [
            models.Index(fields=["person", "planned_on"], name="planned_visit_person"),
            models.Index(fields=["commune", "planned_on"], name="planned_visit_commune"),
        ]

    def __str__(self):
        return f"{self.planned_on:%d/%m/%Y} {self.unit}"

    def state_on(self, today):
        """DONE, MISSED, COMING or CANCELLED as of a day; a withdrawn visit answers nothing."""
        if self.visit_id and self.visit.is_counted:
            return LineState.DONE
        if self.is_cancelled:
            return LineState.CANCELLED
        return LineState.COMING if self.planned_on >= today else LineState.MISSED
