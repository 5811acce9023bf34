"""What becomes of an opinion: its moves with their days, as the map of allowed moves permits."""

from datetime import date, timedelta
from typing import NamedTuple

from giaoban.demo.workdays import add_working_days, roll_forward

DUE_DAYS = {"village": 30, "commune": 30, "district": 30, "province": 60, "central": 60, "sector": 60}
LADDER = ("commune", "district", "province")
AFTER = {
    "record": "recorded", "answer_on_spot": "answered_on_spot", "assign": "assigned", "start": "in_progress",
    "schedule": "scheduled", "resolve": "resolved", "explain": "explained", "accept": "accepted",
    "decline": "declined", "escalate": "escalated", "transfer": "transferred", "merge": "duplicate",
    "redirect": "redirected", "withdraw": "withdrawn", "reopen": "in_progress",
}  # fmt: skip
OPEN = {"recorded", "assigned", "in_progress", "scheduled", "escalated", "transferred"}
EXCLUDED = {"duplicate", "redirected", "withdrawn"}
OLD_AFTER = timedelta(days=3 * 365)
IDEAS = ("initiative", "good_practice", "comment")
OUTCOMES = {
    "idea": {"accept": 85, "explain": 15},
    "proposal": {"accept": 52, "answer_on_spot": 26, "explain": 18, "decline": 4},
    "question": {"answer_on_spot": 78, "explain": 22},
    "own": {"answer_on_spot": 47, "resolve": 33, "explain": 17, "decline": 3},
    "other": {"answer_on_spot": 16, "resolve": 55, "explain": 25, "decline": 4},
}
SHARES_EXCLUDED = {"redirect": 0.004, "withdraw": 0.006}
SHARE_MERGED = 0.3
"""Of those that say again what is there already."""
SHARE_SCHEDULED, SHARE_REOPENED = 0.05, 0.02
SHARE_STUCK, SHARE_STUCK_LONG_AGO, LONG_AGO = 0.19, 0.03, 300
STUCK_HOME, STUCK_AWAY = (0, 1, 1, 2, 2, 2), (0, 0, 1, 2)
CONFIRMED = {"satisfied": 78, "partly": 15, "not": 7}


class Move(NamedTuple):
    """`holder` is the level that holds the opinion after the move, `due_on` the day it then has."""

    on: date
    verb: str
    before: str
    after: str
    holder: str
    due_on: date


class Fate(NamedTuple):
    status: str
    moves: list
    due_on: date
    first_due_on: date
    promised_on: date
    late_days: int
    settled_on: date | None
    confirmed: str
    first_settled_on: date | None
    confirmed_on: date | None
    planned_on: date | None
    holder: str


def fate(rng, competence, level, raised_on, today, *, kind="petition", two_tier=False, mergeable=True):
    """The way of an opinion raised at a meeting of `level` until `today`.

    Older than three years: settled or explained. Younger: every state there is, and about one in twenty that is
    past due still unresolved. `mergeable=False` where there is nothing it could be a duplicate of.
    """
    thread = _Thread(rng, competence, level, raised_on, today, two_tier)
    if today - raised_on > OLD_AFTER:
        thread.settle(_outcome(rng, kind, thread), within=45)
    else:
        _live(thread, kind, mergeable)
    return thread.fate()


def _outcome(rng, kind, thread):
    key = "idea" if kind in IDEAS else kind if kind in OUTCOMES else "own" if thread.is_home else "other"
    return _pick(rng, OUTCOMES[key])


def _pick(rng, shares):
    return rng.choices(list(shares), list(shares.values()))[0]


def _live(thread, kind, mergeable):
    """A thread of the last years; its steps after today have not happened yet."""
    rng = thread.rng
    dice = rng.random()
    shares = SHARES_EXCLUDED | {"merge": SHARE_MERGED} if mergeable else SHARES_EXCLUDED
    for verb, share in shares.items():
        if dice < share:
            thread.go(verb, rng.randint(0, 4))
            return
        dice -= share
    outcome = _outcome(rng, kind, thread)
    is_work = outcome in ("resolve", "explain")
    age = (thread.today - thread.raised_on).days
    if is_work and rng.random() < (SHARE_STUCK_LONG_AGO if age > LONG_AGO else SHARE_STUCK):
        thread.work(stop_after=rng.choice(STUCK_HOME if thread.is_home else STUCK_AWAY))
        return
    if outcome == "resolve" and rng.random() < SHARE_SCHEDULED:
        thread.schedule()
        return
    thread.settle(outcome, within=DUE_DAYS[thread.competence] - 4)
    if outcome == "resolve" and rng.random() < SHARE_REOPENED:
        thread.go("reopen", rng.randint(8, 40))
        thread.go("resolve", rng.randint(8, 25))


