"""The demo's plans: exact where figures were published, uneven everywhere else, the same for a seed."""

import calendar
import csv
import random
from collections import Counter
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import pytest

from core.periods import Period
from feedback.enums import UNRESOLVED, OpinionKind, OpinionStatus, Satisfaction
from feedback.rules import NEXT, TARGET, is_overdue
from meetings.enums import MeetingForm, MeetingKind, Timeliness
from meetings.rules import timeliness_of, window
from tools.demo.fates import AFTER, DUE_DAYS, fate
from tools.demo.material import apportion, choose_uneven, is_working
from tools.demo.people import villages_of
from tools.demo.plan import (
    COMMUNE_2016,
    DISTRICT_2016,
    DISTRICT_ROUNDS_2016,
    EXPECTED_COMMUNE_2016,
    FORM_BY_DISTRICT,
    THEMATIC_HA_LONG,
    TIEN_YEN_2015_2016,
    plan_history,
)
from tools.demo.recent import plan_recent

UNITS = Path(__file__).resolve().parents[2] / "units" / "data" / "unit_versions.csv"
TODAY = date(2026, 11, 22)


@cache
def _rows():
    with UNITS.open(encoding="utf-8", newline="") as file:
        return [
            row for row in csv.DictReader(file) if row["unit"].startswith("commune-") or "province-22" in row["parent"]
        ]


@cache
def tree_on(day):
    """{parent: {commune: villages}} of Quảng Ninh on a day."""
    rows = [r for r in _rows() if r["valid_from"] <= day.isoformat() < (r["valid_to"] or "9999")]
    ours = {r["unit"] for r in rows if r["parent"].startswith("province-22-")} | {"province-22-20140101"}
    tree = {}
    for row in rows:
        if row["unit"].startswith("commune-") and row["parent"] in ours:
            tree.setdefault(row["parent"], {})[row["unit"]] = len(villages_of(row["unit"], row["name"]))
    return tree


def trees(year, month, count, frozen_on=date.max):
    codes = {}
    for number in range(year * 12 + month - 1, year * 12 + month - 1 + count):
        y, m = number // 12, number % 12 + 1
        codes[f"{y}-{m:02d}"] = tree_on(min(date(y, m, calendar.monthrange(y, m)[1]), frozen_on))
    return codes


@cache
def history(seed):
    return plan_history(trees(2015, 1, 24), random.Random(seed))


@cache
def recent(world):
    months = trees(2024, 12, 24, date(2025, 6, 30) if world == "four-level" else date.max)
    return plan_recent(months, list(months), random.Random(7), TODAY)


def of(meetings, level, *years, unit=""):
    return [m for m in meetings if m.level == level and int(m.period[:4]) in years and unit in m.unit]


@pytest.mark.parametrize("seed", [1, 20, 300])
def test_2016_adds_up_to_what_was_published(seed):
    meetings = history(seed)
    for level, figures in (("commune", COMMUNE_2016), ("district", DISTRICT_2016)):
        rows = of(meetings, level, 2016)
        found = {
            "meetings": len(rows),
            "attendance": sum(m.attendance for m in rows),
            "opinions": sum(m.opinions for m in rows),
        }
        assert found == {name: figure.value for name, figure in figures.items()}
    tien_yen = {
        f"{level}_{what}": value
        for level in ("district", "commune")
        for rows in [of(meetings, level, 2015, 2016, unit="-199-") if level == "district" else of_tien_yen(meetings)]
        for what, value in (("meetings", len(rows)), ("opinions", sum(m.opinions for m in rows)))
    }
    assert tien_yen == {name: figure.value for name, figure in TIEN_YEN_2015_2016.items()}


def of_tien_yen(meetings):
    communes = tree_on(date(2016, 6, 30))["district-199-20140101"]
    return [m for m in of(meetings, "commune", 2015, 2016) if m.unit in communes]


