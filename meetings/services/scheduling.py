"""Putting a meeting on the calendar."""

from dataclasses import dataclass
from datetime import date, time

from django.db import transaction

from core.activity import last_act, record
from core.errors import Conflict, DomainError, NotAllowed
from core.periods import Period
from core.text import fold
from meetings.access import KEEPERS, may_plan
from meetings.closed import check_counted_open
from meetings.enums import CADENCE_KINDS, MeetingKind, MeetingStatus
from meetings.models import Meeting, Occurrence
from people.reads import saved_by, users_with_roles
from units.models import UnitHeritage
from units.reads import place_on

STALE = "Sau khi trang này được mở, hội nghị {}. Xem lại nội dung mới nhất rồi lưu lại; phần đồng chí đã nhập vẫn còn."


def lock(meeting_id, *, actor, may, version=None, counts=True):
    """The meeting, locked for this transaction, checked for the right and for the version the actor saw.

    `counts`: the act may change what is counted, so the meeting's period must not be closed.
    """
    meeting = Meeting.objects.select_for_update(of=("self",)).select_related("unit", "occurrence").get(pk=meeting_id)
    if not may(actor, meeting):
        raise NotAllowed("Đồng chí không có quyền thực hiện việc này với hội nghị này.")
    if version is not None and version != meeting.version:
        raise Conflict(STALE.format(saved_by(actor, last_act(meeting))))
    if counts:
        check_counted_open(meeting)
    return meeting


@dataclass(frozen=True)
class MeetingPlan:
    """What is known beforehand. Without an occurrence the meeting is thematic or extraordinary."""

    planned_on: date
    kind: str = MeetingKind.PERIODIC
    form: str = "hall"
    host: str = "party"
    title: str = ""
    place: str = ""
    link: str = ""
    started_at: time | None = None
    is_extra: bool = False


@transaction.atomic
def plan_meeting(plan, *, actor, unit, occurrence=None, request_id=None):
    """A planned meeting; a replayed `request_id` returns the first. A second one in a period must say `is_extra`."""
    existing = Meeting.objects.filter(request_id=request_id).first() if request_id else None
    if existing:
        return existing
    if occurrence:
        occurrence = Occurrence.objects.select_for_update().get(pk=occurrence.pk)
    place = place_on(unit, plan.planned_on)
    meeting = Meeting(
        unit=unit,
        level=unit.level,
        occurrence=occurrence,
        created_by_id=actor.pk,
        request_id=request_id,
        **place.columns,
    )
    if not may_plan(actor, meeting):
        raise NotAllowed("Đồng chí không có quyền lập hội nghị cho đơn vị này.")
    _check_room(plan, occurrence)
    set_period(meeting, plan.planned_on)
    for name in ("planned_on", "kind", "form", "host", "place", "link", "started_at"):
        setattr(meeting, name, getattr(plan, name))
    meeting.title = plan.title or default_title(unit, occurrence, plan.kind)
    meeting.search_text = fold(meeting.title)
    _copy_last(meeting)
    meeting.save()
    record(actor.pk, "meeting.plan", meeting, after={"planned_on": f"{plan.planned_on}", "kind": plan.kind})
    return meeting


def _check_room(plan, occurrence):
    if occurrence is None:
        if plan.kind in CADENCE_KINDS:
            raise DomainError(
                "Hội nghị định kỳ phải chọn kỳ giao ban. Chọn kỳ, hoặc đổi loại thành chuyên đề.", "occurrence"
            )
        return
    taken = occurrence.meetings.exclude(status=MeetingStatus.CANCELLED).filter(kind__in=CADENCE_KINDS).exists()
    if taken and plan.kind in CADENCE_KINDS and not plan.is_extra:
        raise DomainError(
            "Kỳ này đã có hội nghị. Mở hội nghị đó để ghi tiếp, hoặc đánh dấu “hội nghị thêm trong kỳ”.", "is_extra"
        )


def set_period(meeting, day):
    """The days a meeting counts for: its occurrence's period, else the day itself. It moves into no closed period."""
    occurrence, former = meeting.occurrence, meeting.period_last
    meeting.period_first = occurrence.starts_on if occurrence else day
    meeting.period_last = occurrence.ends_on if occurrence else day
    meeting.year, meeting.month = meeting.period_last.year, meeting.period_last.month
    if meeting.period_last != former:
        check_counted_open(meeting)


def default_title(unit, occurrence, kind):
    if occurrence is None:
        return f"Hội nghị giao ban {MeetingKind(kind).label.lower()} {unit.name}"
    return f"Hội nghị giao ban {Period.parse(occurrence.period).label_inside} {unit.name}"


def _copy_last(meeting):
    """Place, chairs, secretary and agenda as at the meeting before: most of it stays the same."""
    earlier = Meeting.objects.filter(unit_id=meeting.unit_id, level=meeting.level, held_on__lt=meeting.planned_on)
    last = earlier.held().select_related("occurrence").order_by("-held_on").first()
    for name in ("place", "link", "chairs", "secretary", "agenda", "started_at"):
        if last and not getattr(meeting, name):
            setattr(meeting, name, getattr(last, name))
    if last and last.occurrence and meeting.occurrence:
        words = (Period.parse(each.occurrence.period).label_inside for each in (last, meeting))
        meeting.agenda = meeting.agenda.replace(*words)


def keepers_of(unit_id, level, today):
    """User ids of those who keep the unit's meetings today, or those of the unit that inherited its records."""
    heirs = UnitHeritage.objects.filter(origin_id=unit_id).values_list("heir_id", flat=True)
    found = users_with_roles({unit_id, *heirs}, KEEPERS.get(level, ()), today)
    return {user_id for users in found.values() for user_id in users}
