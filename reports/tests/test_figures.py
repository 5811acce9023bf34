"""The figures of a unit and period, against a recount of the raw rows."""

import json
from datetime import date

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from core.periods import Period
from reports.figures import figures
from reports.tests.recount import recount, snapshot
from reports.tests.world import PERIODS, TODAY, fill, make_reform_tree

LEVEL_WORDS = (
    "meetings sittings expected exempt exempt_late occurrences_held on_time late made_up missing incomplete "
    "thematic extra attendance opinions"
)
OTHER_WORDS = (
    "opinions_received opinions_settled opinions_explained opinions_in_progress opinions_unassigned opinions_excluded "
    "opinions_on_time opinions_on_time_extended opinions_was_late opinions_overdue opinions_confirmed "
    "province_visits district_visits commune_visits province_visits_expected "
    "district_visits_expected commune_visits_expected visits_members_due visits_members_present "
    "training_courses training_turns training_persons commendations"
)
WORDS = {f"{level}_{word}" for level in ("commune", "district") for word in LEVEL_WORDS.split()} | set(
    OTHER_WORDS.split()
)


@pytest.fixture
def world(db):
    tree = make_reform_tree()
    fill(tree)
    return tree


def test_figures_equal_a_recount_of_the_rows(world):
    compared, rows = 0, snapshot()
    for word in PERIODS:
        period = Period.parse(word)
        for unit in (world.province, world.a, world.b2, world.n1, world.village):
            found = figures(unit, period, "then", TODAY)
            expected = recount(rows, unit, period, "then", TODAY)
            assert {key: found[key] for key in expected} == expected, (word, unit.key)
            compared += sum(expected.values())
    assert compared > 1000


def test_restated_figures_equal_a_recount_and_keep_the_province_s_total(world):
    rows = snapshot()
    for word in PERIODS:
        period = Period.parse(word)
        for unit in (world.province, world.n1, world.n2):
            expected = recount(rows, unit, period, "now", TODAY)
            found = figures(unit, period, "now", TODAY)
            assert {key: found[key] for key in expected} == expected, (word, unit.key)
        then, now = (figures(world.province, period, boundaries, TODAY) for boundaries in ("then", "now"))
        assert then == now
        assert then["opinions_received"] > 0


def test_every_word_is_there_when_nothing_is(world):
    empty = figures(world.n1, Period.parse("2016"), "then", TODAY)
    assert set(empty) == WORDS
    assert set(empty.values()) == {0}


def test_parts_make_the_whole(world):
    for word in PERIODS:
        found = figures(world.province, Period.parse(word), "then", TODAY)
        for level in ("commune", "district"):
            held, missing = found[f"{level}_occurrences_held"], found[f"{level}_missing"]
            assert held + missing + found[f"{level}_incomplete"] == found[f"{level}_expected"]
            assert held == found[f"{level}_on_time"] + found[f"{level}_late"] + found[f"{level}_made_up"]
        groups = ("settled", "explained", "in_progress", "unassigned", "excluded")
        assert found["opinions_received"] == sum(found[f"opinions_{group}"] for group in groups)


def test_districts_have_no_months_and_quarters_make_the_year(world):
    month = figures(world.province, Period.parse("2016-03"), "then", TODAY)
    assert month["commune_meetings"] > 0
    assert {value for key, value in month.items() if key.startswith("district_")} == {0}
    year = figures(world.a, Period.parse("2016"), "then", TODAY)
    quarters = [figures(world.a, Period.parse(f"2016-Q{number}"), "then", TODAY) for number in (1, 2, 3, 4)]
    assert year["district_meetings"] > 0
    assert {key: sum(quarter[key] for quarter in quarters) for key in year} == year


def test_a_due_day_counts_only_when_it_has_passed(world):
    period = Period.parse("2016-03")
    on_the_day = figures(world.a1, period, "then", date(2016, 3, 31))
    assert on_the_day["commune_expected"] + on_the_day["commune_exempt"] == 0
    the_day_after = figures(world.a1, period, "then", date(2016, 4, 1))
    assert the_day_after["commune_expected"] + the_day_after["commune_exempt"] == 1


def test_the_number_of_statements_does_not_grow(world, django_assert_max_num_queries):
    for boundaries in ("then", "now"):
        with django_assert_max_num_queries(13):
            figures(world.province, Period.parse("2025"), boundaries, TODAY)


def test_the_command_prints_one_object(world, capsys):
    call_command("figures", "--unit", "province-90", "--period", "2016")
    answer = json.loads(capsys.readouterr().out)
    assert answer == figures(world.province, Period.parse("2016"), "then", timezone.localdate())


@pytest.mark.parametrize(
    ("unit", "period", "words"),
    [("province-77", "2016", "Không có đơn vị"), ("province-90", "2016-13", "không đọc được")],
)
def test_the_command_says_what_is_wrong(world, unit, period, words):
    with pytest.raises(CommandError, match=words):
        call_command("figures", "--unit", unit, "--period", period)
