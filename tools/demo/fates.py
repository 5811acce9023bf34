"""What becomes of an opinion: its moves with their days, as the map of allowed moves permits."""

from datetime import date, timedelta
from typing import NamedTuple

from feedback.clocks.reads import Clock
from feedback.enums import ExtensionKind, ExtensionState, OpinionStatus, Verb
from feedback.models import Extension, Milestone, Opinion, OpinionMove
from feedback.rules import ABOVE_DAYS, RECEIPT_DAYS, next_review, standing_waits
from feedback.thread.news import STAFF_ROLES
from people.reads import users_with_roles
from tools.demo.material import add_working_days, roll_forward
from tools.demo.tables import moment

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


SHARE_RECEIVED, SHARE_STEPS, SHARE_EXTENDED, SHARE_ASKED = 0.8, 0.3, 0.15, 0.35
PASSED_ON = (Verb.ASSIGN, Verb.ESCALATE, Verb.TRANSFER)
NEW_TO_IT = (OpinionStatus.ASSIGNED, OpinionStatus.ESCALATED, OpinionStatus.TRANSFERRED)
STEPS = (
    ("Khảo sát hiện trường, lập biên bản", "Lập dự toán, xác định nguồn vốn", "Thi công, nghiệm thu"),
    ("Rà soát hồ sơ, đối chiếu bản đồ", "Làm việc với hộ dân và thôn, khu", "Trả kết quả cho hộ dân"),
    ("Kiểm tra thực tế cùng thôn, khu", "Văn bản đề nghị đơn vị liên quan phối hợp"),
)
DONE = "Đã xong bước đầu, đang thực hiện các bước tiếp theo."
REASONS = ("Chờ bố trí kinh phí.", "Chờ ý kiến của cơ quan chuyên môn cấp trên.", "Mưa kéo dài, phải lùi thi công.")
PLANNED = "Theo kế hoạch vốn đã được thông qua."
ASKED_AGAIN = "Nguồn vốn chưa được phân bổ, đề nghị thêm thời gian."
CHANGED = ("receipt_due_on", "receipted_on", "waiting_from", "review_on", "due_on", "version")


def turn_clocks(world, rng):
    """Set them from each thread's own steps; new steps come after the last one, so that the thread stays whole."""
    opinions = list(Opinion.objects.unresolved().filter(province=world.province).order_by("pk"))
    Opinion.objects.filter(province=world.province, satisfaction="not").update(dissatisfied_count=1)
    threads = {opinion.pk: [] for opinion in opinions}
    rows = OpinionMove.objects.filter(opinion_id__in=threads).order_by("at", "pk")
    for pk, verb, holder_id, due_on, at in rows.values_list("opinion_id", "verb", "holder_id", "due_on", "at"):
        threads[pk].append((verb, holder_id, due_on, at.date()))
    turner = _Turner(world, rng, Clock(world.province.pk, world.today))
    for opinion in opinions:
        turner.turn(opinion, threads[opinion.pk])
    Opinion.objects.bulk_update(opinions, CHANGED, batch_size=200)
    OpinionMove.objects.bulk_create(turner.moves, batch_size=500)
    Milestone.objects.bulk_create(turner.steps, batch_size=500)
    Extension.objects.bulk_create([*turner.extensions(), *_reopened(world)], batch_size=500)


def _reopened(world):
    """The day that came with each reopening."""
    steps = OpinionMove.objects.filter(opinion__province=world.province, verb=Verb.REOPEN).select_related("opinion")
    for step in steps.order_by("pk"):
        yield Extension(
            opinion=step.opinion, kind=ExtensionKind.REOPENING, holder_id=step.holder_id, new_due_on=step.due_on,
            old_due_on=step.opinion.first_due_on, reason=step.note[:500], state=ExtensionState.GRANTED,
            asked_by_name=step.actor_name, asked_on=step.at.date(), decided_at=step.at,
        )  # fmt: skip


