"""What the recent meetings left to be done: lines of their conclusions, announcements, and who passed them on."""

from datetime import timedelta

from giaoban.demo.material import word_list
from giaoban.demo.store import Shelf
from giaoban.demo.tables import moment
from meetings.enums import TaskingStatus
from meetings.models import Announcement, Relay, Tasking
from people.enums import Position
from units.enums import Level

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
