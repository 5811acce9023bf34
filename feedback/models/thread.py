"""What hangs on an opinion's thread: help from other bodies, more time, steps on the way, files, who follows."""

from django.db import models
from django.db.models import Q

from feedback.enums import ExtensionKind, ExtensionState
from feedback.models.opinion import Opinion, OpinionMove
from people.models import Post, User
from units.models import Body, Unit


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
