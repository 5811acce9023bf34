"""Levels and kinds of units and bodies (docs/sources.md §3.7)."""

from django.db import models


class Level(models.TextChoices):
    PROVINCE = "province", "cấp tỉnh"
    DISTRICT = "district", "cấp huyện"
    COMMUNE = "commune", "cấp xã"
    VILLAGE = "village", "thôn, khu"


LEVEL_ORDER = [Level.PROVINCE, Level.DISTRICT, Level.COMMUNE, Level.VILLAGE]
"""From the top down; a tree may lack one of them on a day."""


class UnitKind(models.TextChoices):
    TINH = "tinh", "Tỉnh"
    TP_TW = "tp_tw", "Thành phố trực thuộc Trung ương"
    HUYEN = "huyen", "Huyện"
    QUAN = "quan", "Quận"
    THI_XA = "thi_xa", "Thị xã"
    TP_THUOC_TINH = "tp_thuoc_tinh", "Thành phố thuộc tỉnh"
    XA = "xa", "Xã"
    PHUONG = "phuong", "Phường"
    THI_TRAN = "thi_tran", "Thị trấn"
    DAC_KHU = "dac_khu", "Đặc khu"
    THON = "thon", "Thôn"
    BAN = "ban", "Bản"
    KHU_PHO = "khu_pho", "Khu phố"
    TO_DAN_PHO = "to_dan_pho", "Tổ dân phố"
    AP = "ap", "Ấp"
    XOM = "xom", "Xóm"
    LANG = "lang", "Làng"
    BUON = "buon", "Buôn"
    KHOM = "khom", "Khóm"


class SuccessionKind(models.TextChoices):
    WHOLE = "whole", "Nhập toàn bộ"
    PART_MAIN = "part_main", "Chia, phần chính"
    PART = "part", "Chia, phần còn lại"
    ABOLISHED = "abolished", "Kết thúc hoạt động"


INHERITING = (SuccessionKind.WHOLE, SuccessionKind.PART_MAIN)
"""The successor that takes over records and open work (docs/sources.md §7)."""


class BodyKind(models.TextChoices):
    COMMITTEE = "committee", "Cấp ủy"
    PARTY = "party", "Cơ quan tham mưu của cấp ủy"
    MMD = "mmd", "Ban Dân vận"
    GOV = "gov", "Ủy ban nhân dân"
    DEPT = "dept", "Cơ quan chuyên môn"
    FRONT = "front", "Mặt trận Tổ quốc"
    MASS_ORG = "mass_org", "Đoàn thể"
    SECTOR = "sector", "Ngành dọc, doanh nghiệp"
