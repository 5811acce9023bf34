"""The papers of a sample meeting: agenda, announcements, minutes, conclusions."""

from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple

from core.periods import Period
from meetings.cadence.reads import refresh_occurrences
from meetings.enums import MeetingForm, MeetingKind, MeetingStatus, Presence, TaskingStatus
from meetings.models import (
    Announcement,
    Attendance,
    AttendancePost,
    CountedAttendance,
    Meeting,
    Occurrence,
    Relay,
    Sitting,
    Tasking,
)
from people.enums import Position
from tools.demo.bodies import committee_of, unit_word
from tools.demo.material import apportion, fold_words, government_of, upper_first, word_list, working_days
from tools.demo.store import Shelf, Stream, update_rows
from units.enums import Level

TOPIC_WORDS = {
    "LAND": "đất đai", "CLEARANCE": "giải phóng mặt bằng", "TRANSPORT": "giao thông", "IRRIGATION": "thủy lợi",
    "POWER": "điện, chiếu sáng", "WATER": "nước sạch", "CONSTRUCTION": "xây dựng, quy hoạch", "AGRI": "nông nghiệp",
    "NRD": "nông thôn mới, đô thị văn minh", "BUDGET": "thu, chi và các quỹ", "ENV": "môi trường",
    "MINING": "khoáng sản, bụi mỏ", "SOCIAL_POLICY": "chính sách xã hội", "HEALTH": "y tế", "EDU": "giáo dục",
    "CULTURE": "văn hóa", "ETHNIC_RELIGION": "dân tộc, tôn giáo", "TELECOM_DX": "viễn thông, chuyển đổi số",
    "SECURITY": "an ninh trật tự", "DEFENCE": "quốc phòng", "PARTY": "xây dựng Đảng",
    "CADRE": "chế độ cán bộ thôn, khu", "ADMIN": "thủ tục hành chính", "DEMOCRACY": "dân chủ cơ sở",
    "MASS_ORG": "Mặt trận, đoàn thể", "REARRANGEMENT": "sắp xếp đơn vị", "OTHER": "dân sinh",
}  # fmt: skip


def meeting_title(period_label, theme=""):
    """'Hội nghị giao ban Tháng 3/2016', or the thematic title."""
    if theme:
        return f"Hội nghị giao ban chuyên đề “{theme}”"
    return f"Hội nghị giao ban {period_label[:1].lower()}{period_label[1:]}"


def agenda(unit_name, period_label, theme=""):
    """A numbered agenda, one item a line."""
    items = [item.format(**_where(unit_name, period_label)) for item in word_list("messages")["agenda"]]
    if theme:
        items[1] = word_list("messages")["themed_agenda"].format(theme=theme)
    return "\n".join(f"{number}. {item}" for number, item in enumerate(items, 1))


def announcements(rng, unit_name, period_label, month):
    """What the meeting is told about the place: an opening, three or four facts, what the season asks for."""
    words = word_list("messages")
    facts = {
        "percent": rng.randint(42, 106),
        "percent2": rng.randint(91, 99),
        "n": rng.choice((250, 350, 420, 600, 850)),
        "n2": rng.randint(4, 38),
        "n3": rng.randint(2, 9),
    }
    rows = [rng.choice(words["announcement_openings"]).format(**_where(unit_name, period_label))]
    rows += [line.format(**facts) for line in rng.sample(words["announcements"], rng.randint(3, 4))]
    return "\n".join([*rows, words["months"][str(month)]])


def conclusions(rng, opinion_count, topic):
    """What the chair concluded: an opening and three or four numbered points."""
    words = word_list("messages")
    points = words["conclusions"][:1] + rng.sample(words["conclusions"][1:], rng.randint(2, 3))
    topic = TOPIC_WORDS[topic]
    lines = [f"{i}. {point.format(count=opinion_count, topic=topic)}" for i, point in enumerate(points, 1)]
    return "\n".join([rng.choice(words["conclusion_opening"]), *lines])


