"""The nightly compilation: incremental equals full, crashes and drift heal, nothing is compiled twice in vain."""

import json
from datetime import datetime, timedelta

import pytest
from django.core.management import call_command
from django.db.models import F
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.activity import record
from core.models import Activity
from core.periods import Period
from feedback.enums import UNRESOLVED, OpinionStatus
from feedback.models import Opinion, OpinionMonth
from feedback.tallies import recompute_opinion_month, tally_key
from meetings.models import Meeting, MeetingMonth, Occurrence
from meetings.tallies import recompute_meeting_month
from reports import compiling
from reports.compiling import compile_figures, rollups
from reports.figures import figures
from reports.models import Compilation, YearRollup
from reports.tests.world import TODAY, fill, fill_elsewhere, make_reform_tree
from units.models import Unit

NIGHT = timezone.make_aware(datetime(2025, 11, 20, 1, 30))


@pytest.fixture
def world(db):
    tree = make_reform_tree()
    fill(tree, years=(2024, 2025))
    fill_elsewhere(tree)
    Activity.objects.filter(at__gt=NIGHT).update(at=NIGHT - timedelta(days=1))
    return tree


def kept():
    return {(row.unit_id, row.year): row.values for row in YearRollup.objects.all()}


def test_rollups_are_the_figures_of_every_unit(world):
    counts = compile_figures(TODAY, NIGHT)
    assert (counts["compiled"], counts["drift"], counts["failed"]) == (2, 0, 0)
    assert counts["units"] == YearRollup.objects.count() > 12
    for (unit_id, year), words in kept().items():
        assert words == figures(Unit.objects.get(pk=unit_id), Period.year(year), "then", TODAY)
    found, moment = rollups([world.a.pk, world.b.pk], 2024)
    assert set(found) == {world.a.pk, world.b.pk}
    assert moment == NIGHT


def test_a_second_run_leaves_everything_alone(world):
    compile_figures(TODAY, NIGHT)
    before, counts = kept(), compile_figures(TODAY, NIGHT)
    assert (counts["compiled"], counts["unchanged"]) == (0, 2)
    assert kept() == before


def test_only_the_years_that_a_change_may_touch_are_compiled(world):
    Occurrence.objects.filter(due_on__gte=TODAY).delete()
    compile_figures(TODAY, NIGHT)
    opinion = Opinion.objects.filter(year=2024).first()
    opinion.year = 2014
    Opinion.objects.filter(pk=opinion.pk).update(year=2014)
    record(None, "opinion.edit", opinion)
    Activity.objects.update(province_id=world.province.pk)
    counts = compile_figures(TODAY, NIGHT)
    assert counts["drift"] >= 2
    assert Compilation.objects.filter(year=2014).exists()
    assert kept()[world.province.pk, 2014]["opinions_received"] == 1


def test_lines_of_the_minutes_before_a_run_are_looked_at_once_more(world):
    record(None, "opinion.edit", Opinion.objects.filter(year=2024).first())
    Activity.objects.update(at=NIGHT - timedelta(minutes=2), province_id=world.province.pk)
    assert compile_figures(TODAY, NIGHT)["compiled"] == 2
    assert compile_figures(TODAY, NIGHT + timedelta(minutes=5))["compiled"] == 0
    assert compile_figures(TODAY, NIGHT + timedelta(hours=1))["compiled"] == 2
    assert compile_figures(TODAY, NIGHT + timedelta(hours=2))["compiled"] == 0


def test_a_run_that_died_is_done_again(world, monkeypatch):
    def die(*args):
        raise RuntimeError("power cut")

    monkeypatch.setattr(compiling, "figures_by_unit", die)
    assert compile_figures(TODAY, NIGHT)["failed"] == 2
    assert Compilation.objects.filter(done_at=None).count() == 2
    assert YearRollup.objects.count() == 0
    monkeypatch.undo()
    assert compile_figures(TODAY, NIGHT)["compiled"] == 2
    assert Compilation.objects.filter(done_at=None).count() == 0


def test_drift_is_counted_mended_and_written_down(world):
    compile_figures(TODAY, NIGHT)
    before = kept()
    month = MeetingMonth.objects.filter(year=2024).first()
    MeetingMonth.objects.filter(pk=month.pk).update(attendance=F("attendance") + 7)
    OpinionMonth.objects.filter(year=2025, commune=world.n1).delete()
    gone = OpinionMonth.objects.filter(commune=world.n1, year=2025).count()
    counts = compile_figures(TODAY, NIGHT)
    assert gone == 0
    assert counts["drift"] > 2
    assert counts["compiled"] == 2
    assert Activity.objects.filter(verb="figures.mend").count() == 2
    assert kept() == before
    assert compile_figures(TODAY, NIGHT)["drift"] == 0


def test_the_command_prints_what_it_did(world, capsys):
    call_command("compile_figures", "--json")
    assert json.loads(capsys.readouterr().out)["compiled"] == 2
    call_command("compile_figures", "--full")
    assert "2 province-years compiled" in capsys.readouterr().out


def test_a_day_that_passes_changes_what_is_expected(world):
    compile_figures(TODAY, NIGHT)
    later = TODAY + timedelta(days=45)
    assert compile_figures(later, NIGHT + timedelta(days=45))["compiled"] == 2
    for (unit_id, year), words in kept().items():
        assert words == figures(Unit.objects.get(pk=unit_id), Period.year(year), "then", later)


def _move(opinion, status):
    Opinion.objects.filter(pk=opinion.pk).update(status=status, is_open=status in UNRESOLVED)
    recompute_opinion_month(*tally_key(opinion))
    record(None, "opinion.move", opinion)


def _raise(opinion, _):
    new = Opinion.objects.get(pk=opinion.pk)
    new.pk, new.source_key = None, None
    new.save(force_insert=True)
    recompute_opinion_month(*tally_key(new))
    record(None, "opinion.raise", new)


def _hold(opinion, status):
    meeting = Meeting.objects.filter(unit=opinion.unit_id).order_by("pk").first()
    held = "held" if meeting.status != "held" else "cancelled"
    Meeting.objects.filter(pk=meeting.pk).update(status=held)
    recompute_meeting_month(meeting.unit_id, meeting.level, meeting.year, meeting.month)
    record(None, "meeting.hold", meeting)


def _drift(opinion, _):
    """Somebody writes past the services."""
    MeetingMonth.objects.filter(unit=opinion.unit_id).update(sittings=F("sittings") + 1)


def _sleep(opinion, _):
    """A night passes over what was done."""
    compile_figures(TODAY, NIGHT)


STEPS = st.tuples(
    st.sampled_from((_move, _raise, _hold, _drift, _sleep)),
    st.integers(0, 10**6),
    st.sampled_from(list(OpinionStatus)),
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STEPS, min_size=1, max_size=6))
def test_whatever_happens_incremental_equals_full(world, steps):
    pks = list(Opinion.objects.filter(unit__level="commune").order_by("pk").values_list("pk", flat=True))
    for step, number, status in steps:
        step(Opinion.objects.get(pk=pks[number % len(pks)]), status)
    compile_figures(TODAY, NIGHT)
    incremental = kept()
    compile_figures(TODAY, NIGHT, full=True)
    assert incremental == kept()
    assert incremental[world.province.pk, 2024] == figures(world.province, Period.year(2024), "then", TODAY)
