"""Planning: exactly the expected rows, whatever the tree and the rules do, however often it runs."""

import csv
import json
from datetime import date

import pytest
from django.core.management import CommandError, call_command

from conftest import make_unit
from meetings.cadence.services import ensure_default_rules, plan_occurrences
from meetings.models import CadenceRule, Exemption, Occurrence
from meetings.tests.builders import make_meeting, make_rule
from units.enums import SuccessionKind
from units.loading import DATA, load_units, rebuild_tree
from units.models import Unit, UnitSuccession, UnitVersion

TODAY = date(2026, 11, 22)
YEAR_END = date(2026, 12, 31)
TREE_BEGINS = "20140101"


def periods_of(unit):
    return sorted(Occurrence.objects.filter(unit=unit).values_list("period", flat=True))


def test_only_provinces_with_rules_and_twice_changes_nothing(tree):
    assert plan_occurrences(YEAR_END, TODAY) == 0
    make_rule(tree.province)
    make_rule(tree.province, "district", "quarter")
    assert plan_occurrences(YEAR_END, TODAY) == 3 * 12 + 2 * 4
    assert plan_occurrences(YEAR_END, TODAY) == 0
    assert Occurrence.objects.count() == 44
    row = Occurrence.objects.get(unit=tree.a1, period="2026-02")
    assert (row.province_id, row.district_id, row.commune_id) == (tree.province.pk, tree.a.pk, tree.a1.pk)
    assert (row.starts_on, row.due_on, row.opens_on, row.late_until) == (
        date(2026, 2, 1),
        date(2026, 2, 28),
        date(2026, 1, 27),
        date(2026, 3, 5),
    )
    quarter = Occurrence.objects.get(unit=tree.b, period="2026-Q4")
    assert (quarter.year, quarter.month, quarter.commune_id) == (2026, 12, None)


def test_other_provinces_are_left_alone(cast):
    make_rule(cast.tree.province)
    assert plan_occurrences(date(2026, 1, 31), TODAY) == 3
    assert plan_occurrences(date(2026, 1, 31), TODAY, provinces=[]) == 0


def test_units_count_when_in_force_on_the_last_day_of_the_period(tree):
    make_rule(tree.province)
    Unit.objects.filter(pk=tree.a2.pk).update(valid_to=date(2026, 3, 31))
    UnitVersion.objects.filter(unit=tree.a2).update(valid_to=date(2026, 3, 31))
    new = make_unit("commune", "90109", "Xã Mới", tree.a, valid_from=date(2026, 3, 31))
    UnitSuccession.objects.create(
        predecessor=tree.a2, successor=new, kind=SuccessionKind.WHOLE, effective_on=date(2026, 3, 31)
    )
    rebuild_tree()
    plan_occurrences(date(2026, 4, 30), TODAY)
    assert periods_of(tree.a2) == ["2026-01", "2026-02"]
    assert periods_of(new) == ["2026-03", "2026-04"]


def test_a_rule_that_changes_in_mid_period(tree):
    make_rule(tree.province, valid_to=date(2026, 2, 15))
    make_rule(tree.province, kind="quarter", valid_from=date(2026, 2, 15))
    plan_occurrences(date(2026, 6, 30), TODAY)
    assert periods_of(tree.a1) == ["2026-01", "2026-Q1", "2026-Q2"]
    assert not Occurrence.objects.exclude(rule__period_kind="quarter", period__contains="Q").exclude(
        rule__period_kind="month"
    )


def test_a_unit_that_moves_is_filed_where_it_lay_on_the_last_day(tree):
    make_rule(tree.province)
    UnitVersion.objects.filter(unit=tree.a2).update(valid_to=date(2026, 2, 10))
    UnitVersion.objects.create(unit=tree.a2, name="Xã Hải Lạng", kind="xa", parent=tree.b, valid_from=date(2026, 2, 10))
    rebuild_tree()
    plan_occurrences(date(2026, 2, 28), TODAY)
    places = dict(Occurrence.objects.filter(unit=tree.a2).values_list("period", "district_id"))
    assert places == {"2026-01": tree.a.pk, "2026-02": tree.b.pk}


