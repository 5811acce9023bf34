"""The papers a meeting may have, which of them are ready, and issuing one."""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q

from core.display import day_text
from core.errors import DomainError, NotAllowed
from feedback.models import Opinion
from meetings.access import may_log
from meetings.enums import MeetingStatus, PaperKind
from meetings.models import IssuedPaper
from meetings.services import issue_conclusion
from papers.meeting import build_conclusion, build_invitation, build_minutes, build_programme, build_roll
from papers.register import cancel_paper, issue_paper


@dataclass(frozen=True)
class Kind:
    """`slug` in addresses; `is_after` when the meeting must have been held."""

    kind: PaperKind
    slug: str
    build: object
    is_after: bool = False

    @property
    def label(self):
        return self.kind.label


KINDS = (
    Kind(PaperKind.INVITATION, "giay-moi", build_invitation),
    Kind(PaperKind.PROGRAMME, "chuong-trinh", build_programme),
    Kind(PaperKind.ROLL, "danh-sach", build_roll),
    Kind(PaperKind.MINUTES, "bien-ban", build_minutes, is_after=True),
    Kind(PaperKind.CONCLUSION, "ket-luan", build_conclusion, is_after=True),
)
BY_SLUG = {kind.slug: kind for kind in KINDS}


def why_not(meeting, kind):
    """Why a paper cannot be made now; empty when it can."""
    if meeting.status == MeetingStatus.CANCELLED:
        return "Hội nghị đã hủy nên không lập văn bản."
    if kind.is_after and not meeting.is_held:
        return "Hội nghị chưa họp. Ghi hội nghị xong thì lập được văn bản này."
    return ""


def draft_of(meeting, kind, signing, *, user):
    """The draft as it would be issued, for those who log the meeting."""
    if not may_log(user, meeting):
        raise NotAllowed("Đồng chí không có quyền lập văn bản của hội nghị này.")
    if why_not(meeting, kind):
        raise DomainError(why_not(meeting, kind))
    if kind.is_after and signing.signed_on < meeting.held_on:
        raise DomainError(f"Ngày ký phải từ ngày họp {day_text(meeting.held_on)} trở đi.", "signed_on")
    return kind.build(meeting, user, signing)


@transaction.atomic
def issue_meeting_paper(meeting, kind, signing, *, actor, today, request_id=None):
    """Number and freeze a paper of a meeting; an issued conclusion stops the meeting's conclusion clock."""
    paper = draft_of(meeting, kind, signing, user=actor)
    row = issue_paper(
        paper,
        actor=actor,
        unit=meeting.unit,
        kind=kind.kind,
        host=meeting.host,
        today=today,
        request_id=request_id,
        meeting=meeting,
    )
    if kind.kind == PaperKind.CONCLUSION:
        issue_conclusion(meeting.pk, actor=actor, on=row.signed_on, today=today)
    return row


@transaction.atomic
def recall_paper(row, *, actor, reason, today):
    """Recall a paper; without a valid conclusion left, the meeting's conclusion clock runs again."""
    row = cancel_paper(row.pk, actor=actor, reason=reason, today=today)
    if row.meeting_id and row.kind == PaperKind.CONCLUSION:
        valid = IssuedPaper.objects.filter(meeting_id=row.meeting_id, kind=row.kind, cancelled_on=None)
        last = valid.order_by("-signed_on").values_list("signed_on", flat=True).first()
        issue_conclusion(row.meeting_id, actor=actor, on=last, today=today)
    return row


def readable_papers(user):
    """Papers of the user's branches, less those about an opinion the user may not read."""
    readable = Opinion.objects.visible_to(user).values("pk")
    return IssuedPaper.objects.visible_to(user).filter(Q(opinion_id=None) | Q(opinion_id__in=readable))
