"""What was raised, who holds it now, and every step of its way. One opinion is one thread through all levels."""

from django.db import models
from django.db.models import Q
from django.urls import reverse

from feedback.enums import (
    ANSWERED,
    FOLLOWED_KINDS,
    UNRESOLVED,
    Competence,
    ExtensionKind,
    ExtensionState,
    InitiativeStage,
    OpinionChannel,
    OpinionKind,
    OpinionStatus,
    Satisfaction,
    Verb,
    Visibility,
)
from feedback.models.codes import Matter, Topic
from feedback.querysets import OpinionQuerySet, shares_answer
from feedback.rules import days_ever_late, days_late, is_overdue
from meetings.models import Meeting, Placed
from people.models import Person, Post, User
from units.enums import Level
from units.models import Body, Unit


class Opinion(Placed):
    """An opinion. `unit`/`level`: the table it was raised at; branch columns: the place it is about, as of that day.

    `holder` is the unit that owes the next step, `body` the organisation it assigned. Clocks: `due_on` is today's day,
    `first_due_on` the first promised one, written once; `promised_on` is the earliest day promised since the matter
    was last opened, and `late_days` the most days by which a promised day had passed when the matter was closed or
    got another day (`rules.days_late`).
    """

    meeting = models.ForeignKey(Meeting, models.PROTECT, null=True, blank=True, related_name="opinions")
    origin = models.CharField("nguồn", max_length=20, default="meeting")
    origin_id = models.BigIntegerField(null=True)
    number = models.PositiveSmallIntegerField("số thứ tự", default=1)
    village = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="thôn, khu")
    raised_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="opinions")
    raised_by_name = models.CharField("người nêu", max_length=120, blank=True)
    raised_by_title = models.CharField("chức danh người nêu", max_length=120, blank=True)
    raised_on = models.DateField("ngày nêu")
    period_first = models.DateField()
    period_last = models.DateField()
    year = models.PositiveSmallIntegerField()
    month = models.PositiveSmallIntegerField()
    kind = models.CharField("loại", max_length=15, choices=OpinionKind.choices, default=OpinionKind.PETITION)
    channel = models.CharField("hình thức", max_length=15, choices=OpinionChannel.choices, default=OpinionChannel.ORAL)
    topic = models.ForeignKey(Topic, models.PROTECT, related_name="opinions", verbose_name="lĩnh vực")
    competence = models.CharField("thẩm quyền", max_length=10, choices=Competence.choices, default=Competence.COMMUNE)
    visibility = models.CharField("phạm vi xem", max_length=10, choices=Visibility.choices, default=Visibility.NORMAL)
    is_pressing = models.BooleanField("nổi cộm", default=False)
    text = models.TextField("nội dung")
    search_text = models.TextField(blank=True)
    status = models.CharField(
        "trạng thái", max_length=20, choices=OpinionStatus.choices, default=OpinionStatus.RECORDED
    )
    is_open = models.BooleanField(default=True)
    holder = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="cấp đang giữ")
    body = models.ForeignKey(
        Body, models.PROTECT, null=True, blank=True, related_name="opinions", verbose_name="cơ quan chủ trì"
    )
    received_on = models.DateField("ngày tiếp nhận")
    due_on = models.DateField("hạn giải quyết")
    first_due_on = models.DateField("hạn đầu tiên", editable=False)
    promised_on = models.DateField("ngày hứa sớm nhất từ lần mở gần nhất", editable=False)
    late_days = models.PositiveIntegerField("số ngày đã quá hạn", default=0)
    planned_on = models.DateField("dự kiến xong", null=True, blank=True)
    answer = models.TextField("kết quả, trả lời", blank=True)
    settled_on = models.DateField("ngày giải quyết", null=True, blank=True)
    first_settled_on = models.DateField(null=True, blank=True)
    satisfaction = models.CharField("mức hài lòng", max_length=10, choices=Satisfaction.choices, blank=True)
    confirmed_on = models.DateField(null=True, blank=True)
    dissatisfied_count = models.PositiveSmallIntegerField("số lần chưa hài lòng", default=0)
    master = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="duplicates")
    matter = models.ForeignKey(Matter, models.PROTECT, null=True, blank=True, related_name="opinions")
    settled_before = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="raised_again")
    hides_speaker = models.BooleanField("không nêu tên người phản ánh với cấp trên", default=False)
    receipt_due_on = models.DateField("hạn thông báo tiếp nhận", null=True, blank=True)
    receipted_on = models.DateField("ngày thông báo tiếp nhận", null=True, blank=True)
    waiting_from = models.DateField("chờ cấp trên từ ngày", null=True, blank=True)
    waited_days = models.PositiveSmallIntegerField("số ngày đã chờ cấp trên", default=0)
    review_on = models.DateField("ngày rà soát lại kế hoạch", null=True, blank=True)
    shown_above_on = models.DateField("ngày trình cấp trên xem xét", null=True, blank=True)
    flagged_on = models.DateField(null=True, blank=True)
    is_sample = models.BooleanField("dữ liệu minh họa", default=False)
    source_key = models.CharField(max_length=80, null=True, unique=True)
    version = models.PositiveIntegerField(default=1)

    objects = OpinionQuerySet.as_manager()

    class Meta:
        ordering = ["-raised_on", "-id"]
        verbose_name = "ý kiến"
        constraints = [
            models.CheckConstraint(
                condition=Q(is_open=True, status__in=UNRESOLVED) | (Q(is_open=False) & ~Q(status__in=UNRESOLVED)),
                name="opinion_open_is_status",
            ),
            models.CheckConstraint(condition=~Q(text=""), name="opinion_has_text"),
        ]
        indexes = [
            models.Index(fields=["district", "due_on", "id"], condition=Q(is_open=True), name="opinion_district_due"),
            models.Index(
                fields=["district", "-raised_on", "-id"], condition=Q(is_open=True), name="opinion_district_new"
            ),
            models.Index(fields=["province", "due_on", "id"], condition=Q(is_open=True), name="opinion_province_due"),
            models.Index(fields=["commune", "due_on", "id"], condition=Q(is_open=True), name="opinion_commune_due"),
            models.Index(fields=["due_on", "id"], condition=Q(is_open=True), name="opinion_due"),
            models.Index(fields=["body", "due_on", "id"], condition=Q(is_open=True), name="opinion_body_due"),
            models.Index(fields=["province", "year", "level"], name="opinion_province_year"),
            models.Index(fields=["province", "-raised_on", "-id"], name="opinion_province_all"),
            models.Index(fields=["district", "-raised_on", "-id"], name="opinion_district_all"),
            models.Index(fields=["commune", "-raised_on", "-id"], name="opinion_commune_all"),
            models.Index(fields=["holder", "due_on"], condition=Q(is_open=True), name="opinion_holder_due"),
            models.Index(
                fields=["province", "year"], condition=Q(visibility=Visibility.RESTRICTED), name="opinion_restricted"
            ),
        ]

    def __str__(self):
        return f"YK-{self.pk}"

    def get_absolute_url(self):
        return reverse("opinion_detail", args=[self.pk])

    def save(self, *args, **kwargs):
        if self._state.adding:
            self.promise()
        super().save(*args, **kwargs)

    def promise(self):
        """What a new row's clocks begin with: its day is the first that was promised."""
        self.first_due_on = self.first_due_on or self.due_on
        self.promised_on = self.promised_on or self.first_due_on
        if self.settled_on and self.has_deadline:
            self.late_days = max(self.late_days, days_late(self.promised_on, self.settled_on))

    @property
    def place_id(self):
        """The smallest place below its table that it is about, or None: the matter of the whole unit."""
        return self.village_id or (self.commune_id if self.level == Level.DISTRICT else None)

    @property
    def is_restricted(self):
        return self.visibility == Visibility.RESTRICTED

    @property
    def has_deadline(self):
        return self.kind not in FOLLOWED_KINDS

    @property
    def shared_master(self):
        """The opinion this one was merged into, when its state and answer (never its text) may be told here."""
        if self.status != OpinionStatus.DUPLICATE or self.master_id is None:
            return None
        return self.master if shares_answer(self, self.master) else None

    @property
    def answering(self):
        """The opinion whose answer is the answer to this one: itself, its master, or None as long as there is none."""
        return self if self.status in ANSWERED else self._answered_master()

    def _answered_master(self):
        master = self.shared_master
        return master if master and master.status in ANSWERED else None

    def is_overdue(self, today):
        return is_overdue(self.status, self.due_on, today, self.planned_on, self.kind)

    def days_ever_late(self, today):
        """By how many days a promised day of its has passed unanswered, at the most; 0: never."""
        return days_ever_late(self.is_open, self.promised_on, self.late_days, today, self.kind)


