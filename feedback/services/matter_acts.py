"""What is done with a matter as a whole: answered once for all, sent up, handed out.

Every act takes its opinions through the one door with steps prepared together: as many statements for twelve opinions
as for one. Who is told hears of the act once, however many opinions of theirs it touched.
"""

from dataclasses import dataclass, field
from functools import partial

from django.db import transaction
from django.urls import reverse

from core.activity import record
from core.errors import DomainError, NotAllowed
from feedback.access import DECIDERS, STAFF, answers_for, may_comment, may_move, may_take_up
from feedback.branches import upper_unit
from feedback.clocks import Clocks
from feedback.enums import Verb, Visibility
from feedback.rules import Agreement, check_move
from feedback.services.door import locked, make, prepare, save
from feedback.services.extensions import extend_to, extension_agreement
from feedback.services.holding import send_up_to
from feedback.services.matters import save_matter, seen
from feedback.services.moves import assign_many
from feedback.services.news import notices_of, notices_of_merged
from journal.services import notify_many
from units.services import ensure_default_body

ANSWERS = (Verb.RESOLVE, Verb.EXPLAIN, Verb.ACCEPT, Verb.DECLINE)
BRANCH = ("holder", "province", "district", "commune")


@dataclass
class Outcome:
    """What an act on a matter did: opinions done, opinions only told, and [(id, why not)]."""

    done: list = field(default_factory=list)
    told: list = field(default_factory=list)
    refused: list = field(default_factory=list)


@transaction.atomic
def answer_matter(matter_id, verb, note, *, actor, version, today):
    """One answer for every open opinion of the matter that the actor may answer.

    What a lower level of the branch still holds is brought up to who holds the matter; what the actor's unit holds
    without having taken it on is received, as a single opinion would be. What lies elsewhere is not taken: its thread
    gets the answer as a word, where the actor may say one, and its holder closes it.
    """
    if verb not in ANSWERS:
        raise DomainError("Chọn hình thức trả lời.", "verb")
    matter, opinions = _open_members(matter_id, actor, version)
    outcome, own, others = Outcome(), [], []
    _bring_up(matter, opinions, STAFF, actor, today)
    for opinion in opinions:
        (own if may_move(actor, opinion, verb) else others).append(opinion)
    _receive(own, verb, matter, actor, today)
    answers = _prepared(own, partial(prepare, verb=verb, actor=actor, today=today, note=note), outcome)
    word = f"Trả lời chung cho vấn đề “{matter.title}”: {note}" if note.strip() else ""
    comment = partial(prepare, verb=Verb.COMMENT, actor=actor, today=today, note=word)
    words = _prepared([opinion for opinion in others if may_comment(actor, opinion)], comment, outcome)
    outcome.done = [step.opinion for step in answers]
    outcome.told = [step.opinion for step in words]
    told = {opinion.pk for opinion in outcome.told}
    outcome.refused += [(o.pk, f"Đang do {o.holder.name} giữ.") for o in others if o.pk not in told]
    _finish(matter, [*answers, *words], verb, outcome, actor, today)
    return outcome


@transaction.atomic
def escalate_matter(matter_id, note, *, actor, version, today):
    """Every open opinion goes one level up, and the group with them; those that lower levels hold come along."""
    matter, opinions = _open_members(matter_id, actor, version)
    _bring_up(matter, opinions, DECIDERS, actor, today)
    clocks, outcome, uppers = Clocks(today), Outcome(), set()

    def change(opinion):
        upper = upper_unit(opinion, today)
        if upper is None:
            raise DomainError("Cấp tỉnh là cấp cao nhất ở đây. Giao cơ quan cấp tỉnh làm đầu mối với Trung ương.")
        send_up_to(opinion, upper, today, clocks.of(opinion))
        uppers.add(upper)

    up = partial(prepare, verb=Verb.ESCALATE, actor=actor, today=today, note=note, change=change)
    steps = _prepared(opinions, up, outcome)
    outcome.done = [step.opinion for step in steps]
    if len(uppers) == 1:
        matter.unit = uppers.pop()
        matter.level = matter.unit.level
    _finish(matter, steps, Verb.ESCALATE, outcome, actor, today)
    return outcome


@transaction.atomic
def assign_matter(matter_id, body, *, actor, version, today, due_on=None, note="", is_elsewhere=False):
    """Every open opinion is handed to one body; those that lower levels hold come up first."""
    matter, opinions = _open_members(matter_id, actor, version)
    _bring_up(matter, opinions, STAFF, actor, today)
    outcome, written = Outcome(), []

    def write_together(steps, *, actor, today):
        save(steps, actor=actor, today=today)
        written.extend(steps)

    outcome.done, outcome.refused = assign_many(
        [opinion.pk for opinion in opinions],
        **{"actor": actor, "today": today, "body": body, "due_on": due_on, "note": note},
        is_elsewhere=is_elsewhere,
        writing=write_together,
    )
    _finish(matter, written, Verb.ASSIGN, outcome, actor, today, is_saved=True)
    return outcome


