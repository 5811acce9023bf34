"""Who issues a paper, in the words of its signing day: organisation names, place, letters of the number."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from core.display import day_text, long_day_text
from core.paper import DRAFT, GOV, PARTY, Paper, Paragraph, Run, Signature
from core.text import fold
from feedback.enums import Visibility
from feedback.models import Opinion
from meetings.enums import HostBody, PaperKind
from meetings.models import Tasking
from papers.register import paper_symbol
from people.enums import Position
from people.models import Post
from units.enums import BodyKind, Level
from units.models import BodyName
from units.reads import names_on, trail_of

KIND_WORDS = (
    *("Thành phố", "Thị xã", "Thị trấn", "Đặc khu", "Tỉnh", "Huyện", "Quận", "Phường", "Xã"),
    *("Tổ dân phố", "Khu phố", "Khu", "Thôn", "Bản", "Ấp", "Xóm", "Làng", "Buôn", "Khóm"),
)
COMMITTEES = {
    "Tỉnh": "Tỉnh ủy",
    "Thành phố": "Thành ủy",
    "Thị xã": "Thị ủy",
    "Huyện": "Huyện ủy",
    "Quận": "Quận ủy",
}
LETTERS = {"Huyện ủy": "HU", "Quận ủy": "QU", "Đảng ủy": "ĐU"}
BOARDS = (("tuyên giáo và dân vận", "BTGDV"), ("dân vận", "BDV"))
"""Letters of the board that works with the people, by what its name contains."""

OTHER_LETTERS = "TU"
"""Tỉnh ủy, thành ủy and thị ủy."""


@dataclass(frozen=True)
class Letterhead:
    """`issuer` and `superior` in capitals; `issuer_name` as in a sentence; `letters` end the number."""

    regime: str
    superior: str
    issuer: str
    issuer_name: str
    place: str
    letters: str
    authority: str


def letterhead_on(unit, host, day):
    """The letterhead of a unit's committee or government on a day (held inside the unit's life)."""
    day = day_within(unit, day)
    trail = trail_of(unit, day)
    parent = trail[-2] if len(trail) > 1 else None
    names = names_on([each.pk for each in trail] or [unit.pk], day)
    bodies = _body_names([each.pk for each in trail[-2:]], host, day)
    name, upper = names[unit.pk], names[parent.pk] if parent else ""
    if host == HostBody.BOARD:
        return _board(name, bodies.get(unit.pk, ""), board_on(unit, day))
    build = _gov if host == HostBody.GOV else _party
    return build(name, upper, bodies.get(unit.pk, ""), bodies.get(parent.pk, "") if parent else "")


def board_on(unit, day):
    """What the unit's Ban Dân vận was called on a day; empty where it keeps none."""
    rows = BodyName.objects.filter(body__unit=unit, body__kind=BodyKind.MMD).on(day).order_by("-body_id")
    return rows.values_list("name", flat=True).first() or ""


def day_within(unit, day):
    """The nearest day on which the unit was there."""
    last = unit.valid_to - timedelta(days=1) if unit.valid_to else day
    return max(unit.valid_from, min(day, last))


def short_place(name):
    """'Phường Hà Khánh' -> 'Hà Khánh'; 'Phường 1' stays."""
    word = _kind_word(name)
    rest = name[len(word) :].strip()
    return rest if rest and not rest[0].isdigit() else name


def in_sentence(name):
    """'Phường Hà Khánh' -> 'phường Hà Khánh'."""
    return name[:1].lower() + name[1:] if _kind_word(name) or name.startswith("Hội nghị") else name


def committee_name(unit_name, body_name=""):
    """'Huyện ủy Tiên Yên', 'Đảng ủy phường Hà Khánh'; a body's own name wins and is completed with the place."""
    known = " ".join(body_name.split())
    if known and fold(short_place(unit_name)) in fold(known):
        return known
    word = COMMITTEES.get(_kind_word(unit_name))
    if word:
        return f"{word} {short_place(unit_name)}"
    return f"Đảng ủy {in_sentence(unit_name)}"


def _kind_word(name):
    return next((word for word in KIND_WORDS if name.lower().startswith(f"{word.lower()} ")), "")


def _party(name, upper, body, _):
    issuer = committee_name(name, body)
    letters = next((code for word, code in LETTERS.items() if issuer.startswith(word)), OTHER_LETTERS)
    superior = f"ĐẢNG BỘ {upper.upper()}" if upper else ""
    return Letterhead(PARTY, superior, issuer.upper(), issuer, short_place(name), letters, "T/M BAN THƯỜNG VỤ")


