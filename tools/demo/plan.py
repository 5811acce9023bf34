"""What a plan consists of: meetings, their sittings, exemptions."""

from datetime import date, timedelta
from typing import NamedTuple

from core.periods import Period
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
from tools.demo.material import Calendar, apportion, choose_uneven, has_tet, working_days


class SampleSitting(NamedTuple):
    """One gathering of a meeting held per commune or per cluster; `cluster` is the cluster's name, if any."""

    communes: tuple
    held_on: date
    attendance: int
    opinions: int
    cluster: str = ""


class PlannedMeeting(NamedTuple):
    """A meeting that was held. Sittings, where there are any, add up to its attendance and opinions.

    `is_extra`: no occurrence waits for it. `is_complete`: every commune of the round has had its sitting.
    `theme` is empty but for thematic and extraordinary meetings.
    """

    unit: str
    level: str
    period: str
    held_on: date
    form: str
    kind: str
    attendance: int
    opinions: int
    timeliness: str
    sittings: tuple = ()
    is_extra: bool = False
    is_complete: bool = True
    theme: str = ""


class PlannedExemption(NamedTuple):
    unit: str
    level: str
    period: str
    reason: str


class RecentPlan(NamedTuple):
    meetings: list
    exemptions: list


def code_of(key):
    """'district-199-20140101' -> '199'."""
    return key.split("-")[1]


def is_district(key):
    """Where there are no districts, communes hang directly on the province."""
    return bool(key) and key.startswith("district-")


class ExactFigure(NamedTuple):
    value: int
    counts: str


def _stated(place, period):
    """{word of `figures`: Figure} of plain numbers."""
    figures = published_of(place, period)
    return {word: ExactFigure(int(each.stated), each.words) for word, each in figures.items() if not each.over}


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


TIEN_YEN_ROUNDS = {2015: 3, 2016: 3}
TIEN_YEN_DISTRICT_OPINIONS = {2015: 60, 2016: 60}
"""Only the sums of both years were published; the split is ours. 2016's one missing round of 56 is Tiên Yên's."""
ROUNDS_2015 = 46
MEAN_2015 = (262, 33)
EXTRAS = {
    2015: [
        ("193", "2015-08", "extraordinary", "hall", "Khắc phục hậu quả mưa lũ, ổn định đời sống nhân dân"),
        ("205", "2015-11", "thematic", "hall", "Huy động sức dân xây dựng nông thôn mới"),
    ],
    2016: [
        ("206", "2016-05", "thematic", "hall", "Bảo vệ đê điều, phòng chống lụt bão"),
        ("205", "2016-06", "thematic", "hall", "Xây dựng nông thôn mới kiểu mẫu ở thôn, khu"),
        ("195", "2016-08", "extraordinary", "hall", "Bảo đảm an toàn khu dân cư dưới chân bãi thải mùa mưa bão"),
        ("194", "2016-10", "extraordinary", "hall", "Giải phóng mặt bằng các dự án trọng điểm"),
        ("193", "2016-12", "thematic", THEMATIC_HA_LONG["form"], THEMATIC_HA_LONG["theme"]),
    ],
}
CLUSTER_SIZE = 4
SITTINGS_A_DAY = 2
FEWEST_AT_SITTING = 9


