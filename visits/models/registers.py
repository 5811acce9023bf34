"""Training turns and commendations of grassroots cadres (article 003)."""

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from feedback.models import Initiative
from meetings.models import Placed
from people.models import Person, Post
from units.models import Unit
from visits.enums import CommendationForm, Knower, SituationState
from visits.querysets import CommendationQuerySet, SituationQuerySet, TrainingQuerySet


class TrainingCourse(Placed):
    """A course held by a unit. `counted_turns`: for old years of which only the number is known."""

    title = models.CharField("tên lớp", max_length=250)
    content = models.TextField("nội dung", blank=True)
    location = models.CharField("địa điểm", max_length=200, blank=True)
    document = models.CharField("văn bản mở lớp", max_length=120, blank=True)
    started_on = models.DateField("từ ngày")
    ended_on = models.DateField("đến ngày")
    counted_turns = models.PositiveIntegerField("số lượt (khi không có danh sách)", null=True, blank=True)
    source = models.CharField("nguồn số liệu", max_length=200, blank=True)
    search_text = models.TextField(blank=True)
    is_sample = models.BooleanField("dữ liệu minh họa", default=False)
    source_key = models.CharField(max_length=80, null=True, unique=True)
    request_id = models.CharField(max_length=64, null=True, unique=True)
    version = models.PositiveIntegerField(default=1)
    created_by_id = models.BigIntegerField(null=True)

    objects = TrainingQuerySet.as_manager()

    class Meta:
        ordering = ["-started_on", "-id"]
        verbose_name = "lớp tập huấn"
        constraints = [
            models.CheckConstraint(condition=Q(ended_on__gte=F("started_on")), name="training_course_span"),
        ]
        indexes = [
            models.Index(fields=["province", "started_on"], name="training_course_province"),
            models.Index(fields=["commune", "started_on"], name="training_course_commune"),
        ]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("training_course_detail", args=[self.pk])


class TrainingTurn(models.Model):
    """One person at one course: one turn. `post`: by which they came; `village`: theirs on that day."""

    course = models.ForeignKey(TrainingCourse, models.CASCADE, related_name="turns")
    person = models.ForeignKey(Person, models.PROTECT, related_name="training_turns", verbose_name="người học")
    post = models.ForeignKey(Post, models.PROTECT, null=True, related_name="+", verbose_name="chức danh")
    village = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", verbose_name="thôn, khu")

    class Meta:
        ordering = ["course_id", "id"]
        constraints = [models.UniqueConstraint(fields=["course", "person"], name="training_turn_once")]

    def __str__(self):
        return f"{self.course_id} {self.person_id}"


class Commendation(Placed):
    """Somebody, or a village, was commended: by whom and for what, perhaps for an initiative.

    The place is that of whoever was commended, on the day of the decision.
    """

    person = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="commendations")
    post = models.ForeignKey(Post, models.PROTECT, null=True, blank=True, related_name="+")
    village = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="thôn, khu")
    form = models.CharField("hình thức", max_length=12, choices=CommendationForm.choices)
    issuer = models.CharField("cơ quan khen", max_length=160)
    decision_number = models.CharField("số quyết định", max_length=60, blank=True)
    decided_on = models.DateField("ngày khen")
    reason = models.TextField("thành tích")
    search_text = models.TextField(blank=True)
    initiative = models.ForeignKey(Initiative, models.PROTECT, null=True, blank=True, related_name="commendations")
    is_sample = models.BooleanField("dữ liệu minh họa", default=False)
    request_id = models.CharField(max_length=64, null=True, unique=True)
    version = models.PositiveIntegerField(default=1)
    created_by_id = models.BigIntegerField(null=True)

    objects = CommendationQuerySet.as_manager()

    class Meta:
        ordering = ["-decided_on", "-id"]
        verbose_name = "khen thưởng"
        constraints = [
            models.CheckConstraint(
                condition=Q(person__isnull=False) | Q(village__isnull=False), name="commendation_has_recipient"
            ),
        ]
        indexes = [models.Index(fields=["province", "decided_on"], name="commendation_province")]

    def __str__(self):
        return self.get_form_display()

    def get_absolute_url(self):
        return reverse("commendation_detail", args=[self.pk])


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
