"""The performance report, small: every line is made, its data counted, and what it compares runs."""

from datetime import date
from io import StringIO
from types import SimpleNamespace

import pytest
from django.utils import timezone

from feedback.models import Opinion
from people.enums import Role
from tools.bench import files, pages, report
from tools.bench.databases import SQLITE
from tools.bench.measure import BenchLine, compare, counted, recorded, replayed
from tools.bench.world import make_world
from tools.management.commands.bench import Command
from units.models import Unit

LINES = ["1", "1", "3", "4", "4", "4", "7", "8", "10", "9", "9", "6", "6", "6", "6", "11", "13"]
SMALL = report.BenchSize(districts=2, communes=4, years=2, rounds=1, share=0.002)


@pytest.fixture
def world(db):
    return make_world((SMALL.districts, SMALL.communes), SMALL.years, timezone.localdate())


def test_every_line_is_measured_and_nothing_is_left_behind(world):
    before = list(Opinion.objects.order_by("pk").values_list("pk", "flagged_on"))
    lines = [*report._limits(SimpleNamespace(name=SQLITE), world, SMALL), *report._jobs(world, SMALL)]
    assert [line.operation.split()[0] for line in lines] == LINES
    assert all(line.goal and line.ours for line in lines)
    exact = [line for line in lines if line.goal == "="]
    assert len(exact) == 3
    assert all(line.passed for line in exact)
    assert list(Opinion.objects.order_by("pk").values_list("pk", "flagged_on")) == before
    assert pages.statements_of(world, Role.LEADER, "/y-kien/") > 3
    out = StringIO()
    Command(stdout=out)._print(lines[0], SQLITE)
    assert out.getvalue().startswith("SQLite 1 danh sách chưa xong, huyện")


def test_an_empty_scope_makes_no_report(db):
    with pytest.raises(RuntimeError, match="Không có dữ liệu để đo"):
        make_world((1, 1), 1, date(2016, 1, 1))


def test_a_replay_asks_the_database_nothing(world):
    def names():
        return list(Unit.objects.order_by("pk").values_list("name")), Unit.objects.count(), Unit.objects.first().pk

    with recorded() as recording:
        first = names()
    Unit.objects.filter(level="village").update(name="Tên khác")
    assert replayed(names, recording) == first
    assert names() != first
    with pytest.raises(RuntimeError, match="where it had asked"):
        replayed(Unit.objects.exists, recording)


def test_lines_pass_and_fail():
    assert compare("nhanh", lambda: None, lambda: sum(range(50_000)), 1, 3).passed
    assert not compare("chậm", lambda: sum(range(50_000)), lambda: None, 1, 3).passed
    assert counted("số câu", 5, 5).passed
    assert not counted("số câu", 6, 5).passed
    assert counted("bộ nhớ", 1.5, 25, " MiB") == BenchLine("bộ nhớ", "", "1.5 MiB", "", "≤ 25 MiB", True)


def test_both_writers_write_the_same_rows(tmp_path):
    assert files.writing(1000, 1, SMALL.share).passed
    assert files._peak() > 10
