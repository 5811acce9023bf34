"""The sheets of a book, and what is understood in their columns."""

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from datetime import date
from functools import partial

from core.errors import DomainError
from core.periods import Period
from core.text import fold
from feedback.enums import Competence, OpinionKind, OpinionStatus, Visibility
from feedback.models import Topic
from feedback.rules import check_content
from intake.cells import count_of, day_of, line_of, text_of
from intake.tables import NOTE, Fault, IntakeQuestion, TableForm, find_tables, read_row
from intake.templates import FormColumn, FormSheet, write_forms
from meetings.enums import VILLAGE_FORMS, MeetingForm, MeetingKind
from units.enums import Level
from units.models import Unit, UnitLineage

MEETINGS = TableForm(
    sheet="HoiNghi",
    columns={
        "key": "Mã sổ",
        "unit": "Đơn vị",
        "level": "Cấp",
        "period": "Kỳ",
        "held_on": "Ngày họp",
        "kind": "Loại",
        "form": "Hình thức",
        "sittings": "Số cuộc",
        "attendance": "Lượt đại biểu",
        "place": "Địa điểm",
        "note": "Ghi chú",
    },
    needed=("key", "unit", "held_on"),
    synonyms={"khoa": "key", "ma": "key", "ten don vi": "unit", "ma don vi": "unit", "so luot dai bieu": "attendance"},
    days=("held_on",),
)
OPINIONS = TableForm(
    sheet="YKien",
    columns={
        "meeting": "Mã sổ",
        "village": "Thôn, khu",
        "text": "Nội dung",
        "topic": "Lĩnh vực",
        "kind": "Loại",
        "competence": "Thẩm quyền",
        "status": "Tình trạng",
        "settled_on": "Ngày giải quyết",
        "answer": "Kết quả",
        "visibility": "Phạm vi xem",
    },
    needed=("meeting", "text", "status"),
    synonyms={"khoa": "meeting", "ma": "meeting", "khoa hoi nghi": "meeting", "noi dung y kien": "text"},
    days=("settled_on",),
)
DELEGATES = TableForm(
    sheet="DaiBieu",
    columns={"meeting": "Mã sổ", "group": "Thành phần", "number": "Số người"},
    needed=("meeting", "group", "number"),
    synonyms={"khoa": "meeting", "ma": "meeting", "khoa hoi nghi": "meeting"},
)
SHEETS = (MEETINGS, OPINIONS, DELEGATES)


def _known(choices, **others):
    """{folded word: value}: labels, codes and the other words that `others` lists by value."""
    found = {fold(choice.label): choice for choice in choices} | {choice.value: choice for choice in choices}
    return found | {word: choices(value) for value, words in others.items() for word in words}


KIND_OF_WORD = _known(MeetingKind, periodic=("thuong ky",), year_end=("tong ket nam",))
FORM_OF_WORD = _known(
    MeetingForm,
    hall=("tap trung", "hoi truong", "truc tiep"),
    per_commune=("theo tung xa", "tung xa", fold(VILLAGE_FORMS[MeetingForm.PER_COMMUNE])),
    cluster=("cum", fold(VILLAGE_FORMS[MeetingForm.CLUSTER])),
)
LEVEL_OF_WORD = _known(Level, commune=("xa", "phuong", "xa, phuong"), district=("huyen", "thanh pho", "thi xa"))
OPINION_KIND_OF_WORD = _known(OpinionKind)
COMPETENCE_OF_WORD = _known(
    Competence,
    village=("thon", "cap thon"),
    commune=("xa", "xa, phuong"),
    district=("huyen",),
    province=("tinh",),
    sector=("nganh doc", "doanh nghiep"),
)
VISIBILITY_OF_WORD = _known(Visibility, restricted=("han che",), normal=("binh thuong", "rong rai"))
_STATUS_WORDS = {
    OpinionStatus.RESOLVED: ("da giai quyet", "giai quyet xong"),
    OpinionStatus.ANSWERED_ON_SPOT: ("tra loi tai hoi nghi", "da tra loi"),
    OpinionStatus.EXPLAINED: ("da giai trinh", "giai trinh", "da cung cap thong tin"),
    OpinionStatus.ACCEPTED: ("tiep thu",),
    OpinionStatus.DECLINED: ("khong co co so",),
    OpinionStatus.IN_PROGRESS: ("dang xu ly", "da giao", "da phan cong", "co lo trinh, ke hoach"),
    OpinionStatus.RECORDED: ("chua giai quyet", "da ghi nhan", "chua phan cong"),
    OpinionStatus.ESCALATED: ("chuyen cap tren", "kien nghi cap tren"),
    OpinionStatus.REDIRECTED: ("huong dan khieu nai, to cao",),
    OpinionStatus.DUPLICATE: ("trung lap",),
    OpinionStatus.WITHDRAWN: ("da rut", "rut"),
}
STATUS_OF_WORD = {
    word: status
    for status, words in _STATUS_WORDS.items()
    for word in (*words, fold(status.label), status.value, fold(status.label.split(",")[0]))
}
STATUS_CHOICES = [status.label for status in _STATUS_WORDS]


