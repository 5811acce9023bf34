"""The register of helped units: who helps whom and how, the quarterly look, the end with its outcome."""

from dataclasses import dataclass
from datetime import date

from django.db import transaction

from core.activity import record, record_many
from core.errors import Conflict, DomainError, NotAllowed
from core.merging import overtaken
from core.periods import Period
from core.text import clean_name, clean_text
from feedback.rules import check_content
from journal.services import notify
from people.models import Post
from people.reads import users_of_bodies
from people.rules import effective_end
from units.closed import check_open
from units.enums import Level
from units.models import Unit
from units.reads import place_on, places_on
from visits.access import keeps, may_keep_help, may_look_after_help, may_rate
from visits.enums import HelpOutcome, Rating
from visits.helped.rules import (
    check_checked_on,
    check_exited_on,
    check_rated,
    check_rated_year,
    check_registered_on,
    rated_on,
)
from visits.models import CellRating, HelpedCheck, HelpedUnit

STALE = overtaken("Đăng ký giúp đỡ này")
KEEPERS_ONLY = "Chỉ cấp quản lý địa bàn được đăng ký, sửa hoặc kết thúc việc giúp đỡ đơn vị này."


@dataclass(frozen=True)
class HelpOrder:
    """A line of the register. `helper`: a Post or a Body; `unit` may be the id of one."""

    unit: object
    registered_on: date
    helper: object
    reason: str
    plan: str
    document: str = ""


@transaction.atomic
def register_help(order, *, actor, request_id=None, today):
    """A place is helped from a day on, once a year; the helper is told. A replayed `request_id` gives the first row."""
    known = HelpedUnit.objects.filter(request_id=request_id).first() if request_id else None
    if known:
        return known
    unit = Unit.objects.select_for_update(no_key=True).get(pk=getattr(order.unit, "pk", order.unit))
    check_registered_on(order.registered_on, today)
    check_open(unit, order.registered_on, field="registered_on")
    place = place_on(unit, order.registered_on)
    if unit.level not in (Level.COMMUNE, Level.VILLAGE):
        raise DomainError("Chọn thôn, khu hoặc xã, phường được giúp đỡ.", "unit")
    if not keeps(actor, place):
        raise NotAllowed(KEEPERS_ONLY, "unit")
    year = order.registered_on.year
    if held := HelpedUnit.objects.filter(unit=unit, year=year).first():
        raise DomainError(
            f"{unit.name} đã được đăng ký giúp đỡ năm {year} từ {held.registered_on:%d/%m/%Y}. Mở đăng ký đó để sửa.",
            "unit",
        )
    helped = HelpedUnit(
        unit=unit, year=year, registered_on=order.registered_on, request_id=request_id, created_by_id=actor.pk,
        **place.columns,
    )  # fmt: skip
    _fill(helped, order, place, actor)
    helped.save(force_insert=True)
    record(actor.pk, "helped_unit.create", helped, after=_facts(helped))
    _tell_helper(helped, today)
    return helped


@transaction.atomic
def edit_help(helped_id, order, *, actor, version, today):
    """Mend helper, reason, plan and document while the help runs; a new helper is told."""
    helped = _locked(helped_id, actor)
    if not may_keep_help(actor, helped):
        raise NotAllowed(KEEPERS_ONLY)
    _check_running(helped, version)
    before = _facts(helped)
    _fill(helped, order, place_on(helped.unit, helped.registered_on), actor)
    helped.version += 1
    helped.save()
    record(actor.pk, "helped_unit.edit", helped, before=before, after=_facts(helped))
    if _facts(helped)["helper"] != before["helper"]:
        _tell_helper(helped, today)
    return helped