class OpinionMove(models.Model):
    """One step of the thread: who, when, what, from which status to which, with the note that goes with it."""

    opinion = models.ForeignKey(Opinion, models.PROTECT, related_name="moves")
    verb = models.CharField("việc", max_length=20, choices=Verb.choices)
    before = models.CharField(max_length=20, choices=OpinionStatus.choices, blank=True)
    after = models.CharField(max_length=20, choices=OpinionStatus.choices)
    at = models.DateTimeField("lúc")
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField("người thực hiện", max_length=200, blank=True)
    holder = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    body = models.ForeignKey(Body, models.PROTECT, null=True, related_name="+")
    due_on = models.DateField(null=True)
    note = models.TextField("nội dung", blank=True)

    class Meta:
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["opinion", "at"], name="move_thread")]

    def __str__(self):
        return f"{self.opinion_id} {self.verb}"


class Support(models.Model):
    """A body that helps the lead body: what it is asked, by when, what it answered."""

    opinion = models.ForeignKey(Opinion, models.PROTECT, related_name="supports")
    body = models.ForeignKey(Body, models.PROTECT, related_name="supports", verbose_name="cơ quan phối hợp")
    request = models.TextField("nội dung đề nghị phối hợp")
    due_on = models.DateField("hạn phối hợp")
    asked_on = models.DateField("ngày đề nghị")
    asked_by_id = models.BigIntegerField()
    reply = models.TextField("ý kiến phối hợp", blank=True)
    replied_on = models.DateField("ngày trả lời", null=True, blank=True)
    withdrawn_on = models.DateField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["opinion_id", "due_on", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["opinion", "body"], condition=Q(withdrawn_on=None, replied_on=None), name="support_one_pending"
            )
        ]
        indexes = [
            models.Index(
                fields=["body", "due_on"], condition=Q(replied_on=None, withdrawn_on=None), name="support_pending"
            )
        ]

    def __str__(self):
        return f"{self.opinion_id} + {self.body_id}"