def listed(choices):
    return ", ".join(choice.label for choice in choices)


GUIDE = (
    "Hướng dẫn nhập sổ giao ban các năm trước",
    f"1. Trang {MEETINGS.sheet}: mỗi hội nghị một dòng. Mã sổ do đồng chí đặt, mỗi hội nghị một mã, ví dụ DT-2016-03.",
    f"2. Trang {OPINIONS.sheet}: mỗi ý kiến một dòng, ghi mã sổ của hội nghị đã nêu ý kiến đó.",
    f"3. Trang {DELEGATES.sheet} (không bắt buộc): số người dự theo thành phần; tổng phải bằng lượt đại biểu.",
    "4. Ngày ghi ngày/tháng/năm: 25/03/2016. Số ghi 1716 hoặc 1.716; dấu chấm, phẩy chỉ ngăn nhóm ba chữ số.",
    "5. Không đổi tên cột, không gộp ô, không dùng công thức. Mỗi trang tối đa 20.000 dòng.",
    "6. Đơn vị và thôn, khu ghi theo tên hoặc mã của ngày họp; đơn vị chưa có hoặc đã thôi vào ngày đó thì không nhận.",
    "7. Ý kiến khiếu nại, tố cáo hoặc nhạy cảm: ghi “Hạn chế xem” ở cột Phạm vi xem. Không nhập bí mật nhà nước.",
    "8. Gửi tệp ở Ý kiến > Nhập sổ các năm trước. Có lỗi thì chưa dòng nào được ghi; sửa theo bảng lỗi rồi gửi lại.",
    "9. Ghi xong mà thấy nhầm: thu hồi cả lần nhập, khi chưa ai làm tiếp trên dữ liệu đã nhập.",
)
UNITS, KINDS, FORMS = "Đơn vị hiện nay", "Loại hội nghị", "Hình thức"
TOPICS, OPINION_KINDS, COMPETENCES, STATES, SIGHTS = (
    *("Lĩnh vực", "Loại ý kiến", "Thẩm quyền"),
    *("Tình trạng", "Phạm vi xem"),
)
_NOTES = {
    MEETINGS: {
        "key": (16, "Mã riêng của hội nghị trong tệp này."),
        "unit": (28, "Tên hoặc mã xã, huyện tổ chức hội nghị.", UNITS),
        "level": (12, "Cấp xã hoặc cấp huyện; chỉ cần khi tên đơn vị trùng nhau."),
        "period": (16, "2016-03, tháng 3/2016, 2016-Q1 hoặc quý I/2016. Để trống: kỳ của ngày họp."),
        "held_on": (14, "Ngày đã họp."),
        "kind": (16, "Để trống: định kỳ. Hội nghị chuyên đề, đột xuất không tính vào kỳ.", KINDS),
        "form": (26, "Để trống: tập trung tại hội trường.", FORMS),
        "sittings": (10, "Số cuộc khi họp theo từng xã hoặc theo cụm. Để trống: 1."),
        "attendance": (14, f"Tổng số lượt người dự. Để trống được khi đã ghi trang {DELEGATES.sheet}."),
        "place": (28, "Không bắt buộc."),
        "note": (30, "Ghi vào diễn biến của hội nghị. Không bắt buộc."),
    },
    OPINIONS: {
        "meeting": (16, "Mã sổ của hội nghị."),
        "village": (24, "Tên hoặc mã thôn, khu; hội nghị huyện ghi kèm xã: Khu 1, Phường Hà Khánh. Để trống được."),
        "text": (60, "Nội dung ý kiến."),
        "topic": (30, "Để trống: Khác.", TOPICS),
        "kind": (16, "Để trống: kiến nghị.", OPINION_KINDS),
        "competence": (20, "Để trống: cấp của hội nghị.", COMPETENCES),
        "status": (28, "Kết quả đến nay.", STATES),
        "settled_on": (
            14,
            "Bắt buộc khi đã giải quyết, giải trình, tiếp thu…; trả lời tại hội nghị: để trống được.",
        ),
        "answer": (50, "Nội dung đã trả lời. Để trống: phần mềm ghi “Sổ cũ không ghi kết quả.”"),
        "visibility": (16, "Để trống: thường.", SIGHTS),
    },
    DELEGATES: {
        "meeting": (16, "Mã sổ của hội nghị."),
        "group": (36, "Ví dụ: Bí thư chi bộ; Trưởng thôn, khu; Trưởng ban công tác mặt trận; Khách mời."),
        "number": (12, "Số người có mặt."),
    },
}


def write_ledger_form(stream, unit=None, today=None):
    """With a unit: the names of the units below it that hold meetings today, to choose from."""
    sheets = [
        FormSheet(form.sheet, tuple(_column(form.columns[key], *words) for key, words in notes.items()))
        for form, notes in _NOTES.items()
    ]
    write_forms(stream, sheets=sheets, guide=GUIDE, lists=_lists(unit, today))


