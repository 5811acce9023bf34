"""What a meeting leaves to be done: announcements to pass on, and lines of its conclusion that somebody owes."""

from django.db import models
from django.db.models import Q
from django.urls import reverse

from meetings.enums import TaskingStatus
from meetings.models.cadence import Placed
from meetings.models.meeting import Meeting
from meetings.querysets import AnnouncementQuerySet, TaskingQuerySet
from meetings.rules import is_tasking_overdue
from people.models import Person
from units.models import Body, Unit


class Announcement(models.Model):
    """Something the meeting tells the units below to pass on to their people."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="announced")
    number = models.PositiveSmallIntegerField("số thứ tự")
    text = models.TextField("nội dung thông báo")
    due_on = models.DateField("truyền đạt xong trước ngày", null=True, blank=True)
    request_id = models.CharField(max_length=64, null=True, unique=True)
    version = models.PositiveIntegerField(default=1)

    objects = AnnouncementQuerySet.as_manager()

    class Meta:
        ordering = ["meeting_id", "number"]
        constraints = [models.UniqueConstraint(fields=["meeting", "number"], name="announcement_number")]

    def __str__(self):
        return self.text[:80]

    def get_absolute_url(self):
        return reverse("relay_detail", args=[self.pk])


class Relay(models.Model):
    """That a unit passed an announcement on: when, to how many persons, and what they asked back."""

    announcement = models.ForeignKey(Announcement, models.CASCADE, related_name="relays")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="đơn vị truyền đạt")
    relayed_on = models.DateField("ngày truyền đạt")
    reach_count = models.PositiveIntegerField("số người được nghe", default=0)
    questions = models.TextField("câu hỏi, ý kiến gửi lại", blank=True)
    reported_by_id = models.BigIntegerField()
    reported_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["unit_id"]
        constraints = [models.UniqueConstraint(fields=["announcement", "unit"], name="relay_once")]

    def __str__(self):
        return f"{self.announcement_id} → {self.unit_id}"


class Tasking(Placed):
    """One line of a conclusion: what, who, by when. It opens the next meeting until it is done or dropped."""

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="taskings")
    number = models.PositiveSmallIntegerField("số thứ tự")
    text = models.TextField("nội dung giao")
    body = models.ForeignKey(
        Body, models.PROTECT, null=True, blank=True, related_name="taskings", verbose_name="cơ quan chủ trì"
    )
    person = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="taskings", verbose_name="người phụ trách"
    )
    due_on = models.DateField("hạn hoàn thành")
    status = models.CharField("trạng thái", max_length=10, choices=TaskingStatus.choices, default=TaskingStatus.OPEN)
    done_on = models.DateField("ngày hoàn thành", null=True, blank=True)
    result = models.TextField("kết quả", blank=True)
    request_id = models.CharField(max_length=64, null=True, unique=True)
    version = models.PositiveIntegerField(default=1)

    objects = TaskingQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "id"]
        verbose_name = "việc giao"
        constraints = [
            models.UniqueConstraint(fields=["meeting", "number"], name="tasking_number"),
            models.CheckConstraint(
                condition=Q(status=TaskingStatus.DONE, done_on__isnull=False)
                | (~Q(status=TaskingStatus.DONE) & Q(done_on=None)),
                name="tasking_done_has_day",
            ),
        ]
        indexes = [
            models.Index(fields=["unit", "due_on"], condition=Q(status=TaskingStatus.OPEN), name="tasking_unit_open"),
            models.Index(fields=["body", "due_on"], condition=Q(status=TaskingStatus.OPEN), name="tasking_body_open"),
        ]

    def __str__(self):
        return self.text[:80]

    def get_absolute_url(self):
        return reverse("tasking_detail", args=[self.pk])

    def is_overdue(self, today):
        return is_tasking_overdue(self.status, self.due_on, today)
