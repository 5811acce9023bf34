"""Code lists of meetings (docs/sources.md §3.5) and named groups of states."""

from django.db import models


class PeriodKind(models.TextChoices):
    MONTH = "month", "hằng tháng"
    QUARTER = "quarter", "hằng quý"


class MeetingKind(models.TextChoices):
    PERIODIC = "periodic", "Định kỳ"
    THEMATIC = "thematic", "Chuyên đề"
    EXTRAORDINARY = "extraordinary", "Đột xuất"
    YEAR_END = "year_end", "Tổng kết"


class MeetingForm(models.TextChoices):
    HALL = "hall", "Tập trung tại hội trường"
    PER_COMMUNE = "per_commune", "Theo từng đơn vị cấp xã"
    CLUSTER = "cluster", "Theo cụm"
    ONLINE = "online", "Trực tuyến"
    HYBRID = "hybrid", "Kết hợp"


class HostBody(models.TextChoices):
    PARTY = "party", "Cấp ủy"
    GOV = "gov", "Ủy ban nhân dân"
    JOINT = "joint", "Cấp ủy và chính quyền"
    BOARD = "board", "Ban Dân vận"


MEETING_HOSTS = [(host.value, host.label) for host in (HostBody.PARTY, HostBody.GOV, HostBody.JOINT)]
"""Who may call a meeting; the Ban Dân vận has only papers of its own."""


class MeetingStatus(models.TextChoices):
    PLANNED = "planned", "Đã lên lịch"
    HELD = "held", "Đã họp"
    MINUTED = "minuted", "Đã có biên bản"
    LOCKED = "locked", "Đã chốt"
    POSTPONED = "postponed", "Hoãn"
    CANCELLED = "cancelled", "Hủy"


HELD_STATES = (MeetingStatus.HELD, MeetingStatus.MINUTED, MeetingStatus.LOCKED)
"""States from which a meeting counts."""

CADENCE_KINDS = (MeetingKind.PERIODIC, MeetingKind.YEAR_END)
"""Kinds that satisfy the cadence of a period."""

SEVERAL_SITTINGS = (MeetingForm.PER_COMMUNE, MeetingForm.CLUSTER)

VILLAGE_FORMS = {MeetingForm.PER_COMMUNE: "Theo từng thôn, khu", MeetingForm.CLUSTER: "Theo cụm thôn, khu"}


def form_label(form, level):
    """The form of a meeting in words; a commune's sittings gather villages."""
    return (VILLAGE_FORMS.get(form) if level == "commune" else None) or MeetingForm(form).label


class Timeliness(models.TextChoices):
    """Computed from facts (docs/sources.md §4), never stored."""

    ON_TIME = "on_time", "Đúng hạn"
    LATE = "late", "Muộn"
    MADE_UP = "made_up", "Họp bù"
    EXEMPT = "exempt", "Miễn"
    MISSING = "missing", "Thiếu"
    INCOMPLETE = "incomplete", "Kết thúc khi chưa họp đủ"
    WAITING = "waiting", "Chưa đến hạn"
    GRACE = "grace", "Thiếu, còn được họp muộn"


CELL_WORDS = {
    Timeliness.LATE: "muộn",
    Timeliness.MADE_UP: "bù",
    Timeliness.EXEMPT: "miễn",
    Timeliness.MISSING: "thiếu",
    Timeliness.GRACE: "thiếu",
    Timeliness.INCOMPLETE: "chưa đủ",
    Timeliness.WAITING: "–",
}
"""The word for a state in the cells of every table, so that a month is called the same on each.

What is due and not held is missing, in the days of grace, too, as the figures count it.
"""

JOINT = "chung"
"""In the same cells: held together with another unit, whose meeting it was."""


class ClockState(models.TextChoices):
    """Where a clock with a due day stands: logging, conclusion. Computed from facts, never stored."""

    ON_TIME = "on_time", "Đúng hạn"
    LATE = "late", "Chậm"
    WAITING = "waiting", "Chưa đến hạn"
    OVERDUE = "overdue", "Quá hạn"


class Presence(models.TextChoices):
    PRESENT = "present", "Có mặt"
    EXCUSED = "excused", "Vắng có lý do"
    ABSENT = "absent", "Vắng không lý do"
    SUBSTITUTED = "substituted", "Cử người dự thay"


PRESENT_STATES = (Presence.PRESENT, Presence.SUBSTITUTED)
"""A substitute is a person present, so the seat counts as one turn."""


class ChairSeat(models.TextChoices):
    """The three bodies that chair a liaison meeting together (Báo Quảng Ninh, 30/08/2017, on 1926-CV/TU)."""

    PARTY = "party", "Thường trực cấp ủy"
    GOV = "gov", "Ủy ban nhân dân"
    FRONT = "front", "Ủy ban MTTQ"


class ChairPresence(models.TextChoices):
    HEAD = "head", "Người đứng đầu trực tiếp chủ trì"
    DEPUTY = "deputy", "Cấp phó chủ trì thay"
    AWAY = "away", "Vắng"


HEAD_WORDS = {
    ChairSeat.PARTY: "Bí thư",
    ChairSeat.GOV: "Chủ tịch UBND",
    ChairSeat.FRONT: "Chủ tịch UBMTTQ",
}


class TaskingStatus(models.TextChoices):
    OPEN = "open", "Đang thực hiện"
    DONE = "done", "Đã xong"
    DROPPED = "dropped", "Không thực hiện nữa"


class PaperKind(models.TextChoices):
    """Kinds of documents; `PAPER_SYMBOLS` gives the letters in their numbers (docs/sources.md §6.1)."""

    INVITATION = "invitation", "Giấy mời"
    PROGRAMME = "programme", "Chương trình"
    ROLL = "roll", "Danh sách đại biểu"
    MINUTES = "minutes", "Biên bản"
    CONCLUSION = "conclusion", "Thông báo kết luận"
    FORWARDING = "forwarding", "Công văn chuyển kiến nghị"
    REPLY = "reply", "Văn bản trả lời"
    REMINDER = "reminder", "Công văn đôn đốc"
    SUMMARY = "summary", "Báo cáo tổng hợp ý kiến"
    ADVICE = "advice", "Báo cáo, tham mưu của Ban Dân vận"


PAPER_SYMBOLS = {
    PaperKind.INVITATION: "GM",
    PaperKind.PROGRAMME: "CTr",
    PaperKind.ROLL: "DS",
    PaperKind.MINUTES: "BB",
    PaperKind.CONCLUSION: "TB",
    PaperKind.FORWARDING: "CV",
    PaperKind.REPLY: "CV",
    PaperKind.REMINDER: "CV",
    PaperKind.SUMMARY: "BC",
    PaperKind.ADVICE: "BC",
}


class ReminderStage(models.TextChoices):
    """How far a matter is from its day T; each stage is told once, in the digest of the day it begins."""

    WEEK = "week", "còn trong 7 ngày"
    EVE = "eve", "ngày mai"
    AFTER = "after", "đã qua ngày"
    GRACE = "grace", "đã quá hạn"
