"""The basket of a unit's next meeting: put in, mended, withdrawn, and taken over into the meeting's opinions."""

from dataclasses import dataclass

from django.db import transaction
from django.urls import reverse

from core.activity import record, record_many
from core.errors import Conflict, DomainError, NotAllowed
from core.text import clean_person_name, clean_text, fold
from feedback.access import may_change_item, may_confirm, may_put_in
from feedback.enums import BasketState, OpinionChannel, OpinionKind, Satisfaction, Visibility
from feedback.models import BasketItem, ReadBack, Topic
from feedback.rules import check_content
from feedback.thread.moves import confirm_opinion
from journal.services import notify_many
from meetings.models import Meeting
from people.reads import users_with_roles
from proceedings.preparation.readback import answers_to_read, may_read_back
from units.reads import place_on, with_origins
from units.scoping import scope_of

MOST_LINES = 50
FIELDS = ("text", "kind", "topic_id", "visibility", "raised_by_name", "raised_by_id")
STALE = "Ý kiến gửi trước này vừa được người khác sửa, đưa vào hội nghị hoặc rút. Nội dung mới nhất là: “{}”."


@dataclass
class ItemDraft:
    """What a village wants to raise; the field may stay open until the meeting."""

    text: str
    kind: str = OpinionKind.PETITION
    topic_id: int | None = None
    visibility: str = Visibility.NORMAL
    raised_by_name: str = ""
    raised_by_id: int | None = None


def put_in(unit, village, text, *, actor, today, request_id=None, **fields):
    """One item for the next meeting of `unit`; what waits there already is given back instead of a second one."""
    return put_in_many(unit, village, [ItemDraft(text, **fields)], actor=actor, today=today, request_id=request_id)[0]


@transaction.atomic
def put_in_many(unit, village, drafts, *, actor, today, request_id=None):
    """The items of a form, one a line. `village` None: the unit as a whole. Sent twice, they are made once.

    Answers with one item a line; a text that waits already from that place is not put in again.
    """
    request_id = f"{actor.pk}-{request_id}"[:56] if request_id else None
    if known := _made_before(request_id):
        return known
    place = place_on(village or unit, today)
    if getattr(place, f"{unit.level}_id") != unit.pk:
        raise DomainError("Chọn thôn, khu thuộc địa bàn của đơn vị tổ chức hội nghị.", "village")
    if not may_put_in(actor, unit, place.village_id):
        raise NotAllowed("Đồng chí chỉ gửi trước ý kiến của thôn, khu hoặc đơn vị mình.")
    if not 1 <= len(drafts) <= MOST_LINES:
        raise DomainError(f"Mỗi lần gửi từ 1 đến {MOST_LINES} ý kiến, mỗi dòng một ý kiến.", "text")
    topics = set(Topic.objects.choices_on(today).values_list("pk", flat=True))
    waiting = _waiting_texts(unit, place, actor)
    items = [waiting.get(fold(_checked(draft, topics).text)) or _item(unit, place, draft) for draft in drafts]
    fresh = _first_of_each([item for item in items if item.pk is None])
    for number, item in enumerate(fresh):
        item.put_in_on, item.put_in_by_id = today, actor.pk
        item.request_id = f"{request_id}-{number}" if request_id else None
    BasketItem.objects.bulk_create(fresh)
    record_many(actor.pk, [("basket.put_in", item, None, {"village": item.village_id}) for item in fresh])
    if fresh:
        _tell_officers(fresh, unit, village, actor, today)
    return [next((other for other in fresh if fold(other.text) == fold(item.text)), item) for item in items]


@transaction.atomic
def edit_item(item_id, draft, *, actor, version, today):
    """Mend an item while it waits."""
    item = _locked(item_id, actor, version)
    topics = set(Topic.objects.choices_on(today).values_list("pk", flat=True)) | {item.topic_id}
    _checked(draft, topics)
    before = {name: getattr(item, name) for name in ("kind", "topic_id", "visibility")}
    for name in FIELDS:
        setattr(item, name, getattr(draft, name))
    item.version += 1
    item.save(update_fields=[*(name.removesuffix("_id") for name in FIELDS), "version"])
    record(actor.pk, "basket.edit", item, before, {name: getattr(item, name) for name in before})
    return item


