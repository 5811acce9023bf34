"""Role × move × state × (own branch, other branch): every cell is allowed or refused on purpose.

What is expected is written here by hand and not read from the product: which verbs the map opens in which states,
and which verbs each of the cast has towards an opinion that lies with the commune, the district, the province, in
another branch, or in another province.
"""

import copy

import pytest
from django.urls import reverse

from core.errors import DomainError
from feedback.enums import UNRESOLVED, OpinionStatus, Verb
from feedback.models import Opinion
from feedback.page.views import ACTS
from feedback.tests.builders import TODAY, make_opinion
from feedback.thread.door import prepare

pytestmark = pytest.mark.django_db

OPEN = "recorded assigned in_progress scheduled escalated transferred"
AT_WORK = "assigned in_progress scheduled"
ANSWERED = "answered_on_spot resolved explained accepted declined"
CLOSED = f"{ANSWERED} redirected duplicate withdrawn"
ALL = f"{OPEN} {CLOSED}"
STATES = {
    "assign": OPEN,
    "unassign": "assigned",
    "start": "assigned scheduled",
    "schedule": "assigned in_progress",
    "answer_on_spot": "recorded",
    **dict.fromkeys(["resolve"], AT_WORK),
    **dict.fromkeys(["explain", "accept", "decline", "merge", "redirect", "withdraw"], f"recorded {AT_WORK}"),
    "escalate": f"recorded {AT_WORK} escalated",
    "transfer": f"recorded {AT_WORK} transferred",
    "return": "escalated transferred",
    "reopen": CLOSED,
    "unmerge": "duplicate",
    "confirm": ANSWERED,
    "comment": ALL,
    "edit": "recorded",
    "receipt": OPEN,
    **dict.fromkeys(["extend", "ask_extension", "grant_extension", "refuse_extension"], OPEN),
    "review_plan": "scheduled",
    **dict.fromkeys(["add_step", "progress"], "in_progress scheduled"),
    "disclaim": "assigned in_progress",
    **dict.fromkeys(["ask_support", "reply_support", "withdraw_support"], OPEN),
}
"""Verb → the states in which somebody may use it."""

ELSEWHERE = {
    *("record", "hand_over", "show_above", "merged_in", "split_off", "object"),
    *("group", "ungroup", "follow_up", "spread", "commend"),
}
"""Written by the system, by another verb, or by services with questions of their own: nobody does them alone."""

WORK = "start schedule resolve explain accept decline receipt review_plan add_step progress extend ask_extension"
HOLDS = f"{WORK} assign answer_on_spot merge redirect withdraw reopen unmerge ask_support withdraw_support comment"
SENDS = "escalate transfer return unassign grant_extension refuse_extension"
OVERSEES = "comment grant_extension refuse_extension"
ORIGIN = "confirm comment"
ANSWERS = f"{WORK} comment disclaim"

RIGHTS = {
    "commune": {
        **dict.fromkeys(("commune", "commune_leader"), f"{HOLDS} {SENDS} confirm edit"),
        "commune_agency": ANSWERS,
        **dict.fromkeys(("leader", "specialist", "head", "province_leader"), OVERSEES),
        "village": "confirm",
    },
    "district": {
        "leader": f"{HOLDS} {SENDS}",
        "district": HOLDS,
        "agency": ANSWERS,
        **dict.fromkeys(("commune", "commune_leader"), ORIGIN),
        **dict.fromkeys(("specialist", "head", "province_leader"), OVERSEES),
        "village": "confirm",
    },
    "province": {
        **dict.fromkeys(("head", "province_leader"), f"{HOLDS} {SENDS}"),
        "specialist": HOLDS,
        "province_agency": ANSWERS,
        "leader": "comment",
        **dict.fromkeys(("commune", "commune_leader"), ORIGIN),
        "village": "confirm",
    },
    "other branch": {
        "other_leader": OVERSEES,
        **dict.fromkeys(("specialist", "head", "province_leader"), OVERSEES),
    },
    "other province": {"outsider": f"{HOLDS} {SENDS} confirm edit disclaim"},
}
"""Where the opinion lies → who has which verbs towards it; who is not named has none."""

