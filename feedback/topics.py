"""The lĩnh vực every installation begins with (docs/sources.md §3.2): code, name, group, order, usual competence."""

from datetime import date

from feedback.enums import Competence

FIRST_DAY = date(1990, 1, 1)
"""Topics of the first list are in force for every year the product can hold."""

ECONOMY = "Kinh tế – ngân sách"
ENVIRONMENT = "Tài nguyên – môi trường"
SOCIETY = "Văn hóa – xã hội"
POLITICS = "Nội chính – xây dựng Đảng, chính quyền"
OTHER = "Khác"

_C = Competence
_ROWS = (
    ("LAND", "Đất đai, cấp giấy chứng nhận quyền sử dụng đất", ECONOMY, _C.COMMUNE),
    ("CLEARANCE", "Giải phóng mặt bằng, bồi thường, tái định cư", ECONOMY, _C.DISTRICT),
    ("TRANSPORT", "Giao thông", ECONOMY, _C.COMMUNE),
    ("IRRIGATION", "Thủy lợi, tiêu thoát nước, đê điều", ECONOMY, _C.COMMUNE),
    ("POWER", "Điện, chiếu sáng", ECONOMY, _C.SECTOR),
    ("WATER", "Nước sạch", ECONOMY, _C.SECTOR),
    ("CONSTRUCTION", "Xây dựng, trật tự đô thị, quy hoạch", ECONOMY, _C.COMMUNE),
    ("AGRI", "Nông – lâm – ngư nghiệp, dịch bệnh, chăn nuôi", ECONOMY, _C.COMMUNE),
    ("NRD", "Nông thôn mới, đô thị văn minh", ECONOMY, _C.COMMUNE),
    ("BUDGET", "Ngân sách, thu – chi, quỹ đóng góp", ECONOMY, _C.COMMUNE),
    ("ENV", "Môi trường, rác thải", ENVIRONMENT, _C.COMMUNE),
    ("MINING", "Khoáng sản, bụi mỏ, bến bãi", ENVIRONMENT, _C.PROVINCE),
    ("SOCIAL_POLICY", "Chính sách xã hội, người có công, giảm nghèo", SOCIETY, _C.COMMUNE),
    ("HEALTH", "Y tế, bảo hiểm y tế", SOCIETY, _C.COMMUNE),
    ("EDU", "Giáo dục", SOCIETY, _C.COMMUNE),
    ("CULTURE", "Văn hóa, nhà văn hóa thôn, thể thao", SOCIETY, _C.COMMUNE),
    ("ETHNIC_RELIGION", "Dân tộc, tôn giáo", SOCIETY, _C.COMMUNE),
    ("TELECOM_DX", "Viễn thông, chuyển đổi số", SOCIETY, _C.SECTOR),
    ("SECURITY", "An ninh trật tự, an toàn giao thông, ma túy", POLITICS, _C.COMMUNE),
    ("DEFENCE", "Quốc phòng, nghĩa vụ quân sự", POLITICS, _C.COMMUNE),
    ("PARTY", "Xây dựng Đảng, phát triển đảng viên", POLITICS, _C.COMMUNE),
    ("CADRE", "Cán bộ, chế độ phụ cấp thôn, khu", POLITICS, _C.PROVINCE),
    ("ADMIN", "Cải cách hành chính, thủ tục, thái độ phục vụ", POLITICS, _C.COMMUNE),
    ("DEMOCRACY", "Dân chủ cơ sở, hòa giải", POLITICS, _C.COMMUNE),
    ("MASS_ORG", "Mặt trận, đoàn thể", POLITICS, _C.COMMUNE),
    ("REARRANGEMENT", "Sắp xếp đơn vị hành chính, thôn, khu", POLITICS, _C.PROVINCE),
    ("OTHER", "Khác", OTHER, _C.COMMUNE),
)

TOPICS = tuple(
    {"code": code, "name": name, "group": group, "order": number * 10}
    for number, (code, name, group, _) in enumerate(_ROWS, 1)
)
"""Rows of `Topic`, in their printed order."""

NOT_CHOSEN = {"code": "NOT_CHOSEN", "name": "Chưa chọn lĩnh vực", "group": OTHER, "order": 9990}
"""What an opinion is filed under until its field is chosen, at the latest when the meeting is closed; never offered."""

USUAL_COMPETENCE = {code: competence for code, _, _, competence in _ROWS}
"""What a form proposes when a topic is chosen; the recorder decides. Where there is no district, see `proposed`."""


def proposed(topic_code, offered):
    """The competence a form proposes for a topic among those `offered` that day: the next level up if it is missing."""
    usual = USUAL_COMPETENCE.get(topic_code, Competence.COMMUNE)
    return usual if usual in offered else Competence.PROVINCE
