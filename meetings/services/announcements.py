"""What a meeting announces to the units below it, and their word that it was passed on."""

from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from django.db import transaction
from django.db.models import Count, Sum
from django.urls import reverse

from core.activity import record
from core.display import day_text
from core.errors import Conflict, DomainError, NotAllowed
from journal.services import notify
from meetings.access import KEEPERS, may_charge, may_relay
from meetings.business_rules import check_relay
from meetings.enums import MeetingStatus
from meetings.models import Announcement, Relay
from meetings.relays import BELOW, relay_targets
from meetings.services.guard import lock
from meetings.services.keepers import keepers_of
from people.enums import Role
from people.selectors import users_with_roles
from units.enums import Level

STALE = "Nội dung truyền đạt vừa được người khác lưu. Xem bản đã lưu rồi lưu lại; phần đồng chí nhập vẫn còn."
TOLD_ROLES = {Level.VILLAGE: (Role.VILLAGE,), Level.COMMUNE: KEEPERS[Level.COMMUNE]}
"""Who is told below that there is something to pass on."""


@dataclass(frozen=True)
class AnnouncementDraft:
    """One thing to pass on, as typed. `pk` None: new; an empty text takes a line away that nobody passed on yet."""

    text: str
    due_on: date | None = None
    pk: int | None = None


def announcements_version(meeting):
    """Grows with every line that is added or changed; the form of the whole list carries it."""
    counted = meeting.announced.aggregate(lines=Count("pk"), changes=Sum("version"))
    return counted["lines"] + (counted["changes"] or 0)


@transaction.atomic
def set_announcements(meeting_id, drafts, *, actor, version, today):
    """Save what the meeting announces. When it was held, the units below are told of what is new."""
    meeting = lock(meeting_id, actor=actor, may=may_charge, counts=False)
    if meeting.is_locked or meeting.status == MeetingStatus.CANCELLED:
        raise DomainError("Hội nghị đã chốt hoặc đã hủy. Mở lại hội nghị (có lý do) rồi mới sửa nội dung truyền đạt.")
    if version != announcements_version(meeting):
        raise Conflict(STALE)
    known = {line.pk: line for line in meeting.announced.annotate(told=Count("relays"))}
    if {draft.pk for draft in drafts if draft.pk} - set(known):
        raise Conflict(STALE)
    for index, draft in enumerate(drafts):
        _check_due(index, draft, meeting)
        if draft.pk:
            _change(known[draft.pk], draft, actor, index)
    added = _add(meeting, [draft for draft in drafts if draft.pk is None and draft.text], known, actor)
    if added and meeting.is_held:
        _tell_below(meeting, added, today)
    return list(meeting.announced.order_by("number"))


def _check_due(index, draft, meeting):
    day = meeting.held_on or meeting.planned_on
    if draft.due_on and day and draft.due_on < day:
        raise DomainError(
            f"Hạn truyền đạt {day_text(draft.due_on)} trước ngày họp {day_text(day)}. Nhập từ ngày họp trở đi.",
            f"{index}-due_on",
        )


def _change(line, draft, actor, index):
    before = {"text": line.text, "due_on": day_text(line.due_on)}
    if not draft.text:
        if line.told:
            raise DomainError("Nội dung này đã có nơi truyền đạt nên không bỏ được. Giữ lại nội dung.", f"{index}-text")
        record(actor.pk, "announcement.remove", line, before)
        line.delete()
    elif (line.text, line.due_on) != (draft.text, draft.due_on):
        line.text, line.due_on = draft.text, draft.due_on
        line.version += 1
        line.save(update_fields=["text", "due_on", "version"])
        record(actor.pk, "announcement.edit", line, before, {"text": line.text, "due_on": day_text(line.due_on)})


def _add(meeting, drafts, known, actor):
    last = max((line.number for line in known.values()), default=0)
    added = []
    for number, draft in enumerate(drafts, last + 1):
        line = Announcement.objects.create(meeting=meeting, number=number, text=draft.text, due_on=draft.due_on)
        record(actor.pk, "announcement.create", line, after={"text": line.text, "due_on": day_text(line.due_on)})
        added.append(line)
    return added


