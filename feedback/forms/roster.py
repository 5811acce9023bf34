"""Reading the attendance part of the entry page: seats by person, guests, counted groups, sittings.

Rows are plain inputs, not a formset: 31 rows cost a third of what Django's formset rendering would.
"""

from dataclasses import replace
from datetime import date, datetime

from django.utils.formats import get_format

from core.errors import DomainError
from core.merging import plain
from core.text import clean_name, clean_person_name, fold
from meetings.enums import Presence
from meetings.services import CountedGroup, Seat, SittingPlan

GROUPS = ("Bí thư chi bộ", "Trưởng thôn, khu", "Trưởng ban công tác mặt trận", "Cơ quan, đoàn thể", "Khách mời")
MOST_ROWS = 1500
MOST_PERSONS = 100_000
PARTS = {
    "g:": ("guest_name", "guest_duty"),
    "c:": ("count_group", "count_unit", "count_number"),
    "s:": ("sitting_day", "sitting_who", "sitting_place", "sitting_count"),
}
"""Prefix of the keys of a part of the page: its columns, as `rows_by_key` and `typed_rows` order them."""
DETAILS = ("reason", "substitute")
IDENTITY = {"g:": 1, "c:": 2, "s:": 2}
"""How many of the columns say which row it is; rows of the same identity are told apart by their turn."""


def read_seats(data, roster):
    """The called people with what was ticked for each; somebody not in the list counts as present."""
    seats = []
    for seat in roster:
        presence = data.get(f"seat-{seat.person_id}", Presence.PRESENT)
        if presence not in Presence.values:
            raise DomainError(f"Chọn lại tình trạng dự họp của đồng chí {seat.name}.", "attendance")
        seats.append(
            replace(
                seat,
                presence=presence,
                reason=clean_name(data.get(f"reason-{seat.person_id}", ""))[:200],
                substitute=clean_person_name(data.get(f"substitute-{seat.person_id}", ""))[:120],
            )
        )
    return seats


def roster_changed(data, roster):
    """Names that came or went since the page was shown (the roster is that of the day of the meeting)."""
    shown = {key.removeprefix("seat-") for key in data if key.startswith("seat-")}
    expected = {str(seat.person_id) for seat in roster}
    return bool(shown) and shown != expected


def seat_value(presence, reason, substitute):
    """What a merge compares of one person: only what the presence gives a meaning to."""
    return [
        presence,
        plain(reason) if presence in (Presence.EXCUSED, Presence.ABSENT) else "",
        plain(substitute) if presence == Presence.SUBSTITUTED else "",
    ]


def typed_seats(data):
    """{key of a person: value} of what the page sent."""
    pks = [name.removeprefix("seat-") for name in data if name.startswith("seat-")]
    return {f"p:{pk}": seat_value(*(data.get(f"{name}-{pk}", "") for name in ("seat", *DETAILS))) for pk in pks}


def rows_by_key(prefix, rows):
    """{key: row} of one of the PARTS; a row of which only the identity's preset is there counts as empty."""
    found, identity = {}, IDENTITY[prefix]
    for row in rows:
        row = [clean_name(plain(cell)) for cell in row]
        if not (row[0] if prefix == "g:" else row[-1] if prefix == "c:" else row[0] or row[1]):
            continue
        key = prefix + "@".join(fold(cell) for cell in row[:identity])
        turn = sum(other == key or other.startswith(f"{key}#") for other in found)
        found[f"{key}#{turn}" if turn else key] = row
    return found


def typed_rows(prefix, data):
    """Rows of one of the PARTS as they were typed; None when the page did not have that part."""
    first, *rest = PARTS[prefix]
    if first not in data:
        return None
    columns = [data.getlist(first), *(data.getlist(name) for name in rest)]
    return [[column[turn] if turn < len(column) else "" for column in columns] for turn in range(len(columns[0]))]


def type_rows(prefix, data, rows):
    """Write rows of one of the PARTS into the data of a page."""
    for number, name in enumerate(PARTS[prefix]):
        data.setlist(name, [row[number] for row in rows])


def read_guests(data):
    """Guests written by name, with what they are."""
    names, duties = data.getlist("guest_name"), data.getlist("guest_duty")
    guests = []
    for name, duty in zip(names[:MOST_ROWS], duties[:MOST_ROWS], strict=False):
        name = clean_person_name(name)[:120]
        if name:
            guests.append(Seat(name=name, duties=clean_name(duty)[:300], is_guest=True))
    return guests


def count_rows(data):
    """[(group, unit id as typed, number as typed)] of the counted groups; an older page knows no units."""
    groups, numbers = data.getlist("count_group"), data.getlist("count_number")
    units = data.getlist("count_unit") or [""] * len(groups)
    return list(zip(groups, units, numbers, strict=False))


def read_counts(data, places):
    """Persons present by group, and by village where it was chosen (`places` {id: name}); each a whole number."""
    counts = []
    for group, unit, number in count_rows(data):
        number, group = _whole(number, f"Số đại biểu nhóm “{group}”", "counts"), clean_name(group)[:120]
        if unit and unit not in places:
            raise DomainError(f"Chọn lại thôn, đơn vị của nhóm “{group}” trong danh sách.", "counts")
        if number and group:
            counts.append(CountedGroup(group, number, int(unit) if unit else None))
    if len({(count.group, count.unit_id) for count in counts}) != len(counts):
        raise DomainError("Mỗi nhóm đại biểu của một đơn vị chỉ ghi một dòng. Cộng các dòng trùng lại.", "counts")
    return counts


def read_sittings(data, communes, clusters):
    """Sittings held per commune or cluster: `communes` {id: name}, `clusters` {id: (name, commune ids)}."""
    sittings = []
    columns = ("sitting_day", "sitting_place", "sitting_who", "sitting_count")
    for day, place, who, number in zip(*(data.getlist(column) for column in columns), strict=False):
        if not (day.strip() or who):
            continue
        kind, _, pk = who.partition("-")
        cluster = clusters.get(pk) if kind == "cluster" else None
        if not cluster and not (kind == "commune" and pk in communes):
            raise DomainError("Chọn cụm hoặc đơn vị dự cho từng cuộc họp.", "sittings")
        sittings.append(
            SittingPlan(
                held_on=_day(day),
                place=clean_name(place)[:200],
                commune_ids=tuple(cluster[1]) if cluster else (int(pk),),
                attendance=_whole(number, "Số đại biểu của cuộc họp", "sittings"),
                cluster_id=int(pk) if cluster else None,
            )
        )
    return sittings


def _whole(word, what, field):
    word = (word or "").strip().replace(".", "").replace(" ", "")
    if not word:
        return 0
    if not (word.isascii() and word.isdigit()) or len(word) > 6 or int(word) > MOST_PERSONS:
        raise DomainError(f"{what} phải là số nguyên từ 0 đến 100.000, ví dụ 31.", field)
    return int(word)


def _day(word):
    for form in get_format("DATE_INPUT_FORMATS"):
        try:
            return _parse(word.strip(), form)
        except ValueError:
            continue
    raise DomainError("Nhập ngày của từng cuộc họp dạng ngày/tháng/năm, ví dụ 25/11/2026.", "sittings")


def _parse(word, form):
    day = datetime.strptime(word, form).date()
    if not date(1945, 1, 1) <= day <= date(2100, 12, 31):
        raise ValueError
    return day