def plan_year(year, months, rng):
    quarters = {f"{year}-Q{number}": months[f"{year}-{number * 3:02d}"] for number in range(1, 5)}
    rounds = [(district, code) for code, tree in quarters.items() for district in tree]
    ours = {slot: 0.5 for slot in rounds if code_of(slot[0]) == TIEN_YEN_CODE}
    others = {slot: 0.35 if slot[1] == "2015-Q1" else 0.9 for slot in rounds if slot not in ours}
    held_ours = sorted(choose_uneven(rng, ours, TIEN_YEN_ROUNDS[year]))
    held = held_ours + sorted(choose_uneven(rng, others, len(others) if year == 2016 else ROUNDS_2015))
    extras = _extras(year, months)
    attendance_total, opinion_total = _totals(year, len(held) + len(extras))
    villages = [sum(quarters[code][district].values()) for district, code in held]
    weights = [(12 + count) * rng.uniform(0.85, 1.1) for count in villages]
    weights += [0.8 * (12 + sum(row.values())) for _, row, *_ in extras]
    attendance = apportion(attendance_total, weights, minimum=60)
    voices = [w * rng.uniform(0.6, 1.4) for w in weights]
    split = len(held_ours)
    opinions = apportion(TIEN_YEN_DISTRICT_OPINIONS[year], voices[:split], minimum=8)
    opinions += apportion(opinion_total - TIEN_YEN_DISTRICT_OPINIONS[year], voices[split:], minimum=8)
    calendar = Calendar(rng)
    rows = [
        plan_round(calendar, district, code, quarters[code][district], people, said)
        for (district, code), people, said in zip(held, attendance, opinions, strict=False)
    ]
    for extra, people, said in zip(extras, attendance[len(held) :], opinions[len(held) :], strict=True):
        rows.append(_plan_extra(calendar, extra, people, said))
    return rows


def _totals(year, meetings):
    if year == 2016:
        return DISTRICT_2016["attendance"].value, DISTRICT_2016["opinions"].value
    return tuple(round(mean * meetings) for mean in MEAN_2015)


def _extras(year, months):
    """(district key, its communes, month, kind, form, theme) of the meetings beyond the rounds."""
    rows = []
    for code, month, kind, form, theme in EXTRAS[year]:
        district = next(key for key in months[month] if code_of(key) == code)
        rows.append((district, months[month][district], month, kind, form, theme))
    return rows


def _plan_extra(calendar, extra, attendance, opinions):
    district, _, month, kind, form, theme = extra
    held_on = calendar.rng.choice(working_days(*_middle_of(Period.parse(month))))
    quarter = Period.of_day(held_on, "quarter").code
    return PlannedMeeting(
        district, "district", quarter, held_on, form, kind, attendance, opinions, "on_time", is_extra=True, theme=theme
    )


def _middle_of(period):
    return period.first + timedelta(days=7), period.last - timedelta(days=5)


def plan_round(calendar, district, code, communes, attendance, opinions):
    """The quarter's meeting of a district in its form; None where no day is left for it."""
    form = FORM_BY_DISTRICT.get(code_of(district), "hall")
    groups = _groups(form, communes)
    day = calendar.day_of(district, Period.parse(code), lasts=len(groups) + 2 if groups else 0)
    if day is None:
        return None
    held_on, timeliness = day
    sittings = _sittings(groups, communes, held_on, attendance, opinions)
    return PlannedMeeting(
        district, "district", code, held_on, form, "periodic", attendance, opinions, timeliness, sittings
    )


def clusters_of(communes):
    """Invented clusters of about four communes, `[(name, commune keys)]`, the same for the same communes."""
    keys = sorted(communes)
    count = max(1, round(len(keys) / CLUSTER_SIZE))
    bounds = [round(i * len(keys) / count) for i in range(count + 1)]
    return [(f"Cụm số {i + 1}", tuple(keys[bounds[i] : bounds[i + 1]])) for i in range(count)]


def _groups(form, communes):
    """Who sits together: nobody apart where the whole district meets at once."""
    if form == "cluster":
        return clusters_of(communes)
    return [("", (key,)) for key in sorted(communes)] if form == "per_commune" else []