@transaction.atomic
def check_help(helped_id, *, actor, checked_on, checked_by_name, progress, next_steps="", request_id=None, today):
    """The look of a quarter, one each; replaying a `request_id` gives the first one."""
    helped = _locked(helped_id, actor)
    known = HelpedCheck.objects.filter(request_id=request_id, helped=helped).first() if request_id else None
    if known:
        return known
    if not may_look_after_help(actor, helped):
        raise NotAllowed("Chỉ người, cơ quan giúp đỡ và cấp quản lý địa bàn ghi kiểm tra.")
    if helped.exited_on:
        raise Conflict(
            f"Việc giúp đỡ đã được ghi kết thúc ngày {helped.exited_on:%d/%m/%Y}, nên lượt kiểm tra này chưa được ghi. "
            "Phần đồng chí nhập còn ở dưới."
        )
    check_checked_on(checked_on, helped.registered_on, helped.exited_on, today)
    check_open(helped.unit, checked_on, field="checked_on")
    quarter = Period.of_day(checked_on, "quarter")
    if made := helped.checks.filter(quarter=quarter.code).first():
        raise DomainError(
            f"{quarter.label} đã ghi kiểm tra ngày {made.checked_on:%d/%m/%Y}. Mỗi quý ghi một lượt; "
            "lần đến khác ghi ở Lượt đi.",
            "checked_on",
        )
    check = HelpedCheck.objects.create(
        helped=helped,
        quarter=quarter.code,
        checked_on=checked_on,
        checked_by_name=clean_name(checked_by_name)[:200],
        progress=_words(progress, "progress", "Nhập chuyển biến, tồn tại của đơn vị."),
        next_steps=_words(next_steps, "next_steps"),
        created_by_id=actor.pk,
        request_id=request_id,
    )
    record(actor.pk, "helped_unit.check", helped, after={"quarter": quarter.code, "on": checked_on.isoformat()})
    return check


@transaction.atomic
def end_help(helped_id, *, actor, version, exited_on, outcome, outcome_note, today):
    """The day help ends, with what came of it."""
    helped = _locked(helped_id, actor)
    if not may_keep_help(actor, helped):
        raise NotAllowed(KEEPERS_ONLY)
    _check_running(helped, version)
    last = helped.checks.order_by("-checked_on").first()
    check_exited_on(exited_on, helped.registered_on, last.checked_on if last else None, today)
    check_open(helped.unit, exited_on, field="exited_on")
    if outcome not in HelpOutcome.values:
        raise DomainError("Chọn kết quả giúp đỡ.", "outcome")
    helped.outcome_note = _words(outcome_note, "outcome_note", "Nhập đánh giá khi kết thúc, một hai câu là đủ.")
    helped.exited_on, helped.outcome = exited_on, outcome
    helped.version += 1
    helped.save(update_fields=["exited_on", "outcome", "outcome_note", "version"])
    after = {"on": exited_on.isoformat(), "outcome": outcome}
    record(actor.pk, "helped_unit.end", helped, before={"on": None}, after=after)
    return helped


def _locked(helped_id, actor):
    queryset = HelpedUnit.objects.visible_to(actor).select_for_update(of=("self",)).select_related("unit")
    helped = queryset.filter(pk=helped_id).first()
    if helped is None:
        raise NotAllowed("Không có đăng ký giúp đỡ này trong phạm vi của đồng chí. Quay lại danh sách.")
    return helped


def _check_running(helped, version):
    if version != helped.version:
        raise Conflict(STALE)
    if helped.exited_on:
        raise DomainError(f"Việc giúp đỡ đã kết thúc ngày {helped.exited_on:%d/%m/%Y}, không sửa được nữa.")


def _fill(helped, order, place, actor):
    """Check and copy who helps and why."""
    helper = order.helper
    home = helper.unit
    if getattr(place, f"{home.level}_id") != home.pk or not keeps(actor, place_on(home, helped.registered_on)):
        raise NotAllowed(
            "Người, cơ quan giúp đỡ phải thuộc cấp mình quản lý và phụ trách địa bàn này. Chọn lại bên giúp đỡ.",
            "helper",
        )
    end = effective_end(helper.valid_to, home.valid_to)
    if helped.registered_on < helper.valid_from or (end and helped.registered_on >= end):
        raise DomainError(
            f"Ngày {helped.registered_on:%d/%m/%Y} người giữ chức danh hoặc cơ quan này chưa có hoặc đã thôi. "
            "Chọn lại bên giúp đỡ hoặc sửa ngày đăng ký.",
            "helper",
        )
    helped.level = home.level
    helped.helper_post = helper if isinstance(helper, Post) else None
    helped.helper_body = None if isinstance(helper, Post) else helper
    helped.reason = _words(order.reason, "reason", "Nhập lý do cần giúp đỡ.")
    helped.plan = _words(order.plan, "plan", "Nhập kế hoạch giúp đỡ.")
    helped.document = clean_name(order.document)[:120]


def _words(text, field, missing=""):
    text = clean_text(text)
    if not text:
        if missing:
            raise DomainError(missing, field)
        return ""
    try:
        check_content(text)
    except DomainError as refusal:
        raise DomainError(refusal.message, field) from None
    return text


def _facts(helped):
    """Plain facts for the activity log, no text."""
    return {
        "unit": helped.unit_id,
        "year": helped.year,
        "helper": f"post {helped.helper_post_id}" if helped.helper_post_id else f"body {helped.helper_body_id}",
        "from": helped.registered_on.isoformat(),
        "document": helped.document,
    }


