"""What the bulk data says: plain enough to be told from real records, varied enough to be searched."""

from itertools import product

FAMILY = ("Nguyễn Văn", "Trần Thị", "Lê Văn", "Phạm Thị", "Hoàng Văn", "Vũ Thị", "Đặng Văn", "Bùi Thị", "Đỗ Văn")
GIVEN = ("An", "Bình", "Châu", "Dũng", "Đức", "Hà", "Hùng", "Lan", "Minh", "Ngọc", "Phúc", "Sơn", "Thảo", "Yến")
WISHES = (
    "Đề nghị sửa chữa",
    "Đề nghị sớm nâng cấp",
    "Kiến nghị kiểm tra",
    "Đề nghị trả lời về",
    "Mong bố trí",
)
MATTERS = (
    "đường liên thôn bị xuống cấp", "cống thoát nước đầu khu dân cư", "đèn chiếu sáng ngõ xóm",
    "nước sạch sinh hoạt mùa khô", "rác thải tồn đọng ven suối", "nhà văn hóa chật hẹp", "kênh mương nội đồng",
    "giấy chứng nhận quyền sử dụng đất", "đường dây điện hạ thế", "chế độ cho người cao tuổi",
    "lớp học mầm non của thôn", "trạm y tế thiếu thuốc", "xe chở vật liệu làm rơi vãi", "tiếng ồn của cơ sở sản xuất",
    "vốn vay sản xuất cho hộ nghèo",
)  # fmt: skip
CLOSES = ("", " trước mùa mưa bão", " để nhân dân yên tâm sản xuất", ", đã nêu tại kỳ trước", " theo nguyện vọng chung")

ENDS = (
    (60, "resolved"), (68, "answered_on_spot"), (86, "explained"), (92, "accepted"), (96, "declined"),
    (98, "withdrawn"), (100, "redirected"),
)  # fmt: skip
"""How settled opinions ended: up to which per cent."""
WAITS = ("recorded", "assigned", "in_progress", "scheduled", "escalated")
VERBS = {
    "assigned": "assign", "in_progress": "start", "scheduled": "schedule", "escalated": "escalate",
    "answered_on_spot": "answer_on_spot", "resolved": "resolve", "explained": "explain", "accepted": "accept",
    "declined": "decline", "redirected": "redirect", "withdrawn": "withdraw",
}  # fmt: skip
"""The act that leads to a status."""


def names():
    return [f"{family} {given}" for family, given in product(FAMILY, GIVEN)]


def texts():
    return [f"{wish} {matter}{close}." for wish, matter, close in product(WISHES, MATTERS, CLOSES)]
