"""Roles (duties in the product) and positions (titles in the field; docs/sources.md §3.6)."""

import re

from django.db import models


class Role(models.TextChoices):
    """What a post lets its holder do here. The codes are those of commands and files."""

    COMMUNE = "commune", "Cán bộ cấp xã"
    COMMUNE_LEADER = "commune_leader", "Lãnh đạo cấp xã"
    DISTRICT = "district", "Cán bộ cấp huyện"
    LEADER = "leader", "Lãnh đạo cấp huyện"
    AGENCY = "agency", "Cơ quan giải quyết"
    SPECIALIST = "specialist", "Chuyên viên Ban Dân vận"
    PROVINCE = "province", "Trưởng Ban Dân vận"
    PROVINCE_LEADER = "province_leader", "Lãnh đạo tỉnh"
    CADRE = "cadre", "Cán bộ đi cơ sở"
    ADMIN = "admin", "Quản trị"
    VILLAGE = "village", "Cán bộ thôn, khu"


ROLE_LEVELS = {
    Role.COMMUNE: ("commune",),
    Role.COMMUNE_LEADER: ("commune",),
    Role.DISTRICT: ("district",),
    Role.LEADER: ("district",),
    Role.AGENCY: ("commune", "district", "province"),
    Role.SPECIALIST: ("province", "district"),
    Role.PROVINCE: ("province",),
    Role.PROVINCE_LEADER: ("province",),
    Role.CADRE: ("commune", "district", "province"),
    Role.ADMIN: ("commune", "district", "province"),
    Role.VILLAGE: ("village",),
}
"""At which levels a role makes sense."""


POST_EDITORS = ("commune", "commune_leader", "district", "leader", "specialist", "province", "admin")
"""Roles that keep the posts of their branch up to date."""


class Position(models.TextChoices):
    PARTY_SECRETARY = "party_secretary", "Bí thư"
    PARTY_STANDING_DEPUTY = "party_standing_deputy", "Phó Bí thư Thường trực"
    PARTY_DEPUTY_GOV = "party_deputy_gov", "Phó Bí thư, Chủ tịch UBND"
    COUNCIL_CHAIR = "council_chair", "Chủ tịch HĐND"
    GOV_CHAIR = "gov_chair", "Chủ tịch UBND"
    GOV_VICE = "gov_vice", "Phó Chủ tịch UBND"
    FRONT_CHAIR = "front_chair", "Chủ tịch UBMTTQ"
    STANDING_COMMITTEE_MEMBER = "standing_committee_member", "Ủy viên Ban Thường vụ"
    COMMITTEE_MEMBER = "committee_member", "Ủy viên Ban Chấp hành"
    PARTY_OFFICE = "party_office", "Văn phòng cấp ủy"
    PARTY_BUILDING_BOARD = "party_building_board", "Ban Xây dựng Đảng"
    INSPECTION = "inspection", "Ủy ban Kiểm tra"
    MMD_HEAD = "mmd_head", "Trưởng Ban (khối) Dân vận"
    MMD_SPECIALIST = "mmd_specialist", "Chuyên viên Ban Dân vận"
    DEPT_HEAD = "dept_head", "Trưởng phòng, ban chuyên môn"
    OFFICER = "officer", "Cán bộ theo dõi giao ban"
    POLICE_CHIEF = "police_chief", "Trưởng Công an"
    MILITARY_CHIEF = "military_chief", "Chỉ huy trưởng Quân sự"
    HEALTH = "health", "Trạm trưởng Y tế"
    SCHOOL = "school", "Hiệu trưởng"
    WOMEN = "women", "Chủ tịch Hội LHPN"
    YOUTH = "youth", "Bí thư Đoàn TN"
    FARMERS = "farmers", "Chủ tịch Hội Nông dân"
    VETERANS = "veterans", "Chủ tịch Hội CCB"
    UNION = "union", "Chủ tịch Công đoàn"
    CELL_SECRETARY = "cell_secretary", "Bí thư chi bộ"
    VILLAGE_HEAD = "village_head", "Trưởng thôn, khu"
    FRONT_BOARD_HEAD = "front_board_head", "Trưởng ban công tác mặt trận"
    CELL_DEPUTY = "cell_deputy", "Phó Bí thư chi bộ"
    VILLAGE_DEPUTY = "village_deputy", "Phó trưởng thôn, khu"
    RESIDENTS_REP = "residents_rep", "Đại diện hộ dân"
    UPPER_MMD = "upper_mmd", "Ban Dân vận cấp trên"
    UPPER_MEMBER = "upper_member", "Cấp ủy viên phụ trách địa bàn"
    SYSTEM_ADMIN = "system_admin", "Quản trị hệ thống"
    OTHER = "other", "Chức danh khác"