PEOPLE = (
    *("commune", "commune_leader", "other_commune", "district", "leader", "other_leader", "commune_agency", "agency"),
    *("province_agency", "specialist", "head", "province_leader", "cadre", "admin", "village", "outsider"),
)


def opinion_at(cast, where):
    tree, bodies = cast.tree, cast.bodies
    if where == "other branch":
        return make_opinion(tree.b1)
    if where == "other province":
        return make_opinion(cast.outsider.person.posts.get().unit)
    holder, body = {
        "commune": (tree.a1, bodies.commune),
        "district": (tree.a, bodies.district),
        "province": (tree.province, bodies.province),
    }[where]
    return make_opinion(tree.a1, holder=holder, body=body, status="assigned", village=tree.villages[0])


def in_state(opinion, status):
    found = copy.copy(opinion)
    setattr(found, "status", status)  # noqa: B010 - a row that is never saved
    found.is_open = status in UNRESOLVED
    return found


def test_every_verb_and_every_state_stands_in_the_table():
    assert set(STATES) | ELSEWHERE == {verb.value for verb in Verb}
    assert not set(STATES) & ELSEWHERE
    assert set(ALL.split()) == {status.value for status in OpinionStatus}
    assert {verb for rights in RIGHTS.values() for words in rights.values() for verb in words.split()} <= set(STATES)


@pytest.mark.parametrize("where", list(RIGHTS))
def test_each_cell_is_allowed_or_refused_as_the_table_says(cast, where):
    opinion = opinion_at(cast, where)
    wrong, silent, cells = [], set(), 0
    for who in PEOPLE:
        actor, rights = getattr(cast, who), RIGHTS[where].get(who, "").split()
        for status in OpinionStatus:
            for verb in Verb:
                expected = verb.value in rights and status.value in STATES[verb.value].split()
                refusal = attempt(opinion, status, verb, actor)
                cells += 1
                if (refusal is None) != expected:
                    wrong.append((who, verb.value, status.value, str(refusal)))
                if refusal is not None and not is_readable(refusal):
                    silent.add(refusal)
    assert wrong == []
    assert silent == set()
    assert cells == len(PEOPLE) * len(OpinionStatus) * len(Verb)


def attempt(opinion, status, verb, actor):
    """The refusal's words, or None when the move is allowed. In memory: nothing is written."""
    try:
        prepare(in_state(opinion, status), verb, actor=actor, today=TODAY, note="Lý do, kết quả")
    except DomainError as refusal:
        return refusal.message
    return None


def is_readable(message):
    """A sentence of several words that ends, without a code of ours in it."""
    codes = {verb.value for verb in Verb} | {status.value for status in OpinionStatus}
    words = message.replace("“", " ").replace("”", " ").rstrip(".").split()
    return message.endswith(".") and len(words) > 4 and not {word for word in words if "_" in word} & codes


WRONG_STATE = [verb for verb in ACTS if verb.value in STATES and STATES[verb.value] != ALL]
TYPED = {"note": "Lý do", "text": "Khảo sát", "satisfaction": "satisfied", "master": "YK-1"}
TYPED |= dict.fromkeys(("planned_on", "new_due_on"), "01/12/2099")


@pytest.mark.parametrize("who", ["commune", "leader", "other_commune"])
def test_the_pages_refuse_what_the_table_refuses(cast, signed_in, who):
    """From a state in which the verb is closed: told why (422); without the right: 403; of another branch: 404."""
    browser, rights = signed_in(getattr(cast, who)), RIGHTS["commune"].get(who, "").split()
    recorded, withdrawn = (
        make_opinion(cast.tree.a1, status=status, village=cast.tree.villages[0], body=cast.bodies.commune)
        for status in ("recorded", "withdrawn")
    )
    for verb in WRONG_STATE:
        opinion = withdrawn if "recorded" in STATES[verb.value].split() else recorded
        answer = browser.post(reverse(f"opinion_{verb.value}", args=[opinion.pk]), TYPED | {"version": 1})
        told = 404 if who == "other_commune" else 422 if verb.value in rights and verb != Verb.CONFIRM else 403
        assert answer.status_code == told, (verb, answer.status_code)
    assert set(Opinion.objects.values_list("status", "version")) == {("recorded", 1), ("withdrawn", 1)}