class _Turner:
    def __init__(self, world, rng, clock):
        self.world, self.rng, self.clock = world, rng, clock
        self.moves, self.steps, self._asked = [], [], []

    def turn(self, opinion, thread):
        """One opinion: what its steps say, and sometimes a step more."""
        last = thread[-1][3]
        waits = standing_waits(thread)
        opinion.waiting_from = waits[0].day if waits else None
        last = self._receive(opinion, thread, last)
        if opinion.status == OpinionStatus.SCHEDULED:
            opinion.review_on = next_review(self.world.today, opinion.planned_on, self.clock)
            day = max(each[3] for each in thread if each[0] == Verb.SCHEDULE)
            self._ask(opinion, opinion.planned_on, PLANNED, ExtensionState.GRANTED, day, ExtensionKind.PLAN)
        if opinion.status == OpinionStatus.IN_PROGRESS:
            last = self._walk(opinion, last) if self.rng.random() < SHARE_STEPS else last
            if self.rng.random() < SHARE_EXTENDED:
                self._extend(opinion, last)

    def extensions(self):
        """Rows, each with an account of the holder that asked for it."""
        staff = users_with_roles({row.opinion.holder_id for row in self._asked}, STAFF_ROLES, self.world.today)
        for row in self._asked:
            row.asked_by_id = min(staff[row.opinion.holder_id], default=0)
        return self._asked

    def _receive(self, opinion, thread, last):
        passed = [day for verb, _, _, day in thread if verb in PASSED_ON]
        if not passed or thread[-1][0] == Verb.HAND_OVER:
            return last
        opinion.receipt_due_on = add_working_days(passed[-1], RECEIPT_DAYS)
        if opinion.status not in NEW_TO_IT:
            opinion.receipted_on = last
            return last
        day = add_working_days(last, self.rng.randint(1, RECEIPT_DAYS + 2))
        if day < self.world.today and self.rng.random() < SHARE_RECEIVED:
            opinion.receipted_on = day
            return self._say(opinion, Verb.RECEIPT, day)
        return last

    def _walk(self, opinion, last):
        """Named steps, the first of them done."""
        texts = self.rng.choice(STEPS)
        day = add_working_days(last, self.rng.randint(3, 9))
        if day >= self.world.today:
            return last
        for number, text in enumerate(texts):
            due_on = roll_forward(day + timedelta(days=12 * number))
            done_on = day if number == 0 else None
            self.steps.append(Milestone(opinion=opinion, text=text, due_on=due_on, done_on=done_on, made_by_id=0))
        return self._say(opinion, Verb.PROGRESS, day, f"{texts[0]}. {DONE}")

    def _extend(self, opinion, last):
        """More time taken before the day was over; of some, more is asked for now."""
        day = add_working_days(last, 2)
        if not day <= opinion.due_on or day >= self.world.today - timedelta(days=2):
            return
        new_due_on, reason = roll_forward(opinion.due_on + timedelta(days=30)), self.rng.choice(REASONS)
        self._ask(opinion, new_due_on, reason, ExtensionState.GRANTED, day)
        opinion.due_on = new_due_on
        self._say(opinion, Verb.EXTEND, day, reason)
        if self.rng.random() < SHARE_ASKED and new_due_on > self.world.today:
            later = roll_forward(new_due_on + timedelta(days=30))
            self._ask(opinion, later, ASKED_AGAIN, ExtensionState.PENDING, None)
            words = f"Đề nghị gia hạn đến ngày {later:%d/%m/%Y}: {ASKED_AGAIN}"
            self._say(opinion, Verb.ASK_EXTENSION, self.world.today - timedelta(days=1), words)

    def _ask(self, opinion, new_due_on, reason, state, day, kind=ExtensionKind.EXTENSION):
        facts = {"reason": reason, "state": state, "decided_at": moment(day, 15) if day else None, "kind": kind}
        facts |= {"needs_above": day is None, "asked_on": day or self.world.today - timedelta(days=1)}
        facts |= {"holder_id": opinion.holder_id, "asked_by_name": self.world.units[opinion.holder_id].name}
        old_due_on = opinion.first_due_on if kind == ExtensionKind.PLAN else opinion.due_on
        self._asked.append(Extension(opinion=opinion, old_due_on=old_due_on, new_due_on=new_due_on, **facts))

    def _say(self, opinion, verb, day, note=""):
        """A line of the thread by whoever has the matter; the answer is its day."""
        unit = self.world.units[opinion.holder_id]
        facts = {"before": opinion.status, "after": opinion.status, "note": note, "due_on": opinion.due_on}
        facts |= {"holder_id": opinion.holder_id, "body_id": opinion.body_id, "actor_name": unit.name}
        self.moves.append(OpinionMove(opinion=opinion, verb=verb, at=moment(day, 17, self.rng.randint(0, 59)), **facts))
        opinion.version += 1
        return day


def shown_long_ago(world):
    """What the job has just laid before the level above was shown there on its day, unless the thread moved since."""
    shown = Opinion.objects.unresolved().filter(province=world.province, shown_above_on=world.today)
    opinions = {opinion.pk: opinion for opinion in shown.order_by("pk")}
    moves = {}
    for move in OpinionMove.objects.filter(opinion_id__in=opinions).order_by("at", "pk"):
        moves.setdefault(move.opinion_id, []).append(move)
    changed = []
    for pk, opinion in opinions.items():
        *earlier, line = moves[pk]
        day = opinion.due_on + timedelta(days=ABOVE_DAYS)
        if opinion.status != OpinionStatus.SCHEDULED and day < world.today and earlier[-1].at < moment(day, 7):
            opinion.shown_above_on, line.at = day, moment(day, 7)
            line.note = f"Hạn {opinion.due_on:%d/%m/%Y}, đã quá {ABOVE_DAYS} ngày."
            changed.append(line)
    Opinion.objects.bulk_update([opinions[line.opinion_id] for line in changed], ["shown_above_on"], batch_size=500)
    OpinionMove.objects.bulk_update(changed, ["at", "note"], batch_size=500)