class _Thread:
    """Walks on from the day raised; a step that would lie after today is not taken, nor any after it."""

    def __init__(self, rng, competence, level, raised_on, today, two_tier):
        self.rng, self.competence, self.raised_on, self.today = rng, competence, raised_on, today
        self.ladder = tuple(step for step in LADDER if step == level or not (two_tier and step == "district"))
        self.status, self.holder, self.on = "", level, raised_on
        self.moves, self.planned_on, self.is_over = [], None, False
        self.first_due_on = self.promised_on = self.due_on = self._due_on(raised_on)
        self.late_days = 0
        self.go("record", 0)
        self.home = self._home()

    def _home(self):
        if self.competence in ("village", "commune"):
            return "commune"
        if self.competence in ("district", "sector"):
            return self.ladder[1]
        return "province"

    @property
    def is_home(self):
        return self.home == self.holder

    def go(self, verb, days, holder=None):
        on = self.on + timedelta(days=days)
        if self.is_over or on > self.today:
            self.is_over = True
            return
        self.on, self.holder = on, holder or self.holder
        if verb == "reopen":
            self.promised_on = self.due_on = self._due_on(on)
        self.moves.append(Move(on, verb, self.status, AFTER[verb], self.holder, self.due_on))
        self.status = AFTER[verb]
        if self.status not in OPEN:
            self.late_days = max(self.late_days, (on - self.promised_on).days)

    def go_working(self, verb, days, holder=None):
        self.go(verb, (add_working_days(self.on, days) - self.on).days, holder)

    def settle(self, outcome, within):
        """Straight away, or after work that ends within so many days of the day raised."""
        if outcome in ("answer_on_spot", "accept", "decline"):
            self.go(outcome, 0 if outcome == "answer_on_spot" else self.rng.randint(0, 5))
            return
        if outcome == "explain" and self.is_home and self.rng.random() < 0.5:
            self.go("explain", self.rng.randint(1, 8))
            return
        self.work(stop_after=2)
        left = max(2, within - (self.on - self.raised_on).days)
        self.go(outcome, self.rng.randint(1, left))

    def work(self, stop_after):
        """To the level whose business it is, then assigned, then begun: as many of the three as `stop_after` allows."""
        rng = self.rng
        while not self.is_home:
            up = self.ladder.index(self.holder) < self.ladder.index(self.home)
            to = self.ladder[self.ladder.index(self.holder) + 1] if up else self.home
            if self.status != "recorded":
                self.go_working("assign", rng.randint(1, 3))
            self.go_working("escalate" if up else "transfer", rng.randint(1, 5), to)
            if self.is_over:
                return
        if stop_after >= 1:
            self.go_working("assign", rng.randint(1, 6))
        if stop_after >= 2:
            self.go_working("start", rng.randint(1, 4))

    def schedule(self):
        """Waits for money; where the planned day has come, it is taken up again and done."""
        self.work(stop_after=2)
        self.go("schedule", self.rng.randint(2, 12))
        if self.status != "scheduled":
            return
        self.planned_on = self.due_on = self.on + timedelta(days=self.rng.randint(90, 420))
        self.moves[-1] = self.moves[-1]._replace(due_on=self.due_on)
        if self.planned_on < self.today:
            self.go("start", (self.planned_on - self.on).days)
            self.go("resolve", self.rng.randint(5, 30))

    def _due_on(self, day):
        return roll_forward(day + timedelta(days=DUE_DAYS[self.competence]))

    def confirm(self):
        """Half of the settled ones were asked whether they are content; returns (answer, day)."""
        on = self.on + timedelta(days=self.rng.randint(2, 20))
        if self.status in OPEN | EXCLUDED or on > self.today or self.rng.random() < 0.5:
            return "", None
        self.moves.append(Move(on, "confirm", self.status, self.status, self.holder, self.due_on))
        return _pick(self.rng, CONFIRMED), on

    def fate(self):
        settled = [move.on for move in self.moves if move.after not in OPEN]
        confirmed, confirmed_on = self.confirm()
        return Fate(
            status=self.status,
            moves=self.moves,
            due_on=self.due_on,
            first_due_on=self.first_due_on,
            promised_on=self.promised_on,
            late_days=self.late_days,
            settled_on=None if self.status in OPEN else self.on,
            confirmed=confirmed,
            first_settled_on=settled[0] if settled else None,
            confirmed_on=confirmed_on,
            planned_on=self.planned_on,
            holder=self.holder,
        )
