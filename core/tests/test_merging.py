"""Two edits of one form: each side's own changes are kept, what both changed is for a person to choose."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.merging import MINE, THEIRS, merge, seal, unseal

NEEDS = {"p:": ("mode", ("roster",)), "c:": ("mode", ("counted",))}
OPENED = {"title": "Giao ban", "p:1": ["present", ""], "p:2": ["present", ""], "mode": "roster"}


@pytest.mark.parametrize(
    ("mine", "theirs", "values", "clashes"),
    [
        ({}, {}, {}, []),
        ({"title": "A"}, {}, {"title": "A"}, []),
        ({}, {"title": "B"}, {"title": "B"}, []),
        ({"title": "A"}, {"title": "A"}, {"title": "A"}, []),
        ({"title": "A"}, {"title": "B"}, {"title": "A"}, ["title"]),
        ({"title": ""}, {"title": "B"}, {"title": None}, ["title"]),
        ({"p:1": ["absent", ""]}, {"p:2": ["absent", ""]}, {"p:1": ["absent", ""], "p:2": ["absent", ""]}, []),
        ({"p:1": ["absent", ""]}, {"p:1": ["excused", "Ốm"]}, {"p:1": ["absent", ""]}, ["p:1"]),
        ({"g:an": ["An", ""]}, {"g:binh": ["Bình", ""]}, {"g:an": ["An", ""], "g:binh": ["Bình", ""]}, []),
        ({"mode": "counted", "c:khach": "3"}, {"title": "B"}, {"mode": "counted", "title": "B"}, []),
        ({"mode": "counted"}, {"p:1": ["absent", ""]}, {"mode": "counted", "p:1": ["absent", ""]}, ["mode"]),
        ({"p:1": ["absent", ""]}, {"mode": "counted"}, {"mode": "roster", "p:1": ["absent", ""]}, ["mode"]),
    ],
)
def test_what_becomes_of_two_edits(mine, theirs, values, clashes):
    found = merge(OPENED, OPENED | mine, OPENED | theirs, needs=NEEDS)
    assert {name: found.values.get(name) for name in values} == values
    assert [clash.key for clash in found.clashes] == clashes


@pytest.mark.parametrize(("side", "value"), [(MINE, "A"), (THEIRS, "B")])
def test_a_choice_counts_once_and_for_the_value_that_was_shown(side, value):
    mine, theirs = OPENED | {"title": "A"}, OPENED | {"title": "B"}
    first = merge(OPENED, mine, theirs)
    choice = {first.clashes[0].name: first.clashes[0].choice(side)}
    again = merge(first.base, first.values, theirs)
    assert [clash.key for clash in again.clashes] == ["title"]
    chosen = merge(first.base, first.values, theirs, choice)
    assert (chosen.values["title"], chosen.clashes) == (value, [])
    later = merge(first.base, first.values, OPENED | {"title": "C"}, choice)
    assert [clash.theirs for clash in later.clashes] == ["C"]


def test_a_list_that_would_be_dropped_stays_open_until_it_is_chosen():
    mine, theirs = OPENED | {"mode": "counted"}, OPENED | {"p:1": ["absent", ""]}
    first = merge(OPENED, mine, theirs, needs=NEEDS)
    again = merge(first.base, first.values, theirs, needs=NEEDS)
    assert [clash.key for clash in again.clashes] == ["mode"]
    choice = {again.clashes[0].name: again.clashes[0].choice(THEIRS)}
    chosen = merge(first.base, first.values, theirs, choice, NEEDS)
    assert (chosen.values["mode"], chosen.values["p:1"], chosen.clashes) == ("roster", ["absent", ""], [])


KEYS = st.sampled_from(
    ["title", "mode", "p:1", "p:2", "g:an", "g:binh", "c:khach", "o:7:text", "o:7:topic", "o:9:text"]
)
EDITS = st.dictionaries(KEYS, st.sampled_from(["", "một", "hai", "roster", "counted"]))


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(opened=EDITS, mine=EDITS, theirs=EDITS)
def test_no_field_no_person_and_no_opinion_of_either_side_is_lost(opened, mine, theirs):
    found = merge(opened, opened | mine, opened | theirs, needs=NEEDS)
    shown = {clash.key: (clash.mine, clash.theirs) for clash in found.clashes}
    for key in {*opened, *mine, *theirs}:
        was, own, other = opened.get(key, ""), (opened | mine).get(key, ""), (opened | theirs).get(key, "")
        saved = found.values.get(key, "")
        if key in shown:
            assert shown[key] == (own, other)
        elif own == was:
            assert saved == other
        else:
            assert saved == own
            assert other in (own, was)
    for prefix, (key, values) in NEEDS.items():
        for keeps in (opened | mine, opened | theirs):
            rows = [row for row in keeps if row.startswith(prefix) and keeps[row] != opened.get(row, "")]
            if rows and keeps.get(key, "") in values:
                assert found.values.get(key, "") in values or key in shown


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(opened=EDITS, mine=EDITS, theirs=EDITS, sides=st.lists(st.sampled_from([MINE, THEIRS]), min_size=10))
def test_when_all_is_chosen_nothing_is_asked_again(opened, mine, theirs, sides):
    theirs = opened | theirs
    first = merge(opened, opened | mine, theirs, needs=NEEDS)
    choices = {clash.name: clash.choice(side) for clash, side in zip(first.clashes, sides, strict=False)}
    second = merge(first.base, first.values, theirs, choices, NEEDS)
    assert second.clashes == []
    for clash, side in zip(first.clashes, sides, strict=False):
        assert second.values.get(clash.key, "") == (clash.mine if side == MINE else clash.theirs)
    assert merge(second.base, second.values, theirs, needs=NEEDS).clashes == []


def test_what_a_form_was_opened_with_serves_that_form_only():
    token = seal("meeting-1", OPENED)
    assert unseal("meeting-1", token) == OPENED
    assert unseal("meeting-2", token) is None
    assert unseal("meeting-1", token[:-2]) is None
    assert unseal("meeting-1", None) is None
