"""Code lists of opinions (docs/sources.md §3) and named groups of states."""

from django.db import models


class OpinionKind(models.TextChoices):
    REFLECTION = "reflection", "Phản ánh"
    PETITION = "petition", "Kiến nghị"
    PROPOSAL = "proposal", "Đề xuất"
    INITIATIVE = "initiative", "Hiến kế"
    GOOD_PRACTICE = "good_practice", "Cách làm hay"
    COMMENT = "comment", "Góp ý"
    QUESTION = "question", "Đề nghị giải đáp"


class OpinionChannel(models.TextChoices):
    ORAL = "oral", "Trực tiếp"
    WRITTEN = "written", "Bằng văn bản"
    PRE_SUBMITTED = "pre_submitted", "Gửi trước"
    ONLINE = "online", "Trực tuyến"
    RELAYED = "relayed", "Phản ánh thay người dân"


class Competence(models.TextChoices):
    VILLAGE = "village", "Thôn, khu"
    COMMUNE = "commune", "Cấp xã"
    DISTRICT = "district", "Cấp huyện"
    PROVINCE = "province", "Cấp tỉnh"
    CENTRAL = "central", "Trung ương"
    SECTOR = "sector", "Ngành dọc, doanh nghiệp"


class OpinionStatus(models.TextChoices):
    RECORDED = "recorded", "Đã ghi nhận, chưa phân công"
    ASSIGNED = "assigned", "Đã giao cơ quan giải quyết"
    IN_PROGRESS = "in_progress", "Đang giải quyết"
    SCHEDULED = "scheduled", "Có lộ trình, kế hoạch"
    ESCALATED = "escalated", "Đã chuyển cấp trên"
    TRANSFERRED = "transferred", "Đã chuyển cơ quan khác"
    ANSWERED_ON_SPOT = "answered_on_spot", "Đã trả lời tại hội nghị"
    RESOLVED = "resolved", "Đã giải quyết xong"
    EXPLAINED = "explained", "Đã giải trình, cung cấp thông tin"
    ACCEPTED = "accepted", "Đã tiếp thu"
    DECLINED = "declined", "Không có cơ sở giải quyết"
    REDIRECTED = "redirected", "Hướng dẫn theo pháp luật khiếu nại, tố cáo"
    DUPLICATE = "duplicate", "Trùng"
    WITHDRAWN = "withdrawn", "Rút ý kiến"


class ReportGroup(models.TextChoices):
    """The groups of the yearly report; together they are all that was received."""

    SETTLED = "settled", "Đã giải quyết"
    EXPLAINED = "explained", "Đã giải trình, thông tin"
    IN_PROGRESS = "in_progress", "Đang giải quyết"
    UNASSIGNED = "unassigned", "Chưa giải quyết"
    EXCLUDED = "excluded", "Không tính (rút, trùng, KNTC)"


_S = OpinionStatus
GROUPS = {
    ReportGroup.SETTLED: (_S.RESOLVED, _S.ANSWERED_ON_SPOT),
    ReportGroup.EXPLAINED: (_S.EXPLAINED, _S.ACCEPTED, _S.DECLINED),
    ReportGroup.IN_PROGRESS: (_S.ASSIGNED, _S.IN_PROGRESS, _S.SCHEDULED, _S.ESCALATED, _S.TRANSFERRED),
    ReportGroup.UNASSIGNED: (_S.RECORDED,),
    ReportGroup.EXCLUDED: (_S.DUPLICATE, _S.REDIRECTED, _S.WITHDRAWN),
}
GROUP_OF = {status: group for group, statuses in GROUPS.items() for status in statuses}
ANSWERED = GROUPS[ReportGroup.SETTLED] + GROUPS[ReportGroup.EXPLAINED]
"""Statuses that are an answer to those who raised it."""

UNRESOLVED = GROUPS[ReportGroup.IN_PROGRESS] + GROUPS[ReportGroup.UNASSIGNED]
"""Statuses with `is_open` true; everything else is terminal."""


class Visibility(models.TextChoices):
    NORMAL = "normal", "Thường"
    INTERNAL = "internal", "Lưu hành nội bộ"
    RESTRICTED = "restricted", "Hạn chế xem"


class Satisfaction(models.TextChoices):
    """What those who raised the matter say of the answer."""

    SATISFIED = "satisfied", "Hài lòng"
    PARTLY = "partly", "Hài lòng một phần"
    NOT = "not", "Chưa hài lòng"


