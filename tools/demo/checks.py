"""What a reviewer finds in the demo: villages that confirmed, one pair of visits nobody can make, a few more questions,
and check pairs by lot."""

from datetime import datetime, time, timedelta

from core.periods import Period
from people.enums import Position, Role, title_at
from tools.demo.material import fold_words, word_list, working_days
from tools.demo.store import Shelf
from tools.demo.tables import moment
from units.enums import Level
from visits.checks.rules import content_key, draw_pairs, draw_sample
from visits.enums import VisitStatus
from visits.models import CheckDraw, CheckPair

GAP, LENGTH = timedelta(minutes=15), timedelta(minutes=90)
SAME = ("level", "person_id", "post_id", "group", "visited_on", "members_due", "members_present")
COPIES, LATE_DAYS = 3, 24
SAMPLE = 2
DRAWN_AFTER = timedelta(days=6)


class CrossChecks:
    """`look` when the visits are on their shelf; `shelves` hold the drawings."""

    def __init__(self, world, chance, accounts):
        self.world, self.chance, self.accounts = world, chance, accounts
        self.draws, self.pairs = Shelf(CheckDraw), Shelf(CheckPair)
        self.samples = Shelf(CheckPair.visits.through)

    @property
    def shelves(self):
        return self.draws, self.pairs, self.samples

    def look(self, going):
        """`going`: who was sent where, and the shelf of visits."""
        visits = [row for row in going.visits.rows if row["status"] != VisitStatus.WITHDRAWN]
        self._villages_say(going, visits)
        self._plant_pair(going, visits)
        self._plant_copies(going, visits)
        self._draw(going, visits)

    def _villages_say(self, going, visits):
        """The accounts of villages confirmed what was confirmed there; each has a visit that still waits."""
        speakers = {a.unit.pk: a for a in self.accounts.opened if a.role == Role.VILLAGE}
        for row in visits:
            if row["status"] == VisitStatus.CONFIRMED and row["village_id"] in speakers:
                row |= self._word_of(speakers[row["village_id"]])
        for speaker in speakers.values():
            place = self.world.place(speaker.unit.pk, self.world.today)
            cadres = [each for each in going.cadres if each.term.unit_id == place.commune_id]
            days = working_days(self.world.today - timedelta(days=12), self.world.today - timedelta(days=2))
            for cadre, state in zip(cadres, (VisitStatus.LOGGED, VisitStatus.CONFIRMED), strict=False):
                free = [day for day in days if (cadre.term.someone.person_id, day) not in going.taken]
                if free and cadre.term.someone.person_id != speaker.term.someone.person_id:
                    row = _visit_outside(going, cadre, speaker.unit, self.chance.choice(free), self.chance)
                    if state == VisitStatus.CONFIRMED:
                        row |= {"status": state, "reviewed_at": moment(row["visited_on"], 21)} | self._word_of(speaker)
                    visits.append(row)

    def _word_of(self, speaker):
        term, name = speaker.term, self.world.name(speaker.unit.pk, self.world.today)
        words = f"{term.someone.name}, {title_at(Position(term.position).label, name)}"
        return {"reviewed_by_id": speaker.user_id, "reviewed_by_name": words[:200], "reviewed_level": Level.VILLAGE}

    def _plant_pair(self, going, visits):
        """One cadre, one day, two communes, a quarter of an hour between them: the only such pair of the demo."""
        leaders = [a.unit.pk for a in self.accounts.opened if a.role == Role.LEADER]
        homes = [pk for pk in leaders if self.world.is_alive(pk, self.world.today)] + [self.world.province.pk]
        for home in homes:
            for cadre in going.cadres:
                own = [row for row in visits if row["post_id"] == cadre.term.post_id and row["level"] == cadre.level]
                for row in reversed(own if cadre.term.unit_id == home else []):
                    other = self._elsewhere(cadre, row)
                    if other and row["started_at"].hour < 19:
                        _visit_after(going, row, other)
                        return

    def _elsewhere(self, cadre, row):
        """Another place of the cadre's, in another commune on that day."""
        for unit in cadre.places:
            place = self.world.place(unit.pk, row["visited_on"])
            if place.commune_id not in (None, row["commune_id"]):
                return unit
        return None

    def _plant_copies(self, going, visits):
        """One cadre of a commune wrote the same thing three times, and one visit long after its day."""
        homes = [a.unit.pk for a in self.accounts.opened if a.role == Role.COMMUNE]
        posts = {cadre.term.post_id for cadre in going.cadres if cadre.term.unit_id in homes}
        of_post = {pk: [row for row in visits if row["post_id"] == pk] for pk in sorted(posts)}
        writer = next((rows for rows in of_post.values() if len(rows) >= COPIES), [])
        for row in writer[1:COPIES]:
            row |= {"content": writer[0]["content"], "content_key": writer[0]["content_key"]}
            row["search_text"] = fold_words(f"{row['search_text']} {row['content']}")
        old = [row for row in writer if row["visited_on"] < self.world.today - timedelta(days=LATE_DAYS)]
        for row in old[:1]:
            waiting = {
                "status": VisitStatus.LOGGED,
                "logged_at": moment(row["visited_on"] + timedelta(days=LATE_DAYS), 9),
            }
            row |= dict.fromkeys(("reviewed_by_name", "reviewed_level", "note"), "") | {"reviewed_at": None} | waiting

    def _draw(self, going, visits):
        """The districts with an account, else the province, drew for the last quarter in which two of theirs went."""
        keepers = [a for a in self.accounts.opened if a.role == Role.SPECIALIST]
        districts = [a for a in keepers if a.unit.level == Level.DISTRICT and a.unit.valid_to is None]
        homes = {cadre.term.post_id: cadre.term.unit_id for cadre in going.cadres}
        ended = Period.of_day(self.world.today - timedelta(days=1), "quarter").previous()
        for keeper in districts or keepers[:1]:
            own = [row for row in visits if homes[row["post_id"]] == keeper.unit.pk]
            for quarter in (ended, ended.previous()):
                pool = {}
                for row in own:
                    if row["visited_on"] in quarter:
                        pool.setdefault(row["person_id"], []).append(row["id"])
                if len(pool) > 1:
                    self._keep_draw(keeper, quarter, pool)
                    break

    def _keep_draw(self, keeper, quarter, pool):
        seed, unit, today = f"{self.chance.randint(0, 999_999):06d}", keeper.unit, self.world.today
        name = f"{keeper.term.someone.name}, {title_at(Position(keeper.term.position).label, unit.name)}"
        draw_id = self.draws.add(
            unit_id=unit.pk, level=unit.level, period=quarter.code, seed=seed, candidates=sorted(pool),
            sample_size=SAMPLE, drawn_at=moment(min(quarter.last + DRAWN_AFTER, today - timedelta(days=1)), 9),
            drawn_by_id=keeper.user_id, drawn_by_name=name[:200],
            **self.world.place(unit.pk, min(quarter.last, today)).columns,
        )  # fmt: skip
        told = {account.term.someone.person_id for account in self.accounts.opened if account.role == Role.CADRE}
        for number, (checker, checked) in enumerate(draw_pairs(pool, seed), 1):
            is_done = checker not in told
            pair_id = self.pairs.add(
                draw_id=draw_id, number=number, checker_id=checker, checked_id=checked, pool=sorted(pool[checked]),
                result=self.chance.choice(word_list("visits")["checked"]) if is_done else "",
                checked_on=min(quarter.last + 3 * DRAWN_AFTER, today) if is_done else None,
            )  # fmt: skip
            for visit_id in draw_sample(pool[checked], seed, SAMPLE):
                self.samples.add(checkpair_id=pair_id, visit_id=visit_id)


