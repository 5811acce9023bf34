"""Every verb of the map, done on a late matter by everybody who may: it says for good how late it was.

The verbs are the product's own (`Verb`, `ACTS`): a new one fails `test_every_verb_is_tried_on_a_late_matter` until it
stands here. Done through the pages and read on the pages: the matter, the list, Biểu 8, the figures of the year.
"""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from core.periods import Period
from feedback.access import EXTENSION_VERBS
from feedback.enums import UNRESOLVED, ExtensionState, Verb
from feedback.jobs import escalate_overdue
from feedback.matters.services import create_matter, remove_opinion
from feedback.models import Extension, Opinion, OpinionMove, Support
from feedback.page.views import ACTS
from feedback.tallies import rebuild
from feedback.tests.builders import make_opinion
from feedback.tests.test_lateness import STAYS_OVERDUE
from feedback.tests.test_move_table import RIGHTS, STATES
from feedback.thread import moves, steps
from feedback.thread.door import BRINGS_DAY
from reports.figures import live_figures
from reports.tables.backlog import backlog_table

pytestmark = pytest.mark.django_db
LATE, NOTE, YEAR = 40, "Lý do, kết quả", Period.parse("2026")
OF_INITIATIVES = {Verb.FOLLOW_UP, Verb.SPREAD, Verb.COMMEND}
"""These have no deadline (`test_an_initiative_is_never_late`)."""

TRIED_ELSEWHERE = {Verb.RECORD: "", Verb.EDIT: "correct what was recorded", Verb.HAND_OVER: "the holder ends"}
"""Verb → the act of `test_no_verb_empties_lateness_without_an_answer` that does it; recording is how all begins."""

TYPED = {
    Verb.ASSIGN: {"due_on": "20/09/2027"},
    Verb.SCHEDULE: {"planned_on": "20/09/2027"},
    Verb.REVIEW_PLAN: {"planned_on": "20/12/2027"},
    Verb.EXTEND: {"new_due_on": "20/09/2027"},
    Verb.CONFIRM: {"satisfaction": "not"},
    Verb.ADD_STEP: {"text": "Khảo sát"},
    Verb.ASK_SUPPORT: {"due_on": "20/09/2027"},
}
WHERE = {"unassign": ["commune"], "transfer": ["district", "province"], "escalate": ["commune", "district"]}
"""Where there is something to do; else with the commune and with the district."""


def day(ago):
    return timezone.localdate() - timedelta(days=ago)


def late_matter(cast, where, status):
    """Raised in the commune's village, forty days late, held where asked, in the status."""
    tree, bodies = cast.tree, cast.bodies
    holder, body = {
        "commune": (tree.a1, bodies.commune),
        "district": (tree.a, bodies.district),
        "province": (tree.province, bodies.province),
    }[where]
    is_open = status in UNRESOLVED
    facts = {"raised_on": day(90), "due_on": day(LATE), "village": tree.villages[0], "status": status}
    if not is_open:
        facts |= {"settled_on": day(0), "first_settled_on": day(0), "late_days": LATE, "answer": NOTE}
    if status == "duplicate":
        master = make_opinion(tree.a1, raised_on=day(5), due_on=day(-20), village=tree.villages[0])
        facts |= {"master": master, "settled_on": None, "first_settled_on": None, "answer": ""}
    body = None if status in ("recorded", "escalated", "transferred") else body
    planned = {"planned_on": day(LATE), "review_on": day(0)} if status == "scheduled" else {}
    opinion = make_opinion(tree.a1, holder=holder, body=body, **planned, **facts)
    lower = {"commune": tree.a1, "district": tree.a1, "province": tree.a}[where]
    sender = {"escalated": lower, "transferred": tree.a if where == "commune" else tree.province}.get(status, holder)
    opinion.moves.create(verb="record", after="recorded", at=timezone.now() - timedelta(days=90), holder=sender)
    if status in ("escalated", "transferred"):
        verb = "escalate" if status == "escalated" else "transfer"
        opinion.moves.create(verb=verb, before="recorded", after=status, at=timezone.now(), holder=holder)
    return opinion


