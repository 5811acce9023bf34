"""The last months before today: most meetings held, some late or missing, a few exempt, the running month half done."""

from datetime import datetime, time, timedelta

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from core.periods import Period
from meetings.cadence.reads import CLOCK_DAYS
from meetings.enums import MeetingStatus
from meetings.models import Exemption, Meeting, Occurrence
from people.models import User
from reports.closing.access import may_accept
from reports.closing.services import accept_closure, close_period
from tools.demo import tables
from tools.demo.material import Calendar, add_working_days, fold_words, working_days
from tools.demo.plan import (
    FORM_BY_DISTRICT,
    PlannedExemption,
    PlannedMeeting,
    RecentPlan,
    code_of,
    is_district,
    plan_round,
)
from tools.demo.store import Shelf, update_rows
from tools.demo.tables import STARTS, moment
from units.enums import Level

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


SHARE_PLANNED_NOW, SHARE_PLANNED_NEXT, SHARE_POSTPONED = 0.5, 0.2, 0.06
POSTPONED = ("Trùng lịch hội nghị của cấp trên, họp vào tuần sau.", "Tập trung ứng phó mưa lũ, chuyển sang ngày khác.")
CANCELLED = ("Lập nhầm, đã có hội nghị khác của kỳ này.", "Ghép nội dung chuyên đề vào hội nghị định kỳ.")
ASKED = ("Tập trung khắc phục hậu quả mưa lũ", "Đang kiện toàn chức danh chủ chốt", "Tập trung diễn tập phòng thủ")
REFUSED = "Đề nghị bố trí họp bù trong tháng, không miễn."
PENDING_DAYS = 70