def _sittings(groups, communes, held_on, attendance, opinions):
    """The round begins on `held_on`; two sittings a day, on the working days that follow."""
    if not groups:
        return ()
    weights = [3 + sum(communes[key] for key in keys) for _, keys in groups]
    people = apportion(attendance, weights, FEWEST_AT_SITTING)
    said = apportion(opinions, weights)
    days = working_days(held_on, held_on + timedelta(days=45))
    return tuple(
        SampleSitting(keys, days[i // SITTINGS_A_DAY], people[i], said[i], name)
        for i, (name, keys) in enumerate(groups)
    )


ELECTION_MONTHS = {"2016-05"}
TIEN_YEN_MEETINGS = {2015: 86, 2016: 100}
TIEN_YEN_OPINIONS = {2015: 528, 2016: 614}
"""Only the sums of both years were published; the split is ours."""
RATE_2015 = 0.7
OPINIONS_2015 = 5.9
FEWEST_PRESENT = 12


def plan_history(units_by_month, rng):
    """All meetings of 2015 and 2016, commune and district level, in the order of their days."""
    meetings = []
    characters = _characters(units_by_month, rng)
    for year in (2015, 2016):
        months = {code: tree for code, tree in units_by_month.items() if code.startswith(str(year))}
        meetings += _commune_year(year, months, characters, rng)
        meetings += plan_year(year, months, rng)
    return sorted(meetings, key=lambda m: (m.held_on, m.level, m.unit, m.period))


def _characters(units_by_month, rng):
    """How faithfully each commune keeps the cadence, how its meetings are attended, how much is said there."""
    communes = sorted({key for tree in units_by_month.values() for row in tree.values() for key in row})
    rows = {}
    for key in communes:
        faith = 0.998 if rng.random() < 0.22 else rng.betavariate(3.2, 1.5)
        rows[key] = (faith, rng.uniform(0.8, 1.2), rng.gammavariate(8, 0.125))
    return rows


def _commune_year(year, months, characters, rng):
    villages, ours, others = {}, {}, {}
    for code, tree in months.items():
        for district, row in tree.items():
            odds = ours if code_of(district) == TIEN_YEN_CODE else others
            for commune, count in row.items():
                villages[commune, code] = count
                odds[commune, code] = characters[commune][0] * _month_factor(code)
    held_ours = sorted(choose_uneven(rng, ours, TIEN_YEN_MEETINGS[year]))
    held_others = sorted(choose_uneven(rng, others, _held_elsewhere(year, others)))
    opinions = _share_opinions(rng, held_ours, TIEN_YEN_OPINIONS[year], characters)
    opinions |= _share_opinions(rng, held_others, _opinions_elsewhere(year, len(held_others)), characters)
    held = held_ours + held_others
    return _dated(rng, held, _share_attendance(rng, year, held, villages, characters), opinions)


def _month_factor(code):
    period = Period.parse(code)
    if has_tet(period.first, period.last):
        return 0.72
    return {"2015-01": 0.7, "2015-03": 0.85}.get(code, 0.86 if code in ELECTION_MONTHS else 1)


def _held_elsewhere(year, others):
    if year == 2016:
        return COMMUNE_2016["meetings"].value - TIEN_YEN_MEETINGS[year]
    return round(len(others) * RATE_2015)


def _opinions_elsewhere(year, meetings):
    if year == 2016:
        return COMMUNE_2016["opinions"].value - TIEN_YEN_OPINIONS[year]
    return round(meetings * OPINIONS_2015)


def _share_opinions(rng, held, total, characters):
    weights = [characters[commune][2] * rng.gammavariate(4, 1) for commune, _ in held]
    return dict(zip(held, apportion(total, weights, minimum=1), strict=True))


def _share_attendance(rng, year, held, villages, characters):
    """More villages, more people; some meetings are badly attended."""
    weights = [(4 + 1.8 * villages[slot]) * characters[slot[0]][1] * rng.uniform(0.7, 1.1) for slot in held]
    total = COMMUNE_2016["attendance"].value
    if year != 2016:
        total = round(len(held) * (total / COMMUNE_2016["meetings"].value - 1.2))
    return dict(zip(held, apportion(total, weights, FEWEST_PRESENT), strict=True))


def _dated(rng, held, attendance, opinions):
    calendar = Calendar(rng)
    rows = []
    for slot in sorted(held, key=lambda slot: (slot[1], slot[0])):
        commune, code = slot
        held_on, timeliness = calendar.day_of(commune, Period.parse(code))
        rows.append(
            PlannedMeeting(
                commune, "commune", code, held_on, "hall", "periodic", attendance[slot], opinions[slot], timeliness
            )
        )
    return rows