def told_of(content, day, name, present, due):
    """What the cadre wrote of one gathering: the sentence of the list, and what was special that day."""
    text = f"{content} Buổi sinh hoạt ngày {day.day}/{day.month} tại {name}, có {present}/{due} thành viên dự."
    return text, content_key(text)


def _visit_outside(going, cadre, unit, day, chance):
    """A visit of an evening to the village of an account; the answer is its row."""
    place, words, someone = going.world.place(unit.pk, day), word_list("visits"), cadre.term.someone
    group, due = chance.choice(("cell", "front_board")), chance.randint(18, 40)
    present = due - chance.randint(2, 8)
    content, key = told_of(chance.choice(words["content"][group]), day, unit.name, present, due)
    going.taken.add((someone.person_id, day))
    going.visits.add(
        unit_id=unit.pk, level=cadre.level, person_id=someone.person_id, post_id=cadre.term.post_id,
        assignment_id=_sent_by(going, cadre.term.post_id, unit, group), village_id=place.village_id, group=group,
        visited_on=day, started_at=time(19, 30), ended_at=time(21), members_due=due, members_present=present,
        content=content, content_key=key, local_group_id=going.groups.at(unit.pk, group, day),
        status=VisitStatus.LOGGED, logged_at=moment(day, 22), **place.columns,
        search_text=fold_words(" ".join([someone.name, unit.name, content])),
    )  # fmt: skip
    return going.visits.rows[-1]


def _visit_after(going, row, unit):
    """The same cadre's next visit of the day, elsewhere, too soon to have got there."""
    day, group = row["visited_on"], row["group"]
    begins = datetime.combine(day, row["ended_at"]) + GAP
    place = going.world.place(unit.pk, day)
    words = word_list("visits")["content"][group][-1]
    content, key = told_of(words, day, unit.name, row["members_present"], row["members_due"])
    going.visits.add(
        unit_id=unit.pk, village_id=place.village_id, started_at=begins.time(), ended_at=(begins + LENGTH).time(),
        assignment_id=_sent_by(going, row["post_id"], unit, group), content=content, content_key=key,
        local_group_id=going.groups.at(unit.pk, group, day), status=VisitStatus.LOGGED, logged_at=moment(day, 20),
        search_text=fold_words(f"{unit.name} {content}"), **place.columns, **{name: row[name] for name in SAME},
    )  # fmt: skip


def _sent_by(going, post_id, unit, group):
    """The assignment of a post that covers a place, or None."""
    rows = (row for row in going.assignments.rows if (row["post_id"], row["unit_id"]) == (post_id, unit.pk))
    return next((row["id"] for row in rows if row["group"] in ("", group)), None)