class Forthcoming:
    def __init__(self, world, rng, accounts, occurrences, met):
        self.world, self.rng, self.accounts = world, rng, accounts
        self.occurrences, self.met = occurrences, met
        self.meetings, self.exemptions = Shelf(Meeting, is_sample=True), Shelf(Exemption)
        self.excused = []

    def excuse(self, plans):
        """Granted: those of the plan that were not met after all."""
        for plan in plans:
            pk = self.occurrences[self.world.id_of[plan.unit], plan.level, plan.period]
            if pk not in self.met:
                self._ask(pk, plan.unit, Period.parse(plan.period).first, plan.reason, is_granted=True)
                self.excused.append(pk)

    def look_ahead(self, is_chosen):
        """For what is not met and not over: some are planned; of the rest just past, some ask to be excused."""
        today, rng = self.world.today, self.rng
        rows = Occurrence.objects.filter(
            province=self.world.province, late_until__gte=today - timedelta(days=PENDING_DAYS), met_on=None
        ).order_by("pk")
        waiting = [row for row in rows if row.pk not in self.met and row.pk not in self.excused]
        waiting = [row for row in waiting if is_chosen(row.unit_id)]
        shown = self._one_a_district(row for row in waiting if row.due_on < today and row.level == Level.COMMUNE)
        for row in waiting:
            if row.due_on < today:
                self._after(row, is_shown=row.pk in shown)
            elif rng.random() < (SHARE_PLANNED_NOW if row.starts_on <= today else SHARE_PLANNED_NEXT):
                self._plan(row)
        self._cancel(waiting)

    def _plan(self, row):
        days = working_days(max(row.starts_on, self.world.today), row.ends_on)
        if not days:
            return
        if row.starts_on <= self.world.today and self.rng.random() < SHARE_POSTPONED * 2:
            self._add(row, MeetingStatus.POSTPONED, self.rng.choice(days), reason=self.rng.choice(POSTPONED))
        else:
            self._add(row, MeetingStatus.PLANNED, self.rng.choice(days))

    def _one_a_district(self, rows):
        """One row of each branch, so that everybody who decides has something to decide."""
        return {row.pk for row in {row.district_id or row.province_id: row for row in rows}.values()}

    def _after(self, row, is_shown):
        """Not held in time: postponed, asked to be excused (pending or refused), or simply missing."""
        dice, key = self.rng.random(), self.world.units[row.unit_id].key
        if is_shown:
            self._ask(row.pk, key, row.due_on, self.rng.choice(ASKED), is_granted=None)
        elif dice < SHARE_POSTPONED:
            self._add(row, MeetingStatus.POSTPONED, row.due_on - timedelta(days=3), reason=self.rng.choice(POSTPONED))
        elif dice < 0.2:
            self._ask(row.pk, key, row.due_on, self.rng.choice(ASKED), is_granted=False, note=REFUSED)

    def _cancel(self, waiting):
        for row in waiting[:: max(1, len(waiting) // 4)][:4]:
            day = max(row.starts_on, self.world.units[row.unit_id].valid_from)
            day = working_days(day, day + timedelta(days=9))[0]
            self._add(row, MeetingStatus.CANCELLED, day, reason=self.rng.choice(CANCELLED))

    def _add(self, row, status, planned_on, reason=""):
        name, label = self.world.name(row.unit_id, planned_on), Period.parse(row.period).label
        title = f"{tables.meeting_title(label)} {name}"
        self.meetings.add(
            unit_id=row.unit_id, level=row.level, province_id=row.province_id, district_id=row.district_id,
            commune_id=row.commune_id, occurrence_id=row.pk, period_first=row.starts_on, period_last=row.ends_on,
            year=row.year, month=row.month, kind="periodic", form="hall", title=title,
            search_text=fold_words(title)[:300],
            status=status, planned_on=planned_on, started_at=self.rng.choice(STARTS), reason=reason,
            place=tables.meeting_place(self.rng, row.level, name), agenda=tables.agenda(name, label),
            created_by_id=self.accounts.of(row.unit_id, "commune", "district"),
        )  # fmt: skip

    def _ask(self, occurrence_id, key, day, reason, is_granted, note=""):
        unit_id = self.world.id_of[key]
        place = self.world.place(unit_id, max(day, self.world.units[unit_id].valid_from))
        above = self.accounts.of(place.district_id, "leader") or self.accounts.of(place.province_id, "province")
        asker = self.accounts.of(unit_id, "commune", "commune_leader") or self.accounts.of(
            place.district_id or place.province_id, "district", "specialist"
        )
        asked_on = min(day, self.world.today - timedelta(days=1))
        self.exemptions.add(
            occurrence_id=occurrence_id, reason=reason, asked_by_id=asker or above, asked_at=moment(asked_on, 9),
            asked_on=asked_on, document=f"{20 + occurrence_id % 160}-CV/HU" if is_granted else "",
            is_granted=is_granted, decision_note=note, decided_by_id=None if is_granted is None else above,
            decided_at=None if is_granted is None else moment(min(asked_on + timedelta(days=2), self.world.today), 10),
        )  # fmt: skip

    @property
    def shelves(self):
        return self.meetings, self.exemptions

    def save(self):
        for shelf in self.shelves:
            shelf.save()
        update_rows(Occurrence, ("is_exempt",), [(True, pk) for pk in self.excused])


COMMUNES, MONTHS_AGO, DAYS_AGO = 2, (3, 2), 2
ACCEPTERS = ("leader", "specialist")


@transaction.atomic
def close_some_months(world, accounts):
    """By the accounts' own people, through the services; returns the closures."""
    day = world.today - timedelta(days=DAYS_AGO)
    now = timezone.make_aware(datetime.combine(day, time(9)))
    officers = [account for account in accounts.opened if account.role == "commune"][:COMMUNES]
    above = [account.user_id for account in accounts.opened if account.role in ACCEPTERS]
    users = User.objects.select_related("person").in_bulk([*above, *(account.user_id for account in officers)])
    found = []
    for account in officers:
        for ago in MONTHS_AGO:
            period = _months_before(day, ago)
            if account.unit.valid_from > period.first:
                continue
            closure = close_period(account.unit, period, actor=users[account.user_id], today=day, now=now)
            found.append(closure)
            head = next((users[pk] for pk in above if may_accept(users[pk], closure)), None)
            if ago == MONTHS_AGO[0] and head:
                accept_closure(closure.pk, actor=head, version=closure.version, today=day, now=now)
    return found


def _months_before(day, number):
    month = Period.of_day(day, "month")
    for _ in range(number):
        month = month.previous()
    return month


SHARE_LOGGED_LATE, SHARE_CONCLUDED_LATE, SHARE_NOT_CONCLUDED, SHARE_FRESH = 0.09, 0.12, 0.06, 0.45
REASONS = (
    "Tập trung phòng, chống mưa bão",
    "Trùng lịch hội nghị của cấp trên",
    "Chờ hướng dẫn nội dung của cấp trên",
    "Đồng chí chủ trì đi công tác",
    "Kiện toàn chức danh ở thôn, khu",
)
COLUMNS = ("logged_at", "logged_on", "log_due_on", "conclusion_on", "conclusion_due_on", "timing_reason")


def run_meeting_clocks(world, first, rng):
    """Of meetings held since a day; those of the old books keep no clocks."""
    meetings = Meeting.objects.filter(province=world.province, is_sample=True, logged_at__isnull=False)
    rows = meetings.filter(held_on__gte=first).annotate(last_on=Max("sittings__held_on")).order_by("pk")
    columns = ("pk", "held_on", "last_on", "status", "occurrence__due_on")
    update_rows(Meeting, COLUMNS, [_clocks(row, world.today, rng) for row in rows.values_list(*columns, named=True)])


def _clocks(row, today, rng):
    last_on = max(row.held_on, row.last_on or row.held_on)
    log_days, conclusion_days = CLOCK_DAYS
    wanted = rng.randint(log_days + 1, 9) if rng.random() < SHARE_LOGGED_LATE else rng.randint(0, log_days)
    logged_on = min(add_working_days(row.held_on, wanted), today)
    due = row.occurrence__due_on
    reason = rng.choice(REASONS) if due and row.held_on > due else ""
    return (
        *(moment(logged_on, 16, rng.randint(0, 59)), logged_on, add_working_days(row.held_on, log_days)),
        *(_concluded_on(row.status, last_on, today, rng), add_working_days(last_on, conclusion_days), reason),
        row.pk,
    )


def _concluded_on(status, last_on, today, rng):
    """Mostly in time; now and then late, not at all, or not yet."""
    dice, days = rng.random(), CLOCK_DAYS[1]
    day = add_working_days(last_on, rng.randint(days + 1, 12) if dice < SHARE_CONCLUDED_LATE else rng.randint(1, days))
    is_missing = dice > 1 - SHARE_NOT_CONCLUDED or (status == MeetingStatus.HELD and dice < SHARE_FRESH)
    return None if is_missing or day > today else day
