"""The blank roster, or the present one of a unit to be corrected and sent back."""

from collections import Counter

from core.display import day_text
from core.sheet_writer import Column, write_form
from people.enums import VILLAGE_POSITIONS
from people.models import Post
from people.roster.words import COLUMNS, OF_VILLAGES, SHEET
from people.roster.world import villages_below

GUIDE = (
    "Hướng dẫn nhập danh sách người giữ chức danh ở thôn, khu",
    f"1. Ghi vào trang {SHEET}, mỗi chức danh một dòng. Một người giữ hai chức danh thì ghi hai dòng.",
    "2. Không đổi tên cột, không gộp ô, không dùng công thức.",
    "3. Người mới thay người cũ: ghi người mới và “Từ ngày”; phần mềm tự ghi bàn giao vào ngày đó.",
    "4. Người trùng họ tên ở cùng thôn, khu: ghi số điện thoại để phân biệt.",
    "5. Không ghi vào tệp thì danh bạ giữ nguyên; tệp này không xóa ai. Để trống họ tên thì dòng được bỏ qua.",
    "6. Gửi tệp ở Danh bạ > Nhập từ Excel. Có lỗi thì chưa dòng nào được ghi; sửa theo bảng lỗi rồi gửi lại.",
)
VILLAGES, POSITIONS = "Danh mục thôn, khu", "Danh mục chức danh"
FORM = (
    Column(COLUMNS["number"], 7, "Số thứ tự, không bắt buộc."),
    Column(COLUMNS["village"], 28, "Tên như trong danh mục, hoặc mã thôn, khu.", VILLAGES),
    Column(COLUMNS["name"], 30, "Họ và tên đầy đủ, có dấu."),
    Column(COLUMNS["position"], 30, "Chọn trong danh mục chức danh.", POSITIONS, is_strict=True),
    Column(COLUMNS["phone"], 16, "Một số, 8 đến 15 chữ số. Không bắt buộc."),
    Column(COLUMNS["email"], 28, "Dạng ten@co-quan.vn. Không bắt buộc."),
    Column(COLUMNS["since"], 14, "Ngày bắt đầu giữ chức danh, dạng 25/11/2026. Để trống: từ ngày nhập."),
    Column(COLUMNS["note"], 24, "Không được nhập vào phần mềm."),
)


def write_roster_form(stream, unit=None, today=None):
    """With a unit: its villages to choose from, and a row for each of their three posts, as held today. Phones stay
    out: an empty cell leaves the directory as it is."""
    villages, rows = [], []
    if unit is not None:
        villages = list(villages_below(unit, today).order_by("code").values_list("pk", "code", "name"))
        rows = _rows(villages, _holders(unit, today))
    counts = Counter(name for _, _, name in villages)
    write_form(
        stream,
        sheet=SHEET,
        columns=FORM,
        guide=GUIDE,
        lists={
            VILLAGES: [name if counts[name] == 1 else code for _, code, name in villages],
            POSITIONS: [position.label for position in OF_VILLAGES],
        },
        rows=rows,
    )


def _holders(unit, today):
    found = {}
    posts = Post.objects.on(today).of_villages().filter(unit__in=villages_below(unit, today).values("pk"))
    for unit_id, position, name, since in posts.values_list("unit_id", "position", "person__name", "valid_from"):
        found[(unit_id, position)] = (name, since)
    return found


def _rows(villages, holders):
    counts = Counter(name for _, _, name in villages)
    rows = []
    for pk, code, name in villages:
        for position in VILLAGE_POSITIONS:
            holder, since = holders.get((pk, position), ("", None))
            place = name if counts[name] == 1 else code
            rows.append((str(len(rows) + 1), place, holder, position.label, "", "", day_text(since)))
    return rows
