"""What newspapers published about this practice: each figure with its words, its definition here and its source.

Demo worlds are built to meet those of 2016, Tiên Yên and Trà Vinh exactly; the page sets ours beside them.
"""

from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from core.display import group_digits
from core.errors import DomainError
from core.periods import Period
from reports.access import may_read_report
from reports.claims.reads import claim_holds, count_in, known_years, number_text, parts_of, years_text
from reports.enums import Comparison
from reports.figures import figures
from reports.overview import lists_of
from reports.reach import THEN
from units.reads import unit_by_key


@dataclass(frozen=True)
class Article:
    """`published`: paper and day, as far as the text itself says."""

    title: str
    published: str


@dataclass(frozen=True)
class Published:
    """`place`: level and code of the unit; `measure`: a word of `figures`, none where the system counts no such thing.

    `over`, `less`: words of the denominator of a rate.
    """

    place: str
    unit_name: str
    period: str
    words: str
    stated: Decimal
    article: Article
    measure: str = ""
    over: str = ""
    less: str = ""
    comparison: str = Comparison.EXACTLY
    note: str = ""


GRASSROOTS = Article("Nêu cao vai trò của đội ngũ cán bộ cơ sở", "Hà Chi, 30/08/2017")
EXCHANGE = Article(
    "Ban Dân vận Tỉnh ủy Quảng Ninh tổ chức hội nghị trao đổi kinh nghiệm về công tác dân vận ở thôn, bản, khu phố",
    "baoquangninh.com.vn",
)
TRA_VINH = Article(
    "Trà Vinh phân công cán bộ cơ sở dự sinh hoạt định kỳ với chi, tổ hội đoàn thể", "bài không ghi báo và ngày"
)
QUANG_NINH, TIEN_YEN, TRA_VINH_PLACE = "province-22", "district-199", "province-84"
YEAR_2016, TWO_YEARS, SINCE_2014, THREE_YEARS = "2016", "2015..2016", "2014..2020", "2013..2015"
SIX_YEARS = "Bài viết “từ năm 2014 đến nay” và “trong 6 năm qua”; ở đây tính đến hết năm 2020."


def _in_2016(measure, stated, words):
    return Published(QUANG_NINH, "Tỉnh Quảng Ninh", YEAR_2016, words, Decimal(stated), GRASSROOTS, measure)


def _in_tien_yen(measure, stated, words):
    return Published(TIEN_YEN, "Huyện Tiên Yên", TWO_YEARS, words, Decimal(stated), GRASSROOTS, measure)


def _since_2014(stated, words, comparison, **facts):
    place = (QUANG_NINH, "Tỉnh Quảng Ninh", SINCE_2014)
    return Published(*place, words, Decimal(stated), EXCHANGE, comparison=comparison, note=SIX_YEARS, **facts)


def _in_tra_vinh(measure, stated, words, **facts):
    place = (TRA_VINH_PLACE, "Tỉnh Trà Vinh", THREE_YEARS)
    return Published(*place, words, Decimal(stated), TRA_VINH, measure, **facts)


PUBLISHED = (
    _in_2016("commune_meetings", 1716, "1.716 hội nghị giao ban cấp xã"),
    _in_2016("commune_attendance", 52831, "52.831 lượt đại biểu dự hội nghị cấp xã"),
    _in_2016("commune_opinions", 11114, "11.114 ý kiến, kiến nghị tại hội nghị cấp xã"),
    _in_2016("district_meetings", 60, "60 hội nghị cấp huyện"),
    _in_2016("district_attendance", 16231, "16.231 lượt đại biểu dự hội nghị cấp huyện"),
    _in_2016("district_opinions", 2189, "2.189 ý kiến, kiến nghị, phản ánh tại hội nghị cấp huyện"),
    _in_tien_yen("district_meetings", 6, "6 cuộc giao ban cấp huyện"),
    _in_tien_yen("district_opinions", 120, "120 ý kiến tham gia tại các cuộc giao ban cấp huyện"),
    _in_tien_yen("commune_meetings", 186, "186 hội nghị giao ban của các xã, thị trấn"),
    _in_tien_yen("commune_opinions", 1142, "1.142 ý kiến, kiến nghị tại hội nghị của các xã, thị trấn"),
    _since_2014(500, "gần 500 hội nghị cấp huyện", Comparison.NEARLY, measure="district_meetings"),
    _since_2014(12200, "hơn 12.200 hội nghị cấp xã", Comparison.OVER, measure="commune_meetings"),
    _since_2014(
        98,
        "hơn 98% ý kiến, kiến nghị được giải quyết thỏa đáng",
        Comparison.OVER,
        measure="opinions_confirmed",
        over="opinions_received",
        less="opinions_excluded",
    ),
    _since_2014(
        25000, "trên 25.000 lượt cán bộ thôn, bản, khu phố được tập huấn", Comparison.OVER, measure="training_turns"
    ),
    _in_tra_vinh("province_visits", 823, "823 lượt cán bộ cấp tỉnh dự sinh hoạt"),
    _in_tra_vinh("district_visits", 5503, "5.503 lượt cán bộ cấp huyện dự sinh hoạt"),
    _in_tra_vinh("commune_visits", 26140, "26.140 lượt cán bộ cấp xã dự sinh hoạt"),
    _in_tra_vinh(
        "visits_members_present",
        "65.7",
        "65,7% hội viên thường xuyên sinh hoạt",
        over="visits_members_due",
        note="Bài chỉ nêu tỷ lệ, không nêu số hội viên.",
    ),
)


