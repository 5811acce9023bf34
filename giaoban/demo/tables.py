"""Rows of the planned meetings: the meeting, its sittings, who was there, and what it makes of its occurrence."""

from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple

from core.periods import Period
from giaoban.demo import messages
from giaoban.demo.apportion import apportion
from giaoban.demo.material import fold_words
from giaoban.demo.store import Stream, update_rows
from giaoban.demo.workdays import working_days
from meetings.enums import MeetingForm, MeetingKind, MeetingStatus, Presence
from meetings.models import Attendance, AttendancePost, CountedAttendance, Meeting, Occurrence, Sitting
from meetings.occurrences import refresh_occurrences
from people.enums import Position
from units.enums import Level

UTC_OFFSET = 7
GROUPS = ("Cán bộ thôn, khu", "Lãnh đạo, cơ quan, đoàn thể")
SHARE_OF_VILLAGES = 0.72
GUESTS = ("Ủy viên Ban Thường vụ phụ trách địa bàn", "Chuyên viên Ban Dân vận cấp trên", "Phóng viên Đài Truyền thanh")
STARTS = (time(7, 30), time(8, 0), time(8, 0), time(13, 30), time(14, 0))
CHAIRS = (Position.PARTY_SECRETARY, Position.PARTY_DEPUTY_GOV, Position.GOV_CHAIR)
OLD_DAYS, FRESH_DAYS = 75, 20
USUAL_VILLAGES = 14


class Held(NamedTuple):
    """A meeting that was written down: what its opinions need to know of it."""

    meeting_id: int
    plan: object
    unit_id: int
    place: object
    period: Period
    is_recent: bool
    opinions: int
    present: list


def moment(day, hour, minute=0):
    """A moment of a Vietnamese office day."""
    return datetime(day.year, day.month, day.day, hour - UTC_OFFSET, minute, tzinfo=UTC)


