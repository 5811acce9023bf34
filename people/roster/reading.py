"""From the rows of a sheet to drafts: every fault is told with its line and column, none is guessed away."""

import re
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from core.errors import DomainError
from core.text import clean_person_name, collation_key, fold
from intake.cells import day_of, line_of
from intake.tables import Fault, find_tables, read_row
from people.roster.book import POSITION_OF_WORD, POSITION_WORDS, ROSTER
from people.rules import clean_phone


def name_key(name):
    """The same for 'Hoà' and 'Hòa', 'NGUYỄN VĂN AN' and 'Nguyễn Văn An'; tells 'Hà' from 'Hạ'."""
    words = []
    for word in name.lower().split():
        letters, _, tones = collation_key(word).partition("-")
        words.append(letters + max(tones, default="0"))
    return " ".join(words)


def is_alike(name, other):
    """The same name as people write it; one of them may lack all marks."""
    if name_key(name) == name_key(other):
        return True
    plain = fold(name)
    return plain == fold(other) and plain in (name.lower(), other.lower())


def match_person(world, draft, village_id, phone):
    """The id of the known person that a row means, None for somebody new; refused when it may be several."""
    word = fold(draft.name)
    found = [world.people[pk] for pk in sorted(world.namesakes.get((village_id, word), ()))]
    alike = [person for person in found if is_alike(draft.name, person.name)]
    holders = _holding(world, alike, village_id, draft.position)
    if not phone:
        return _by_name(draft, found, alike, holders)
    same = world.by_phone.get((word, phone), set())
    if len(same) > 1:
        raise DomainError(f"Danh bạ có {len(same)} người tên {draft.name} cùng số điện thoại. Hãy sửa danh bạ trước.")
    if same:
        return next(iter(same))
    if len(holders) == 1:
        return holders[0].pk
    unknown = [person for person in alike if not person.phone]
    if len(unknown) > 1:
        raise DomainError(
            f"Danh bạ có {len(unknown)} người tên {draft.name} chưa có điện thoại. Hãy sửa danh bạ trước."
        )
    return unknown[0].pk if unknown else None


def _holding(world, people, village_id, position):
    """Those of the people who hold this very post without an end."""
    held = {post.person_id for post in world.posts.get((village_id, position), ()) if post.end is None}
    return [person for person in people if person.pk in held]


def _by_name(draft, found, alike, holders):
    if len(holders) == 1:
        return holders[0].pk
    if len(alike) > 1:
        raise DomainError(f"Thôn, khu này có {len(alike)} người tên {draft.name}. Hãy ghi số điện thoại để phân biệt.")
    if alike:
        return alike[0].pk
    if found:
        raise DomainError(
            f"Danh bạ có {found[0].name} ở thôn, khu này. Nếu là một người, hãy ghi đúng dấu như danh bạ; "
            "nếu là người khác, hãy ghi số điện thoại."
        )
    return None


MOST_LETTERS = 120
FIRST_DAY, LAST_DAY = date(1945, 1, 1), date(2100, 12, 31)


@dataclass(frozen=True)
class RosterDraft:
    """A row as it was read. `since` None: from the day of the import. An empty `name`: the post stays vacant."""

    line: int
    village: str
    name: str
    position: str
    phone: str = ""
    email: str = ""
    since: date | None = None


class RosterDrafts(NamedTuple):
    """What was read of a workbook: rows, faults, and the questions a person answers before it is written."""

    rows: list
    faults: list
    questions: list


def read_drafts(sheets):
    """The Drafts of the workbook; a fault of the sheet as a whole leaves no rows."""
    tables = find_tables(sheets, (ROSTER,), (ROSTER,))
    drafts, faults, head = [], tables.faults, tables.heads.get(ROSTER.sheet)
    for row in tables.rows(ROSTER):
        found, wrong = read_row(row, head, _READERS)
        if not wrong and not found["name"] and (found["phone"] or found["email"]):
            wrong = [head.fault(row.number, "name", "Chưa có họ tên. Hãy ghi họ tên, hoặc xóa cả dòng.")]
        drafts += [] if wrong else [RosterDraft(row.number, **found)]
        faults += wrong
    if not drafts and not faults:
        faults = [Fault(head.name, 0, "", f"Trang tính không có dòng nào dưới dòng tiêu đề (dòng {head.line}).")]
    return RosterDrafts(drafts, faults, tables.questions)


def _village(cell):
    words = line_of(cell, MOST_LETTERS)
    if not words:
        raise DomainError("Chưa có thôn, khu. Hãy ghi tên hoặc mã thôn, khu ở từng dòng.")
    return words


def _name(cell):
    words = clean_person_name(line_of(cell, MOST_LETTERS))
    if words and (cell.kind != "text" or not any(letter.isalpha() for letter in words)):
        raise DomainError(f"“{words}” không phải họ tên. Hãy ghi họ và tên bằng chữ.")
    return words


def _position(cell):
    words = line_of(cell, MOST_LETTERS)
    if not words:
        raise DomainError(f"Chưa có chức danh. Ghi một trong: {POSITION_WORDS}.")
    position = POSITION_OF_WORD.get(fold(words).rstrip("."))
    if position:
        return str(position)
    parts = [fold(part) for part in re.split(r"[,;/+&]| kiêm | và ", words)]
    if len(parts) > 1 and all(part in POSITION_OF_WORD for part in parts):
        raise DomainError(f"“{words}”: ghi mỗi chức danh một dòng, cùng họ tên và điện thoại.")
    raise DomainError(f"Không có chức danh “{words}” ở thôn, khu. Ghi một trong: {POSITION_WORDS}.")


def _phone(cell):
    words = line_of(cell, 40)
    if cell is not None and cell.kind == "number" and len(words) in (9, 10) and words[0] != "0":
        words = f"0{words}"  # Excel drops the leading nought of a number
    try:
        return clean_phone(words)
    except DomainError as error:
        raise DomainError(f"“{words}”: {error.message} Nếu có nhiều số, ghi một số.") from error


def _email(cell):
    words = line_of(cell, 254)
    try:
        if words:
            validate_email(words)
    except ValidationError as error:
        raise DomainError(f"“{words}” không phải thư điện tử. Ghi dạng ten@co-quan.vn hoặc để trống.") from error
    return words


_READERS = {
    "village": _village,
    "name": _name,
    "position": _position,
    "phone": _phone,
    "email": _email,
    "since": partial(day_of, first=FIRST_DAY, last=LAST_DAY),
}