class Verb(models.TextChoices):
    """What was done with an opinion; one public service each."""

    RECORD = "record", "Ghi nhận"
    ANSWER_ON_SPOT = "answer_on_spot", "Trả lời tại hội nghị"
    ASSIGN = "assign", "Giao giải quyết"
    UNASSIGN = "unassign", "Rút lại việc giao"
    START = "start", "Bắt đầu giải quyết"
    SCHEDULE = "schedule", "Đưa vào kế hoạch"
    RESOLVE = "resolve", "Giải quyết xong"
    EXPLAIN = "explain", "Giải trình"
    ACCEPT = "accept", "Tiếp thu"
    DECLINE = "decline", "Không có cơ sở giải quyết"
    ESCALATE = "escalate", "Chuyển cấp trên"
    TRANSFER = "transfer", "Chuyển cấp dưới"
    RETURN = "return", "Trả lại nơi gửi"
    MERGE = "merge", "Gộp vì trùng"
    REDIRECT = "redirect", "Hướng dẫn khiếu nại, tố cáo"
    WITHDRAW = "withdraw", "Rút ý kiến"
    REOPEN = "reopen", "Mở lại"
    CONFIRM = "confirm", "Ghi nhận mức hài lòng"
    COMMENT = "comment", "Chỉ đạo, trao đổi"
    HAND_OVER = "hand_over", "Bàn giao"
    EDIT = "edit", "Sửa nội dung"
    RECEIPT = "receipt", "Thông báo đã tiếp nhận"
    EXTEND = "extend", "Gia hạn"
    ASK_EXTENSION = "ask_extension", "Đề nghị gia hạn"
    GRANT_EXTENSION = "grant_extension", "Đồng ý gia hạn"
    REFUSE_EXTENSION = "refuse_extension", "Không đồng ý gia hạn"
    REVIEW_PLAN = "review_plan", "Rà soát kế hoạch"
    ADD_STEP = "add_step", "Thêm mốc việc"
    PROGRESS = "progress", "Đã làm được một phần"
    SHOW_ABOVE = "show_above", "Trình cấp trên xem xét"
    UNMERGE = "unmerge", "Tách khỏi ý kiến trùng"
    MERGED_IN = "merged_in", "Có ý kiến trùng gộp vào"
    SPLIT_OFF = "split_off", "Có ý kiến tách ra"
    OBJECT = "object", "Người nêu ý kiến trùng chưa hài lòng"
    DISCLAIM = "disclaim", "Không thuộc thẩm quyền"
    ASK_SUPPORT = "ask_support", "Đề nghị phối hợp"
    REPLY_SUPPORT = "reply_support", "Ý kiến phối hợp"
    WITHDRAW_SUPPORT = "withdraw_support", "Thôi đề nghị phối hợp"
    GROUP = "group", "Gộp vào vấn đề chung"
    UNGROUP = "ungroup", "Đưa ra khỏi vấn đề chung"
    FOLLOW_UP = "follow_up", "Theo dõi hiến kế, cách làm hay"
    SPREAD = "spread", "Nhân rộng"
    COMMEND = "commend", "Khen thưởng"

    @property
    def done(self):
        """What a message says once it is done: 'đã mở lại'."""
        return _DONE.get(self) or f"đã {self.label[:1].lower()}{self.label[1:]}"


_DONE = {
    Verb.DECLINE: "đã trả lời là không có cơ sở giải quyết",
    Verb.RECEIPT: "đã thông báo tiếp nhận",
    Verb.PROGRESS: "đã ghi phần việc làm được",
    Verb.DISCLAIM: "đã báo không thuộc thẩm quyền",
    Verb.COMMENT: "đã ghi ý kiến chỉ đạo, trao đổi",
    Verb.REFUSE_EXTENSION: "đã trả lời không đồng ý gia hạn",
    Verb.CONFIRM: "đã ghi mức hài lòng",
}


class ExtensionKind(models.TextChoices):
    """What brought a later day."""

    EXTENSION = "extension", "Gia hạn"
    PLAN = "plan", "Theo lộ trình, kế hoạch"
    REASSIGNMENT = "reassignment", "Giao với hạn mới"
    ESCALATION = "escalation", "Chuyển cấp trên"
    WAIT = "wait", "Bù ngày chờ cấp trên"
    REOPENING = "reopening", "Mở lại"


ASKED_FOR = (ExtensionKind.EXTENSION, ExtensionKind.PLAN, ExtensionKind.REASSIGNMENT)
"""Later days that somebody asks for; of these the first of a body, in time, is enough with its reason."""


class ExtensionState(models.TextChoices):
    PENDING = "pending", "Chờ đồng ý"
    GRANTED = "granted", "Đã có hiệu lực"
    REFUSED = "refused", "Không đồng ý"


AWAITS_DAY = "xin-han-moi"
"""The word of the due filter for what waits for somebody to agree to another day."""


class InitiativeStage(models.TextChoices):
    PROPOSED = "proposed", "Mới nêu"
    STUDIED = "studied", "Đang nghiên cứu"
    ADOPTED = "adopted", "Đã áp dụng"
    DECLINED = "declined", "Không áp dụng"


FOLLOWED_KINDS = (OpinionKind.INITIATIVE, OpinionKind.GOOD_PRACTICE)
"""Kinds of opinions that are followed to where they are used. They have a day to be considered by, no deadline."""


class BasketState(models.TextChoices):
    WAITING = "waiting", "Chờ đưa vào hội nghị"
    TAKEN = "taken", "Đã đưa vào hội nghị"
    WITHDRAWN = "withdrawn", "Đã rút"


class LedgerState(models.TextChoices):
    """How far a book of old years has come."""

    READING = "reading", "Đang kiểm tra"
    READY = "ready", "Chờ ghi"
    FAULTY = "faulty", "Có lỗi"
    APPLYING = "applying", "Đang ghi"
    APPLIED = "applied", "Đã ghi"
    UNDOING = "undoing", "Đang thu hồi"
    UNDONE = "undone", "Đã thu hồi"
    UNREADABLE = "unreadable", "Không đọc được"


LEDGER_KEEPERS = ("commune", "commune_leader", "district", "leader", "specialist", "province")
"""Roles that bring in the books of old years of their branch."""
