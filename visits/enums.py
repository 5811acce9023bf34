"""Code lists of going to the grassroots: groups visited, norms, and the life of a visit."""

from django.db import models


class GroupKind(models.TextChoices):
    """What is attended: the groups of Công văn 243-CV/TU (Trà Vinh) and the residential area of Hòa Vang."""

    CELL = "cell", "Chi bộ"
    CELL_COMMITTEE = "cell_committee", "Chi ủy, đảng ủy"
    FRONT_BOARD = "front_board", "Ban công tác mặt trận"
    WOMEN = "women", "Chi hội phụ nữ"
    FARMERS = "farmers", "Chi hội nông dân"
    VETERANS = "veterans", "Chi hội cựu chiến binh"
    YOUTH = "youth", "Chi đoàn thanh niên"
    TEAM = "team", "Tổ hội, tổ tự quản"
    RESIDENTS = "residents", "Họp dân, khu dân cư"
    OTHER = "other", "Nhóm khác"


class NormBasis(models.TextChoices):
    PERSON = "person", "mỗi người"
    PLACE = "place", "mỗi nơi được phân công"


class VisitStatus(models.TextChoices):
    LOGGED = "logged", "Chờ xác nhận"
    QUESTIONED = "questioned", "Cần xem lại"
    CONFIRMED = "confirmed", "Đã xác nhận"
    WITHDRAWN = "withdrawn", "Đã rút"


COUNTED = (VisitStatus.LOGGED, VisitStatus.QUESTIONED, VisitStatus.CONFIRMED)
"""States in which a visit counts in figures."""

EDITABLE = (VisitStatus.LOGGED, VisitStatus.QUESTIONED)
"""States in which the cadre may still mend the record."""

OPINION_ORIGIN = "visit"
"""How an opinion says that it was heard on a visit."""


USUAL_GROUPS = (
    GroupKind.CELL,
    GroupKind.FRONT_BOARD,
    GroupKind.WOMEN,
    GroupKind.FARMERS,
    GroupKind.VETERANS,
    GroupKind.YOUTH,
)
"""What a village usually has one of each."""


class QuestionKind(models.TextChoices):
    """What a reviewer may want to ask about visits."""

    AT_ONCE = "at_once", "Hai nơi cùng một lúc"
    TRAVEL = "travel", "Đi lại khó kịp"
    COPIED = "copied", "Nội dung giống hệt nhau"
    SILENT = "silent", "Nhiều lượt liền không ghi vấn đề"
    LATE = "late", "Ghi muộn sau ngày đi"


class PlanState(models.TextChoices):
    DRAFT = "draft", "Dự thảo"
    PUBLISHED = "published", "Đã công bố"


class LineState(models.TextChoices):
    """Where a planned visit stands, computed from its row and the day."""

    COMING = "coming", "Sắp đi"
    DONE = "done", "Đã đi"
    MISSED = "missed", "Chưa ghi lượt đi"
    CANCELLED = "cancelled", "Thôi không đi"


class WeakReason(models.TextChoices):
    """Why a village is visited first, weightiest first (Hòa Vang)."""

    RATING = "rating", "Chi bộ chưa trong sạch, vững mạnh"
    PRESSING = "pressing", "Có vấn đề nổi cộm"
    UNVISITED = "unvisited", "Năm trước chưa có ai đến dự"
    SILENT = "silent", "Im lặng ở giao ban"
    OVERDUE = "overdue", "Có việc quá hạn"


class Rating(models.TextChoices):
    """Yearly rating of a party cell; only the first is "trong sạch, vững mạnh"."""

    STRONG = "strong", "Trong sạch, vững mạnh"
    GOOD = "good", "Hoàn thành tốt nhiệm vụ"
    DONE = "done", "Hoàn thành nhiệm vụ"
    FAILED = "failed", "Không hoàn thành nhiệm vụ (yếu kém)"


class HelpOutcome(models.TextChoices):
    STRONGER = "stronger", "Đã vững lên, thôi giúp đỡ"
    PARTLY = "partly", "Có chuyển biến, cần theo dõi thêm"
    SAME = "same", "Chưa chuyển biến"


class SituationState(models.TextChoices):
    OPEN = "open", "Mới nắm được"
    HANDLING = "handling", "Đang xử lý"
    CLOSED = "closed", "Đã xử lý xong"


class Knower(models.TextChoices):
    """Who knew: a level of the hierarchy, or the cadre who is responsible for the place."""

    RESPONSIBLE = "responsible", "Cán bộ phụ trách"
    VILLAGE = "village", "Thôn, khu"
    COMMUNE = "commune", "Cấp xã"
    DISTRICT = "district", "Cấp huyện"
    PROVINCE = "province", "Cấp tỉnh"


KNOWERS_ABOVE = {
    "province": (Knower.PROVINCE,),
    "district": (Knower.DISTRICT, Knower.PROVINCE),
    "commune": (Knower.COMMUNE, Knower.DISTRICT, Knower.PROVINCE),
}
"""Whose knowledge a cadre of a level should not come after: the own committee and those above it (Gia Lộc's rule)."""


class CommendationForm(models.TextChoices):
    CERTIFICATE = "certificate", "Bằng khen"
    PAPER = "paper", "Giấy khen"
    LETTER = "letter", "Thư khen"
    PRAISE = "praise", "Biểu dương tại hội nghị"
    OTHER = "other", "Hình thức khác"


class SheetState(models.TextChoices):
    DRAFT = "draft", "Đang lập"
    SIGNED = "signed", "Đã ký"