@transaction.atomic
def withdraw_item(item_id, *, actor, version, reason="", today):
    """It is not raised after all; the village is told by whom it was not withdrawn itself."""
    item = _locked(item_id, actor, version)
    item.state = BasketState.WITHDRAWN
    item.version += 1
    item.save(update_fields=["state", "version"])
    record(actor.pk, "basket.withdraw", item)
    reason = clean_text(reason)[:200]
    words = f"Ý kiến gửi trước “{_excerpt(item)}” không đưa vào hội nghị" + (f": {reason}" if reason else ".")
    _tell_villages([(item, words, reverse("basket_list"))], actor, today)
    return item


def take_over(meeting, drafts, opinions, *, actor, today):
    """Mark the items whose rows were just recorded; `opinions` ends with the new ones, in the order of the drafts.

    In the caller's transaction. An item that no longer waits is refused, so that nothing is recorded twice.
    """
    fresh = [draft for draft in drafts if draft.pk is None]
    made = {
        draft.basket_id: opinion
        for draft, opinion in zip(fresh, opinions[len(opinions) - len(fresh) :], strict=True)
        if draft.basket_id
    }
    if not made:
        return []
    waiting = (
        BasketItem.objects.visible_to(actor).waiting().filter(pk__in=made, unit__in=with_origins([meeting.unit_id]))
    )
    items = list(waiting.select_for_update(of=("self",)).order_by("pk"))
    if len(items) != len(made):
        found = {item.pk for item in items}
        gone = next(opinion for pk, opinion in made.items() if pk not in found)
        raise DomainError(
            f"Ý kiến gửi trước “{gone.text[:80]}” đã được đưa vào hội nghị khác hoặc đã rút. Bỏ dòng đó rồi lưu lại.",
            "opinions",
        )
    for item in items:
        item.state, item.opinion = BasketState.TAKEN, made[item.pk]
        item.version += 1
    BasketItem.objects.bulk_update(items, ["state", "opinion", "version"])
    record_many(actor.pk, [("basket.take", item, None, {"opinion": item.opinion_id}) for item in items])
    words = "Ý kiến gửi trước “{}” đã được nêu tại hội nghị."
    rows = [(item, words.format(_excerpt(item)), reverse("opinion_detail", args=[item.opinion_id])) for item in items]
    _tell_villages(rows, actor, today)
    return items


def _made_before(request_id):
    if not request_id:
        return []
    return list(BasketItem.objects.filter(request_id__startswith=f"{request_id}-").order_by("pk"))


def _waiting_texts(unit, place, actor):
    """{folded text: item} of what waits from the same place."""
    waiting = BasketItem.objects.visible_to(actor).waiting().filter(unit=unit, commune_id=place.commune_id)
    return {fold(item.text): item for item in waiting.filter(village_id=place.village_id)}


def _first_of_each(items):
    first = {}
    for item in items:
        first.setdefault(fold(item.text), item)
    return list(first.values())


def _item(unit, place, draft):
    values = {name: getattr(draft, name) for name in FIELDS}
    return BasketItem(
        unit=unit,
        level=unit.level,
        village_id=place.village_id,
        channel=OpinionChannel.PRE_SUBMITTED,
        **place.columns,
        **values,
    )


def _checked(draft, topics):
    """The draft with its text as it is stored; a state secret, an empty row or a foreign choice is refused."""
    draft.text, draft.raised_by_name = clean_text(draft.text), clean_person_name(draft.raised_by_name)[:120]
    check_content(draft.text)
    if draft.topic_id is not None and draft.topic_id not in topics:
        raise DomainError("Chọn lĩnh vực trong danh sách.", "topic")
    for name, choices in (("kind", OpinionKind), ("visibility", Visibility)):
        if getattr(draft, name) not in choices.values:
            raise DomainError("Chọn một giá trị trong danh sách.", name)
    return draft