def make_ready(verb, opinion, cast):
    """What must be there before the verb can be done, and what is typed."""
    typed = {"note": NOTE, "version": opinion.version} | TYPED.get(verb, {})
    body = {"commune": cast.bodies.commune, "district": cast.bodies.district}.get(opinion.holder.level)
    body = body or cast.bodies.province
    if verb == Verb.ASSIGN:
        typed["body"] = body.pk
    elif verb == Verb.ASK_SUPPORT:
        lower = cast.bodies.district if opinion.holder_id == cast.tree.province.pk else cast.bodies.commune
        typed["body"] = lower.pk
        if opinion.body_id == lower.pk:
            Opinion.objects.filter(pk=opinion.pk).update(body=None)
    elif verb == Verb.TRANSFER:
        typed["unit"] = cast.tree.a1.pk
    elif verb == Verb.MERGE:
        typed["master"] = f"YK-{make_opinion(cast.tree.a1, raised_on=day(5), due_on=day(-20)).pk}"
    elif verb == Verb.RECEIPT:
        Opinion.objects.filter(pk=opinion.pk).update(receipt_due_on=day(20))
    elif verb == Verb.DISCLAIM:
        typed["owner"] = f"cap-{(cast.tree.province if opinion.holder_id == cast.tree.a.pk else cast.tree.a).pk}"
    elif verb in (Verb.GRANT_EXTENSION, Verb.REFUSE_EXTENSION):
        asker = {"commune": cast.commune_agency, "district": cast.agency}.get(opinion.holder.level, cast.specialist)
        Extension.objects.create(
            opinion=opinion, old_due_on=opinion.due_on, new_due_on=day(-300), reason=NOTE, state=ExtensionState.PENDING,
            holder=opinion.holder, needs_above=True, asked_by_id=asker.pk, asked_on=day(0),
        )  # fmt: skip
    return typed


def timeliness(cast):
    words = live_figures(cast.tree.province, YEAR, "then", day(0))
    return {word: words[f"opinions_{word}"] for word in ("on_time", "on_time_extended", "was_late")}


def check_they_still_say_so(opinions, reader, cast):
    """On their pages, in the list, and, while they are open, in Biểu 8."""
    words = f"uá hạn {LATE} ngày"
    listed = {row["pk"]: row for row in reader.get("/y-kien/?han=tung-qua-han&trang-thai=all").context["rows"]}
    table = backlog_table(cast.tree.province, YEAR, "then", day(0), cast.head)
    rows = {row.record: row.cells for row in table.sections[0].rows}
    for opinion in opinions:
        first = opinion.first_due_on
        opinion.refresh_from_db()
        assert opinion.first_due_on == first == day(LATE)
        assert words in reader.get(opinion.get_absolute_url()).content.decode()
        assert words in f"{listed[opinion.pk]['due']} {listed[opinion.pk]['lateness']}"
        assert (opinion.pk in rows) == opinion.is_open
        if opinion.is_open:
            assert (rows[opinion.pk]["ever_late"], rows[opinion.pk]["first_due_on"]) == (LATE, first)


def may_be_done_by(verb, where):
    return [who for who, words in RIGHTS[where].items() if verb in words.split()]


def states_of(verb):
    """The last of the states in which it may be done, and of what brings a later day the first, too."""
    states = STATES[verb].split()
    return sorted({states[0], states[-1]}) if verb in BRINGS_DAY else states[-1:]


TRIES = [
    (verb, where, status)
    for verb in ACTS
    for where in WHERE.get(verb, ["commune", "district"])
    for status in states_of(verb)
    if not (where == "commune" and status == "escalated") and not (where == "province" and status == "transferred")
]


