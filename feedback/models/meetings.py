"""What is gathered before a meeting, and what is read back at it."""

from django.db import models
from django.db.models import Q
from django.urls import reverse

from feedback.enums import BasketState, LedgerState, OpinionChannel, OpinionKind, Satisfaction, Visibility
from feedback.models.codes import Topic
from feedback.models.opinion import Opinion
from feedback.querysets import BasketQuerySet, LedgerImportQuerySet
from meetings.models import Meeting, Placed
from people.models import Person
from units.models import Unit


class BasketItem(Placed):
    """What a village wants to raise at the next meeting; taken over into the meeting's opinions, or withdrawn.

    `unit` holds the meeting; `village` raises it (empty: the unit as a whole).
    """

    village = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="thôn, khu")
    text = models.TextField("nội dung")
    kind = models.CharField("loại", max_length=15, choices=OpinionKind.choices, default=OpinionKind.PETITION)
    topic = models.ForeignKey(Topic, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="lĩnh vực")
    channel = models.CharField(
        "hình thức", max_length=15, choices=OpinionChannel.choices, default=OpinionChannel.PRE_SUBMITTED
    )
    visibility = models.CharField("phạm vi xem", max_length=10, choices=Visibility.choices, default=Visibility.NORMAL)
    raised_by = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    raised_by_name = models.CharField("người nêu", max_length=120, blank=True)
    state = models.CharField("trạng thái", max_length=10, choices=BasketState.choices, default=BasketState.WAITING)
    opinion = models.OneToOneField(Opinion, models.PROTECT, null=True, blank=True, related_name="basket_item")
    put_in_on = models.DateField("ngày gửi")
    put_in_by_id = models.BigIntegerField()
    request_id = models.CharField(max_length=64, null=True, unique=True)
    version = models.PositiveIntegerField(default=1)

    objects = BasketQuerySet.as_manager()

    class Meta:
        ordering = ["put_in_on", "id"]
        verbose_name = "ý kiến gửi trước"
        indexes = [models.Index(fields=["unit"], condition=Q(state=BasketState.WAITING), name="basket_waiting")]
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="basket_has_text")]

    def __str__(self):
        return self.text[:80]


class ReadBack(models.Model):
    """An answer read out at a meeting, and what the room said of it."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="read_backs")
    opinion = models.ForeignKey(Opinion, models.PROTECT, related_name="read_backs")
    satisfaction = models.CharField("mức hài lòng", max_length=10, choices=Satisfaction.choices, blank=True)
    note = models.CharField("ý kiến của thôn, khu", max_length=500, blank=True)
    read_by_id = models.BigIntegerField()
    read_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["meeting", "opinion"], name="read_back_once")]

    def __str__(self):
        return f"{self.meeting_id} {self.opinion_id}"


class LedgerImport(models.Model):
    """A book of old years: what was read, what was written, whether it was taken back as a whole.

    `digest` is that of the rows: only what was seen is written, and the same book is known again. What it wrote
    carries `source_key` beginning with `prefix`; `planned` are the expected meetings that were made for it. The file
    is dropped once its rows are written.
    """

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="đơn vị")
    name = models.CharField("tên tệp", max_length=200)
    path = models.CharField(max_length=120, blank=True)
    state = models.CharField("tình trạng", max_length=12, choices=LedgerState.choices, default=LedgerState.READING)
    digest = models.CharField(max_length=64, blank=True)
    report = models.JSONField(default=dict)
    planned = models.JSONField(default=list)
    message = models.CharField(max_length=500, blank=True)
    job_id = models.BigIntegerField(null=True)
    created_by_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    applied_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)
    request_id = models.CharField(max_length=100, null=True, unique=True)

    objects = LedgerImportQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = "sổ nhập từ tệp"
        indexes = [models.Index(fields=["digest"], name="ledger_import_digest")]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("ledger_detail", args=[self.pk])

    @property
    def prefix(self):
        return f"so-{self.pk}-"

    @property
    def is_waiting(self):
        return self.state in (LedgerState.READING, LedgerState.APPLYING, LedgerState.UNDOING)
