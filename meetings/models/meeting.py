"""What was held, and the papers that belong to it."""

from django.db import models
from django.db.models import Q
from django.urls import reverse

from meetings.enums import (
    HEAD_WORDS,
    HELD_STATES,
    ChairPresence,
    ChairSeat,
    HostBody,
    MeetingForm,
    MeetingKind,
    MeetingStatus,
    Presence,
    form_label,
)
from meetings.models.cadence import Occurrence, Placed
from meetings.querysets import MeetingQuerySet
from people.models import Person, Post
from units.models import Unit, UnitCluster


class Meeting(Placed):
    """One hội nghị. No occurrence: thematic or extraordinary. `period_first/last` are the days it counts for."""

    occurrence = models.ForeignKey(
        Occurrence, models.PROTECT, null=True, blank=True, related_name="meetings", verbose_name="kỳ giao ban"
    )
    period_first = models.DateField()
    period_last = models.DateField()
    year = models.PositiveSmallIntegerField()
    month = models.PositiveSmallIntegerField()
    kind = models.CharField("loại", max_length=15, choices=MeetingKind.choices, default=MeetingKind.PERIODIC)
    form = models.CharField("hình thức", max_length=15, choices=MeetingForm.choices, default=MeetingForm.HALL)
    host = models.CharField("cơ quan triệu tập", max_length=10, choices=HostBody.choices, default=HostBody.PARTY)
    title = models.CharField("tên hội nghị", max_length=250)
    search_text = models.CharField(max_length=300, blank=True)
    status = models.CharField("trạng thái", max_length=10, choices=MeetingStatus.choices, default=MeetingStatus.PLANNED)
    planned_on = models.DateField("ngày dự kiến", null=True, blank=True)
    held_on = models.DateField("ngày họp", null=True, blank=True)
    started_at = models.TimeField("giờ bắt đầu", null=True, blank=True)
    ended_at = models.TimeField("giờ kết thúc", null=True, blank=True)
    place = models.CharField("địa điểm", max_length=200, blank=True)
    link = models.CharField("đường dẫn họp trực tuyến", max_length=300, blank=True)
    chairs = models.TextField("chủ trì", blank=True)
    secretary = models.CharField("thư ký", max_length=200, blank=True)
    agenda = models.TextField("chương trình", blank=True)
    announcements = models.TextField("nội dung thông báo", blank=True)
    conclusions = models.TextField("kết luận", blank=True)
    minutes = models.TextField("diễn biến, biên bản", blank=True)
    timing_reason = models.CharField("lý do họp muộn, họp bù", max_length=300, blank=True)
    logged_at = models.DateTimeField("nhập lúc", null=True, blank=True)
    logged_on = models.DateField("ngày nhập", null=True, blank=True)
    log_due_on = models.DateField("hạn nhập", null=True, blank=True)
    conclusion_on = models.DateField("ngày ra kết luận", null=True, blank=True)
    conclusion_due_on = models.DateField("hạn ra kết luận", null=True, blank=True)
    speaker_count = models.PositiveIntegerField("số người phát biểu", null=True, blank=True)
    joint_occurrences = models.ManyToManyField(Occurrence, related_name="joint_meetings", blank=True)
    minuted_on = models.DateField("ngày có biên bản", null=True, blank=True)
    locked_on = models.DateField("ngày chốt", null=True, blank=True)
    reason = models.CharField("lý do hoãn, hủy, mở lại", max_length=500, blank=True)
    invited_count = models.PositiveIntegerField("số triệu tập", default=0)
    attendance_count = models.PositiveIntegerField("lượt đại biểu", default=0)
    sitting_count = models.PositiveSmallIntegerField("số cuộc", default=1)
    opinion_count = models.PositiveIntegerField("số ý kiến", default=0)
    is_sample = models.BooleanField("dữ liệu minh họa", default=False)
    source_key = models.CharField(max_length=80, null=True, unique=True)
    request_id = models.CharField(max_length=64, null=True, unique=True)
    version = models.PositiveIntegerField(default=1)
    created_by_id = models.BigIntegerField(null=True)

    objects = MeetingQuerySet.as_manager()

    class Meta:
        ordering = ["-held_on", "-id"]
        verbose_name = "hội nghị"
        constraints = [
            models.CheckConstraint(
                condition=~Q(status__in=HELD_STATES) | Q(held_on__isnull=False), name="meeting_held_has_day"
            )
        ]
        indexes = [
            models.Index(fields=["province", "-held_on", "-id"], name="meeting_province"),
            models.Index(fields=["district", "-held_on", "-id"], name="meeting_district"),
            models.Index(fields=["commune", "-held_on", "-id"], name="meeting_commune"),
            models.Index(fields=["province", "year", "level"], name="meeting_province_year"),
            models.Index(fields=["unit", "level", "year", "month"], name="meeting_tally"),
        ]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("meeting_detail", args=[self.pk])

    @property
    def is_held(self):
        return self.status in HELD_STATES

    def chair_lines(self):
        """Who chaired, a line each: those chosen by post, then what was written besides and names none of them."""
        chosen = [head for head in self.heads.all() if head.name]
        named = dict.fromkeys(head.name for head in chosen)
        titles = {name: ", ".join(head.title for head in chosen if head.name == name) for name in named}
        lines = [line.strip() for line in self.chairs.splitlines() if line.strip()]
        others = [line for line in lines if not any(name.casefold() in line.casefold() for name in named)]
        return [*(f"Đồng chí {name}, {title}" for name, title in titles.items()), *others]

    def missing_heads(self):
        """The words of the heads that were away: 'Chủ tịch UBMTTQ vắng'."""
        words = {ChairPresence.AWAY: "vắng", ChairPresence.DEPUTY: "vắng, cấp phó chủ trì thay"}
        heads = [head for head in self.heads.all() if head.presence in words]
        return [f"{HEAD_WORDS[ChairSeat(head.seat)]} {words[ChairPresence(head.presence)]}" for head in heads]

    @property
    def form_words(self):
        """The form as it is said at the meeting's level."""
        return form_label(self.form, self.level)

    @property
    def is_locked(self):
        return self.status == MeetingStatus.LOCKED


