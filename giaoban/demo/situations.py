"""Situations of the last months: who knew when, what came of it, and a few that a level above knew first."""

import random
from datetime import timedelta

from django.db import transaction

from giaoban.demo.material import fold_words, word_list
from giaoban.demo.store import Shelf, reset_sequences
from giaoban.demo.tables import moment
from people.enums import Role
from units.enums import Level
from visits.enums import KNOWERS_ABOVE, Knower, SituationState
from visits.models import Assignment, Explanation, Knowing, Situation
from visits.situations.responsible import assigned_at

ORDINARY, LATEST, OLDEST = 6, 4, 150
HOURS = (7, 8, 9, 10, 14)
REVIEWED, EXPLAINED, SILENT = range(3)


@transaction.atomic
def report_situations(world, world_name, seed, accounts):
    """In the communes whose officers have accounts; returns how many."""
    teller = _Teller(world, random.Random(f"situations {world_name} {seed}"), accounts)
    officers = [a for a in accounts.opened if a.role == Role.COMMUNE and world.is_alive(a.unit.pk, world.today)]
    for officer in officers:
        teller.tell_ordinary(officer)
    cadres = [a for a in accounts.opened if a.role == Role.CADRE and world.is_alive(a.unit.pk, world.today)]
    below = [account for account in cadres if account.unit.level != Level.PROVINCE]
    for account in below[:1]:
        teller.tell_late(account)
    return teller.save()


class _Teller:
    def __init__(self, world, rng, accounts):
        self.world, self.rng, self.accounts = world, rng, accounts
        self.words = word_list("situations")
        self.situations = Shelf(Situation, is_sample=True)
        self.knowings, self.explanations = Shelf(Knowing), Shelf(Explanation)

    def save(self):
        shelves = self.situations, self.knowings, self.explanations
        number, *_ = [shelf.save() for shelf in shelves]
        reset_sequences(shelves)
        return number

    def tell_ordinary(self, officer):
        """At villages of the commune; whoever was assigned there answers, many places of long ago had nobody."""
        villages = self.world.villages(officer.unit.pk, self.world.today)
        if not villages:
            return
        stories = self.rng.sample(self.words["ordinary"], ORDINARY)
        for number, story in enumerate(stories):
            back = LATEST + (OLDEST - LATEST) * number // ORDINARY + self.rng.randint(0, 9)
            day = self.world.today - timedelta(days=back)
            village_id = self.rng.choice(villages)
            if not self.world.is_alive(village_id, day):
                continue
            place = self.world.place(village_id, day)
            assigned = assigned_at(place, day)
            hours = self._ordinary_hours(bool(assigned))
            state = SituationState.CLOSED if number > 1 else (SituationState.OPEN, SituationState.HANDLING)[number]
            self._add(story, village_id, place, day, assigned[0] if assigned else None, hours, state, officer)

    def _ordinary_hours(self, has_cadre):
        """{knower: hours after it happened}: from below upwards, as it should be."""
        first = self.rng.choice((0, 1, 1, 2))
        hours = {Knower.VILLAGE: first, Knower.COMMUNE: first + self.rng.choice((2, 3, 5))}
        if has_cadre:
            hours[Knower.RESPONSIBLE] = first + 1
        return hours

    def tell_late(self, account):
        """Three that the cadre's own committee knew first: reviewed, explained, and not explained yet."""
        held = Assignment.objects.on(self.world.today).filter(person_id=account.term.someone.person_id)
        assignment = held.filter(group="").select_related("unit").order_by("is_deputy", "pk").first()
        keeper = self._keeper(account)
        if assignment is None or keeper is None:
            return
        for fate, story in zip((REVIEWED, EXPLAINED, SILENT), self.words["late"], strict=True):
            day = self.world.today - timedelta(days=(44, 12, 5)[fate])
            if day < assignment.valid_from:
                continue
            above = KNOWERS_ABOVE[account.unit.level][0]
            hours = {Knower.VILLAGE: 0, above: 1}
            if fate != SILENT:
                hours[Knower.RESPONSIBLE] = (6, 4)[fate]
            state = (SituationState.CLOSED, SituationState.HANDLING, SituationState.HANDLING)[fate]
            place = self.world.place(assignment.unit_id, day)
            situation_id = self._add(story, assignment.unit_id, place, day, assignment, hours, state, keeper)
            self._explain(situation_id, fate, day, account, keeper)

    def _keeper(self, account):
        """Whoever says the word of the level above: a leader of the cadre's own unit."""
        roles = (Role.LEADER, Role.COMMUNE_LEADER)
        found = (each for each in self.accounts.opened if each.unit == account.unit and each.role in roles)
        return next(found, None)

    def _add(self, story, unit_id, place, day, assignment, hours, state, keeper):
        title, account, outcome = story
        is_closed = state == SituationState.CLOSED
        begun = moment(day, self.rng.choice(HOURS), self.rng.choice((0, 15, 30)))
        known = {knower: begun + timedelta(hours=number) for knower, number in hours.items()}
        reported = max(known.values()) + timedelta(hours=self.rng.choice((1, 2, 3)))
        handling = reported + timedelta(hours=self.rng.choice((2, 3, 24)))
        closed = handling + timedelta(hours=self.rng.choice((24, 48, 72)))
        name = self.world.name(unit_id, day)
        situation_id = self.situations.add(
            unit_id=unit_id, level=self.world.units[unit_id].level, village_id=place.village_id, title=title,
            account=account, happened_at=begun, state=state, reported_at=reported,
            responsible_id=assignment and assignment.person_id, responsible_post_id=assignment and assignment.post_id,
            reported_to=self.rng.choice(self.words["reported"]), outcome=outcome if is_closed else "",
            handling_at=None if state == SituationState.OPEN else handling, closed_at=closed if is_closed else None,
            search_text=fold_words(f"{title} {account} {name}"), created_by_id=keeper.user_id,
            created_at=reported, **place.columns,
        )  # fmt: skip
        for knower, at in known.items():
            self.knowings.add(
                situation_id=situation_id, knower=knower, known_at=at, noted_by_id=keeper.user_id,
                from_whom=self.rng.choice(self.words["sources"][knower]), noted_by_name=self._signed(keeper),
            )  # fmt: skip
        return situation_id

    def _explain(self, situation_id, fate, day, account, keeper):
        if fate == SILENT:
            return
        review = {}
        if fate == REVIEWED:
            review = {
                "review": self.words["review"], "reviewed_at": moment(day + timedelta(days=6), 9),
                "reviewed_by_id": keeper.user_id, "reviewed_by_name": self._signed(keeper),
            }  # fmt: skip
        self.explanations.add(
            situation_id=situation_id, text=self.words["explanations"][fate], version=1 + bool(review),
            written_at=moment(day + timedelta(days=3), 10), written_by_id=account.user_id, **review,
        )  # fmt: skip

    def _signed(self, keeper):
        return f"{keeper.term.someone.name}, {self.world.name(keeper.unit.pk, self.world.today)}"