VILLAGE_POSITIONS = (Position.CELL_SECRETARY, Position.VILLAGE_HEAD, Position.FRONT_BOARD_HEAD)
"""The three posts of a village that the liaison meeting is for (Công văn 1926-CV/TU, 27/10/2014)."""

CHAIR_POSITIONS = (
    Position.PARTY_SECRETARY,
    Position.PARTY_STANDING_DEPUTY,
    Position.PARTY_DEPUTY_GOV,
    Position.COUNCIL_CHAIR,
    Position.GOV_CHAIR,
    Position.FRONT_CHAIR,
)
"""Standing committee, government and Front of the same level chair the meeting."""

POSITION_OF_ROLE = {
    Role.COMMUNE: Position.OFFICER,
    Role.COMMUNE_LEADER: Position.PARTY_SECRETARY,
    Role.DISTRICT: Position.OFFICER,
    Role.LEADER: Position.PARTY_STANDING_DEPUTY,
    Role.AGENCY: Position.DEPT_HEAD,
    Role.SPECIALIST: Position.MMD_SPECIALIST,
    Role.PROVINCE: Position.MMD_HEAD,
    Role.PROVINCE_LEADER: Position.PARTY_STANDING_DEPUTY,
    Role.CADRE: Position.UPPER_MEMBER,
    Role.ADMIN: Position.SYSTEM_ADMIN,
    Role.VILLAGE: Position.VILLAGE_HEAD,
}
"""The position an account gets when it is made by role alone."""


class ImportState(models.TextChoices):
    """How far a roster file has come."""

    READING = "reading", "Đang kiểm tra"
    READY = "ready", "Chờ ghi"
    FAULTY = "faulty", "Có lỗi"
    APPLYING = "applying", "Đang ghi"
    APPLIED = "applied", "Đã ghi"
    UNREADABLE = "unreadable", "Không đọc được"


_BRANCH = "Xem và ghi hội nghị, ý kiến của"

SCOPE_WORDS = {
    Role.COMMUNE: f"{_BRANCH} toàn xã, kể cả các thôn, khu.",
    Role.COMMUNE_LEADER: f"{_BRANCH} toàn xã; xem cả ý kiến hạn chế xem; chốt và mở lại hội nghị.",
    Role.DISTRICT: f"{_BRANCH} cấp huyện; xem của các xã trực thuộc.",
    Role.LEADER: f"{_BRANCH} cấp huyện và các xã trực thuộc; xem cả ý kiến hạn chế xem.",
    Role.AGENCY: "Xem và trả lời các ý kiến được giao cho cơ quan của đồng chí.",
    Role.SPECIALIST: "Xem toàn địa bàn, tổng hợp, đôn đốc, lập báo cáo.",
    Role.PROVINCE: "Xem toàn tỉnh, kể cả ý kiến hạn chế xem; giao việc, lập và chốt báo cáo.",
    Role.PROVINCE_LEADER: "Xem toàn tỉnh, kể cả ý kiến hạn chế xem.",
    Role.CADRE: "Xem phân công và ghi các chuyến đi cơ sở của mình.",
    Role.VILLAGE: "Xem ý kiến của thôn, khu và kết quả trả lời; gửi ý kiến trước hội nghị; cho biết mức hài lòng.",
    Role.ADMIN: "Quản lý tài khoản, đơn vị và nhật ký của địa bàn; không xem nội dung ý kiến.",
}

_KINDS = "thôn|bản|khu phố|khu|tổ dân phố|ấp|xóm|làng|buôn|khóm|xã|phường|thị trấn|đặc khu|huyện|thị xã|thành phố|tỉnh"
_ENDS_WITH_KIND = re.compile(rf"((?:,\s*|\s+)(?:{_KINDS}))+$", re.IGNORECASE)
_BEGINS_WITH_KIND = re.compile(rf"(?:{_KINDS})\s", re.IGNORECASE)


def title_at(title, place):
    """A post with its place, the kind of place said once: ('Trưởng thôn, khu', 'Khu 1') -> 'Trưởng Khu 1'."""
    if _BEGINS_WITH_KIND.match(place):
        title = _ENDS_WITH_KIND.sub("", title) or title
    return f"{title} {place}".strip()