@pytest.mark.parametrize(("verb", "where", "status"), TRIES)
def test_done_by_whoever_may_the_matter_says_how_late_it_was(cast, signed_in, verb, where, status):
    tries = []
    for who in may_be_done_by(verb, where):
        opinion, actor = late_matter(cast, where, status), getattr(cast, who)
        if Opinion.objects.visible_to(actor).filter(pk=opinion.pk).exists():  # else a body that does not have it
            tries.append((opinion, actor, make_ready(verb, opinion, cast)))
    rebuild()
    before, done = timeliness(cast), []
    assert before["was_late"] == len(may_be_done_by(verb, where))
    for opinion, actor, typed in tries:
        answer = signed_in(actor).post(reverse(f"opinion_{verb.value}", args=[opinion.pk]), typed)
        if answer.status_code != 403 or verb not in EXTENSION_VERBS:  # once it is late only those above decide
            assert answer.status_code == 302, (actor, answer.context["form"].errors)
            done.append(opinion)
    assert done
    check_they_still_say_so(done, signed_in(cast.head), cast)
    assert timeliness(cast) == before


def merged_in(opinion, cast):
    other = make_opinion(cast.tree.a1, raised_on=day(5), due_on=day(-20))
    moves.merge_opinion(other.pk, actor=cast.commune, version=1, today=day(0), master=opinion)
    return other


def split_off(opinion, cast):
    other = merged_in(opinion, cast)
    moves.unmerge_opinion(other.pk, actor=cast.commune, version=2, today=day(0), note=NOTE)


def objected(opinion, cast):
    other = merged_in(opinion, cast)
    opinion.refresh_from_db()
    moves.resolve_opinion(opinion.pk, actor=cast.commune, version=opinion.version, today=day(0), note=NOTE)
    moves.confirm_opinion(other.pk, actor=cast.commune, version=None, today=day(0), satisfaction="not", note=NOTE)


def grouped(opinion, cast):
    matter, _ = create_matter("Con đường", opinion.topic_id, [opinion.pk], actor=cast.commune, today=day(0))
    return matter


def ungrouped(opinion, cast):
    matter = grouped(opinion, cast)
    remove_opinion(matter.pk, opinion.pk, actor=cast.commune, version=matter.version, today=day(0))


def helped(opinion, cast):
    Opinion.objects.filter(pk=opinion.pk).update(holder=cast.tree.a, body=None)
    steps.ask_support(
        opinion.pk, actor=cast.leader, version=None, today=day(0), body=cast.bodies.district, due_on=day(-30), note=NOTE
    )
    return Support.objects.get(opinion=opinion)


def reply(opinion, cast):
    steps.reply_support(helped(opinion, cast).pk, actor=cast.agency, version=1, today=day(0), note=NOTE)


def ask_no_longer(opinion, cast):
    steps.withdraw_support(helped(opinion, cast).pk, actor=cast.leader, version=1, today=day(0), note=NOTE)


def asked_for_time(opinion, cast):
    steps.extend_opinion(opinion.pk, day(-300), NOTE, actor=cast.commune_agency, version=None, today=day(0))


BY_OTHER_ACTS = {
    Verb.SHOW_ABOVE: lambda opinion, cast: escalate_overdue(day(0)),
    Verb.MERGED_IN: merged_in,
    Verb.SPLIT_OFF: split_off,
    Verb.OBJECT: objected,
    Verb.GROUP: grouped,
    Verb.UNGROUP: ungrouped,
    Verb.REPLY_SUPPORT: reply,
    Verb.WITHDRAW_SUPPORT: ask_no_longer,
    Verb.ASK_EXTENSION: asked_for_time,
}
"""Verbs that come with another act, or from a page of their own."""


@pytest.mark.parametrize("verb", list(BY_OTHER_ACTS))
def test_what_comes_with_another_act_keeps_lateness_too(cast, signed_in, verb):
    opinion = late_matter(cast, "commune", "in_progress")
    rebuild()
    before = timeliness(cast)
    BY_OTHER_ACTS[verb](opinion, cast)
    assert verb in OpinionMove.objects.filter(opinion=opinion).values_list("verb", flat=True)
    check_they_still_say_so([opinion], signed_in(cast.head), cast)
    after = timeliness(cast)
    assert after == before


def test_every_verb_is_tried_on_a_late_matter():
    assert {*ACTS, *BY_OTHER_ACTS, *TRIED_ELSEWHERE, *OF_INITIATIVES} == set(Verb)
    assert {act for act in TRIED_ELSEWHERE.values() if act} <= set(STAYS_OVERDUE)
    assert {verb for verb, *_ in TRIES} == set(ACTS)