def _board(name, body, board):
    """The committee stands above its board: 'TỈNH ỦY QUẢNG NINH / BAN DÂN VẬN', number '…-BC/BDVTU'."""
    committee = committee_name(name, body)
    letters = next((code for words, code in BOARDS if words in board.lower()), "BDV")
    upper = next((code for word, code in LETTERS.items() if committee.startswith(word)), OTHER_LETTERS)
    for word in (committee, *COMMITTEES.values(), "Đảng ủy"):
        board = board.removesuffix(f" {word}")
    issuer = f"{board} {committee}"
    return Letterhead(PARTY, committee.upper(), board.upper(), issuer, short_place(name), f"{letters}{upper}", "")


def _gov(name, upper, body, upper_body):
    issuer = _full_gov(body or f"UBND {in_sentence(name)}")
    superior = (upper_body or f"UBND {in_sentence(upper)}").upper() if upper else ""
    capitals = issuer.upper().replace("ỦY BAN NHÂN DÂN ", "ỦY BAN NHÂN DÂN\n")
    return Letterhead(GOV, superior, capitals, issuer, short_place(name), "UBND", "TM. ỦY BAN NHÂN DÂN")


def _full_gov(name):
    return f"Ủy ban nhân dân{name[4:]}" if name.startswith("UBND") else name


def _body_names(unit_ids, host, day):
    """{unit id: what its committee or government was called on the day}."""
    kind = BodyKind.GOV if host == HostBody.GOV else BodyKind.COMMITTEE
    rows = BodyName.objects.filter(body__unit_id__in=unit_ids, body__kind=kind).on(day).order_by("body_id")
    return dict(rows.values_list("body__unit_id", "name"))


P = Position
TITLES = {
    "party": {
        P.PARTY_SECRETARY: "Bí thư",
        P.PARTY_STANDING_DEPUTY: "Phó Bí thư Thường trực",
        P.PARTY_DEPUTY_GOV: "Phó Bí thư",
    },
    "gov": {P.GOV_CHAIR: "Chủ tịch", P.PARTY_DEPUTY_GOV: "Chủ tịch", P.GOV_VICE: "Phó Chủ tịch"},
}
"""Who signs for a regime, most entitled first, and as what."""

CHAIRED = (PaperKind.MINUTES, PaperKind.ROLL)
"""Signed by who wrote them and by the chair, not on behalf of the body."""

WRITER = {PaperKind.MINUTES: "NGƯỜI GHI BIÊN BẢN", PaperKind.ROLL: "NGƯỜI LẬP DANH SÁCH"}
RECIPIENTS = {
    PaperKind.INVITATION: ("Như thành phần mời", "Lưu Văn phòng"),
    PaperKind.PROGRAMME: ("Đại biểu dự hội nghị", "Lưu Văn phòng"),
    PaperKind.MINUTES: ("Lưu hồ sơ hội nghị",),
    PaperKind.CONCLUSION: (
        "Cấp trên trực tiếp (báo cáo)",
        "Các cơ quan, đơn vị được giao việc",
        "Các thôn, khu",
        "Lưu Văn phòng",
    ),
}
INVITED = {
    Level.COMMUNE: (
        "Thường trực, Ban Thường vụ cấp ủy; lãnh đạo HĐND, UBND, Ủy ban MTTQ Việt Nam",
        "Trưởng các ban, ngành, đoàn thể, bộ phận chuyên môn",
        "Bí thư chi bộ, trưởng thôn (khu), trưởng ban công tác mặt trận các thôn, khu",
    ),
    Level.DISTRICT: (
        "Thường trực, Ban Thường vụ cấp ủy; lãnh đạo HĐND, UBND, Ủy ban MTTQ Việt Nam",
        "Thủ trưởng các ban, phòng, đơn vị, đoàn thể",
        "Bí thư, chủ tịch UBND các xã, phường, thị trấn",
        "Bí thư chi bộ, trưởng thôn (khu), trưởng ban công tác mặt trận các thôn, khu",
    ),
}
REPLY_DAYS = 2
_CHAIR = re.compile(r"(?:(?:đồng chí|đ/c|ông|bà)\s+)?([^,;(–-]+)", re.I)


@dataclass(frozen=True)
class Signing:
    """The typed part of a paper. `reply_by`: until when opinions are to be sent in (invitations).

    `advice`: what a report of the Ban Dân vận proposes, one line a paragraph.
    """

    signed_on: date
    signer_name: str = ""
    signer_title: str = ""
    authority: str = ""
    recipients: tuple = ()
    invited: tuple = ()
    reply_by: date | None = None
    advice: tuple = ()


