"""Yearly ratings of party cells, a whole commune at once; what somebody else changed meanwhile is not overwritten."""

from dataclasses import dataclass

from django.db import transaction

from core.activity import record_many
from core.errors import Conflict, DomainError, NotAllowed
from core.text import clean_name
from units.enums import Level
from units.models import Unit
from units.selectors import places_on
from visits.access import may_rate
from visits.enums import Rating
from visits.helped.rules import check_rated, check_rated_year, rated_on
from visits.models import CellRating

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
