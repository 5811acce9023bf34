"""What the demo must hit exactly (`reports.published` keeps the figures and sources), and what else it follows."""

from typing import NamedTuple

from reports.published import (
    QUANG_NINH,
    THREE_YEARS,
    TIEN_YEN,
    TRA_VINH,
    TRA_VINH_PLACE,
    TWO_YEARS,
    YEAR_2016,
    published_of,
)


class Figure(NamedTuple):
    value: int
    counts: str


def _stated(place, period):
    """{word of `figures`: Figure} of plain numbers."""
    figures = published_of(place, period)
    return {word: Figure(int(each.stated), each.words) for word, each in figures.items() if not each.over}


def _of_level(level):
    return {word.removeprefix(level): figure for word, figure in _PROVINCE_2016.items() if word.startswith(level)}


PROVINCE_CODE, TIEN_YEN_CODE, TRA_VINH_CODE = (
    place.rpartition("-")[2] for place in (QUANG_NINH, TIEN_YEN, TRA_VINH_PLACE)
)
YEAR = int(YEAR_2016)
_PROVINCE_2016 = _stated(QUANG_NINH, YEAR_2016)
COMMUNE_2016, DISTRICT_2016 = _of_level("commune_"), _of_level("district_")
EXPECTED_COMMUNE_2016 = 2232
"""186 communes × 12 months: computed, not published."""
DISTRICT_ROUNDS_2016 = 55
"""Of 56: our own reading of 60 meetings, five of them beyond the rounds."""

TIEN_YEN_2015_2016 = _stated(TIEN_YEN, TWO_YEARS)
TRA_VINH_2013_2015 = _stated(TRA_VINH_PLACE, THREE_YEARS)
TRA_VINH_VISITS = TRA_VINH.title

FORM_BY_DISTRICT = {
    "204": "per_commune", "207": "per_commune",
    "206": "cluster", "195": "cluster", "203": "cluster",
    "202": "hall", "194": "hall", "201": "hall", "200": "hall", "205": "hall",
    "199": "online",
    "193": "hall", "196": "hall", "198": "hall",
}  # fmt: skip
FORM_IS_OURS = frozenset({"193", "196", "198"})
"""Hạ Long, Uông Bí, Bình Liêu: the article does not say how they meet; the hall is our choice."""

THEMATIC_HA_LONG = {
    "district": "193",
    "form": "online",
    "theme": "Phong trào toàn dân làm vệ sinh môi trường vì một Hạ Long xanh",
    "topic": "ENV",
}
