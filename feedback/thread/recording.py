"""Writing down what was raised at a meeting: all rows of the form at once, in a fixed number of statements."""

from dataclasses import dataclass, field
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from core.activity import record
from core.errors import Conflict, DomainError, NotAllowed
from core.text import clean_name, clean_person_name, clean_text, fold
from feedback.access import may_edit, may_record
from feedback.clocks.reads import Clock
from feedback.enums import FOLLOWED_KINDS, Competence, OpinionChannel, OpinionKind, OpinionStatus, Verb, Visibility
from feedback.matching.services import note_settled_before
from feedback.models import Opinion, OpinionMove, Topic
from feedback.reads import competences_on
from feedback.rules import check_content
from feedback.tallies import recompute_all, tally_key
from feedback.thread.door import Step
from feedback.thread.news import notices_of_merged
from feedback.thread.raising import release_merged
from feedback.thread.readers import hush
from journal.services import notify_many
from meetings.closed import check_counted_open
from meetings.services.attendance import set_opinion_count
from people.models import Person
from people.reads import title_of
from units.reads import Place, places_on

EDITABLE = (OpinionStatus.RECORDED, OpinionStatus.ANSWERED_ON_SPOT)
FACTS = ("number", "kind", "channel", "competence", "visibility", "is_pressing", "topic_id", "raised_by_id")
PERIOD = ("period_first", "period_last", "year", "month")
BRANCH = ("village", "province", "district", "commune")
SAVED = [name.removesuffix("_id") for name in FACTS] + [
    *PERIOD,
    *BRANCH,
    *("raised_by_name", "raised_by_title", "raised_on", "received_on", "text", "search_text", "answer"),
    *("due_on", "first_due_on", "promised_on", "late_days"),
    *("status", "is_open", "settled_on", "first_settled_on", "version", "settled_before", "hides_speaker"),
]
STALE = "Ý kiến này vừa được lưu ở nơi khác. Nội dung mới nhất là: “{}”. Xem lại rồi lưu lại phần của đồng chí."


@dataclass
class OpinionDraft:
    """One row of the form. `answer` given = answered at the meeting; `pk` = a row there is already, as of `version`.

    `village_id` may also name a commune of a district's meeting; empty: the matter of the meeting's own unit.
    `topic_id` None: the field is not chosen yet.
    """

    text: str
    topic_id: int | None
    village_id: int | None = None
    raised_by_id: int | None = None
    raised_by_name: str = ""
    raised_by_title: str = ""
    kind: str = OpinionKind.PETITION
    channel: str = OpinionChannel.ORAL
    competence: str = Competence.COMMUNE
    visibility: str = Visibility.NORMAL
    is_pressing: bool = False
    answer: str = ""
    hides_speaker: bool | None = None
    pk: int | None = None
    version: int | None = None
    basket_id: int | None = None
    number: int = 1


@dataclass
class _Saving:
    """What the rows of one saving have in common, read once, and what they add up to."""

    meeting: object
    places: dict
    topics: set
    people: dict
    competences: list
    clock: Clock
    today: object
    fresh: set
    created: list = field(default_factory=list)
    changed: dict = field(default_factory=dict)
    moves: list = field(default_factory=list)
    keys: set = field(default_factory=set)


@transaction.atomic
def record_opinions(*, meeting, drafts, actor, today):
    """Create the new opinions of a held meeting and mend those that have not moved on; nothing is removed.

    Each gets its due day and one move; counter, tallies and activity log change in the same transaction.
    Returns all opinions of the meeting that the actor sees, new ones last.
    """
    if not may_record(actor, meeting):
        raise NotAllowed("Đồng chí không có quyền ghi ý kiến của hội nghị này, hoặc hội nghị đã chốt.")
    if not meeting.is_held or meeting.held_on > today:
        raise DomainError("Chỉ ghi ý kiến cho hội nghị đã họp. Ghi ngày họp trước rồi mới ghi ý kiến.")
    check_counted_open(meeting)
    rows = list(meeting.opinions.select_for_update(of=("self",)).order_by("number", "pk"))
    visible = set(meeting.opinions.visible_to(actor).values_list("pk", flat=True))
    existing = {opinion.pk: opinion for opinion in rows if opinion.pk in visible}
    saving = _begin(meeting, drafts, actor, today)
    _follow_meeting(saving, rows)
    for position, draft in enumerate(drafts, 1):
        try:
            _take(saving, draft, existing)
        except DomainError as refusal:
            raise type(refusal)(f"Ý kiến {draft.number or position}: {refusal.message}", refusal.field) from None
    _save(saving, actor, today)
    set_opinion_count(meeting)
    return [*existing.values(), *saving.created]


