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