def _locked(item_id, actor, version):
    """The item, locked, that the actor sees and may change as it was shown."""
    visible = BasketItem.objects.visible_to(actor).select_related("unit").select_for_update(of=("self",))
    item = visible.filter(pk=item_id).first()
    if item is None or not may_put_in(actor, item.unit, item.village_id):
        raise NotAllowed("Đồng chí chỉ sửa được ý kiến gửi trước của thôn, khu hoặc đơn vị mình.")
    if version != item.version or not may_change_item(actor, item):
        raise Conflict(STALE.format(item.text[:300]))
    return item


def _excerpt(item):
    text = " ".join(item.text.split())
    return text if len(text) <= 100 else f"{text[:99]}…"


def _tell_officers(items, unit, village, actor, today):
    """When a village sent by itself, those who prepare the meeting hear of it once a day and village."""
    if unit.pk in scope_of(actor).unit_ids():
        return
    officers = users_with_roles([unit.pk], ("commune", "district"), today).get(unit.pk, ())
    key = f"basket-{village.pk}-{today}"
    text = f"{village.name} gửi trước {len(items)} ý kiến cho hội nghị giao ban kế tiếp."
    notify_many((user, key, text, reverse("basket_list")) for user in officers)


def _tell_villages(rows, actor, today):
    """(item, words, address) rows to the accounts of the villages concerned; of a restricted item nothing is said."""
    rows = [row for row in rows if row[0].village_id and row[0].visibility != Visibility.RESTRICTED]
    users = users_with_roles({item.village_id for item, _, _ in rows}, ("village",), today) if rows else {}
    notify_many(
        (user, f"basket-item-{item.pk}-{item.version}", words, url)
        for item, words, url in rows
        for user in users.get(item.village_id, ())
        if user != actor.pk
    )


NOTE_LIMIT = 500


@transaction.atomic
def read_back(meeting_id, opinion_id, satisfaction="", note="", *, actor, version=None, today):
    """The answer was read out; `satisfaction` empty: nobody could say anything of it yet.

    With a satisfaction the opinion is confirmed in the same transaction, through its own move. Saying something else
    at the same meeting replaces what was said; saying the same again changes nothing.
    """
    meeting = Meeting.objects.visible_to(actor).select_for_update(of=("self",)).filter(pk=meeting_id).first()
    if meeting is None or not may_read_back(actor, meeting):
        raise NotAllowed("Chỉ đơn vị tổ chức ghi được phần đọc lại, khi hội nghị chưa chốt và không bị hủy.")
    opinion = answers_to_read(meeting).visible_to(actor).filter(pk=opinion_id).first()
    if opinion is None:
        raise DomainError("Ý kiến này không có trong danh sách đọc lại của hội nghị. Tải lại trang.")
    if not may_confirm(actor, opinion):
        raise NotAllowed("Ý kiến này chưa có kết quả, hoặc không do đơn vị của đồng chí ghi.")
    note = _checked_reading(satisfaction, note)
    known = ReadBack.objects.filter(meeting=meeting, opinion=opinion).first()
    if known and (not satisfaction or (known.satisfaction, known.note) == (satisfaction, note)):
        return known
    if satisfaction:
        confirm_opinion(opinion_id, actor=actor, version=version, today=today, satisfaction=satisfaction, note=note)
    facts = {"satisfaction": satisfaction, "note": note, "read_by_id": actor.pk}
    read, _ = ReadBack.objects.update_or_create(meeting=meeting, opinion=opinion, defaults=facts)
    record(actor.pk, "opinion.read_back", opinion, after={"meeting": meeting.pk, "satisfaction": satisfaction})
    return read


def _checked_reading(satisfaction, note):
    if satisfaction and satisfaction not in Satisfaction.values:
        raise DomainError("Chọn mức hài lòng: hài lòng, một phần hoặc chưa.", "satisfaction")
    note = clean_text(note)
    if len(note) > NOTE_LIMIT:
        raise DomainError(f"Ý kiến của thôn, khu viết trong {NOTE_LIMIT} ký tự (đang có {len(note)}).", "note")
    if note:
        check_content(note)
    return note