class Extension(models.Model):
    """A later day for an answer: what brought it, from when to when, why, who asked and who agreed.

    `holder` held the matter when it was asked for. Without `decided_by_id` a granted one took effect by rule: with its
    reason, or because the clock of another level begins. `needs_above`: decided by the level above `holder` only.
    """

    opinion = models.ForeignKey(Opinion, models.PROTECT, related_name="extensions")
    kind = models.CharField(max_length=15, choices=ExtensionKind.choices, default=ExtensionKind.EXTENSION)
    holder = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    old_due_on = models.DateField("hạn cũ")
    new_due_on = models.DateField("hạn mới")
    reason = models.CharField("lý do", max_length=500)
    state = models.CharField(max_length=10, choices=ExtensionState.choices, default=ExtensionState.PENDING)
    needs_above = models.BooleanField("do cấp trên quyết định", default=False)
    asked_by_id = models.BigIntegerField(null=True)
    asked_by_name = models.CharField("người đề nghị", max_length=200, blank=True)
    asked_on = models.DateField("ngày đề nghị", null=True)
    asked_at = models.DateTimeField(auto_now_add=True)
    decided_by_id = models.BigIntegerField(null=True)
    decided_by_name = models.CharField("người đồng ý", max_length=200, blank=True)
    decided_at = models.DateTimeField(null=True)
    decision_note = models.CharField("ý kiến của cấp trên", max_length=500, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["opinion"], condition=Q(state=ExtensionState.PENDING), name="extension_one_pending"
            )
        ]

    def __str__(self):
        return f"{self.opinion_id} → {self.new_due_on:%d/%m/%Y}"


