"""Danh sách đại biểu: to be signed before the meeting, with what came of it afterwards."""

from collections import Counter

from core.paper import Column, Table
from feedback.papers.frame import framed
from feedback.papers.letterhead import day_within, in_sentence
from feedback.papers.wording import ended, labelled, plain, when_words, where_words
from meetings.enums import PaperKind, Presence
from meetings.services.seats import roster_on
from units.enums import Level
from units.selectors import names_on, places_on

COLUMNS = (
    Column("STT", 7, "center"),
    Column("Họ và tên", 23),
    Column("Chức danh", 24),
    Column("Đơn vị", 20),
    Column("Ký tên", 13),
    Column("Ghi chú", 13),
)
DOTS = "……"


def build_roll(meeting, user, signing):
    seats = _seats(meeting, _day(meeting, signing))
    names = _unit_names(meeting, {seat.unit_id for seat in seats if seat.unit_id}, _day(meeting, signing))
    blocks = [labelled("Thời gian", ended(when_words(meeting)))]
    if where_words(meeting):
        blocks.append(labelled("Địa điểm", ended(where_words(meeting))))
    blocks += [Table(COLUMNS, tuple(_rows(seats, names, meeting))), *_footer(seats, meeting)]
    subject = f"Đại biểu dự {in_sentence(meeting.title)}"
    return framed(meeting, PaperKind.ROLL, signing, title="Danh sách", subject=subject, blocks=blocks)


def _seats(meeting, day):
    """Those called (the unit's own leaders first), then guests; before the meeting, the roster of the day."""
    if not meeting.is_held:
        return roster_on(meeting.unit, day)
    return sorted(meeting.attendances.all(), key=lambda seat: (seat.is_guest, seat.unit_id != meeting.unit_id))


def _day(meeting, signing):
    return day_within(meeting.unit, meeting.held_on or meeting.planned_on or signing.signed_on)


def _unit_names(meeting, unit_ids, day):
    """{unit id: (its name, as it stands in the list)}: at a district's meeting a village is named with its commune."""
    places = places_on(unit_ids, day) if meeting.level == Level.DISTRICT else {}
    above = {pk: place.commune_id for pk, place in places.items() if place.commune_id not in (None, pk)}
    names = names_on(unit_ids | set(above.values()), day)
    return {pk: (names[pk], f"{names[pk]}, {names[above[pk]]}" if pk in above else names[pk]) for pk in unit_ids}


def _rows(seats, names, meeting):
    for number, seat in enumerate(seats, 1):
        name, listed = names.get(seat.unit_id, ("", ""))
        duties = seat.duties.replace(f" {name}", "") if name else seat.duties
        yield str(number), seat.name, duties, listed, "", _note(seat, meeting)


def _note(seat, meeting):
    if seat.is_guest:
        return "Khách mời"
    if not meeting.is_held or seat.presence == Presence.PRESENT:
        return ""
    if seat.presence == Presence.SUBSTITUTED:
        return f"Dự thay: {seat.substitute}"
    words = "Vắng" if seat.presence == Presence.EXCUSED else "Vắng không lý do"
    return f"{words}: {seat.reason}" if seat.reason else words


def _footer(seats, meeting):
    """Called, present, absent with and without a reason; dots to be filled in before the meeting."""
    called = [seat for seat in seats if not seat.is_guest]
    count = Counter(seat.presence for seat in called)
    if not meeting.is_held:
        present = excused = absent = DOTS
    else:
        present = count[Presence.PRESENT] + count[Presence.SUBSTITUTED]
        excused, absent = count[Presence.EXCUSED], count[Presence.ABSENT]
    line = f"Triệu tập: {len(called)}; có mặt: {present}; vắng có lý do: {excused}; vắng không lý do: {absent}"
    guests = len(seats) - len(called)
    blocks = [plain(f"{line}; khách mời: {guests}." if guests else f"{line}.")]
    counts = [f"{row.group}: {row.number}" for row in meeting.counts.all()] if meeting.is_held else []
    return [*blocks, plain(f"Chỉ ghi số lượng: {'; '.join(counts)}.")] if counts else blocks