def propose_signing(meeting, kind, today):
    """What the form shows first: from the chairs of the meeting and the posts of the day."""
    signed_on = day_within(meeting.unit, today)
    head = letterhead_on(meeting.unit, meeting.host, signed_on)
    if kind in CHAIRED:
        name, title, authority = first_chair(meeting), "Chủ trì", ""
    else:
        name, title, authority = signer_of(meeting.unit_id, head, signed_on, "; ".join(meeting.chair_lines()))
        name = name or first_chair(meeting)
    return Signing(
        signed_on=signed_on,
        signer_name=name,
        signer_title=title,
        authority=authority,
        recipients=RECIPIENTS.get(kind, ()),
        invited=INVITED.get(meeting.level, ()) if kind == PaperKind.INVITATION else (),
        reply_by=_reply_by(meeting, signed_on) if kind == PaperKind.INVITATION else None,
    )


def signatures_of(meeting, kind, signing):
    """Left to right: who wrote it (minutes, roll), and who signs."""
    signer = Signature(signing.signer_title.upper(), signing.signer_name, signing.authority.upper())
    if kind not in CHAIRED:
        return (signer,)
    return Signature(WRITER[kind], meeting.secretary), signer


def first_chair(meeting):
    """The name in the first line of the chairs: 'Đồng chí Nguyễn Văn An, Bí thư' -> 'Nguyễn Văn An'."""
    lines = meeting.chair_lines()
    match = _CHAIR.match(lines[0]) if lines else None
    return match.group(1).strip()[:120] if match else ""


def signer_of(unit_id, head, day, chairs=""):
    """(name, title, authority): the chair who may sign for the body, else the most entitled post of the day."""
    titles = TITLES[head.regime]
    order = list(titles)
    posts = Post.objects.on(day).filter(unit_id=unit_id, position__in=order).select_related("person")
    posts = sorted(posts, key=lambda post: (order.index(post.position), -post.pk))
    chairing = [post for post in posts if post.person.name.casefold() in chairs.casefold()]
    post = next(iter([*chairing, *posts]), None)
    if post is None:
        return "", "Chủ tịch" if head.regime == GOV else "Bí thư", head.authority
    deputy = head.regime == GOV and post.position == P.GOV_VICE
    return post.person.name, titles[post.position], "KT. CHỦ TỊCH" if deputy else head.authority


def board_signer_of(unit_id, day):
    """(name, title, authority) of who signs a paper of the Ban Dân vận."""
    post = Post.objects.on(day).filter(unit_id=unit_id, position=P.MMD_HEAD).select_related("person")
    post = post.order_by("-valid_from", "-pk").first()
    return (post.person.name if post else ""), "Trưởng ban", ""


def _reply_by(meeting, signed_on):
    """Two days before the meeting; nothing when that is past."""
    day = (meeting.held_on or meeting.planned_on) - timedelta(days=REPLY_DAYS) if _day(meeting) else None
    return day if day and day > signed_on else None


def _day(meeting):
    return meeting.held_on or meeting.planned_on


def framed(meeting, kind, signing, *, title, subject, blocks, head=None):
    """A draft: its number is still blank. `head` when the caller has read it already."""
    head = head or letterhead_on(meeting.unit, meeting.host, signing.signed_on)
    return Paper(
        regime=head.regime,
        superior=head.superior,
        issuer=head.issuer,
        symbol=paper_symbol(kind, meeting.host, head.letters),
        place=head.place,
        signed_on=signing.signed_on,
        kind_title=title,
        subject=subject,
        blocks=tuple(blocks),
        signatures=signatures_of(meeting, kind, signing),
        recipients=signing.recipients,
        stamp=DRAFT,
    )


def letter(unit, kind, host, signing, *, subject, addressees, blocks, signatures):
    """A công văn: no kind of paper in its title, 'V/v …' under the number, 'Kính gửi' first."""
    head = letterhead_on(unit, host, signing.signed_on)
    return Paper(
        regime=head.regime,
        superior=head.superior,
        issuer=head.issuer,
        symbol=paper_symbol(kind, host, head.letters),
        place=head.place,
        signed_on=signing.signed_on,
        subject=subject,
        addressees=tuple(addressees),
        blocks=tuple(blocks),
        signatures=tuple(signatures),
        recipients=signing.recipients,
        stamp=DRAFT,
    )


_STEPS = {
    "mott": ("motto_pt", (12, 13, 14, 15, 16)),
    "issu": ("issuer_pt", (11, 12, 13, 14, 15)),
    "numb": ("number_pt", (11, 12, 13, 14, 15)),
    "plac": ("place_pt", (12, 13, 14, 15)),
    "titl": ("title_pt", (13, 14, 15, 16, 18)),
    "subj": ("subject_pt", (12, 13, 14, 15, 16)),
    "body": ("body_pt", (12, 13, 14, 15)),
    "left": ("left_mm", (20, 25, 30, 35, 40)),
    "right": ("right_mm", (10, 15, 20, 25)),
    "top": ("top_mm", (15, 20, 25, 30)),
    "lead": ("line_spacing", (1, 1.15, 1.3, 1.5)),
}
"""Class: the column it shows, and the values the stylesheet knows; the nearest one is taken."""


