"""Who was there: seats of the roster, guests, and the counted numbers of old years."""

from django.db import models
from django.db.models import Q

from meetings.enums import Presence
from meetings.models.meeting import Meeting, Sitting
from people.models import Person, Post
from units.models import Unit


class Attendance(models.Model):
    """A seat at a meeting: from the roster, or a guest. `duties` are the posts a person fills at once."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="attendances")
    sitting = models.ForeignKey(Sitting, models.CASCADE, null=True, blank=True, related_name="attendances")
    person = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="attendances")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="+")
    name = models.CharField("họ và tên", max_length=120)
    duties = models.CharField("chức danh", max_length=300, blank=True)
    presence = models.CharField("có mặt", max_length=12, choices=Presence.choices, default=Presence.PRESENT)
    reason = models.CharField("lý do vắng", max_length=200, blank=True)
    substitute = models.CharField("người dự thay", max_length=120, blank=True)
    is_guest = models.BooleanField("khách mời", default=False)
    sort_key = models.CharField(max_length=600, blank=True)

    class Meta:
        ordering = ["is_guest", "sort_key", "id"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "sitting", "person"], name="attendance_person_once"),
            models.UniqueConstraint(
                fields=["meeting", "person"], condition=Q(sitting=None), name="attendance_person_meeting_once"
            ),
        ]

    def __str__(self):
        return self.name


class AttendancePost(models.Model):
    """Which posts of the roster an attendance stands for: coverage counts posts, turns count persons."""

    attendance = models.ForeignKey(Attendance, models.CASCADE, related_name="posts")
    post = models.ForeignKey(Post, models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["attendance", "post"], name="attendance_post_once")]

    def __str__(self):
        return f"{self.attendance_id}/{self.post_id}"


class CountedAttendance(models.Model):
    """Attendance of old years: a number per group instead of names."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="counts")
    sitting = models.ForeignKey(Sitting, models.CASCADE, null=True, blank=True, related_name="counts")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="thôn, khu")
    group = models.CharField("thành phần", max_length=120)
    number = models.PositiveIntegerField("số người")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["meeting", "sitting", "group", "unit"], name="counted_group_once")
        ]

    def __str__(self):
        return f"{self.group}: {self.number}"
