"""Thông báo kết luận hội nghị."""

from collections import Counter
from datetime import datetime, timedelta

from core.display import clock_text, day_text, long_day_text
from core.paper import Bullets, Heading, PaperColumn, PaperTable, Paragraph, Run, paragraphs, text_lines
from feedback.enums import ANSWERED, UNRESOLVED, OpinionStatus, Satisfaction
from feedback.models import ReadBack
from meetings.enums import PRESENT_STATES, PaperKind, Presence
from meetings.services.attendance import roster_on
from papers.frame import (
    chairs_words,
    day_within,
    ended,
    framed,
    hour_words,
    in_sentence,
    labelled,
    letterhead_on,
    opinions_of,
    plain,
    restricted_line,
    speaker_words,
    tasking_lines,
    when_words,
    where_words,
)
from proceedings.preparation.agenda import AgendaPart, build_agenda
from units.enums import Level
from units.reads import names_on, places_on


def build_conclusion(meeting, user, signing):
    head = letterhead_on(meeting.unit, meeting.host, signing.signed_on)
    rows, hidden = opinions_of(meeting, user)
    answered, charged, passed_up = _sorted(rows)
    parts = [
        ("Đánh giá chung", paragraphs(meeting.conclusions)),
        ("Giao việc", _list(tasking_lines(meeting, user))),
        ("Nội dung đã được trả lời", _list([_answered(row) for row in answered])),
        ("Ý kiến, kiến nghị giao giải quyết", _list([_charged(row) for row in charged])),
        ("Nội dung chuyển cấp trên xem xét", _list([_passed_up(row) for row in passed_up])),
        ("Tổ chức thực hiện", [plain(_conclusion_closing(head))]),
    ]
    blocks = [plain(sentence) for sentence in _conclusion_opening(meeting, head)]
    kept = [(title, inside) for title, inside in parts if inside]
    for number, (title, inside) in enumerate(kept, 1):
        blocks += [Heading(f"{number}. {title}"), *inside]
    blocks += restricted_line(hidden)
    return framed(
        meeting,
        PaperKind.CONCLUSION,
        signing,
        title="Thông báo",
        subject=f"Kết luận {in_sentence(meeting.title)}",
        blocks=blocks,
        head=head,
    )


def _conclusion_opening(meeting, head):
    day, where = meeting.held_on, f", tại {meeting.place}" if meeting.place else ""
    yield ended(f"{long_day_text(day).capitalize()}{where}, {head.issuer_name} tổ chức {in_sentence(meeting.title)}")
    if chairs_words(meeting):
        yield ended(f"Chủ trì hội nghị: {chairs_words(meeting)}")
    counted = f"Dự hội nghị có {meeting.attendance_count} lượt đại biểu; có {meeting.opinion_count} ý kiến, kiến nghị"
    yield f"{counted}. Hội nghị thống nhất kết luận như sau:"


def _sorted(rows):
    """(answered, charged at this level, passed to the level above); withdrawn and double ones are in none."""
    answered = [row for row in rows if row["status"] in ANSWERED]
    waiting = [row for row in rows if row["status"] in UNRESOLVED]
    charged = [row for row in waiting if row["holder_id"] == row["unit_id"] and row["body__name"]]
    return answered, charged, [row for row in waiting if row["holder_id"] != row["unit_id"]]


def _list(lines):
    return [Bullets(tuple(lines))] if lines else []


def _answered(row):
    answer = row["answer"].strip() or "đã giải đáp"
    lead = "" if answer.casefold().startswith("trả lời") else "Trả lời: "
    return ended(f"{speaker_words(row)}: {ended(row['text'])} {lead}{answer}")


def _charged(row):
    text = ended(row["text"])
    return f"{text} Giao {row['body__name']} giải quyết, trả lời trước ngày {day_text(row['due_on'])}."


def _passed_up(row):
    return f"{ended(row['text'])} Chuyển {row['holder__name']} xem xét, giải quyết."


def _conclusion_closing(head):
    return f"Văn phòng theo dõi, đôn đốc việc thực hiện Thông báo này, báo cáo {head.issuer_name} tại kỳ giao ban sau."


def build_invitation(meeting, user, signing):
    head = letterhead_on(meeting.unit, meeting.host, signing.signed_on)
    blocks = [
        Paragraph((Run(f"{head.issuer_name} trân trọng kính mời:"),)),
        Bullets(tuple(f"{line.rstrip('.;')};" for line in signing.invited)),
        plain(ended(f"Dự {in_sentence(meeting.title)}")),
        labelled("Thời gian", ended(when_words(meeting))),
        *_places(meeting),
    ]
    if chairs_words(meeting):
        blocks.append(labelled("Chủ trì", ended(chairs_words(meeting))))
    parts = build_agenda(meeting, user)
    blocks += [labelled("Nội dung", ""), Bullets(tuple(f"{part.title};" for part in parts))]
    blocks += _asked(signing)
    return framed(
        meeting,
        PaperKind.INVITATION,
        signing,
        title="Giấy mời",
        subject=f"Dự {in_sentence(meeting.title)}",
        blocks=blocks,
        head=head,
    )


