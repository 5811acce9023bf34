"""What the clocks of the demo's open opinions say: receipts, waiting, reviews, steps on the way, more time."""

from datetime import timedelta

from feedback.clocks import Clock
from feedback.enums import ExtensionKind, ExtensionState, OpinionStatus, Verb
from feedback.models import Extension, Milestone, Opinion, OpinionMove
from feedback.rules import ABOVE_DAYS, RECEIPT_DAYS, next_review, standing_waits
from feedback.services.news import STAFF_ROLES
from giaoban.demo.tables import moment
from giaoban.demo.workdays import add_working_days, roll_forward
from people.selectors import users_with_roles

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
