"""What each role opens, in words for its holder."""

import re

from people.enums import Role

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
