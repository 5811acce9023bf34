"""What has not been held: meetings on the calendar, postponed and cancelled ones, and requests to be excused."""

from datetime import timedelta

from core.periods import Period
from giaoban.demo import messages
from giaoban.demo.material import fold_words
from giaoban.demo.store import Shelf, update_rows
from giaoban.demo.tables import STARTS, moment
from giaoban.demo.workdays import working_days
from meetings.enums import MeetingStatus
from meetings.models import Exemption, Meeting, Occurrence
from units.enums import Level

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
        title = f"{messages.meeting_title(label)} {name}"
        self.meetings.add(
            unit_id=row.unit_id, level=row.level, province_id=row.province_id, district_id=row.district_id,
            commune_id=row.commune_id, occurrence_id=row.pk, period_first=row.starts_on, period_last=row.ends_on,
            year=row.year, month=row.month, kind="periodic", form="hall", title=title,
            search_text=fold_words(title)[:300],
            status=status, planned_on=planned_on, started_at=self.rng.choice(STARTS), reason=reason,
            place=messages.meeting_place(self.rng, row.level, name), agenda=messages.agenda(name, label),
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
