"""The blank book with its guide."""

from core.sheet_writer import Column, FormSheet, write_forms
from feedback.enums import Competence, OpinionKind, Visibility
from feedback.ledger.words import DELEGATES, MEETINGS, OPINIONS, STATUS_CHOICES
from feedback.models import Topic
from meetings.enums import MeetingForm, MeetingKind
from units.enums import Level
from units.models import Unit, UnitLineage

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
    return Column(title, width, note, choices)


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