def _column(title, width, note, choices=""):
    return FormColumn(title, width, note, choices)


def _lists(unit, today):
    return {
        UNITS: _units(unit, today) if unit else [],
        KINDS: _labels(MeetingKind),
        FORMS: _labels(MeetingForm),
        TOPICS: list(Topic.objects.offered().order_by("order", "code").values_list("name", flat=True)),
        OPINION_KINDS: _labels(OpinionKind),
        COMPETENCES: _labels(Competence),
        STATES: STATUS_CHOICES,
        SIGHTS: _labels(Visibility),
    }


def _labels(choices):
    return [choice.label for choice in choices]


def _units(unit, today):
    """Names; a name that two units share gives way to their codes."""
    below = UnitLineage.objects.filter(ancestor=unit).on(today).values("unit")
    rows = Unit.objects.filter(pk__in=below, level__in=(Level.COMMUNE, Level.DISTRICT)).order_by("level", "code")
    found = list(rows.values_list("code", "name"))
    names = [name for _, name in found]
    return [name if names.count(name) == 1 else code for code, name in found]


FIRST_DAY = date(1990, 1, 1)
MOST_PEOPLE, MOST_SITTINGS = 100_000, 500
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4}
_MONTH = re.compile(r"(?:thang )?(\d{1,2})[/.-](\d{4})")
_QUARTER = re.compile(r"(?:quy |q)([1-4]|i{1,3}|iv)[ /.-]*(?:nam )?(\d{4})")
PERIOD_RULE = "Ghi 2016-03, 3/2016 hoặc tháng 3/2016; với quý: 2016-Q1 hoặc quý I/2016."


@dataclass(frozen=True)
class BookDrafts:
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
    readers, tables = _readers(today), find_tables(sheets, SHEETS, (MEETINGS,))
    rows, spoilt, faults = {form.sheet: [] for form in SHEETS}, set(), tables.faults
    for form in SHEETS:
        for row in tables.rows(form):
            found, wrong = read_row(row, tables.heads[form.sheet], readers[form.sheet])
            faults += wrong
            rows[form.sheet] += [] if wrong else [found | {"line": row.number}]
            spoilt |= {found["key"]} if wrong and "key" in found else set()
    if not faults and not rows[MEETINGS.sheet]:
        faults.append(Fault(MEETINGS.sheet, 0, "", "Trang tính chưa có hội nghị nào. Ghi ít nhất một dòng."))
    if not rows[OPINIONS.sheet]:
        tables.questions.append(IntakeQuestion(OPINIONS.sheet, 0, "", "Tệp không có ý kiến nào được đọc.", NOTE))
    found = (tuple(rows[form.sheet]) for form in SHEETS)
    return BookDrafts(*found, tuple(faults), tables.heads, frozenset(spoilt), tuple(tables.questions))


def _readers(today):
    day = partial(day_of, first=FIRST_DAY, last=today)
    return {
        MEETINGS.sheet: {
            "key": partial(_needed, limit=60, missing="Chưa có mã sổ. Ghi một mã riêng cho mỗi hội nghị."),
            "unit": partial(_needed, limit=120, missing="Chưa có đơn vị. Ghi mã hoặc tên xã, huyện."),
            "level": partial(_word, known=LEVEL_OF_WORD, default=None, told="cấp xã, cấp huyện"),
            "period": _period,
            "held_on": partial(_day_needed, read=day, missing="Chưa có ngày họp."),
            "kind": partial(_choice, known=KIND_OF_WORD, default=MeetingKind.PERIODIC),
            "form": partial(_choice, known=FORM_OF_WORD, default=MeetingForm.HALL),
            "sittings": partial(count_of, most=MOST_SITTINGS),
            "attendance": partial(count_of, most=MOST_PEOPLE),
            "place": partial(line_of, limit=200),
            "note": partial(text_of, limit=5000),
        },
        OPINIONS.sheet: {
            "meeting": partial(_needed, limit=60, missing="Chưa có mã sổ của hội nghị đã nêu ý kiến này."),
            "village": partial(line_of, limit=120),
            "text": _content,
            "topic": partial(line_of, limit=120),
            "kind": partial(_choice, known=OPINION_KIND_OF_WORD, default=OpinionKind.PETITION),
            "competence": partial(_word, known=COMPETENCE_OF_WORD, default=None, told=listed(Competence)),
            "status": _status,
            "settled_on": day,
            "answer": partial(text_of, limit=10_000),
            "visibility": partial(_choice, known=VISIBILITY_OF_WORD, default=Visibility.NORMAL),
        },
        DELEGATES.sheet: {
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
    return _word(cell, known, str(default), listed(type(default)))


def _status(cell):
    found = _word(cell, STATUS_OF_WORD, None, "; ".join(STATUS_CHOICES))
    if found is None:
        raise DomainError(f"Chưa có tình trạng. Ghi một trong: {'; '.join(STATUS_CHOICES)}.")
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