class Sitting(models.Model):
    """One gathering of a meeting that is held per commune or per cluster."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="sittings")
    cluster = models.ForeignKey(UnitCluster, models.PROTECT, null=True, blank=True, related_name="+")
    communes = models.ManyToManyField(Unit, related_name="sittings", verbose_name="các đơn vị dự")
    held_on = models.DateField("ngày họp")
    place = models.CharField("địa điểm", max_length=200, blank=True)
    attendance_count = models.PositiveIntegerField("lượt đại biểu", default=0)

    class Meta:
        ordering = ["held_on", "id"]
        indexes = [models.Index(fields=["meeting", "held_on"], name="sitting_meeting")]

    def __str__(self):
        return f"{self.meeting} {self.held_on:%d/%m/%Y}"


class MeetingFile(models.Model):
    """An attachment, stored under a random name outside the web root and given out through a checked view."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="files")
    name = models.CharField("tên tệp", max_length=200)
    path = models.CharField(max_length=120)
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    added_by_id = models.BigIntegerField(null=True)
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]

    def __str__(self):
        return self.name


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


class MeetingChair(models.Model):
    """What is said of one of the three bodies that chair: who did, or that its head was away. `post` when it is known.

    `name` and `title` are those of the meeting's day.
    """

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="heads")
    seat = models.CharField("cơ quan chủ trì", max_length=10, choices=ChairSeat.choices)
    presence = models.CharField("chủ trì", max_length=10, choices=ChairPresence.choices)
    post = models.ForeignKey(Post, models.PROTECT, null=True, blank=True, related_name="+")
    name = models.CharField("họ và tên", max_length=120, blank=True)
    title = models.CharField("chức danh", max_length=120, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["meeting", "seat"], name="meeting_chair_once")]

    def __str__(self):
        return f"{self.get_seat_display()}: {self.name or self.get_presence_display()}"

    @property
    def value(self):
        """As the entry form has it: the post that was chosen, else the bare word."""
        return str(self.post_id) if self.post_id else self.presence


class MeetingMonth(Placed):
    """Tally of the meetings of one unit and month (a quarter is filed under its last month), recomputed on save."""

    year = models.PositiveSmallIntegerField()
    month = models.PositiveSmallIntegerField()
    meetings = models.PositiveIntegerField(default=0)
    sittings = models.PositiveIntegerField(default=0)
    attendance = models.PositiveIntegerField(default=0)
    opinions = models.PositiveIntegerField(default=0)
    thematic = models.PositiveIntegerField(default=0)
    extra = models.PositiveIntegerField(default=0)
    hall = models.PositiveIntegerField(default=0)
    per_commune = models.PositiveIntegerField(default=0)
    cluster = models.PositiveIntegerField(default=0)
    online = models.PositiveIntegerField(default=0)
    hybrid = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["unit", "level", "year", "month"], name="meeting_month_key")]
        indexes = [
            models.Index(fields=["year", "province"], name="meeting_month_province"),
            models.Index(fields=["district", "year"], name="meeting_month_district"),
        ]

    def __str__(self):
        return f"{self.unit_id} {self.year}-{self.month:02d}"