def _open_members(matter_id, actor, version):
    """(matter, its open opinions that the actor sees), locked; what was restricted since is answered apart."""
    matter = seen(matter_id, actor, version)
    members = locked(actor).select_related("meeting", *BRANCH).filter(matter=matter, is_open=True)
    opinions, heirs = list(members.exclude(visibility=Visibility.RESTRICTED)), {}
    for opinion in opinions:
        branch = (opinion.province_id, opinion.district_id, opinion.commune_id)
        opinion.__dict__["_heirs"] = heirs.setdefault(branch, {})
    if not opinions:
        raise DomainError("Vấn đề không còn ý kiến nào chờ giải quyết.")
    return matter, opinions


@transaction.atomic
def extend_matter(matter_id, new_due_on, note, *, actor, version, today):
    """One later day for every open opinion that has an earlier one, each by its own rule of who must agree."""
    matter, opinions = _open_members(matter_id, actor, version)
    outcome = Outcome()

    def extend(opinion):
        if not (may_move(actor, opinion, Verb.EXTEND) or may_take_up(actor, matter, opinion)):
            raise NotAllowed(f"Đang do {opinion.holder.name} giữ.")
        is_asked = extension_agreement(opinion, actor, today) != Agreement.NOBODY
        verb = Verb.ASK_EXTENSION if is_asked else Verb.EXTEND
        change = partial(extend_to, new_due_on=new_due_on, today=today)
        step = make(opinion, verb, today=today, note=note.strip(), change=change, from_body=answers_for(actor, opinion))
        (outcome.told if is_asked else outcome.done).append(opinion)
        return step

    _finish(matter, _prepared(opinions, extend, outcome), Verb.EXTEND, outcome, actor, today)
    return outcome


def _bring_up(matter, opinions, roles, actor, today):
    """Move what lower levels of the branch hold to who holds the matter, with a line in each thread of its own."""
    clocks, steps = Clocks(today), []
    note = f"Đưa lên {matter.unit.name} để giải quyết chung vấn đề “{matter.title}”."
    for opinion in opinions:
        if may_take_up(actor, matter, opinion, roles):
            change = partial(send_up_to, unit=matter.unit, today=today, clock=clocks.of(opinion))
            steps.append(make(opinion, Verb.ESCALATE, today=today, note=note, change=change))
    save(steps, actor=actor, today=today)


def _receive(opinions, verb, matter, actor, today):
    """Take on what the map of moves would not let be answered straight away: its own committee has it now."""
    bodies, steps = {}, []

    def change(opinion):
        if opinion.holder_id not in bodies:
            bodies[opinion.holder_id] = ensure_default_body(opinion.holder, today)
        opinion.body = bodies[opinion.holder_id]

    for opinion in opinions:
        try:
            check_move(verb, opinion.status, "x")
        except DomainError:
            if may_move(actor, opinion, Verb.ASSIGN):
                note = f"Tiếp nhận để trả lời chung cho vấn đề “{matter.title}”."
                steps.append(prepare(opinion, Verb.ASSIGN, actor=actor, today=today, note=note, change=change))
    save(steps, actor=actor, today=today)


def _prepared(opinions, prepare_one, outcome):
    """Steps of those that can; the others are named with the reason. A wrong note stops the whole act."""
    steps = []
    for opinion in opinions:
        try:
            steps.append(prepare_one(opinion))
        except DomainError as refusal:
            if refusal.field == "note" and not isinstance(refusal, NotAllowed):
                raise
            outcome.refused.append((opinion.pk, refusal.message))
    return steps


def _finish(matter, steps, verb, outcome, actor, today, is_saved=False):
    """Save what was prepared and tell each person once; nothing done is a refusal that says why."""
    if not steps:
        reasons = " ".join(f"YK-{pk}: {reason}" for pk, reason in outcome.refused[:3])
        raise DomainError(f"Chưa thực hiện được với ý kiến nào. {reasons}")
    if not is_saved:
        save(steps, actor=actor, today=today)
    save_matter(matter, "unit", "level")
    done = {"done": [opinion.pk for opinion in outcome.done], "told": [opinion.pk for opinion in outcome.told]}
    record(actor.pk, f"matter.{verb.value}", matter, after=done)
    _tell_once(matter, verb, notices_of(steps, actor=actor, today=today))
    notify_many(notices_of_merged(steps, actor=actor, today=today))


def _tell_once(matter, verb, rows):
    """Of several notices to one person, one that names the matter and leads to that person's opinions of it."""
    by_person = {}
    for row in rows:
        by_person.setdefault(row[0], []).append(row)
    url, key = f"{reverse('opinion_list')}?trang-thai=all&van-de={matter.pk}", f"matter-{matter.pk}-{matter.version}"
    told = []
    for user_id, found in by_person.items():
        words = f"{verb.label} chung {len(found)} ý kiến của vấn đề “{matter.title}”."
        told.append(found[0] if len(found) == 1 else (user_id, key, words, url))
    notify_many(told)
