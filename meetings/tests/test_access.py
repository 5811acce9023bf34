"""Roles × verbs: on a commune's and a district's expected meeting, in the own branch and in another."""

from datetime import date

import pytest

from meetings.access import (
    may_ask_exemption,
    may_decide_exemption,
    may_keep_rules,
    may_lock,
    may_plan,
    may_reopen,
    unit_thing,
)

OWN_COMMUNE = {
    may_plan: {"commune", "commune_leader"},
    may_lock: {"commune", "commune_leader"},
    may_reopen: {"commune_leader"},
    may_ask_exemption: {"commune", "commune_leader"},
    may_decide_exemption: {"leader", "specialist", "head"},
}
OWN_DISTRICT = {
    may_plan: {"district", "leader"},
    may_lock: {"district", "leader"},
    may_reopen: {"leader"},
    may_ask_exemption: {"district", "leader"},
    may_decide_exemption: {"specialist", "head"},
}
EVERYBODY = (
    *("commune", "commune_leader", "other_commune", "district", "leader", "other_leader", "commune_agency", "agency"),
    *("province_agency", "specialist", "head", "province_leader", "cadre", "admin", "outsider"),
)


@pytest.mark.parametrize(("unit", "table"), [("a1", OWN_COMMUNE), ("a", OWN_DISTRICT)])
def test_who_may(cast, unit, table):
    thing = unit_thing(getattr(cast.tree, unit), date(2026, 11, 1))
    for verb, allowed in table.items():
        assert {who for who in EVERYBODY if verb(getattr(cast, who), thing)} == allowed, verb.__name__


def test_who_keeps_the_rules(cast):
    allowed = {who for who in EVERYBODY if may_keep_rules(getattr(cast, who), cast.tree.province)}
    assert allowed == {"specialist", "head", "admin"}


def test_a_stranger_may_nothing(cast):
    thing = unit_thing(cast.tree.a1, date(2026, 11, 1))
    assert not any(verb(None, thing) for verb in OWN_COMMUNE)