def look_of(style):
    """'mott-15 issu-14 …' of a paper style."""
    return " ".join(_class(prefix, float(getattr(style, name)), steps) for prefix, (name, steps) in _STEPS.items())


def _class(prefix, value, steps):
    nearest = min(steps, key=lambda step: abs(step - value))
    return f"{prefix}-{round(nearest * 100) if prefix == 'lead' else nearest}"


WEEKDAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")
COLUMNS = (
    *("pk", "text", "answer", "status", "raised_by_name", "raised_by_title", "hides_speaker", "village__name"),
    *("commune__name", "unit_id", "unit__name", "holder_id", "holder__name", "body__name", "due_on", "topic__name"),
)


def labelled(label, text):
    """'Địa điểm: …' with the label in bold."""
    return Paragraph((Run(f"{label}: ", is_bold=True), Run(text)))


def plain(text):
    return Paragraph((Run(text),))


def hour_words(moment):
    """'7 giờ 30 phút', '8 giờ'."""
    return f"{moment.hour} giờ {moment.minute:02d} phút" if moment.minute else f"{moment.hour} giờ"


def when_words(meeting):
    """'7 giờ 30 phút, ngày 20 tháng 11 năm 2026 (thứ Sáu)'."""
    day = meeting.held_on or meeting.planned_on
    if day is None:
        return "(chưa định ngày)"
    words = f"{long_day_text(day)} ({WEEKDAYS[day.weekday()]})"
    return f"{hour_words(meeting.started_at)}, {words}" if meeting.started_at else words


def where_words(meeting):
    places = [meeting.place, f"họp trực tuyến tại {meeting.link}" if meeting.link else ""]
    return "; ".join(filter(None, places))


def chairs_words(meeting):
    return "; ".join(meeting.chair_lines())


def ended(text):
    """A sentence with its full stop."""
    text = text.strip()
    return text if text.endswith((".", "!", "?", "…", ":", ";")) else f"{text}."


def opinions_of(meeting, user):
    """(rows the user may read, how many restricted ones are left out): restricted opinions are never printed."""
    every = Opinion.objects.filter(meeting=meeting)
    shown = every.visible_to(user).exclude(visibility=Visibility.RESTRICTED).order_by("number", "id")
    return list(shown.values(*COLUMNS)), every.filter(visibility=Visibility.RESTRICTED).count()


def restricted_line(count):
    """Nothing when there is none."""
    return [Paragraph((Run(f"{count} ý kiến hạn chế xem không in.", is_italic=True),))] if count else []


def speaker_words(row):
    """'Đồng chí Lê Thị Hoa, Trưởng thôn, Thôn 1'; who asked not to be named is spoken of by the place.

    The commune is said but in its own papers: where it raised the opinion and holds it, too.
    """
    is_own = row["commune__name"] == row["unit__name"] and row["holder_id"] == row["unit_id"]
    commune = "" if is_own else row["commune__name"]
    place = ", ".join(filter(None, [row["village__name"], commune])) or row["unit__name"]
    if row["hides_speaker"] or not row["raised_by_name"]:
        return f"Đại biểu {place[:1].lower()}{place[1:]}"
    title = row["raised_by_title"].replace("thôn, khu", place.split()[0].lower())
    parts = [f"Đồng chí {row['raised_by_name']}", title, "" if title and place in title else _rest(title, place)]
    return ", ".join(filter(None, parts))


def _rest(title, place):
    """Of 'Thôn 1, Xã Đồng Tâm' only the commune where the title says the village."""
    village, _, commune = place.partition(", ")
    return commune if commune and village in title else place


def tasking_lines(meeting, user):
    """'Giao Phòng Kinh tế … xong trước ngày 05/12/2026.'"""
    rows = Tasking.objects.visible_to(user).filter(meeting=meeting).order_by("number")
    rows = list(rows.values_list("text", "body__name", "person__name", "due_on"))
    whom = [body or (f"đồng chí {person}" if person else "") for _, body, person, _ in rows]
    return [_tasking(row[0], who, row[3]) for row, who in zip(rows, whom, strict=True)]


def _tasking(text, who, due_on):
    text = text.strip().rstrip(".;")
    given = f"Giao {who}: {text}" if who else f"{text[:1].upper()}{text[1:]}"
    return f"{given}; xong trước ngày {day_text(due_on)}."
