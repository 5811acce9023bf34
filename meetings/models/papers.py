"""The register of issued documents, how documents look, and to whom an invitation was mailed."""

from django.db import models
from django.db.models import Q

from meetings.enums import HostBody, PaperKind
from meetings.models.cadence import Placed
from meetings.models.meeting import Meeting
from units.models import Dated, Unit
from units.querysets import DatedQuerySet
from units.scoping import ScopedQuerySet


class IssuedPaper(Placed):
    """One document as it was issued: its number in the register of its issuer, and its frozen content.

    `unit` issues it; numbers run by unit, host, kind and year. A cancelled paper keeps its number.
    """

    meeting = models.ForeignKey(Meeting, models.PROTECT, null=True, blank=True, related_name="papers")
    opinion_id = models.BigIntegerField(null=True, blank=True)
    host = models.CharField("cơ quan ban hành", max_length=10, choices=HostBody.choices)
    kind = models.CharField("loại văn bản", max_length=20, choices=PaperKind.choices)
    year = models.PositiveSmallIntegerField("năm")
    number = models.PositiveIntegerField("số")
    symbol = models.CharField("số và ký hiệu", max_length=60)
    subject = models.CharField("trích yếu", max_length=300)
    signed_on = models.DateField("ngày ký")
    signer_name = models.CharField("người ký", max_length=120, blank=True)
    signer_title = models.CharField("chức vụ người ký", max_length=200, blank=True)
    content = models.JSONField("nội dung")
    issued_by_id = models.BigIntegerField()
    issued_at = models.DateTimeField(auto_now_add=True)
    cancelled_on = models.DateField("ngày thu hồi", null=True, blank=True)
    cancel_reason = models.CharField("lý do thu hồi", max_length=300, blank=True)
    request_id = models.CharField(max_length=64, null=True, unique=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-year", "-id"]
        verbose_name = "văn bản"
        constraints = [
            models.UniqueConstraint(fields=["unit", "host", "year", "kind", "number"], name="paper_number_once")
        ]
        indexes = [
            models.Index(fields=["meeting", "kind"], name="paper_meeting"),
            models.Index(fields=["opinion_id"], condition=Q(opinion_id__isnull=False), name="paper_opinion"),
        ]

    def __str__(self):
        return self.symbol


class PaperStyle(Dated):
    """Sizes (points) and margins (millimetres) of documents of one regime, in a province or everywhere."""

    province = models.ForeignKey(Unit, models.PROTECT, null=True, blank=True, related_name="paper_styles")
    regime = models.CharField(max_length=10, choices=[("party", "Văn bản của Đảng"), ("gov", "Văn bản hành chính")])
    document = models.CharField("văn bản quy định", max_length=120)
    font = models.CharField("phông chữ", max_length=60, default="Times New Roman")
    top_mm = models.PositiveSmallIntegerField("lề trên (mm)", default=20)
    bottom_mm = models.PositiveSmallIntegerField("lề dưới (mm)", default=20)
    left_mm = models.PositiveSmallIntegerField("lề trái (mm)", default=30)
    right_mm = models.PositiveSmallIntegerField("lề phải (mm)", default=15)
    motto_pt = models.PositiveSmallIntegerField("cỡ chữ tiêu đề", default=15)
    issuer_pt = models.PositiveSmallIntegerField("cỡ chữ tên cơ quan", default=14)
    number_pt = models.PositiveSmallIntegerField("cỡ chữ số, ký hiệu", default=14)
    place_pt = models.PositiveSmallIntegerField("cỡ chữ địa danh, ngày tháng", default=14)
    title_pt = models.PositiveSmallIntegerField("cỡ chữ tên loại văn bản", default=16)
    subject_pt = models.PositiveSmallIntegerField("cỡ chữ trích yếu", default=14)
    body_pt = models.PositiveSmallIntegerField("cỡ chữ nội dung", default=14)
    line_spacing = models.DecimalField("giãn dòng", max_digits=3, decimal_places=2, default=1.15)

    objects = DatedQuerySet.as_manager()

    class Meta:
        ordering = ["regime", "valid_from"]
        constraints = [models.UniqueConstraint(fields=["province", "regime", "valid_from"], name="paper_style_from")]

    def __str__(self):
        return f"{self.get_regime_display()} ({self.document})"


class InvitationMail(models.Model):
    """One invitation to one address: claimed by the row, so that nobody is invited twice by the same letter."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="invitation_mails")
    name = models.CharField("người nhận", max_length=120)
    address = models.EmailField("thư điện tử")
    revision = models.PositiveSmallIntegerField("lần gửi", default=1)
    queued_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True)
    failure = models.CharField("lỗi", max_length=200, blank=True)
    called_off_at = models.DateTimeField("đã báo hủy lúc", null=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["meeting", "address", "revision"], name="invitation_mail_once")]

    def __str__(self):
        return f"{self.meeting_id} → {self.pk}"
