"""Who issues a paper, in the words of its signing day: organisation names, place, letters of the number."""

from dataclasses import dataclass
from datetime import timedelta

from core.paper import GOV, PARTY
from core.text import fold
from meetings.enums import HostBody
from units.enums import BodyKind
from units.models import BodyName
from units.selectors import names_on, trail_of

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
