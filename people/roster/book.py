"""The words of the roster file: its columns, its titles of posts, and how people write both."""

from core.text import fold
from intake.tables import TableForm
from people.enums import Position

SHEET = "DanhSach"
COLUMNS = {
    "number": "STT",
    "village": "Thôn/khu",
    "name": "Họ và tên",
    "position": "Chức danh",
    "phone": "Điện thoại",
    "email": "Thư điện tử",
    "since": "Từ ngày",
    "note": "Ghi chú",
}
_OTHER_TITLES = {
    "number": ("tt", "so tt", "so thu tu"),
    "village": (
        *("thon", "khu", "khu pho", "ban", "to dan pho", "thon, khu", "thon (khu)", "thon, ban, khu pho"),
        *("ma thon", "ma", "don vi", "thon/khu (hoac ma)", "thon/khu hoac ma", "dia ban"),
    ),
    "name": ("ho ten", "ten", "ho va ten nguoi giu chuc danh"),
    "position": ("chuc vu",),
    "phone": ("so dien thoai", "sdt", "dt", "dien thoai di dong"),
    "email": ("email", "e-mail", "thu dien tu (email)"),
    "since": ("tu ngay (ngay/thang/nam)", "ngay bat dau", "giu tu ngay", "tu"),
    "note": ("chu thich",),
}
ROSTER = TableForm(
    sheet=SHEET,
    columns=COLUMNS,
    needed=("name", "village", "position"),
    synonyms={title: key for key, titles in _OTHER_TITLES.items() for title in titles},
    ignored=("number", "note"),
    days=("since",),
)

OF_VILLAGES = (
    Position.CELL_SECRETARY,
    Position.VILLAGE_HEAD,
    Position.FRONT_BOARD_HEAD,
    Position.CELL_DEPUTY,
    Position.VILLAGE_DEPUTY,
    Position.RESIDENTS_REP,
)
_OTHER_POSITIONS = {
    Position.CELL_SECRETARY: ("bi thu", "btcb", "bi thu cb"),
    Position.VILLAGE_HEAD: (
        *("truong thon", "truong khu", "truong khu pho", "truong ban", "khu truong", "thon truong", "to truong"),
        *("to truong to dan pho", "to truong tdp", "truong ap", "truong khom", "truong xom", "truong buon"),
        "truong lang",
    ),
    Position.FRONT_BOARD_HEAD: ("truong ban ctmt", "truong ban mat tran", "truong ban cong tac mt", "truong bctmt"),
    Position.CELL_DEPUTY: ("pho bi thu", "pho bi thu cb"),
    Position.VILLAGE_DEPUTY: (
        *("pho truong thon", "pho thon", "pho truong khu", "pho khu", "pho truong ban", "to pho"),
        *("to pho to dan pho", "pho truong khu pho"),
    ),
    Position.RESIDENTS_REP: ("dai dien ho", "dai dien cac ho dan"),
}
POSITION_OF_WORD = {
    **{fold(position.label): position for position in OF_VILLAGES},
    **{position.value: position for position in OF_VILLAGES},
    **{word: position for position, words in _OTHER_POSITIONS.items() for word in words},
}
POSITION_WORDS = ", ".join(position.label for position in OF_VILLAGES)
