"""The sheets of a book, and what is understood in their columns."""

from core.sheet_tables import TableForm
from core.text import fold
from feedback.enums import Competence, OpinionKind, OpinionStatus, Visibility
from meetings.enums import VILLAGE_FORMS, MeetingForm, MeetingKind
from units.enums import Level

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