def minutes(rng, opinion_count, topic):
    """Two or three sentences on how it went; fewer speakers than opinions."""
    speakers = max(1, opinion_count - rng.randint(0, max(0, opinion_count // 3)))
    lines = rng.sample(word_list("messages")["minutes"], rng.randint(2, 3))
    return "\n".join(line.format(speakers=speakers, topic=TOPIC_WORDS[topic]) for line in lines)


def meeting_place(rng, level, unit_name, form="hall"):
    """Where a meeting was held; for a sitting pass level "sitting" and the commune's name."""
    places = word_list("messages")["places"][f"{level}_online" if form == "online" else level]
    return rng.choice(places).format(
        gov=government_of(unit_name),
        kind=unit_word(unit_name),
        committee=committee_of(unit_name),
        commune=f"{unit_name[:1].lower()}{unit_name[1:]}",
    )


def absence_reason(rng):
    return rng.choice(word_list("messages")["absence_reasons"])


def _where(unit_name, period_label):
    period = f"{period_label[:1].lower()}{period_label[1:]}"
    return {"where": f"{unit_name[:1].lower()}{unit_name[1:]}", "period": period, "Period": upper_first(period)}


UTC_OFFSET = 7
GROUPS = ("Cán bộ thôn, khu", "Lãnh đạo, cơ quan, đoàn thể")
SHARE_OF_VILLAGES = 0.72
GUESTS = ("Ủy viên Ban Thường vụ phụ trách địa bàn", "Chuyên viên Ban Dân vận cấp trên", "Phóng viên Đài Truyền thanh")
STARTS = (time(7, 30), time(8, 0), time(8, 0), time(13, 30), time(14, 0))
CHAIRS = (Position.PARTY_SECRETARY, Position.PARTY_DEPUTY_GOV, Position.GOV_CHAIR)
OLD_DAYS, FRESH_DAYS = 75, 20
USUAL_VILLAGES = 14


class HeldMeeting(NamedTuple):
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


class DemoTables:
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
        return HeldMeeting(meeting_id, plan, unit_id, place, period, is_recent, plan.opinions, present)

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
        title = meeting_title(label, plan.theme) + ("" if plan.theme else f" {name}")
        if plan.kind == MeetingKind.EXTRAORDINARY:
            title = title.replace("chuyên đề", "đột xuất", 1)
        papers = {
            "title": title,
            "search_text": fold_words(title)[:300],
            "place": "" if plan.sittings else meeting_place(rng, plan.level, name, plan.form),
        }
        if is_recent:
            topic = rng.choice(("LAND", "ENV", "TRANSPORT", "CLEARANCE", "IRRIGATION", "SOCIAL_POLICY"))
            papers |= {
                "chairs": self._chairs(unit_id, plan.held_on),
                "secretary": self._secretary(unit_id, plan.held_on),
                "agenda": agenda(name, label, plan.theme),
                "announcements": announcements(rng, name, label, period.last.month),
                "conclusions": conclusions(rng, plan.opinions, topic),
                "minutes": minutes(rng, plan.opinions, topic),
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
            return Presence.EXCUSED, {"reason": absence_reason(self.rng)}
        return Presence.ABSENT, {}

    def _sit(self, meeting_id, unit_id, plan):
        """The sittings of a round, each with its own number of people."""
        for sitting in plan.sittings:
            ids = tuple(self.world.id_of[key] for key in sitting.communes)
            host = self.world.name(ids[0], sitting.held_on)
            sitting_id = self.sittings.add(
                meeting_id=meeting_id, cluster_id=self.clusters.get((unit_id, ids)), held_on=sitting.held_on,
                place=meeting_place(self.rng, "sitting", host), attendance_count=sitting.attendance,
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


TASKED_DAYS, ANNOUNCED_DAYS = 125, 70
SHARE_DONE, SHARE_DROPPED, SHARE_EARLY = 0.78, 0.05, 0.3
SHARE_ASKING = 0.05
CHARGED = {
    Level.COMMUNE: (Position.GOV_VICE, Position.PARTY_STANDING_DEPUTY, Position.FRONT_CHAIR),
    Level.DISTRICT: (Position.MMD_HEAD, Position.PARTY_OFFICE, Position.FRONT_CHAIR),
}
DUE_DAYS = (7, 10, 15, 20, 30, 45)


class Business:
    """`leave(held)` for each recent meeting, then `save`."""

    def __init__(self, world, rng, staff, offices, accounts):
        self.world, self.rng, self.staff, self.offices, self.accounts = world, rng, staff, offices, accounts
        self.taskings, self.announcements, self.relays = Shelf(Tasking), Shelf(Announcement), Shelf(Relay)
        self.words = word_list("business")

    @property
    def shelves(self):
        return self.taskings, self.announcements, self.relays

    def save(self):
        for shelf in self.shelves:
            shelf.save()

    def leave(self, held):
        age = (self.world.today - held.plan.held_on).days
        if age <= TASKED_DAYS and held.plan.level in CHARGED:
            self._conclude(held)
        if age <= ANNOUNCED_DAYS and held.plan.level in CHARGED:
            self._announce(held)

    def _conclude(self, held):
        """Two or three lines; the first is charged to a body, the last to a person."""
        rng, day, words = self.rng, held.plan.held_on, self.words
        topics = rng.sample(sorted(words["taskings"]), rng.randint(1, 2))
        if rng.random() < 0.4 and "LAND" not in topics:
            topics[0] = "LAND"
        lines = [(rng.choice(words["taskings"][topic]), topic) for topic in topics]
        lines.append((rng.choice(words["general"]), None))
        for number, (text, topic) in enumerate(lines, 1):
            body_id = self.offices.answering(held.unit_id, day, topic)[0] if topic else None
            self.taskings.add(
                meeting_id=held.meeting_id, unit_id=held.unit_id, level=held.plan.level, number=number, text=text,
                body_id=body_id, person_id=None if body_id and rng.random() < 0.6 else self._person(held),
                **self._fate(held, day + timedelta(days=rng.choice(DUE_DAYS))), **held.place.columns,
            )  # fmt: skip

    def _person(self, held):
        position = self.rng.choice(CHARGED[held.plan.level])
        term = self.staff.holder(held.unit_id, position, held.plan.held_on)
        term = term or self.staff.holder(held.unit_id, Position.PARTY_SECRETARY, held.plan.held_on)
        return term.someone.person_id

    def _fate(self, held, due_on):
        """Most lines are done in time, some late, a few dropped, some still owed."""
        rng, today, dice = self.rng, self.world.today, self.rng.random()
        is_ended = not self.world.is_alive(held.unit_id, today)
        if due_on >= today and not is_ended:
            is_done, is_dropped = dice < SHARE_EARLY, False
        else:
            is_done = dice < SHARE_DONE or is_ended
            is_dropped = not is_done and dice < SHARE_DONE + SHARE_DROPPED
        if is_dropped:
            return {"due_on": due_on, "status": TaskingStatus.DROPPED, "result": rng.choice(self.words["dropped"])}
        if not is_done:
            return {"due_on": due_on}
        last = min(due_on + timedelta(days=4), today - timedelta(days=1), self._last_day(held.unit_id))
        span = max(0, (last - held.plan.held_on).days)
        done_on = held.plan.held_on + timedelta(days=rng.randint(span // 2, span))
        result = rng.choice(self.words["results"])
        return {"due_on": due_on, "status": TaskingStatus.DONE, "done_on": done_on, "result": result}

    def _last_day(self, unit_id):
        end = self.world.units[unit_id].valid_to
        return end - timedelta(days=1) if end else self.world.today

    def _announce(self, held):
        rng, day = self.rng, held.plan.held_on
        targets = self._targets(held)
        reporter = self._reporter(held)
        for number, text in enumerate(rng.sample(self.words["announcements"], rng.randint(2, 3)), 1):
            due_on = day + timedelta(days=rng.choice((7, 10, 15))) if rng.random() < 0.7 else None
            announcement_id = self.announcements.add(
                meeting_id=held.meeting_id, number=number, text=text, due_on=due_on
            )
            for unit_id in targets:
                self._pass_on(announcement_id, unit_id, day, reporter)

    def _targets(self, held):
        day = held.plan.held_on
        if held.plan.level == Level.COMMUNE:
            return self.world.villages(held.unit_id, day)
        return sorted(self.world.id_of[key] for key in self.world.tree(day).get(held.plan.unit, ()))

    def _reporter(self, held):
        own = self.accounts.of(held.unit_id, "commune", "leader")
        return own or self.accounts.of(self.world.province.pk, "specialist", "province")

    def _pass_on(self, announcement_id, unit_id, day, reporter):
        """Old news nearly everywhere, last week's here and there."""
        rng, yesterday = self.rng, self.world.today - timedelta(days=1)
        age = (self.world.today - day).days
        if age < 3 or rng.random() > (0.96 if age > 30 else 0.75 if age > 10 else 0.35):
            return
        relayed_on = min(day + timedelta(days=rng.randint(1, 12)), yesterday)
        self.relays.add(
            announcement_id=announcement_id, unit_id=unit_id, relayed_on=relayed_on, reach_count=rng.randint(18, 95),
            questions=rng.choice(self.words["questions"]) if rng.random() < SHARE_ASKING else "",
            reported_by_id=reporter, reported_at=moment(relayed_on, 17),
        )  # fmt: skip