def helper_users(helped, today):
    """Ids of the active accounts of whoever helps."""
    if helped.helper_body_id:
        return users_of_bodies([helped.helper_body_id], today).get(helped.helper_body_id, [])
    return list(helped.helper_post.person.users.filter(is_active=True).values_list("pk", flat=True))


def _tell_helper(helped, today):
    text = f"Đồng chí được giao giúp đỡ {helped.unit.name} năm {helped.year}; mỗi quý ghi kiểm tra một lượt."
    key = f"helped-{helped.pk}-{helped.version}"
    notify(helper_users(helped, today), key=key, text=text, url=helped.get_absolute_url())


NOWHERE = "Chỉ ghi xếp loại cho thôn, khu và xã, phường thuộc địa bàn mình quản lý; không tự xếp loại đảng bộ xã mình."


@dataclass(frozen=True)
class RatingEntry:
    """What was chosen for a place, and the version that was on the page (0: not rated then)."""

    unit: Unit
    rating: str
    version: int = 0


@transaction.atomic
def rate_cells(entries, *, year, document, shown_document="", actor, today):
    """Write the ratings that differ from the saved ones, all or none; returns how many.

    An empty choice leaves what is saved as it is. `document` is kept with every rating that is written, and put in the
    place of `shown_document`, the one that was on the page.
    """
    check_rated_year(year, today)
    document, shown_document = clean_name(document)[:120], clean_name(shown_document)[:120]
    entries = [entry for entry in entries if entry.rating]
    places = _places(entries, year, actor, today)
    units = sorted(entry.unit.pk for entry in entries)
    list(Unit.objects.select_for_update(no_key=True).filter(pk__in=units).order_by("pk").values_list("pk"))
    saved = {row.unit_id: row for row in CellRating.objects.filter(year=year, unit__in=units)}
    mended = shown_document if document and document != shown_document else None
    changed = [entry for entry in entries if _differs(entry, saved.get(entry.unit.pk), mended)]
    if changed and not document:
        raise DomainError("Nhập số, ngày văn bản công nhận xếp loại.", "document")
    lines = [_apply(entry, saved, places[entry.unit.pk], year, document, actor) for entry in changed]
    rows = [row for _, row, _, _ in lines]
    known = [row for row in rows if row.pk]
    CellRating.objects.bulk_create([row for row in rows if not row.pk], batch_size=500)
    CellRating.objects.bulk_update(known, ["rating", "document", "version", "recorded_by_id"], batch_size=500)
    record_many(actor.pk, lines)
    return len(changed)


def _places(entries, year, actor, today):
    """Where the units lay when the year was rated; closed, later and foreign ones are refused."""
    for entry in entries:
        if entry.unit.level not in (Level.COMMUNE, Level.VILLAGE) or entry.rating not in Rating.values:
            raise DomainError("Chọn mức xếp loại trong danh sách cho thôn, khu hoặc xã, phường.", "rating")
        check_rated(entry.unit.name, entry.unit.valid_from, entry.unit.valid_to, year, today)
    places = places_on([entry.unit.pk for entry in entries], rated_on(year, today))
    for entry in entries:
        if entry.unit.pk not in places or not may_rate(actor, entry.unit.level, places[entry.unit.pk]):
            raise NotAllowed(NOWHERE)
    return places


def _differs(entry, row, mended_document):
    """Is there something to write? Somebody else's rating since the page was shown is a conflict."""
    if row is not None and row.rating == entry.rating and row.document != mended_document:
        return False
    if (row.version if row else 0) != entry.version:
        now = f"là “{row.get_rating_display()}”" if row else "là chưa xếp loại"
        raise Conflict(
            f"Xếp loại của {entry.unit.name} vừa được người khác ghi {now}. Chưa lưu dòng nào; "
            "xem lại rồi bấm Lưu lần nữa nếu vẫn muốn ghi như đã chọn."
        )
    return True


def _apply(entry, saved, place, year, document, actor):
    """The activity line of one rating; the row is changed in memory."""
    row = saved.get(entry.unit.pk)
    before = {"rating": row.rating, "document": row.document} if row else {}
    row = row or CellRating(unit=entry.unit, level=entry.unit.level, year=year, version=0, **place.columns)
    row.rating, row.document, row.recorded_by_id = entry.rating, document, actor.pk
    row.version += 1
    verb = "cell_rating.edit" if before else "cell_rating.create"
    return verb, row, before, {"year": year, "rating": row.rating, "document": row.document}