class Milestone(models.Model):
    """A step on the way to done: a matter partly done stays in progress and shows its steps."""

    opinion = models.ForeignKey(Opinion, models.PROTECT, related_name="milestones")
    text = models.CharField("việc cần xong", max_length=300)
    due_on = models.DateField("dự kiến xong", null=True, blank=True)
    done_on = models.DateField("ngày xong", null=True, blank=True)
    made_by_id = models.BigIntegerField()

    class Meta:
        ordering = ["opinion_id", "id"]

    def __str__(self):
        return self.text


class OpinionFile(models.Model):
    """A paper or photo that belongs to an opinion, or to one step of its thread (evidence of an answer)."""

    opinion = models.ForeignKey(Opinion, models.PROTECT, related_name="files")
    move = models.ForeignKey(OpinionMove, models.PROTECT, null=True, blank=True, related_name="files")
    name = models.CharField("tên tệp", max_length=200)
    path = models.CharField(max_length=120)
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    added_by_id = models.BigIntegerField(null=True)
    added_at = models.DateTimeField(auto_now_add=True)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]

    def __str__(self):
        return self.name


class Follower(models.Model):
    """Somebody who asked for news of an opinion, or (`is_muted`) asked not to get any."""

    opinion = models.ForeignKey(Opinion, models.CASCADE, related_name="followers")
    user = models.ForeignKey(User, models.CASCADE, related_name="followed_opinions")
    is_muted = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["opinion", "user"], name="follower_once")]

    def __str__(self):
        return f"{self.user_id} → {self.opinion_id}"


class NamedReader(models.Model):
    """A post to which a restricted opinion was opened by name; the right ends with the post's term."""

    opinion = models.ForeignKey(Opinion, models.PROTECT, related_name="named_readers")
    post = models.ForeignKey(Post, models.PROTECT, related_name="+")
    named_by_id = models.BigIntegerField()
    named_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["opinion", "post"], name="named_reader_once")]

    def __str__(self):
        return f"{self.post_id} → {self.opinion_id}"


class SavedFilter(models.Model):
    """A view of the review desk that somebody wants to come back to: the query of its address."""

    user = models.ForeignKey(User, models.CASCADE, related_name="saved_filters")
    name = models.CharField("tên bộ lọc", max_length=80)
    query = models.CharField(max_length=1000)

    class Meta:
        ordering = ["name", "id"]
        constraints = [models.UniqueConstraint(fields=["user", "name"], name="saved_filter_once")]

    def __str__(self):
        return self.name


class Initiative(models.Model):
    """What became of a hiến kế or a cách làm hay."""

    opinion = models.OneToOneField(Opinion, models.PROTECT, related_name="initiative")
    stage = models.CharField(
        "giai đoạn", max_length=10, choices=InitiativeStage.choices, default=InitiativeStage.PROPOSED
    )
    adopted_on = models.DateField("ngày áp dụng", null=True, blank=True)
    effect = models.TextField("hiệu quả", blank=True)
    proposed_for_commendation_on = models.DateField("ngày đề nghị khen", null=True, blank=True)
    commended_on = models.DateField("ngày được khen", null=True, blank=True)
    commendation = models.CharField("hình thức khen, số quyết định", max_length=250, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-id"]
        verbose_name = "sáng kiến"

    def __str__(self):
        return f"{self.opinion_id} {self.get_stage_display()}"


class Spread(models.Model):
    """Another unit that took an initiative up."""

    initiative = models.ForeignKey(Initiative, models.CASCADE, related_name="spreads")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="nơi áp dụng")
    adopted_on = models.DateField("ngày áp dụng")
    note = models.CharField("cách áp dụng, kết quả", max_length=500, blank=True)
    recorded_by_id = models.BigIntegerField()

    class Meta:
        ordering = ["adopted_on", "id"]
        constraints = [models.UniqueConstraint(fields=["initiative", "unit"], name="spread_once")]

    def __str__(self):
        return f"{self.initiative_id} → {self.unit_id}"