def published_of(place, period):
    """{measure: figure} of a unit and period."""
    return {each.measure: each for each in PUBLISHED if (each.place, each.period) == (place, period)}


SAME, OTHER = ("khớp", "done"), ("khác", "late")
PARTLY, NONE = ("chưa đủ dữ liệu", "soon"), ("không có số liệu", "neutral")
BEYOND = "ngoài phạm vi"


@dataclass(frozen=True)
class PublishedPlace:
    """What the reader may know of a unit and period; no `found`, nothing to know."""

    unit: object = None
    found: dict | None = None
    links: dict | None = None
    is_hidden: bool = False


def beside(user, today):
    """[(unit and period, article, note, rows)] in the order of the articles."""
    places = {(each.place, each.period): None for each in PUBLISHED}
    for code, word in places:
        places[code, word] = _place(code, Period.parse(word), user, today)
    groups = groupby(PUBLISHED, key=lambda each: (each.unit_name, each.period, each.article))
    return [
        {
            "title": f"{unit_name}, {Period.parse(word).label_inside}",
            "article": article,
            "rows": [_row(each, places[each.place, each.period], today) for each in members],
        }
        for (unit_name, word, article), members in groups
    ]


def _place(code, period, user, today):
    try:
        unit = unit_by_key(code, period, today)
    except DomainError:
        return PublishedPlace()
    if not may_read_report(user, unit):
        return PublishedPlace(is_hidden=True)
    return PublishedPlace(unit, figures(unit, period, THEN, today, user), lists_of(unit, period, THEN))


def _row(each, place, today):
    period = Period.parse(each.period)
    row = {
        "words": each.words,
        "note": each.note,
        "parts": parts_of(each, place.links or {}) if each.measure else [],
        "ours": "",
        "url": "",
        "gap": "",
    }
    if place.found is None or not each.measure:
        word, tone = (BEYOND, "neutral") if place.is_hidden else NONE
        return row | {"verdict": word, "tone": tone}
    return row | _ours(each, place, period, today)


def _ours(each, place, period, today):
    """Our number, the list behind it, and how it stands to the published one."""
    count = count_in(place.found, each)
    known, unknown = known_years(place.unit, period, THEN, today, each.measure)
    if not known:
        return {"verdict": NONE[0], "tone": NONE[1]}
    facts = {
        "ours": number_text(count.part, count.whole),
        "url": "" if each.over else (place.links or {}).get(each.measure, ""),
        "measure": "" if each.over else each.measure,
        "unit_key": place.unit.key,
        "code": period.code,
    }
    if unknown:
        facts["gap"] = f"mới có các năm {years_text(known)}"
    if claim_holds(each, count, unknown):
        word, tone = SAME
    elif unknown:
        word, tone = PARTLY
    else:
        word, tone = OTHER
        facts["gap"] = "" if each.over else f"chênh {_signed(count.part - int(each.stated))}"
    return facts | {"verdict": word, "tone": tone}


def _signed(number):
    return f"+{group_digits(number)}" if number > 0 else f"−{group_digits(-number)}"