def test_commune_meetings_are_one_a_month_and_uneven_like_life():
    rows = of(history(1), "commune", 2016)
    assert len({(m.unit, m.period) for m in rows}) == len(rows)
    assert sum(len(row) for tree in trees(2016, 1, 12).values() for row in tree.values()) == EXPECTED_COMMUNE_2016
    months_kept = Counter(Counter(m.unit for m in rows).values())
    assert months_kept[12] >= 25
    assert sum(count for months, count in months_kept.items() if months <= 6) >= 15
    by_month = Counter(m.period for m in rows)
    assert min(by_month, key=by_month.get) == "2016-02"
    assert len(of(history(1), "commune", 2015)) < len(rows)


def test_district_rounds_extras_and_forms():
    rows = of(history(1), "district", 2016)
    rounds = [m for m in rows if not m.is_extra]
    assert len({(m.unit, m.period) for m in rounds}) == len(rounds) == DISTRICT_ROUNDS_2016
    assert {m.unit.split("-")[1]: m.form for m in rounds} == FORM_BY_DISTRICT
    thematic = [m for m in rows if m.is_extra and "-193-" in m.unit]
    assert [(m.kind, m.form, m.theme) for m in thematic] == [("thematic", "online", THEMATIC_HA_LONG["theme"])]
    assert (thematic[0].held_on.year, thematic[0].held_on.month) == (2016, 12)


def test_sittings_cover_the_communes_once_and_add_up():
    split = [m for m in history(1) if m.form in ("cluster", "per_commune")]
    assert split
    for meeting in split:
        assert sum(s.attendance for s in meeting.sittings) == meeting.attendance
        assert sum(s.opinions for s in meeting.sittings) == meeting.opinions
        assert meeting.sittings[0].held_on == meeting.held_on
        assert max(s.held_on for s in meeting.sittings).year == meeting.held_on.year
        communes = [key for s in meeting.sittings for key in s.communes]
        assert sorted(communes) == sorted(tree_on(date(2016, 12, 31))[meeting.unit])


@pytest.mark.parametrize("world", ["history", "four-level", "reform"])
def test_days_agree_with_the_rules_of_cadence(world):
    meetings = history(1) if world == "history" else recent(world).meetings
    for meeting in meetings:
        days = window(Period.parse(meeting.period), 5, 5)
        assert is_working(meeting.held_on)
        assert days.opens_on <= meeting.held_on
        assert timeliness_of(meeting.held_on, days) == meeting.timeliness
        assert (meeting.kind in MeetingKind.values, meeting.form in MeetingForm.values) == (True, True)
    if world == "history":
        assert all(str(m.held_on.year) == m.period[:4] for m in meetings)
    assert {m.timeliness for m in meetings} == {Timeliness.ON_TIME, Timeliness.LATE, Timeliness.MADE_UP}


def test_the_same_seed_gives_the_same_plan_and_another_seed_another():
    assert plan_history(trees(2015, 1, 24), random.Random(1)) == history(1)
    assert history(1) != history(20)


@pytest.mark.parametrize("world", ["four-level", "reform"])
def test_the_last_months_are_mostly_held_and_the_running_one_half(world):
    plan = recent(world)
    months = trees(2024, 12, 24, date(2025, 6, 30) if world == "four-level" else date.max)
    expected = {code: sum(len(row) for row in tree.values()) for code, tree in months.items()}
    communes = [m for m in plan.meetings if m.level == "commune"]
    exempt = Counter(e.period for e in plan.exemptions)
    held = Counter(m.period for m in communes)
    due = [code for code in expected if code < "2026-11"]
    assert 0.84 < sum(held[c] for c in due) / sum(expected[c] - exempt[c] for c in due) < 0.92
    assert 0.3 < held["2026-11"] / expected["2026-11"] < 0.7
    assert len({(m.unit, m.period) for m in communes} | {(e.unit, e.period) for e in plan.exemptions}) == len(
        communes
    ) + len(plan.exemptions)
    assert {e.reason.split()[0] for e in plan.exemptions} >= {"Tập"}
    assert all(m.held_on < TODAY and 20 <= m.attendance <= 40 and 3 <= m.opinions <= 8 for m in communes)
    quarters = {m.period for m in plan.meetings if m.level == "district"}
    assert ("2026-Q4" in quarters) == (world == "four-level")
    assert {"2024-Q4", "2025-Q1", "2025-Q2"} <= quarters
    if world == "four-level":
        assert any(not m.is_complete for m in plan.meetings)
    else:
        assert any(e.reason.startswith("Đơn vị mới") for e in plan.exemptions)