def sittings_table(meeting):
    """Where a round is held in several sittings: day, place, who comes to which."""
    rows = [
        (day_text(sitting.held_on), ", ".join(unit.name for unit in sitting.communes.all()), sitting.place)
        for sitting in meeting.sittings.prefetch_related("communes")
    ]
    columns = (PaperColumn("Ngày", 18, "center"), PaperColumn("Đơn vị dự", 42), PaperColumn("Địa điểm", 40))
    return [PaperTable(columns, tuple(rows))] if rows else []


def _places(meeting):
    where = where_words(meeting)
    return [labelled("Địa điểm", ended(where))] if where else sittings_table(meeting)


def _asked(signing):
    blocks = []
    if signing.reply_by:
        words = "Đề nghị các đồng chí chuẩn bị ý kiến, kiến nghị của chi bộ, thôn, khu; gửi trước ngày"
        blocks.append(plain(f"{words} {day_text(signing.reply_by)} để tổng hợp."))
    return [*blocks, plain("Đề nghị các đồng chí đến dự đúng thành phần, thời gian.")]


def build_minutes(meeting, user, signing):
    blocks = [
        *_minutes_opening(meeting),
        Heading("1. Thành phần"),
        *_people(meeting),
        Heading("2. Diễn biến"),
        *_course(meeting, user),
        Heading("3. Kết luận"),
        *_conclusions(meeting, user),
        Heading("4. Kết thúc"),
        plain(_minutes_closing(meeting)),
    ]
    return framed(meeting, PaperKind.MINUTES, signing, title="Biên bản", subject=meeting.title, blocks=blocks)


def _minutes_opening(meeting):
    files = "; ".join(meeting.files.values_list("name", flat=True))
    facts = (
        ("Thời gian bắt đầu", when_words(meeting)),
        ("Địa điểm", where_words(meeting)),
        ("Hình thức", meeting.form_words),
        ("Nội dung", meeting.title),
        ("Chủ trì", chairs_words(meeting)),
        ("Vắng chủ trì", "; ".join(meeting.missing_heads())),
        ("Người ghi biên bản", meeting.secretary),
        ("Tài liệu", files),
    )
    return [*(labelled(label, ended(text)) for label, text in facts if text), *sittings_table(meeting)]


def _people(meeting):
    rows = list(meeting.attendances.all())
    called, guests = [row for row in rows if not row.is_guest], [row for row in rows if row.is_guest]
    blocks = []
    if called:
        present = sum(row.presence in PRESENT_STATES for row in called)
        line = f"triệu tập {len(called)} đồng chí, có mặt {present}, vắng {len(called) - present}"
        blocks += [labelled("1.1. Đại biểu chính thức", ended(line)), *_exceptions(called)]
    for count in meeting.counts.all():
        blocks.append(plain(f"- {count.group}: {count.number} đại biểu."))
    if guests:
        blocks.append(labelled("1.2. Đại biểu mời dự", f"{len(guests)} đồng chí."))
        blocks.append(Bullets(tuple(f"Đồng chí {_named(row)}" for row in guests)))
    return blocks or [plain(f"Dự hội nghị có {meeting.attendance_count} lượt đại biểu.")]


def _exceptions(called):
    """The absent with their reasons, and who came in whose place."""
    absent = [row for row in called if row.presence not in PRESENT_STATES]
    replaced = [row for row in called if row.presence == Presence.SUBSTITUTED]
    reasons = {Presence.ABSENT: "không lý do"}
    lines = [f"Vắng: {_named(row)} – {row.reason or reasons.get(row.presence, 'có lý do')}" for row in absent]
    lines += [f"Dự thay đồng chí {_named(row)}: {row.substitute}" for row in replaced]
    return [Bullets(tuple(ended(line) for line in lines))] if lines else []


def _named(row):
    return f"{row.name}, {row.duties}" if row.duties else row.name