@pytest.mark.parametrize(
    ("since", "until", "planned_before", "months"),
    [
        (None, date(2026, 3, 31), None, ["2026-01", "2026-02", "2026-03"]),
        (None, date(2025, 2, 28), None, ["2025-01", "2025-02"]),
        (date(2016, 11, 1), date(2016, 12, 31), None, ["2016-11", "2016-12"]),
        (None, date(2026, 1, 31), date(2025, 10, 31), ["2025-01", *(f"2025-{m:02d}" for m in range(2, 13)), "2026-01"]),
        (None, date(2026, 1, 31), date(2016, 12, 31), [*(f"2016-{m:02d}" for m in range(1, 13)), "2026-01"]),
    ],
)
def test_where_planning_begins(tree, since, until, planned_before, months):
    make_rule(tree.province)
    if planned_before:
        plan_occurrences(planned_before, planned_before)
    plan_occurrences(until, TODAY, since=since)
    assert periods_of(tree.a1) == months


def test_rows_planned_ahead_are_withdrawn_when_a_unit_gets_an_end_unless_used(tree):
    rule = make_rule(tree.province)
    plan_occurrences(YEAR_END, date(2026, 9, 10))
    december = Occurrence.objects.get(unit=tree.a1, period="2026-12")
    Exemption.objects.create(occurrence=december, reason="bão", asked_by_id=1)
    make_meeting(tree.a1, None, Occurrence.objects.get(unit=tree.a1, period="2026-11"), status="planned")
    for model in (Unit, UnitVersion):
        model.objects.filter(**{"pk" if model is Unit else "unit": tree.a1.pk}).update(valid_to=date(2026, 10, 1))
    rebuild_tree()
    plan_occurrences(YEAR_END, date(2026, 9, 20))
    assert periods_of(tree.a1)[-4:] == ["2026-08", "2026-09", "2026-11", "2026-12"]
    CadenceRule.objects.filter(pk=rule.pk).update(valid_to=date(2026, 11, 15))
    plan_occurrences(YEAR_END, date(2026, 9, 20))
    assert periods_of(tree.a2)[-1] == "2026-10"


def test_default_rules_and_the_command(tree, capsys):
    call_command("plan_occurrences", until="2026-03-31", province="province-90", json=True)
    assert json.loads(capsys.readouterr().out) == {"planned": 3 * 3 + 2}
    rules = set(ensure_default_rules(tree.province).values_list("level", "period_kind", "document", "valid_from"))
    assert rules == {
        ("commune", "month", "mặc định", date(2014, 1, 1)),
        ("district", "quarter", "mặc định", date(2014, 1, 1)),
    }
    with pytest.raises(CommandError, match="Không có đơn vị"):
        call_command("plan_occurrences", until="2026-03-31", province="province-77")
    with pytest.raises(CommandError, match="không đọc được"):
        call_command("plan_occurrences", "--until", "31/3/2026")


def test_quang_ninh_starts_with_its_own_document(db):
    unit = make_unit("province", "22", "Tỉnh Quảng Ninh")
    rule = ensure_default_rules(unit).first()
    assert (rule.document, rule.document_on, rule.valid_from) == ("1926-CV/TU", date(2014, 10, 27), date(2014, 10, 27))


@pytest.fixture
def quang_ninh(db, tmp_path):
    """The real units of the province alone: loading the whole country takes too long for one count."""
    tables = {name: _read(name) for name in ("units.csv", "unit_versions.csv", "unit_successions.csv")}
    keys, size = {"province-22-" + TREE_BEGINS}, 0
    while len(keys) > size:
        size = len(keys)
        keys |= {row["unit"] for row in tables["unit_versions.csv"] if row["parent"] in keys}
    for name, rows in tables.items():
        kept = [row for row in rows if (row.get("key") or row.get("unit") or row["predecessor"]) in keys]
        with open(tmp_path / name, "w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, rows[0])
            writer.writeheader()
            writer.writerows(kept)
    load_units(tmp_path)
    return Unit.objects.get(level="province")


def _read(name):
    with open(DATA / name, encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_quang_ninh_2025_has_1350_commune_and_26_district_meetings(quang_ninh):
    ensure_default_rules(quang_ninh)
    assert plan_occurrences(date(2025, 12, 31), TODAY) == 1350 + 26
    assert Occurrence.objects.filter(level="commune").count() == 171 * 6 + 54 * 6
    assert Occurrence.objects.filter(level="district").count() == 13 * 2