@transaction.atomic
def edit_opinion(opinion_id, *, actor, version, draft, today):
    """Mend one recorded opinion outside the meeting's form, until it moves on or the meeting is locked."""
    queryset = Opinion.objects.visible_to(actor).select_related("meeting").select_for_update(of=("self",))
    opinion = queryset.filter(pk=opinion_id).first()
    if opinion is None or opinion.meeting is None or not may_edit(actor, opinion):
        raise NotAllowed("Chỉ đơn vị ghi ý kiến được sửa, khi ý kiến chưa được giao và hội nghị chưa chốt.")
    if version != opinion.version:
        raise Conflict(STALE.format(opinion.text[:500]))
    check_counted_open(opinion.meeting)
    draft.pk, draft.number = opinion.pk, opinion.number
    saving = _begin(opinion.meeting, [draft], actor, today)
    _take(saving, draft, {opinion.pk: opinion})
    _save(saving, actor, today)
    return opinion


def _begin(meeting, drafts, actor, today):
    """Read, for all rows together, the places of the day, the topics, the people, the due rules, what is just written.

    A row is still being written within a day of its first saving, as long as it is not late.
    """
    written = OpinionMove.objects.filter(before="", at__gt=timezone.now() - timedelta(days=1))
    person_ids = {draft.raised_by_id for draft in drafts if draft.raised_by_id}
    people = Person.objects.filter(pk__in=person_ids).visible_to(actor) if person_ids else Person.objects.none()
    not_chosen = Topic.objects.not_chosen()
    for draft in drafts:
        draft.topic_id = draft.topic_id or not_chosen
    return _Saving(
        meeting=meeting,
        places=places_on({draft.village_id for draft in drafts if draft.village_id}, meeting.held_on),
        topics={not_chosen, *Topic.objects.choices_on(meeting.held_on).values_list("pk", flat=True)},
        people=dict(people.values_list("pk", "name")),
        competences=competences_on(meeting, meeting.held_on),
        clock=Clock(meeting.province_id, meeting.held_on),
        today=today,
        fresh=set(
            written.filter(opinion__in=[draft.pk for draft in drafts if draft.pk]).values_list("opinion_id", flat=True)
        ),
    )


def _follow_meeting(saving, rows):
    """When the meeting's day or period was corrected, its opinions go with it."""
    meeting = saving.meeting
    facts = {"raised_on": meeting.held_on, **{name: getattr(meeting, name) for name in PERIOD}}
    for opinion in rows:
        if any(getattr(opinion, name) != value for name, value in facts.items()):
            saving.keys.add(tally_key(opinion))
            for name, value in facts.items():
                setattr(opinion, name, value)
            saving.changed[opinion.pk] = opinion


def _take(saving, draft, existing):
    """Check one row and make or change its opinion in memory."""
    _clean(draft)
    if draft.pk is None:
        opinion = _new_opinion(saving.meeting)
        _fill(saving, opinion, draft)
        saving.created.append(opinion)
        verb = Verb.ANSWER_ON_SPOT if draft.answer else Verb.RECORD
        saving.moves.append((opinion, verb, "", draft.answer))
        return
    opinion = existing.get(draft.pk)
    if opinion is None:
        raise DomainError("Ý kiến này không có trong hội nghị. Tải lại trang rồi thử lại.")
    if not _differs(saving, opinion, draft):
        return
    if draft.version not in (None, opinion.version):
        raise Conflict(STALE.format(opinion.text[:500]))
    if opinion.status not in EDITABLE:
        raise DomainError("Ý kiến đã được giao hoặc giải quyết nên không sửa ở đây. Mở ý kiến đó để xử lý tiếp.")
    if opinion.status == OpinionStatus.ANSWERED_ON_SPOT and not draft.answer:
        raise DomainError("Nhập nội dung đã trả lời; nếu chưa trả lời, mở ý kiến và chọn “Mở lại”.", "answer")
    before = opinion.status
    saving.keys.add(tally_key(opinion))
    _fill(saving, opinion, draft)
    opinion.version += 1
    saving.changed[opinion.pk] = opinion
    verb = Verb.ANSWER_ON_SPOT if opinion.status != before else Verb.EDIT
    saving.moves.append((opinion, verb, before, draft.answer if verb == Verb.ANSWER_ON_SPOT else ""))


def _clean(draft):
    """Typed text as it is stored; a state secret or an empty row is refused, in the answer too."""
    draft.text, draft.answer = clean_text(draft.text), clean_text(draft.answer)
    draft.raised_by_name = clean_person_name(draft.raised_by_name)[:120]
    draft.raised_by_title = clean_name(draft.raised_by_title)[:120]
    check_content(draft.text)
    if draft.answer:
        check_content(draft.answer)


def _new_opinion(meeting):
    """An empty opinion of a meeting: its table, its holder."""
    return Opinion(
        meeting=meeting, unit_id=meeting.unit_id, level=meeting.level, holder_id=meeting.unit_id, origin_id=meeting.pk
    )


def _differs(saving, opinion, draft):
    """Has the form changed anything but the number?"""
    village_id, place = _place(saving, draft)
    new = {name: getattr(draft, name) for name in FACTS if name != "number"}
    new |= {"text": draft.text, "village_id": village_id, "raised_by_title": draft.raised_by_title, **place}
    if opinion.status in EDITABLE or draft.answer:
        new["answer"] = draft.answer
    if draft.hides_speaker is not None:
        new["hides_speaker"] = draft.hides_speaker
    if not (draft.raised_by_id and not draft.raised_by_name):
        new["raised_by_name"] = draft.raised_by_name
    return any(getattr(opinion, name) != value for name, value in new.items())


