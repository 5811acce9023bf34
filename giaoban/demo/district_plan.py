"""The district meetings of 2015 and 2016: rounds by quarter, their sittings, and the meetings beyond the rounds."""

from datetime import timedelta

from core.periods import Period
from giaoban.demo.apportion import apportion, choose_uneven
from giaoban.demo.dates import Calendar
from giaoban.demo.planned import PlannedMeeting, Sitting, code_of
from giaoban.demo.published import DISTRICT_2016, FORM_BY_DISTRICT, THEMATIC_HA_LONG, TIEN_YEN_CODE
from giaoban.demo.workdays import working_days

TIEN_YEN_ROUNDS = {2015: 3, 2016: 3}
TIEN_YEN_OPINIONS = {2015: 60, 2016: 60}
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
    opinions = apportion(TIEN_YEN_OPINIONS[year], voices[:split], minimum=8)
    opinions += apportion(opinion_total - TIEN_YEN_OPINIONS[year], voices[split:], minimum=8)
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
        Sitting(keys, days[i // SITTINGS_A_DAY], people[i], said[i], name) for i, (name, keys) in enumerate(groups)
    )
