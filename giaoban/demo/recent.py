"""The last months before today: most meetings held, some late or missing, a few exempt, the running month half done."""

from core.periods import Period
from giaoban.demo.dates import Calendar
from giaoban.demo.district_plan import plan_round
from giaoban.demo.planned import PlannedExemption, PlannedMeeting, RecentPlan, code_of, is_district
from giaoban.demo.published import FORM_BY_DISTRICT

NEW_UNIT = "Đơn vị mới thành lập, đang kiện toàn tổ chức và chức danh ở thôn, khu"
FLOOD = "Tập trung ứng phó mưa lũ, thiên tai trên địa bàn"
REASON_OF_MONTH = {
    "2024-09": "Tập trung khắc phục hậu quả bão số 3",
    "2025-07": "Tập trung phòng, chống bão số 3",
    "2026-03": "Tập trung phục vụ bầu cử đại biểu Quốc hội và đại biểu HĐND các cấp",
}
SHARE_EXEMPT_NEW, SHARE_EXEMPT_MONTH, SHARE_EXEMPT_OTHER = 0.5, 0.12, 0.002
SHARE_RUNNING_MONTH, SHARE_RUNNING_QUARTER, SHARE_RUNNING_SPLIT = 0.5, 0.35, 0.9
SHARE_DISTRICT = 0.94


def plan_recent(units_by_month, months, rng, today):
    """Meetings and exemptions of `months` (codes such as "2026-03"); everything was held before `today`.

    `units_by_month` has `{month: {district key, or the province's: {commune key: number of villages}}}`. The first
    commune of each district has the running month still to hold: whoever signs in there first has one to log.
    """
    months = sorted(months)
    calendar = Calendar(rng, today)
    faith = {}
    meetings, exemptions = [], []
    for code in months:
        period = Period.parse(code)
        for parent in sorted(units_by_month[code]):
            for number, (commune, villages) in enumerate(sorted(units_by_month[code][parent].items())):
                character = faith.setdefault(commune, _character(rng))
                reason = _exempt_reason(rng, commune, code)
                if reason:
                    exemptions.append(PlannedExemption(commune, "commune", code, reason))
                elif rng.random() < _odds(period, today, character[0]) and not (number == 0 and period.last >= today):
                    meetings += _commune_meeting(calendar, commune, code, period, villages, character[1])
    meetings += _district_meetings(units_by_month, months, calendar, today)
    meetings = [meeting for meeting in meetings if meeting is not None]
    return RecentPlan(sorted(meetings, key=lambda m: (m.held_on, m.level, m.unit, m.period)), exemptions)


def _character(rng):
    """(odds to keep a month, how much is said): a third always meets, a few often do not; 0.88 on average."""
    dice = rng.random()
    keeps = 0.995 if dice < 0.3 else rng.uniform(0.45, 0.7) if dice > 0.9 else rng.uniform(0.8, 0.93)
    return keeps, rng.uniform(-1.2, 1.2)


def _odds(period, today, keeps):
    return SHARE_RUNNING_MONTH if period.last >= today else keeps


def _exempt_reason(rng, unit, code):
    """A new unit is excused in its first month, some in the month of a storm or an election."""
    started = unit.rsplit("-", 1)[1]
    if started[:6] == code.replace("-", "") and rng.random() < SHARE_EXEMPT_NEW:
        return NEW_UNIT
    if code in REASON_OF_MONTH and rng.random() < SHARE_EXEMPT_MONTH:
        return REASON_OF_MONTH[code]
    in_storm_season = 6 <= int(code[5:]) <= 10
    return FLOOD if in_storm_season and rng.random() < SHARE_EXEMPT_OTHER else ""


def _commune_meeting(calendar, commune, code, period, villages, talkative):
    day = calendar.day_of(commune, period)
    if day is None:
        return []
    rng = calendar.rng
    attendance = min(40, max(20, round(10 + 2.2 * villages * rng.uniform(0.8, 1.05))))
    opinions = min(8, max(3, round(5.2 + talkative + rng.uniform(-2, 2))))
    meeting = PlannedMeeting(commune, "commune", code, day[0], "hall", "periodic", attendance, opinions, day[1])
    return [meeting._replace(form="online") if rng.random() < 0.03 else meeting]


def _district_meetings(units_by_month, months, calendar, today):
    """One a quarter where the tree has districts on the quarter's last day, as far as the months tell."""
    rng, rows = calendar.rng, []
    last_month_of = {Period.of_day(Period.parse(code).first, "quarter").code: code for code in months}
    for code, month in last_month_of.items():
        period = Period.parse(code)
        if period.last < today and int(month[5:]) % 3:
            continue
        for district, communes in sorted(units_by_month[month].items()):
            if is_district(district) and rng.random() < _district_odds(period, today, district):
                villages = sum(communes.values())
                attendance = min(180, max(60, round(villages * rng.uniform(0.9, 1.4))))
                opinions = rng.randint(12, 28)
                rows.append(_until(today, plan_round(calendar, district, code, communes, attendance, opinions)))
    return rows


def _district_odds(period, today, district):
    """In the running quarter, those who sit commune by commune have mostly begun."""
    if period.last < today:
        return SHARE_DISTRICT
    is_split = FORM_BY_DISTRICT.get(code_of(district)) in ("cluster", "per_commune")
    return SHARE_RUNNING_SPLIT if is_split else SHARE_RUNNING_QUARTER


def _until(today, meeting):
    """A round that goes on: only the sittings before today have been held."""
    if meeting is None or not meeting.sittings:
        return meeting
    held = tuple(sitting for sitting in meeting.sittings if sitting.held_on < today)
    return meeting._replace(
        sittings=held,
        attendance=sum(sitting.attendance for sitting in held),
        opinions=sum(sitting.opinions for sitting in held),
        is_complete=len(held) == len(meeting.sittings),
    )