def _fill(saving, opinion, draft):
    """Copy a checked row onto its opinion: facts, place as of the day, period, clock, and what was answered."""
    meeting, was_late = saving.meeting, opinion.pk is not None and opinion.is_overdue(saving.today)
    is_being_written = not was_late and (opinion.pk is None or opinion.pk in saving.fresh)
    _check_choices(saving, opinion, draft, was_late)
    for name in FACTS:
        setattr(opinion, name, getattr(draft, name))
    village_id, place = _place(saving, draft)
    for name, value in {"village_id": village_id, **place}.items():
        setattr(opinion, name, value)
    for name in PERIOD:
        setattr(opinion, name, getattr(meeting, name))
    opinion.raised_by_name = draft.raised_by_name or saving.people.get(draft.raised_by_id, "")
    opinion.raised_by_title = draft.raised_by_title
    if draft.hides_speaker is not None:
        opinion.hides_speaker = draft.hides_speaker
    opinion.raised_on = opinion.received_on = meeting.held_on
    opinion.text, opinion.search_text, opinion.answer = draft.text, fold(draft.text), draft.answer
    if is_being_written:
        opinion.due_on = saving.clock.due_on(meeting.held_on, draft.competence, draft.topic_id)
        opinion.first_due_on = opinion.promised_on = opinion.due_on
    if draft.answer and (opinion.is_open or is_being_written):
        opinion.status, opinion.is_open = OpinionStatus.ANSWERED_ON_SPOT, False
        opinion.settled_on = meeting.held_on if is_being_written else saving.today
        opinion.first_settled_on = opinion.first_settled_on or opinion.settled_on
        opinion.promise()


def _check_choices(saving, opinion, draft, was_late):
    """Only what the form offered: a topic of the day, a competence of the place, a person the actor knows."""
    if was_late and draft.kind in FOLLOWED_KINDS and opinion.has_deadline:
        kind = OpinionKind(draft.kind).label.lower()
        raise DomainError(
            f"Ý kiến đã quá hạn nên không đổi loại thành “{kind}” được. Trả lời theo loại đã ghi.", "kind"
        )
    if draft.topic_id not in saving.topics and draft.topic_id != opinion.topic_id:
        raise DomainError("Chọn lĩnh vực trong danh sách.", "topic")
    if draft.competence not in saving.competences:
        raise DomainError("Chọn thẩm quyền giải quyết trong danh sách của địa bàn này.", "competence")
    for field_name, choices in (("kind", OpinionKind), ("channel", OpinionChannel), ("visibility", Visibility)):
        if getattr(draft, field_name) not in choices.values:
            raise DomainError("Chọn một giá trị trong danh sách.", field_name)
    if draft.raised_by_id and draft.raised_by_id not in saving.people and draft.raised_by_id != opinion.raised_by_id:
        raise DomainError("Chọn người nêu trong danh sách của địa bàn.", "raised_by")


def _place(saving, draft):
    """(village id or None, branch columns) of a row; a place outside the meeting's unit is refused."""
    meeting = saving.meeting
    if not draft.village_id:
        return None, {f"{level}_id": getattr(meeting, f"{level}_id") for level in BRANCH[1:]}
    place = saving.places.get(draft.village_id, Place())
    if getattr(place, f"{meeting.level}_id") != meeting.unit_id:
        raise DomainError("Chọn thôn, khu thuộc địa bàn của hội nghị, đang hoạt động vào ngày họp.", "village")
    return place.village_id, place.columns


def _save(saving, actor, today):
    """Write what was taken: rows, one move each, tallies, one line of the activity log."""
    note_settled_before([*saving.created, *saving.changed.values()])
    Opinion.objects.bulk_create(saving.created)
    Opinion.objects.bulk_update(saving.changed.values(), SAVED, batch_size=50)
    hush([opinion.pk for opinion in saving.changed.values() if opinion.is_restricted])
    release_merged(saving.changed.values(), today, is_unlike_only=True)
    name, now = title_of(actor, today), timezone.now()
    OpinionMove.objects.bulk_create(
        OpinionMove(
            opinion=opinion,
            verb=verb,
            before=before,
            after=opinion.status,
            at=now,
            actor_id=actor.pk,
            actor_name=name,
            holder_id=opinion.holder_id,
            due_on=opinion.due_on,
            note=note,
        )
        for opinion, verb, before, note in saving.moves
    )
    _tell_merged(saving, actor, today)
    recompute_all(saving.keys | {tally_key(opinion) for opinion in (*saving.created, *saving.changed.values())})
    if saving.created or saving.changed:
        after = {"recorded": [o.pk for o in saving.created], "edited": sorted(saving.changed)}
        record(actor.pk, "opinion.record", saving.meeting, after=after)


def _tell_merged(saving, actor, today):
    """What was answered at the table after all is told to those whose matters were merged into it."""
    steps = [Step(opinion, verb, note, {"status": before}) for opinion, verb, before, note in saving.moves if before]
    notify_many(notices_of_merged(steps, actor=actor, today=today))