def _tell_below(meeting, added, today):
    targets = [unit.pk for unit in relay_targets(meeting)]
    found = users_with_roles(targets, TOLD_ROLES.get(BELOW.get(meeting.level), ()), today) if targets else {}
    told = sorted({user_id for users in found.values() for user_id in users})
    first = added[0]
    when = f"hội nghị {meeting.unit.name} ngày {day_text(meeting.held_on)}"
    text = f"Có {len(added)} nội dung cần truyền đạt từ {when}: {first.text}"
    notify(told, key=f"announcement-{first.pk}", text=text, url=reverse("relay_list"))


@transaction.atomic
def report_relay(announcement_id, unit_id, relayed_on, reach_count, questions, *, actor, today):
    """A unit passed an announcement on; said again, the report is replaced. Questions are told to the keepers."""
    announcement = (
        Announcement.objects.select_for_update(of=("self",)).select_related("meeting").get(pk=announcement_id)
    )
    meeting = announcement.meeting
    _check_report(actor, meeting, [unit_id])
    check_relay(relayed_on, reach_count, meeting.held_on, today)
    known = Relay.objects.filter(announcement=announcement, unit_id=unit_id).first()
    values = {"relayed_on": relayed_on, "reach_count": reach_count, "questions": questions}
    before = {name: getattr(known, name) for name in values} if known else {}
    if before == values:
        return known
    relay, _ = Relay.objects.update_or_create(
        announcement=announcement, unit_id=unit_id, defaults=values | {"reported_by_id": actor.pk}
    )
    record(actor.pk, "relay.report", relay, _plain(before), _plain(values))
    if questions and questions != before.get("questions"):
        _tell_keepers(relay, meeting, questions, actor, today)
    return relay


def _check_report(actor, meeting, unit_ids):
    if not all(may_relay(actor, meeting, unit_id) for unit_id in unit_ids):
        raise NotAllowed("Đồng chí không có quyền ghi việc truyền đạt của đơn vị này.")
    if not meeting.is_held:
        raise DomainError("Hội nghị chưa họp nên chưa có gì để truyền đạt.")
    if set(unit_ids) - {unit.pk for unit in relay_targets(meeting)}:
        raise DomainError("Đơn vị này không thuộc nơi phải truyền đạt của hội nghị. Mời chọn lại.", "unit")


def _tell_keepers(relay, meeting, questions, actor, today):
    digest = sha256(questions.encode()).hexdigest()[:12]
    told = keepers_of(meeting.unit_id, meeting.level, today) - {actor.pk}
    text = f"{relay.unit.name} gửi lại câu hỏi khi truyền đạt: {questions}"
    notify(sorted(told), key=f"relay-{relay.pk}-{digest}", text=text, url=relay.announcement.get_absolute_url())


@transaction.atomic
def report_relays(meeting_id, relayed_on, *, actor, today, unit_ids=None, reach_count=0):
    """Every announcement of the meeting was passed on by these units (None: all) on one day.

    What was reported before stays as it was. The answer is how many reports are new.
    """
    meeting = lock(meeting_id, actor=actor, may=lambda *_: True, counts=False)
    wanted = [unit.pk for unit in relay_targets(meeting)] if unit_ids is None else list(unit_ids)
    _check_report(actor, meeting, wanted)
    check_relay(relayed_on, reach_count, meeting.held_on, today)
    lines = list(meeting.announced.values_list("pk", flat=True))
    known = set(Relay.objects.filter(announcement_id__in=lines).values_list("announcement_id", "unit_id"))
    rows = [
        Relay(
            announcement_id=line, unit_id=unit_id, relayed_on=relayed_on, reach_count=reach_count,
            reported_by_id=actor.pk,
        )
        for line in lines
        for unit_id in wanted
        if (line, unit_id) not in known
    ]  # fmt: skip
    Relay.objects.bulk_create(rows, batch_size=500)
    if rows:
        record(actor.pk, "relay.report_many", meeting, after={"relayed_on": day_text(relayed_on), "rows": len(rows)})
    return len(rows)


def _plain(values):
    return {name: day_text(value) if isinstance(value, date) else value for name, value in values.items()}
