"""From the sheets of a book to drafts: every fault is told with its sheet, row and column."""

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from datetime import date
from functools import partial

from core.errors import DomainError
from core.periods import Period
from core.sheet_cells import count_of, day_of, line_of, text_of
from core.sheet_tables import NOTE, Fault, Question, find_tables, read_row
from core.text import fold
from feedback.enums import Competence, OpinionKind, Visibility
from feedback.ledger import words
from feedback.rules import check_content
from meetings.enums import MeetingForm, MeetingKind

FIRST_DAY = date(1990, 1, 1)
MOST_PEOPLE, MOST_SITTINGS = 100_000, 500
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4}
_MONTH = re.compile(r"(?:thang )?(\d{1,2})[/.-](\d{4})")
_QUARTER = re.compile(r"(?:quy |q)([1-4]|i{1,3}|iv)[ /.-]*(?:nam )?(\d{4})")
PERIOD_RULE = "Ghi 2016-03, 3/2016 hoặc tháng 3/2016; với quý: 2016-Q1 hoặc quý I/2016."


@dataclass(frozen=True)
class Drafts:
    """The rows as they were read: {column key: value}, each with its `line`; heads to name columns in faults.

    `spoilt` are the keys of meetings whose own rows have faults: what belongs to them is not blamed for it. `questions`
    are what has to be known, and agreed to, of the file.
    """

    meetings: tuple
    opinions: tuple
    delegates: tuple
    faults: tuple
    heads: dict
    spoilt: frozenset = frozenset()
    questions: tuple = ()

    @property
    def digest(self):
        """The same for the same rows, whatever else the file holds."""
        content = [self.meetings, self.opinions, self.delegates, [asdict(fault) for fault in self.faults]]
        return hashlib.sha256(json.dumps(content, default=str, sort_keys=True).encode()).hexdigest()

    def fault(self, form, line, key, text):
        return self.heads[form.sheet].fault(line, key, text)


def read_drafts(sheets, today):
    """Drafts of the workbook; a fault of a sheet as a whole leaves its rows out."""
    readers, tables = _readers(today), find_tables(sheets, words.SHEETS, (words.MEETINGS,))
    rows, spoilt, faults = {form.sheet: [] for form in words.SHEETS}, set(), tables.faults
    for form in words.SHEETS:
        for row in tables.rows(form):
            found, wrong = read_row(row, tables.heads[form.sheet], readers[form.sheet])
            faults += wrong
            rows[form.sheet] += [] if wrong else [found | {"line": row.number}]
            spoilt |= {found["key"]} if wrong and "key" in found else set()
    if not faults and not rows[words.MEETINGS.sheet]:
        faults.append(Fault(words.MEETINGS.sheet, 0, "", "Trang tính chưa có hội nghị nào. Ghi ít nhất một dòng."))
    if not rows[words.OPINIONS.sheet]:
        tables.questions.append(Question(words.OPINIONS.sheet, 0, "", "Tệp không có ý kiến nào được đọc.", NOTE))
    found = (tuple(rows[form.sheet]) for form in words.SHEETS)
    return Drafts(*found, tuple(faults), tables.heads, frozenset(spoilt), tuple(tables.questions))


def _readers(today):
    day = partial(day_of, first=FIRST_DAY, last=today)
    return {
        words.MEETINGS.sheet: {
            "key": partial(_needed, limit=60, missing="Chưa có mã sổ. Ghi một mã riêng cho mỗi hội nghị."),
            "unit": partial(_needed, limit=120, missing="Chưa có đơn vị. Ghi mã hoặc tên xã, huyện."),
            "level": partial(_word, known=words.LEVEL_OF_WORD, default=None, told="cấp xã, cấp huyện"),
            "period": _period,
            "held_on": partial(_day_needed, read=day, missing="Chưa có ngày họp."),
            "kind": partial(_choice, known=words.KIND_OF_WORD, default=MeetingKind.PERIODIC),
            "form": partial(_choice, known=words.FORM_OF_WORD, default=MeetingForm.HALL),
            "sittings": partial(count_of, most=MOST_SITTINGS),
            "attendance": partial(count_of, most=MOST_PEOPLE),
            "place": partial(line_of, limit=200),
            "note": partial(text_of, limit=5000),
        },
        words.OPINIONS.sheet: {
            "meeting": partial(_needed, limit=60, missing="Chưa có mã sổ của hội nghị đã nêu ý kiến này."),
            "village": partial(line_of, limit=120),
            "text": _content,
            "topic": partial(line_of, limit=120),
            "kind": partial(_choice, known=words.OPINION_KIND_OF_WORD, default=OpinionKind.PETITION),
            "competence": partial(_word, known=words.COMPETENCE_OF_WORD, default=None, told=words.listed(Competence)),
            "status": _status,
            "settled_on": day,
            "answer": partial(text_of, limit=10_000),
            "visibility": partial(_choice, known=words.VISIBILITY_OF_WORD, default=Visibility.NORMAL),
        },
        words.DELEGATES.sheet: {
            "meeting": partial(_needed, limit=60, missing="Chưa có mã sổ của hội nghị."),
            "group": partial(_needed, limit=120, missing="Chưa có thành phần, ví dụ: Bí thư chi bộ."),
            "number": partial(_number_needed),
        },
    }


def _needed(cell, limit, missing):
    found = line_of(cell, limit)
    if not found:
        raise DomainError(missing)
    return found


def _day_needed(cell, read, missing):
    found = read(cell)
    if found is None:
        raise DomainError(f"{missing} Ghi ngày/tháng/năm, ví dụ 25/03/2016.")
    return found


def _number_needed(cell):
    found = count_of(cell, MOST_PEOPLE)
    if found is None:
        raise DomainError("Chưa có số người. Ghi số nguyên; không có ai thì xóa dòng.")
    return found


def _word(cell, known, default, told):
    found = line_of(cell, 120)
    if not found:
        return default
    if fold(found) not in known:
        raise DomainError(f"Không hiểu “{found}”. Ghi một trong: {told}.")
    return str(known[fold(found)])


def _choice(cell, known, default):
    return _word(cell, known, str(default), words.listed(type(default)))


def _status(cell):
    found = _word(cell, words.STATUS_OF_WORD, None, "; ".join(words.STATUS_CHOICES))
    if found is None:
        raise DomainError(f"Chưa có tình trạng. Ghi một trong: {'; '.join(words.STATUS_CHOICES)}.")
    return found


def _content(cell):
    found = text_of(cell, 10_000)
    check_content(found)
    return found


def _period(cell):
    """The code of a period, "" for an empty cell. Excel makes a day of '3/2016': its first day stands for the month."""
    found = line_of(cell, 40)
    if not found:
        return ""
    if cell.kind in ("date", "moment"):
        if cell.value.day != 1:
            raise DomainError(f"“{found}” là một ngày, không phải kỳ. {PERIOD_RULE}")
        return Period.month(cell.value.year, cell.value.month).code
    folded = fold(found)
    month, quarter = _MONTH.fullmatch(folded), _QUARTER.fullmatch(folded)
    code = found.upper()
    if month:
        code = f"{int(month[2])}-{int(month[1]):02d}"
    elif quarter:
        code = f"{int(quarter[2])}-Q{_ROMAN.get(quarter[1]) or int(quarter[1])}"
    try:
        period = Period.parse(code)
    except DomainError as error:
        raise DomainError(f"Kỳ “{found}” không đọc được. {PERIOD_RULE}") from error
    if period.kind not in ("month", "quarter"):
        raise DomainError(f"Kỳ “{found}” phải là một tháng hoặc một quý. {PERIOD_RULE}")
    return period.code