def _fates(today, raised, count, rng, **extra):
    for _ in range(count):
        level = rng.choice(("commune", "commune", "commune", "district"))
        competence = rng.choices(list(DUE_DAYS), (4, 60, 15, 7, 2, 12))[0]
        kind = rng.choice(OpinionKind.values)
        yield competence, fate(rng, competence, level, raised(rng), today, kind=kind, **extra)


def test_fates_of_old_opinions_are_settled_or_explained():
    rng = random.Random(4)
    rows = [f for _, f in _fates(TODAY, lambda r: date(2015, 1, 5) + timedelta(days=r.randrange(725)), 4000, rng)]
    shares = Counter(f.status for f in rows)
    assert set(shares) == {"answered_on_spot", "resolved", "explained", "accepted", "declined"}
    assert all(f.settled_on < date(2018, 1, 1) for f in rows)


@pytest.mark.parametrize("two_tier", [False, True])
def test_fates_use_allowed_moves_before_today_only(two_tier):
    rng = random.Random(5)
    levels = {"commune", "district", "province"}
    seen = Counter()
    for competence, f in _fates(
        TODAY, lambda r: TODAY - timedelta(days=r.randrange(730)), 6000, rng, two_tier=two_tier
    ):
        before = ""
        for move in f.moves:
            assert move.before == before
            if move.verb not in ("record", "confirm"):
                assert move.after in NEXT[OpinionStatus(before)]
                assert TARGET[move.verb] == move.after
            assert move.on <= TODAY
            assert move.holder in levels
            before = move.after
        days = [move.on for move in f.moves]
        assert days == sorted(days)
        assert f.moves[0].verb == "record"
        assert f.status == before
        assert (f.settled_on is None) == (f.status in UNRESOLVED)
        assert f.confirmed in ("", *Satisfaction.values)
        assert f.due_on >= days[0] + timedelta(days=DUE_DAYS[competence])
        seen[f.status] += 1
        seen["reopened"] += any(move.verb == "reopen" for move in f.moves)
        seen["due"] += f.due_on < TODAY
        seen["overdue"] += is_overdue(f.status, f.due_on, TODAY, f.planned_on, OpinionKind.PETITION)
        seen[f.confirmed] += 1
    assert set(OpinionStatus.values) <= set(seen)
    assert set(Satisfaction.values) <= set(seen)
    assert seen["reopened"] > 0
    assert 0.02 < seen["overdue"] / seen["due"] < 0.09


def test_map_of_verbs_is_the_products():
    assert {verb: after for verb, after in AFTER.items() if verb != "record"} == {
        verb: after for verb, after in TARGET.items() if verb in AFTER
    }


def test_nothing_is_merged_where_there_is_no_master():
    rng = random.Random(6)
    days = lambda r: TODAY - timedelta(days=r.randrange(300))  # noqa: E731
    assert all(f.status != "duplicate" for _, f in _fates(TODAY, days, 2000, rng, mergeable=False))


@pytest.mark.parametrize(
    ("total", "weights", "least"), [(10, [1, 1, 1], 0), (7, [5, 1], 3), (0, [2, 3], 0), (99, [0.1] * 7, 2)]
)
def test_apportion_is_exact(total, weights, least):
    shares = apportion(total, weights, least)
    assert sum(shares) == total
    assert min(shares) >= least


def test_apportion_refuses_too_little():
    with pytest.raises(ValueError, match="too little"):
        apportion(3, [1, 1], 2)


def test_choose_uneven_takes_the_likely_ones_first():
    odds = {n: 0.999 if n < 50 else 0.02 for n in range(100)}
    chosen = choose_uneven(random.Random(1), odds, 50)
    assert len(chosen) == 50
    assert len([n for n in chosen if n < 50]) > 45