def _course(meeting, user):
    blocks = []
    read = _read_back(meeting)
    if read:
        blocks.append(labelled("Kết quả giải quyết ý kiến kỳ trước", read))
    told = [ended(text) for text in meeting.announced.values_list("text", flat=True)]
    if told or meeting.announcements.strip():
        blocks += paragraphs("\n".join([*told, meeting.announcements]), "Nội dung thông báo: ")
    if meeting.minutes.strip():
        blocks += paragraphs(meeting.minutes, "Diễn biến: ")
    rows, hidden = opinions_of(meeting, user)
    blocks.append(labelled("Ý kiến phát biểu", f"{len(rows) + hidden} ý kiến, kiến nghị."))
    for number, row in enumerate(rows, 1):
        blocks += paragraphs(row["text"], f"({number}) {speaker_words(row)}: ")
        if row["status"] == OpinionStatus.ANSWERED_ON_SPOT and row["answer"]:
            blocks += paragraphs(row["answer"], "Trả lời: ")
    return [*blocks, *restricted_line(hidden)]


def _read_back(meeting):
    """What the room said of the answers to last time's opinions."""
    said = Counter(ReadBack.objects.filter(meeting=meeting).values_list("satisfaction", flat=True))
    if not said:
        return ""
    parts = [f"{label.lower()} {said[value]}" for value, label in Satisfaction.choices if said[value]]
    return ended(f"đã nghe {said.total()} nội dung" + (f" ({', '.join(parts)})" if parts else ""))


def _conclusions(meeting, user):
    lines = tasking_lines(meeting, user)
    blocks = paragraphs(meeting.conclusions)
    if lines:
        blocks.append(Bullets(tuple(lines)))
    return blocks or [plain("(Không có kết luận được ghi.)")]


def _minutes_closing(meeting):
    if meeting.ended_at:
        return f"Hội nghị kết thúc lúc {hour_words(meeting.ended_at)} cùng ngày."
    return "Hội nghị kết thúc cùng ngày."


OPENING = AgendaPart("opening", "Ổn định tổ chức, tuyên bố lý do, giới thiệu đại biểu", minutes=10, by="Văn phòng")
PROGRAMME_COLUMNS = (
    PaperColumn("STT", 8, "center"),
    PaperColumn("Thời gian", 19, "center"),
    PaperColumn("Nội dung", 47),
    PaperColumn("Người thực hiện", 26),
)


def build_programme(meeting, user, signing):
    blocks = [labelled("Thời gian", ended(when_words(meeting)))]
    if where_words(meeting):
        blocks.append(labelled("Địa điểm", ended(where_words(meeting))))
    blocks.append(_table(meeting, user))
    return framed(meeting, PaperKind.PROGRAMME, signing, title="Chương trình", subject=meeting.title, blocks=blocks)


def _table(meeting, user):
    """Before the meeting the agenda that builds itself; of a held one the agenda that was written down."""
    if not (meeting.is_held and meeting.agenda.strip()):
        return PaperTable(PROGRAMME_COLUMNS, tuple(_programme_rows(meeting, user)))
    lines = [_without_number(line) for line in text_lines(meeting.agenda)]
    columns = (PaperColumn("STT", 10, "center"), PaperColumn("Nội dung", 90))
    return PaperTable(columns, tuple((str(number), line) for number, line in enumerate(lines, 1)))


def _programme_rows(meeting, user):
    parts = [OPENING, *build_agenda(meeting, user)]
    times = _times(meeting.started_at, [part.minutes for part in parts])
    return [
        (str(number), time, "\n".join([f"{part.title}", *(f"- {line}" for line in part.lines)]), part.by)
        for number, (part, time) in enumerate(zip(parts, times, strict=True), 1)
    ]


def _without_number(line):
    head, dot, rest = line.partition(".")
    return rest.strip() if dot and head.strip().isdigit() and rest.strip() else line


def _times(started_at, minutes):
    """'07:30 – 07:40' for each part, one after another."""
    if not started_at:
        return [f"{count} phút" if count else "" for count in minutes]
    times, now = [], datetime.combine(datetime.min, started_at)
    for count in minutes:
        end = now + timedelta(minutes=count or 0)
        times.append(f"{clock_text(now)} – {clock_text(end)}" if count else clock_text(now))
        now = end
    return times


ROLL_COLUMNS = (
    PaperColumn("STT", 7, "center"),
    PaperColumn("Họ và tên", 23),
    PaperColumn("Chức danh", 24),
    PaperColumn("Đơn vị", 20),
    PaperColumn("Ký tên", 13),
    PaperColumn("Ghi chú", 13),
)
DOTS = "……"


def build_roll(meeting, user, signing):
    seats = _seats(meeting, _day(meeting, signing))
    names = _unit_names(meeting, {seat.unit_id for seat in seats if seat.unit_id}, _day(meeting, signing))
    blocks = [labelled("Thời gian", ended(when_words(meeting)))]
    if where_words(meeting):
        blocks.append(labelled("Địa điểm", ended(where_words(meeting))))
    blocks += [PaperTable(ROLL_COLUMNS, tuple(_roll_rows(seats, names, meeting))), *_footer(seats, meeting)]
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


def _roll_rows(seats, names, meeting):
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
