"""Which meetings were held in 2015 and 2016, when, and how large: adds up to the published figures exactly.

The tree comes as `{"2016-03": {district key: {commune key: number of villages}}}`, one entry for every month.
"""

from core.periods import Period
from giaoban.demo import district_plan
from giaoban.demo.apportion import apportion, choose_uneven
from giaoban.demo.dates import Calendar
from giaoban.demo.planned import PlannedMeeting, code_of
from giaoban.demo.published import COMMUNE_2016, TIEN_YEN_CODE
from giaoban.demo.workdays import has_tet

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
        meetings += district_plan.plan_year(year, months, rng)
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