class Tables:
    """Turns plans into rows. `keep(plan)` answers with what was held, `save` writes all."""

    def __init__(self, world, rng, staff, clusters, occurrences):
        self.world, self.rng, self.staff = world, rng, staff
        self.clusters, self.occurrences = clusters, occurrences
        self.meetings = Stream(Meeting, is_sample=True)
        self.sittings, self.sitting_units = Stream(Sitting), Stream(Sitting.communes.through)
        self.attendances, self.posts = Stream(Attendance), Stream(AttendancePost)
        self.counts = Stream(CountedAttendance)
        self.met, self.by_attendance = {}, set()

    def keep(self, plan, is_recent):
        unit_id = self.world.id_of[plan.unit]
        plan = self._within_life(plan, self.world.units[unit_id])
        if is_recent and plan.level == Level.COMMUNE:
            plan = plan._replace(opinions=self._as_many_as_villages(plan, unit_id))
        place = self.world.place(unit_id, plan.held_on)
        occurrence = None if plan.is_extra else self.occurrences[unit_id, plan.level, plan.period]
        period = Period(plan.held_on, plan.held_on) if occurrence is None else Period.parse(plan.period)
        named = is_recent and not plan.sittings
        meeting_id = self.meetings.next_id
        present, invited, turns = self._named(meeting_id, plan, unit_id) if named else ([], 0, plan.attendance)
        self.meetings.add(
            **self._facts(plan, unit_id, period, occurrence, is_recent),
            **self._papers(plan, unit_id, period, is_recent),
            **place.columns,
            invited_count=invited,
            attendance_count=turns,
        )
        if plan.sittings:
            self._sit(meeting_id, unit_id, plan)
        elif not named:
            self._count(meeting_id, plan.attendance)
        if occurrence is not None:
            self._meet(occurrence, plan)
        return Held(meeting_id, plan, unit_id, place, period, is_recent, plan.opinions, present)

    def _as_many_as_villages(self, plan, unit_id):
        """Where communes were merged, twice as much is said."""
        villages = len(self.world.villages(unit_id, plan.held_on))
        return round(plan.opinions * min(2, max(1, villages / USUAL_VILLAGES)))

    def _within_life(self, plan, unit):
        """A unit meets while it exists: what was planned a few days outside is held just inside."""
        first, last = unit.valid_from, unit.valid_to and unit.valid_to - timedelta(days=1)
        if plan.held_on < first:
            return plan._replace(held_on=working_days(first, first + timedelta(days=9))[0])
        if last and plan.held_on > last:
            plan = plan._replace(held_on=working_days(last - timedelta(days=9), last)[-1])
        if last:
            sittings = tuple(s._replace(held_on=min(s.held_on, last)) for s in plan.sittings)
            return plan._replace(sittings=sittings)
        return plan

    def _facts(self, plan, unit_id, period, occurrence, is_recent):
        started = self.rng.choice(STARTS)
        return {
            "unit_id": unit_id,
            "level": plan.level,
            "occurrence_id": occurrence,
            "period_first": period.first,
            "period_last": period.last,
            "year": period.last.year,
            "month": period.last.month,
            "kind": plan.kind,
            "form": plan.form,
            "host": "joint" if plan.level == Level.COMMUNE and self.rng.random() < 0.3 else "party",
            "held_on": plan.held_on,
            "planned_on": plan.held_on,
            "started_at": started,
            "ended_at": time(started.hour + 3, started.minute) if is_recent else None,
            "sitting_count": max(1, len(plan.sittings)),
            "opinion_count": plan.opinions,
            **self._state(plan.held_on),
        }

    def _state(self, held_on):
        """Fresh meetings are only held, those of last month mostly minuted, older ones closed."""
        rng, today = self.rng, self.world.today
        age, dice = (today - held_on).days, rng.random()
        done = 3 if age > OLD_DAYS else (1 if dice < 0.6 else 2) if age < FRESH_DAYS else (2 if dice < 0.6 else 3)
        minuted = min(held_on + timedelta(days=rng.randint(1, 5)), today)
        locked = min(minuted + timedelta(days=rng.randint(3, 15)), today)
        return {
            "status": (MeetingStatus.HELD, MeetingStatus.MINUTED, MeetingStatus.LOCKED)[done - 1],
            "logged_at": moment(min(held_on + timedelta(days=rng.randint(0, 1)), today), 16, rng.randint(0, 59)),
            "minuted_on": minuted if done > 1 else None,
            "locked_on": locked if done > 2 else None,
        }

    def _papers(self, plan, unit_id, period, is_recent):
        """Title and place; of the last two years the agenda, announcements, minutes and conclusions, too."""
        rng, name = self.rng, self.world.name(unit_id, plan.held_on)
        label = Period.parse(plan.period).label
        title = messages.meeting_title(label, plan.theme) + ("" if plan.theme else f" {name}")
        if plan.kind == MeetingKind.EXTRAORDINARY:
            title = title.replace("chuyên đề", "đột xuất", 1)
        papers = {
            "title": title,
            "search_text": fold_words(title)[:300],
            "place": "" if plan.sittings else messages.meeting_place(rng, plan.level, name, plan.form),
        }
        if is_recent:
            topic = rng.choice(("LAND", "ENV", "TRANSPORT", "CLEARANCE", "IRRIGATION", "SOCIAL_POLICY"))
            papers |= {
                "chairs": self._chairs(unit_id, plan.held_on),
                "secretary": self._secretary(unit_id, plan.held_on),
                "agenda": messages.agenda(name, label, plan.theme),
                "announcements": messages.announcements(rng, name, label, period.last.month),
                "conclusions": messages.conclusions(rng, plan.opinions, topic),
                "minutes": messages.minutes(rng, plan.opinions, topic),
            }
        return papers

    def _chairs(self, unit_id, day):
        terms = filter(None, (self.staff.holder(unit_id, position, day) for position in CHAIRS))
        return "\n".join(f"Đồng chí {term.someone.name}, {Position(term.position).label}" for term in terms)

    def _secretary(self, unit_id, day):
        term = self.staff.holder(unit_id, Position.PARTY_OFFICE, day)
        return term.someone.name if term else ""

    def _named(self, meeting_id, plan, unit_id):
        """Everybody called, with who came; answers (village cadres present, called, turns)."""
        own, villagers = self._called(plan, unit_id)
        rng, turns, present = self.rng, 0, []
        regular = rng.uniform(0.82, 1.0)
        for seat in (*own, *villagers):
            presence, columns = self._presence(regular)
            attendance_id = self.attendances.add(
                meeting_id=meeting_id, person_id=seat.someone.person_id, unit_id=seat.unit_id, name=seat.someone.name,
                sort_key=seat.someone.sort_key, duties=seat.duties, presence=presence, **columns,
            )  # fmt: skip
            for post_id in seat.post_ids:
                self.posts.add(attendance_id=attendance_id, post_id=post_id)
            if presence in (Presence.PRESENT, Presence.SUBSTITUTED):
                turns += 1
                if seat.unit_id != unit_id and presence == Presence.PRESENT:
                    present.append(seat)
        if rng.random() < 0.35:
            guest = self.guest()
            self.attendances.add(
                meeting_id=meeting_id, name=guest.name, sort_key=guest.sort_key, duties=rng.choice(GUESTS),
                presence=Presence.PRESENT, is_guest=True,
            )  # fmt: skip
            turns += 1
        return present, len(own) + len(villagers), turns

    def guest(self):
        """A person who holds no post here, by name only."""
        if not hasattr(self, "_guests"):
            self._guests = [self.staff.nobody() for _ in range(40)]
        return self.rng.choice(self._guests)

    def _called(self, plan, unit_id):
        """A commune calls all; a district as many village cadres as its hall holds."""
        if plan.level == Level.COMMUNE:
            return self.staff.seats(unit_id, plan.held_on, self.world.villages(unit_id, plan.held_on))
        communes = self.world.tree(plan.held_on).get(plan.unit, {})
        ids = [pk for key in sorted(communes) for pk in self.world.villages(self.world.id_of[key], plan.held_on)]
        own, villagers = self.staff.seats(unit_id, plan.held_on, ids)
        return own, self.rng.sample(villagers, min(len(villagers), max(0, plan.attendance - len(own))))

    def _presence(self, regular):
        dice = self.rng.random()
        if dice < regular:
            return Presence.PRESENT, {}
        rest = (dice - regular) / (1 - regular)
        if rest < 0.25:
            return Presence.SUBSTITUTED, {"substitute": self.guest().name}
        if rest < 0.85:
            return Presence.EXCUSED, {"reason": messages.absence_reason(self.rng)}
        return Presence.ABSENT, {}

    def _sit(self, meeting_id, unit_id, plan):
        """The sittings of a round, each with its own number of people."""
        for sitting in plan.sittings:
            ids = tuple(self.world.id_of[key] for key in sitting.communes)
            host = self.world.name(ids[0], sitting.held_on)
            sitting_id = self.sittings.add(
                meeting_id=meeting_id, cluster_id=self.clusters.get((unit_id, ids)), held_on=sitting.held_on,
                place=messages.meeting_place(self.rng, "sitting", host), attendance_count=sitting.attendance,
            )  # fmt: skip
            for commune_id in ids:
                self.sitting_units.add(sitting_id=sitting_id, unit_id=commune_id)

    def _count(self, meeting_id, attendance):
        """Numbers by group, as the ledgers of old years have them."""
        shares = apportion(attendance, (SHARE_OF_VILLAGES, 1 - SHARE_OF_VILLAGES))
        for group, number in zip(GROUPS, shares, strict=True):
            if number:
                self.counts.add(meeting_id=meeting_id, group=group, number=number)

    def _meet(self, occurrence_id, plan):
        """Begun on the first day, held when everybody has had a seat; of online rounds it matters who came."""
        last = max((sitting.held_on for sitting in plan.sittings), default=plan.held_on)
        complete = last if plan.is_complete else None
        day, known = self.met.get(occurrence_id, (plan.held_on, complete))
        self.met[occurrence_id] = min(day, plan.held_on), known or complete
        if plan.level == Level.DISTRICT and plan.form in (MeetingForm.ONLINE, MeetingForm.HYBRID):
            self.by_attendance.add(occurrence_id)

    @property
    def shelves(self):
        return self.meetings, self.sittings, self.sitting_units, self.attendances, self.posts, self.counts

    def save(self):
        for shelf in self.shelves:
            shelf.save()
        update_rows(Occurrence, ("begun_on", "met_on"), [(begun, met, pk) for pk, (begun, met) in self.met.items()])
        refresh_occurrences(self.by_attendance)
